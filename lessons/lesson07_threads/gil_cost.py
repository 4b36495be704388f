"""What the free-threaded build changes, under one CPython: a line of figures.

Nanoseconds to acquire and release a lock, in one thread and in two that share
it; nanoseconds for an item through a queue; milliseconds for a computation in
one thread.
"""

import threading

try:
    import queue
except ImportError:
    import Queue as queue  # Python 2.

from gil_work import run_both, seconds, version


# ANCHOR: lock_by_one
def lock_by_one(n):
    """Nanoseconds to acquire and release a lock."""
    lock = threading.Lock()
    return seconds(lambda: acquire(lock, n)) / n * 1e9


def lock_by_two(n):
    """The same while another thread does so as well."""
    lock = threading.Lock()
    return seconds(lambda: run_both(acquire, lock, n)) / (2 * n) * 1e9


def acquire(lock, n):
    for _ in range(n):
        with lock:
            pass
# ANCHOR_END: lock_by_one


# ANCHOR: through_queue
def through_queue(n):
    """Nanoseconds for an item from one thread to another."""
    items = queue.Queue()

    def put():
        for k in range(n):
            items.put(k)

    def pass_all():
        producer = threading.Thread(target=put)
        producer.start()
        for _ in range(n):
            items.get()
        producer.join()

    return seconds(pass_all) / n * 1e9
# ANCHOR_END: through_queue


# ANCHOR: alone
def alone(n):
    """Milliseconds for calls, lists, strings and a dict, in one thread."""

    def work():
        counts = {}
        for k in range(n):
            for digit in str(k * k):
                counts[digit] = add(counts.get(digit, 0), 1)
        return sorted(counts.items())

    return seconds(work) * 1000


def add(a, b):
    return a + b
# ANCHOR_END: alone


def median(measure, n):
    return sorted(measure(n) for _ in range(5))[2]


if __name__ == "__main__":
    measures = [
        (lock_by_one, 300000),
        (lock_by_two, 300000),
        (through_queue, 20000),
        (alone, 20000),
    ]
    figures = [median(*one) for one in measures]
    print(" ".join([version()] + ["%.9f" % figure for figure in figures]))
