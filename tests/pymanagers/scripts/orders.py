"""A master with queues and types of its own: a worker elsewhere does its work.

It says where it listens, and prints the answers.
"""

import collections
import multiprocessing
import queue
import sys
from multiprocessing.managers import BaseManager

Order = collections.namedtuple("Order", "id text")


class OrderManager(BaseManager):
    pass


ORDERS, ANSWERS = queue.Queue(), queue.Queue()


def get_orders():
    return ORDERS


def get_answers():
    return ANSWERS


OrderManager.register("orders", callable=get_orders)
OrderManager.register("answers", callable=get_answers)


def main():
    method, end = sys.argv[1:]
    context = multiprocessing.get_context(method)
    manager = OrderManager(("127.0.0.1", 0), b"abc", ctx=context)
    manager.start()
    print("%s:%d" % manager.address, flush=True)
    orders, answers = manager.orders(), manager.answers()
    for i, word in enumerate(["spam", "两点水", "eggs"]):
        orders.put(Order(i, word))
    for _ in range(3):
        print(answers.get(), flush=True)
    orders.join()
    if end == "pill":
        orders.put(None)
    if end == "shutdown":
        orders.shutdown()
    sys.stdin.read()
    manager.shutdown()


if __name__ == "__main__":
    main()
