"""Lesson 13: Producer and consumer, in Python.

Run, one PART or all of them:
python3 lessons/lesson13_producer_consumer/lesson13_producer_consumer.py [PART]
"""

import queue as queues
import random
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "shared"))
import twin
from twin import PACE, nap


def queue():
    """a producer, a consumer, and the end"""
    one_to_four()
    print("The main thread keeps a sender:")
    kept_open()
    print("Only the writer has a sender:")
    closed()


# ANCHOR: one_to_four
def one_to_four():
    q = queues.Queue()
    run(lambda: producer(q), lambda: consumer(q))
    print("All threads finished!")


def producer(q):
    for i in range(1, 5):
        print(f"Producer puts {i} into the Queue!")
        q.put(i)
        nap(random.randrange(10) / 5)
    print("Producer End!")


def consumer(q):
    for _ in range(1, 5):
        i = q.get()
        print(f"Consumer is consuming {i} from the Queue")
        nap(random.randrange(10))
    print("Consumer End!")
# ANCHOR_END: one_to_four


def run(*targets):
    threads = [threading.Thread(target=target) for target in targets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


# ANCHOR: closed
def kept_open():
    q = queues.Queue()
    run(lambda: write(q), lambda: [read(q.get()) for _ in range(3)])
    try:
        read(q.get(timeout=PACE))
    except queues.Empty:
        print("The reader would wait forever")


END = None  # An item that marks the end.


def closed():
    q = queues.Queue()

    def reader():
        for value in iter(q.get, END):
            read(value)

    run(lambda: [write(q), q.put(END)], reader)
    print("The reader has reached the end")


def write(q):
    for value in ["Liangdianshui", "Sandianshui", "Sidianshui"]:
        print(f"Value written to Queue: {value}")
        q.put(value)


def read(value):
    print(f"Value read from Queue: {value}")
# ANCHOR_END: closed


def bounded():
    """room for two items"""
    timeouts()
    back_pressure()


# ANCHOR: timeouts
def timeouts():
    q = queues.Queue(2)
    for i in (1, 2, 3):
        put(q, i)
    for _ in range(3):
        get(q)


def put(q, i):
    start = time.perf_counter()
    try:
        q.put(i, timeout=PACE)
        print(f"main put {i}")
    except queues.Full:
        waited = time.perf_counter() - start
        print(f"main could not put {i} within {waited:.2f} s: Full")


def get(q):
    start = time.perf_counter()
    try:
        print(f"main got {q.get(timeout=PACE)}")
    except queues.Empty:
        waited = time.perf_counter() - start
        print(f"main could not get within {waited:.2f} s: Empty")
# ANCHOR_END: timeouts


def back_pressure():
    q = queues.Queue(2)
    empty, full = threading.Event(), queues.Queue()
    held = []

    def produce():
        empty.wait()
        for i in range(1, 6):
            nap(0.6)
            slow_put(q, i, full)
            held.append(q.qsize())
        print("Producer End!")
        for _ in range(3):
            full.put("the producer has returned")

    def consume():
        print("Consumer waits: the Queue is empty")
        start, cpu = time.perf_counter(), time.thread_time()
        empty.set()
        i = q.get()
        waited, cpu = time.perf_counter() - start, time.thread_time() - cpu
        print(f"Consumer got the first after {waited:.2f} s, {cpu:.2f} s CPU")
        for left in (4, 3, 2, 1, 0):  # An END would need room as well.
            full.get()
            nap(1.0)
            held.append(q.qsize())
            print(f"Consumer is done with {i}; the Queue holds {held[-1]}")
            if left:
                i = q.get()
        print("Consumer End!")

    run(produce, consume)
    print(f"The Queue held at most {max(held)} items")


def slow_put(q, i, full):
    try:
        q.put_nowait(i)
        print(f"Producer put {i}")
    except queues.Full:
        print(f"Producer waits with {i}: the Queue is full")
        start, cpu = time.perf_counter(), time.thread_time()
        full.put("the producer waits")
        q.put(i)
        waited, cpu = time.perf_counter() - start, time.thread_time() - cpu
        print(f"Producer put {i} after {waited:.2f} s, {cpu:.2f} s CPU")


TOOK = "took the item"
EMPTY = "was told: empty"
MISLED = "was told: not empty, and found nothing"
ROUNDS = 100


def unreliable():
    """empty and full, a moment ago"""
    print("Ask for permission:")
    rounds(permission)
    print("Ask for forgiveness:")
    rounds(forgiveness)
    print("Ask whether it is full:")
    refused = sum(compete_to_put() for _ in range(ROUNDS))
    print(f"In {refused} of {ROUNDS} rounds a producer was misled")


# ANCHOR: permission
def permission(q, both_asked):
    if q.empty():
        return EMPTY
    both_asked.wait()  # The other consumer may run here. Now it does.
    try:
        q.get_nowait()
        return TOOK
    except queues.Empty:
        return MISLED


def forgiveness(q, _):
    try:
        q.get_nowait()
        return TOOK
    except queues.Empty:
        return EMPTY
# ANCHOR_END: permission


def rounds(consumer):
    ends = [compete(consumer) for _ in range(ROUNDS)]
    for k in (1, 2):
        print(f"Consumer-{k} {ends[0][k]}")
    misled = sum(MISLED in both.values() for both in ends)
    print(f"In {misled} of {ROUNDS} rounds a consumer was misled")


def compete(consumer):
    q = queues.Queue()
    q.put("the item")
    both, end = threading.Barrier(2), {}

    def run_one(k):
        end[k] = consumer(q, both)

    run(lambda: run_one(1), lambda: run_one(2))
    return end


def compete_to_put():
    q = queues.Queue(1)
    both_asked = threading.Barrier(2)
    refused = []

    def put():
        assert not q.full()
        both_asked.wait()
        try:
            q.put_nowait("an item")
        except queues.Full:
            refused.append("misled")

    run(put, put)
    return len(refused)


SHARES = [range(start, start + 25_000) for start in range(0, 100_000, 25_000)]
ROOM = 100


def many():
    """four producers, four consumers"""
    every_item_once()
    with_simple_queue()
    print("Wait until all tasks are done:")
    all_done()
    print("Two queues at once:")
    two_queues()


# ANCHOR: every_item_once
def every_item_once():
    q = queues.Queue(ROOM)
    start = threading.Barrier(8)
    put, taken = [], [[] for _ in SHARES]

    def produce(share):
        start.wait()
        for item in share:
            q.put(item)
        put.append(sum(share))

    def consume(mine):
        start.wait()
        mine.extend(iter(q.get, END))

    producers = [threading.Thread(target=produce, args=(s,)) for s in SHARES]
    consumers = [threading.Thread(target=consume, args=(t,)) for t in taken]
    for thread in producers + consumers:
        thread.start()
    for thread in producers:
        thread.join()
    for _ in consumers:
        q.put(END)  # One for each consumer, or one of them waits forever.
    for thread in consumers:
        thread.join()
    report(put, taken)
# ANCHOR_END: every_item_once


def report(put, taken):
    for k, items in enumerate(taken, 1):
        print(f"Consumer-{k} took {len(items)} items")
    items = [item for items in taken for item in items]
    print(f"Producers put the sum {sum(put)}")
    print(f"Consumers took the sum {sum(items)}")
    assert sorted(items) == list(range(100_000)), "every item exactly once"
    print("All 100000 items were taken, each once")


def with_simple_queue():
    q = queues.SimpleQueue()

    def produce(share):
        for item in share:
            q.put(item)
        q.put(END)

    producers = [threading.Thread(target=produce, args=(s,)) for s in SHARES]
    for thread in producers:
        thread.start()
    taken = [item for _ in producers for item in iter(q.get, END)]
    for thread in producers:
        thread.join()
    print(
        f"main took {len(taken)} items, sum {sum(taken)}, "
        "from a queue.SimpleQueue"
    )


# ANCHOR: all_done
def all_done():
    q = queues.Queue()
    names = ("Worker-1", "Worker-2")
    workers = [threading.Thread(target=work, args=(me, q)) for me in names]
    for worker in workers:
        worker.start()
    for task in (1, 2, 3, 4):
        q.put(task)
    q.join()
    print("main knows that all 4 tasks are done")
    for _ in workers:
        q.put(END)
    for worker in workers:
        worker.join()


def work(me, q):
    for task in iter(q.get, END):
        nap(1.0)
        print(f"{me} has done task {task}")
        q.task_done()
    print(f"{me} End!")
# ANCHOR_END: all_done


def two_queues():
    # Python cannot wait for two queues, so both post into one.
    q = queues.Queue()
    first = threading.Event()

    def post(what):
        for n in (1, 2, 3):
            nap(0.5)
            q.put(f"{what} {n}")
        q.put(END)

    def letters():
        first.wait()  # No letter before the first parcel was taken.
        post("letter")

    def main():
        for _ in range(2):
            for item in iter(q.get, END):
                print(f"main got {item}")
                first.set()
        print("main has reached the end of both")

    run(lambda: post("parcel"), letters, main)


if __name__ == "__main__":
    twin.main(queue, bounded, unreliable, many)
