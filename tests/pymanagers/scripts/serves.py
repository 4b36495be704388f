"""Serves a queue of one item, and a list, until its input ends."""

import queue
import sys
import threading
from multiprocessing import connection
from multiprocessing.managers import BaseManager


class Manager(BaseManager):
    pass


QUEUE = queue.Queue(1)
NUMBERS = [1, 2]
Manager.register("get_queue", callable=lambda: QUEUE)
Manager.register("numbers", callable=lambda: NUMBERS, exposed=["copy"])


def main():
    where = sys.argv[1]
    if where.startswith("/"):
        address = where
    else:
        address = (where, 0)
    if ":" in where:  # CPython takes every pair for IPv4.
        connection.address_type = lambda address: "AF_INET6"
    server = Manager(address=address, authkey=b"abc").get_server()
    at = server.address
    print(at if isinstance(at, str) else "%s:%d" % (brackets(at[0]), at[1]))
    sys.stdout.flush()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()


def brackets(host):
    return "[%s]" % host if ":" in host else host


if __name__ == "__main__":
    main()
