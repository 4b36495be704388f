"""Lesson 7: Threads, in Python.

Run: python3 lessons/lesson07_threads/lesson07_threads.py [PART]
"""

import multiprocessing
import os
import queue
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "shared"))
import twin
from twin import PACE, nap


def name():
    return threading.current_thread().name


# ANCHOR: loop_
def loop_():
    """one thread counts, main waits"""
    print(f"thread {name()} is running...")
    thread = threading.Thread(target=count, name="LoopThread")
    thread.start()
    thread.join()
    print(f"thread {name()} ended.")


def count():
    print(f"thread {name()} is running...")
    for n in range(1, 6):
        print(f"thread {name()} >>> {n}")
        nap(1)
    print(f"thread {name()} ended.")
# ANCHOR_END: loop_


# ANCHOR: CountingThread
class CountingThread(threading.Thread):
    def run(self):
        for i in range(5):
            print(f"thread {self.name}, @number: {i}")
            nap(1)


def class_():
    """a subclass with a run method, three times"""
    threads = [CountingThread(name=f"Thread-{k}") for k in (1, 2, 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
# ANCHOR_END: CountingThread


# ANCHOR: sing_dance
def sing_dance():
    """in sequence, then at once"""
    start = time.perf_counter()
    sing(3)
    dance(num=3)
    print(f"In sequence: {time.perf_counter() - start:.2f} s")

    start = time.perf_counter()
    singer = threading.Thread(target=sing, args=(3,), name="Singer")
    dancer = threading.Thread(target=dance, kwargs={"num": 3}, name="Dancer")
    singer.start()
    dancer.start()
    singer.join()
    dancer.join()
    print(f"At once: {time.perf_counter() - start:.2f} s")


def sing(num):
    for _ in range(num):
        print(f"Singing...... ({name()})")
        nap(0.5)


def dance(num):
    for _ in range(num):
        print(f"Dancing...... ({name()})")
        nap(0.5)
# ANCHOR_END: sing_dance


# ANCHOR: result
class MyThread(threading.Thread):
    """`join` returns nothing, so the thread keeps its result."""

    def __init__(self, func, args, name):
        super().__init__(name=name)
        self.func = func
        self.args = args

    def run(self):
        self.result = self.func(*self.args)


def result():
    """what a thread returns, and when"""
    print(f"This is the main thread: {name()}")
    start = time.perf_counter()
    for task in (1, 2):
        print(f"Result: {run(task)}")
    seconds = time.perf_counter() - start
    print(f"One after the other: {seconds:.2f} seconds")

    start = time.perf_counter()
    threads = [MyThread(run, (task,), f"Thread-{task}") for task in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
        print(f"Result: {thread.result}")
    seconds = time.perf_counter() - start
    print(f"In two threads: {seconds:.2f} seconds")


def run(task):
    print(f"Current thread: {name()} task {task}")
    return long_time_task()


def long_time_task():
    nap(2)
    return 8**20
# ANCHOR_END: result


def cores():
    """busy threads on every core"""
    print("threads  work done  CPU used")
    alone = None
    for threads in range(1, usable_cores() + 1):
        work, cpu = measure(threads)
        alone = alone or work
        print(f"{threads:>7}  {work / alone:>7.2f} x  {cpu * 100:>6.0f} %")


def usable_cores():
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count()


def measure(threads):
    cpu, start = time.process_time(), time.perf_counter()
    end = start + PACE
    rounds = []

    def busy_loop():
        done, x = 0, 0
        while True:
            for _ in range(1000):
                x = x ^ 1
            done += 1
            if time.perf_counter() >= end:
                break
        rounds.append(done)

    busy = [threading.Thread(target=busy_loop) for _ in range(threads)]
    for thread in busy:
        thread.start()
    for thread in busy:
        thread.join()
    seconds = time.perf_counter() - start
    return sum(rounds), (time.process_time() - cpu) / seconds


# ANCHOR: panic
def panic():
    """an exception ends one thread"""
    go_on, squares = queue.SimpleQueue(), []
    failed = {}  # `join` does not report it: the hook keeps it.
    threading.excepthook = lambda args: failed.update(
        {args.thread.name: args.exc_value}
    )

    def fail():
        raise RuntimeError("I have had enough")

    def work():
        go_on.get()
        print(f"thread {name()} continues")
        squares.append(3411 * 3411)

    thread_1 = threading.Thread(target=work, name="Thread-1")
    thread_2 = threading.Thread(target=fail, name="Thread-2")
    thread_1.start()
    thread_2.start()
    thread_2.join()
    print(f"thread {name()}: Thread-2 panicked: {failed['Thread-2']}")
    go_on.put(None)
    thread_1.join()
    print(f"thread {name()}: Thread-1 returned {squares[0]}")
# ANCHOR_END: panic


# ANCHOR: crash
def crash():
    """a crash ends all threads"""
    child = multiprocessing.Process(target=crash_in_a_thread)
    child.start()
    child.join()
    signal = -child.exitcode
    print(f"parent: the child and its threads ended by signal {signal}")
    print("parent: I am another process, and continue")


def crash_in_a_thread():
    disable_core_dump()
    at_work = threading.Barrier(2)

    def work():
        print("child: Thread-1 works")
        at_work.wait()
        threading.Event().wait()  # Forever.

    def fail():
        at_work.wait()
        print("child: Thread-2 aborts")
        os.abort()

    threading.Thread(target=work).start()
    threading.Thread(target=fail).start()
# ANCHOR_END: crash


def disable_core_dump():
    import resource  # Only on Unix.

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    twin.main(loop_, class_, sing_dance, result, cores, panic, crash)
