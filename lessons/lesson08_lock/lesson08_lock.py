"""Lesson 8: Lock, in Python.

Run: python3 lessons/lesson08_lock/lesson08_lock.py [PART]
"""

import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "shared"))
import twin
from twin import PACE, nap

balance = 0


# ANCHOR: race
def race():
    """two threads, one balance, no lock"""
    run_both(left_to_luck)
    print(f"Left to luck, the balance is: {balance}")
    forced()


def left_to_luck(n):
    global balance
    for _ in range(100_000):
        balance = balance + n
        balance = balance - n


def run_both(target):
    """Runs `target(5)` and `target(8)` in two threads, from balance 0."""
    global balance
    balance = 0
    threads = [threading.Thread(target=target, args=(n,)) for n in (5, 8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
# ANCHOR_END: race


def forced():
    global balance
    balance = 0
    turn = threading.Barrier(2)

    def t1():
        x1 = read_and_add("t1: x1", 5)
        turn.wait()
        # t2 runs.
        turn.wait()
        write("t1", x1)
        x1 = read_and_add("t1: x1", -5)
        write("t1", x1)
        turn.wait()

    def t2():
        turn.wait()
        x2 = read_and_add("t2: x2", 8)
        write("t2", x2)
        turn.wait()
        # t1 runs.
        turn.wait()
        x2 = read_and_add("t2: x2", -8)
        write("t2", x2)

    run(t1, t2)
    print(f"Forced, the balance is: {balance}")


def read_and_add(variable, n):
    x = balance + n
    sign = "-" if n < 0 else "+"
    print(f"{variable} = {balance} {sign} {abs(n)} = {x}")
    return x


def write(thread, x):
    global balance
    balance = x
    print(f"{thread}: balance = {x}")


def run(*targets):
    threads = [threading.Thread(target=target) for target in targets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


# ANCHOR: lock
one_lock = threading.Lock()


def lock():
    """one lock for the balance"""
    global balance
    balance = 0
    run(lambda: with_statement(5), lambda: try_finally(8))
    print(f"The final balance is: {balance}")
    run(
        lambda: slow_motion("Thread-1", 5),
        lambda: slow_motion("Thread-2", 8),
    )
    half_done()


def with_statement(n):
    global balance
    for _ in range(100_000):
        with one_lock:
            balance = balance + n
            balance = balance - n


def try_finally(n):
    """The same, spelled out."""
    global balance
    for _ in range(100_000):
        one_lock.acquire()
        try:
            balance = balance + n
            balance = balance - n
        finally:
            one_lock.release()
# ANCHOR_END: lock


def slow_motion(me, n):
    global balance
    with one_lock:
        balance += n
        print(f"{me} has the lock, the balance is {balance}")
        nap(1.0)
        balance -= n
        print(f"{me} releases it, the balance is {balance}")


# ANCHOR: half_done
def half_done():
    """A thread fails while it holds the lock. `with` releases the lock, and
    nothing tells the next thread that the work is half done."""
    def fail():
        global balance
        with one_lock:
            balance += 5
            sys.exit("half done, holding the lock")

    run(fail)
    with one_lock:
        print(f"The lock is as good as new; the balance is {balance}")
# ANCHOR_END: half_done


# ANCHOR: fresh_lock
def fresh_lock():
    """a new lock at each use"""
    both_inside = threading.Barrier(2)

    def own_lock(n):
        global balance
        with threading.Lock():  # One for each thread.
            x = balance + n
            both_inside.wait()  # One lock for both would block here.
            balance = x

    def shared_lock(n):
        global balance
        with one_lock:  # One for both.
            x = balance + n
            balance = x

    run_both(own_lock)
    print(f"A lock each:       0 + 5 + 8 = {balance}")
    run_both(shared_lock)
    print(f"One lock for both: 0 + 5 + 8 = {balance}")
# ANCHOR_END: fresh_lock


# ANCHOR: granularity
def granularity():
    """few long locks, or many"""
    timed("A lock for each round", lock_each_round)
    timed("One lock around the loop", lock_whole_loop)


def lock_each_round(n):
    global balance
    for _ in range(100_000):
        with one_lock:
            balance += n


def lock_whole_loop(n):
    global balance
    with one_lock:
        for _ in range(100_000):
            balance += n
# ANCHOR_END: granularity


def timed(how, deposit):
    start = time.perf_counter()
    run_both(deposit)
    seconds = time.perf_counter() - start
    print(f"{how}: the balance is {balance} after {seconds:.4f} s")


# ANCHOR: timeout
@contextmanager
def get_lock(lock, timeout):
    """Acquires `lock` for a `with` block, or raises TimeoutError."""
    if not lock.acquire(timeout=timeout):
        raise TimeoutError(f"no lock after {timeout} s")
    try:
        yield
    finally:
        lock.release()


def timeout():
    """give up waiting for a lock"""
    held = threading.Barrier(2)
    gave_up = threading.Event()

    def holder():
        with one_lock:
            print("Holder has the lock")
            held.wait()
            gave_up.wait()
            nap(1.5)
            print("Holder releases it")

    def waiter():
        held.wait()
        start = time.perf_counter()
        while not try_once():
            waited = time.perf_counter() - start
            print(f"Waiter has waited {waited:.2f} s, and does other things")
            gave_up.set()
        waited = time.perf_counter() - start
        print(f"Waiter got the lock after {waited:.2f} s")

    run(holder, waiter)


def try_once():
    try:
        with get_lock(one_lock, timeout=PACE):
            return True
    except TimeoutError:
        return False
# ANCHOR_END: timeout


def deadlock():
    """two locks, opposite order"""
    a, b = ("A", threading.Lock()), ("B", threading.Lock())

    print("In opposite order:")
    held = threading.Barrier(2)
    run(
        lambda: opposite_order("Thread-1", a, b, held, timeout=PACE),
        lambda: opposite_order("Thread-2", b, a, held, timeout=-1),
    )

    print("In one order:")
    run(
        lambda: same_order("Thread-1", a, b),
        lambda: same_order("Thread-2", a, b),
    )


def opposite_order(me, first, second, held, timeout):
    """`acquire` takes a timeout of -1 for none."""
    with first[1]:
        print(f"{me} holds {first[0]} and waits for {second[0]}")
        held.wait()
        if second[1].acquire(timeout=timeout):
            print(f"{me} has both, {first[0]} and {second[0]}")
            second[1].release()
        else:
            print(f"{me} times out and releases {first[0]}")


def same_order(me, a, b):
    with a[1], b[1]:
        print(f"{me} has both, {a[0]} and {b[0]}")
        nap(0.5)


if __name__ == "__main__":
    twin.main(race, lock, granularity, fresh_lock, timeout, deadlock)
