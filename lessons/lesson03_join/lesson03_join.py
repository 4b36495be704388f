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


# ANCHOR: two_processes
def two_processes():
    """what the clock says with a join"""
    start = time.perf_counter()
    children = start_two()
    print(f"Without join: {time.perf_counter() - start:.2f} s")
    for child in children:
        child.join()  # When the program exits, Python does this for you.

    start = time.perf_counter()
    for child in start_two():
        child.join()
    print(f"With join: {time.perf_counter() - start:.2f} s")


def start_two():
    children = [
        multiprocessing.Process(target=task, args=(name,)) for name in "AB"
    ]
    for child in children:
        child.start()
    return children


def task(name):
    print(f"task {name} starts")
    nap(2)
    print(f"task {name} ends")
# ANCHOR_END: two_processes


# ANCHOR: timeout
def timeout():
    """a join with a timeout"""
    finish = multiprocessing.Event()
    child = multiprocessing.Process(target=patient, args=(finish,))
    join_twice("process", child, finish)

    finish = threading.Event()
    thread = threading.Thread(target=patient, args=(finish,))
    join_twice("thread", thread, finish)


def join_twice(what, child, finish):
    child.start()
    for timeout in (1, 60):
        start, cpu = time.perf_counter(), time.process_time()
        child.join(timeout * PACE)
        seconds = time.perf_counter() - start
        cpu = time.process_time() - cpu
        is_ = "is alive" if child.is_alive() else "is not alive"
        print(
            f"join({timeout}): {seconds:.2f} s, {cpu:.2f} s CPU, "
            f"the {what} {is_}"
        )
        finish.set()  # It does not end before.


def patient(finish):
    finish.wait()
    nap(1.5)
# ANCHOR_END: timeout


# ANCHOR: no_join
def no_join():
    """main prints End before its threads"""
    print("Start main threading")
    threads = [MyThread(name=f"Thread-{k}") for k in (1, 2, 3)]
    for thread in threads:
        thread.start()
    print("End Main threading")
    MyThread.half_way.wait()

    # When the program exits, Python does this for you.
    for thread in threads:
        thread.join()


class MyThread(threading.Thread):
    # Main and three threads meet here after main has printed End.
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
    """main prints End after its threads"""
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
    twin.main(process, two_processes, timeout, no_join, threads)
