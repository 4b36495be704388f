"""Lesson 4: Pool, in Python.

Run: python3 lessons/lesson04_pool/lesson04_pool.py [PART]
"""

import multiprocessing
import os
import random as rand
import signal
import socket
import sys
import time
from multiprocessing import Pool, Process
from multiprocessing.pool import ThreadPool
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "shared"))
import twin
from twin import PACE, nap


# ANCHOR: sequential
def long_task(i):
    print(f"Current process: {os.getpid()} task {i}")
    nap(2)
    print(f"Result: {8**20}")


def sequential():
    """two long tasks, two processes"""
    print(f"This is the parent process: {os.getpid()}")
    start = time.perf_counter()
    long_task(1)
    long_task(2)
    seconds = time.perf_counter() - start
    print(f"One after the other: {seconds:.2f} seconds")

    start = time.perf_counter()
    first = Process(target=long_task, args=(1,))
    second = Process(target=long_task, args=(2,))
    first.start()
    second.start()
    seconds = time.perf_counter() - start
    print(f"Two processes, before join: {seconds:.2f} seconds")
    first.join()
    second.join()
    seconds = time.perf_counter() - start
    print(f"Two processes, after join: {seconds:.2f} seconds")
# ANCHOR_END: sequential


# ANCHOR: processes
def long_time_task(i):
    print(f"Run task {i} ({os.getpid()})...")
    start = time.perf_counter()
    nap(1)
    seconds = time.perf_counter() - start
    print(f"Task {i} runs {seconds:.2f} seconds.")


def processes():
    """four workers, five tasks"""
    print(f"Parent process {os.getpid()}.")
    pool = Pool(4)
    print(f"The workers are there: {pids()}")
    for i in range(5):
        pool.apply_async(long_time_task, args=(i,))
    print("Waiting for all subprocesses done...")
    pool.close()
    pool.join()
    print("All subprocesses done.")
    results()
# ANCHOR_END: processes


def pids():
    return sorted(p.pid for p in multiprocessing.active_children())


def slow_square(n):
    nap(2)
    return n * n


def square(n):
    return n * n


def divide(a, b):
    return a // b


def results():
    pool = Pool(2)
    try:
        pool.join()
    except ValueError as early:
        print(f"join before close: {early}")

    result = pool.apply_async(slow_square, args=(12,))
    print(f"12 * 12 at once: ready is {str(result.ready()).lower()}")
    try:
        result.get(timeout=0.5 * PACE)
    except multiprocessing.TimeoutError:
        print("12 * 12 after half a second: not done yet")
    print(f"Result: 12 * 12 = {result.get()}")

    failed = pool.apply_async(divide, args=(12, 0))
    try:
        failed.get()
    except ZeroDivisionError as error:
        print(f"12 / 0: {error}")

    def callback(square):
        print(f"Callback in process {os.getpid()}: {square}")

    result = pool.apply_async(square, args=(13,), callback=callback)
    print(f"Result: 13 * 13 = {result.get()}")
    pool.close()
    try:
        pool.apply_async(square, args=(14,))
    except ValueError as late:
        print(f"A task after close: {late}")
    pool.join()


# ANCHOR: random
def random_task(i, seconds):
    print(f"Run task {i} ({os.getpid()})...")
    nap(seconds)
    print(f"Task {i} runs {seconds:.2f} seconds.")
    return seconds


def run_random_task(kwds):
    return random_task(**kwds)


def random():
    """the default size, random tasks"""
    pool = Pool()  # The default size.
    print(f"Parent process {os.getpid()}.")
    print(f"The default size is {len(pids())}")

    def callback(results):
        print(f"Callback: {len(results)} results")

    works = [{"i": i, "seconds": rand.random() * 3} for i in range(9)]
    pool.map_async(run_random_task, works, 1, callback=callback)
    last = {"i": 9, "seconds": rand.random() * 3}
    pool.apply_async(random_task, kwds=last)
    print("Waiting for all subprocesses done...")
    pool.close()
    pool.join()
    print("All subprocesses done.")
# ANCHOR_END: random


def one_second(_):
    nap(1)
    return os.getpid()


def sizes():
    """five tasks on 5, 4 and 3 workers"""
    for size in (5, 4, 3):
        pool = Pool(size)
        start = time.perf_counter()
        workers = len(set(pool.map(one_second, range(5), chunksize=1)))
        seconds = time.perf_counter() - start
        print(f"Pool({size}): {workers} workers had 5 tasks, {seconds:.2f} s")
        pool.close()
        pool.join()


def last_first(n):
    nap((4 - n) * 0.5)
    print(f"Task {n} is done")
    return n * n


# ANCHOR: map_
def arguments():
    for n in range(4):
        print(f"map_async takes {n}")
        yield n


def map_():
    """many tasks, in order and in chunks"""
    pool = Pool(4)
    squares = pool.map_async(last_first, arguments(), chunksize=1)
    print(f"map_async has returned, ready is {str(squares.ready()).lower()}")
    print(f"Its results: {squares.get()}")
    print(f"map returns: {pool.map(square, range(10))}")

    chunks(pool)
    for chunk in (1, default_chunk(100_000)):
        start = time.perf_counter()
        done = pool.map(tiny, range(100_000), chunk)
        rate = len(done) / (time.perf_counter() - start)
        print(f"100000 tiny tasks in chunks of {chunk}: {rate:.0f} a second")
    pool.close()
    pool.join()
# ANCHOR_END: map_


def default_chunk(tasks):
    """What `map` takes for four workers, unless it is told otherwise."""
    return -(-tasks // (4 * 4))


def tiny(n):
    return n


def who(_):
    nap(0.25)
    return os.getpid()


def short_or_slow(n):
    if 504 <= n < 512:
        nap(0.25)
    return os.getpid()


def chunks(pool):
    workers = pool.map(who, range(8), 2)
    print(f"8 tasks in chunks of 2, their workers: {workers}")
    for chunk in (default_chunk(1008), 1):
        start = time.perf_counter()
        workers = pool.map(short_or_slow, range(1008), chunk)
        slow = set(workers[504:512])
        seconds = time.perf_counter() - start
        print(
            f"8 slow tasks among 1000 short ones in chunks of {chunk}: "
            f"workers that had the slow ones: {len(slow)}, {seconds:.2f} s"
        )


def terminate():
    """ended, killed, poisoned"""
    pool = Pool(2)
    print(f"4 tasks of 30 seconds on 2 workers: {pids()}")
    with bind_gate() as gate:
        port = gate.getsockname()[1]
        tasks = [pool.apply_async(wait_at_gate, (port, 30)) for _ in range(4)]
        accept_at_gate(gate)  # One has begun.
        nap(0.5)
        start = time.perf_counter()
        pool.terminate()
        pool.join()
        seconds = time.perf_counter() - start
    print(f"Terminated after {seconds:.2f} seconds")
    for i, task in enumerate(tasks):
        # `get` would block forever.
        print(f"Task {i}: ready is {str(task.ready()).lower()}")
    killed()


def bind_gate():
    gate = socket.socket()
    gate.bind(("127.0.0.1", 0))
    gate.listen()
    return gate


def accept_at_gate(gate):
    """The pid of the task that waits at the gate."""
    with gate.accept()[0] as connection:
        return int.from_bytes(connection.recv(8), "little")


def wait_at_gate(port, seconds):
    with socket.create_connection(("127.0.0.1", port)) as gate:
        gate.sendall(os.getpid().to_bytes(8, "little"))
    nap(seconds)
    return os.getpid()


def poison(n):
    os._exit(n)


# ANCHOR: killed
def killed():
    pool = Pool(2)
    with bind_gate() as gate:
        task = pool.apply_async(wait_at_gate, (gate.getsockname()[1], 30))
        victim = accept_at_gate(gate)
    nap(0.5)
    print(f"Worker {victim} is at work: kill -9 {victim}")
    os.kill(victim, signal.SIGKILL)
    print(f"Done by worker {answer(task)}")

    print(f"poison: {answer(pool.apply_async(poison, (7,)))}")
    print(f"The pool goes on: {pool.map(square, range(10), 1)}")
    pool.terminate()  # After `close`, `join` would wait for the lost tasks.
    pool.join()


def answer(task):
    """The result; a lost task has none, and `get` would block forever."""
    try:
        return task.get(timeout=3 * PACE)
    except multiprocessing.TimeoutError:
        return "0, the task is lost"
# ANCHOR_END: killed


TIMES = 12


# ANCHOR: cores
def cores():
    """tasks that compute, on your cores"""
    limit = int(12_000 * min(PACE, 1) ** 0.5)
    print(f"{TIMES} times the primes below {limit}")
    print("workers  sequence  threads  processes")
    for workers in range(1, usable_cores() + 1):
        one = timed(lambda: [primes(limit) for _ in range(TIMES)])
        with ThreadPool(workers) as pool:
            threads = timed(lambda: pool.map(primes, [limit] * TIMES, 1))
        with Pool(workers) as pool:
            pool.map(square, range(workers), 1)  # They are there.
            processes = timed(lambda: pool.map(primes, [limit] * TIMES, 1))
        print(
            f"{workers:>7}  {one:>6.2f} s  {one / threads:>5.2f} x"
            f"  {one / processes:>7.2f} x"
        )
# ANCHOR_END: cores


def primes(limit):
    return sum(
        all(n % d for d in range(2, int(n**0.5) + 1)) for n in range(2, limit)
    )


def timed(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def usable_cores():
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count()


if __name__ == "__main__":
    twin.main(
        sequential, processes, random, sizes, map_, terminate, cores
    )
