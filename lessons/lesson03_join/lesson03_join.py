"""Lesson 3: join, in Python.

Run: python3 lessons/lesson03_join/lesson03_join.py [PART]
"""

import multiprocessing
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "shared"))
import twin
from twin import PACE, nap


# ANCHOR: process
def process():
    """a daemon child, and a join"""
    child = multiprocessing.Process(target=worker, args=(3,))
    child.daemon = True
    child.start()
    child.join()
    print("【END】")


def worker(interval):
    print(f"Work started at: {time.ctime()}")
    nap(interval)
    print(f"Work ended at: {time.ctime()}")
# ANCHOR_END: process


# ANCHOR: timeout
def timeout():
    """a join with a limit"""
    waited = multiprocessing.Event()
    child = multiprocessing.Process(target=patient, args=(waited,))
    join_twice("process", child, waited)

    waited = threading.Event()
    thread = threading.Thread(target=patient, args=(waited,))
    join_twice("thread", thread, waited)


def join_twice(what, child, waited):
    child.start()
    for limit in (1, 60):
        start, cpu = time.perf_counter(), time.process_time()
        child.join(limit * PACE)
        seconds = time.perf_counter() - start
        cpu = time.process_time() - cpu
        is_ = "is alive" if child.is_alive() else "is not alive"
        print(
            f"join({limit}): {seconds:.2f} s, {cpu:.2f} s CPU, "
            f"the {what} {is_}"
        )
        waited.set()  # It does not end before.


def patient(waited):
    waited.wait()
    nap(1.5)
# ANCHOR_END: timeout


# ANCHOR: no_join
def no_join():
    """main says End before its threads"""
    print("Start main threading")
    threads = [MyThread(name=f"Thread-{k}") for k in (1, 2, 3)]
    for thread in threads:
        thread.start()
    print("End Main threading")
    MyThread.half_way.wait()

    # At the end of the program, Python does this for you.
    for thread in threads:
        thread.join()


class MyThread(threading.Thread):
    # Three threads and main meet here: main has said its End, they have not.
    half_way = threading.Barrier(4)

    def run(self):
        count(self.name, range(0, 2))
        self.half_way.wait()
        count(self.name, range(2, 5))
# ANCHOR_END: no_join


def count(name, numbers):
    for i in numbers:
        print(f"thread {name}, @number: {i}")
        nap(1)


# ANCHOR: threads
def threads():
    """main says End after its threads"""
    print("Start main threading")
    threads = [
        threading.Thread(target=count, args=(f"Thread-{k}", range(5)))
        for k in (1, 2, 3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print("End Main threading")
# ANCHOR_END: threads


if __name__ == "__main__":
    twin.main(process, timeout, no_join, threads)
