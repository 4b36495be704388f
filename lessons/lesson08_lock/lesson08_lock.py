"""Lesson 8: Lock, in Python.

Run: python3 lessons/lesson08_lock/lesson08_lock.py [PART]
"""

import sys
import threading
import time
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
        # Now t2.
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
        # Now t1.
        turn.wait()
        x2 = read_and_add("t2: x2", -8)
        write("t2", x2)

    run(t1, t2)
    print(f"Forced, the balance is: {balance}")


def read_and_add(who, n):
    x = balance + n
    sign = "-" if n < 0 else "+"
    print(f"{who} = {balance} {sign} {abs(n)} = {x}")
    return x


def write(who, x):
    global balance
    balance = x
    print(f"{who}: balance = {x}")


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
    run_both(deposit_and_take)
    print(f"The final balance is: {balance}")
    run(
        lambda: slow_motion("Thread-1", 5),
        lambda: slow_motion("Thread-2", 8),
    )
    half_way()


def deposit_and_take(n):
    global balance
    for _ in range(100_000):
        with one_lock:
            balance = balance + n
            balance = balance - n
# ANCHOR_END: lock


def slow_motion(me, n):
    global balance
    with one_lock:
        balance += n
        print(f"{me} has the lock, the balance is {balance}")
        nap(1.0)
        balance -= n
        print(f"{me} gives it back, the balance is {balance}")


# ANCHOR: half_way
def half_way():
    """A thread fails under the lock: `with` gives it back, and nobody knows
    that the work is half done."""
    def fail():
        global balance
        with one_lock:
            balance += 5
            sys.exit("half way, with the lock in hand")

    run(fail)
    with one_lock:
        print(f"The lock is as good as new; the balance is {balance}")
# ANCHOR_END: half_way


# ANCHOR: fresh_lock
def fresh_lock():
    """a new lock at each use"""
    both_inside = threading.Barrier(2)

    def own_lock(n):
        global balance
        with threading.Lock():  # One each: it keeps nobody out.
            x = balance + n
            both_inside.wait()  # With one lock nobody would pass here.
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
            print("Holder gives it back")

    def waiter():
        held.wait()
        start = time.perf_counter()
        while not one_lock.acquire(timeout=PACE):
            waited = time.perf_counter() - start
            print(f"Waiter has waited {waited:.2f} s, and does other things")
            gave_up.set()
        one_lock.release()
        waited = time.perf_counter() - start
        print(f"Waiter had the lock after {waited:.2f} s")

    run(holder, waiter)


def deadlock():
    """two locks, opposite order"""
    a, b = ("A", threading.Lock()), ("B", threading.Lock())

    print("In opposite order:")
    each_holds_one = threading.Barrier(2)
    run(
        lambda: cross("Thread-1", a, b, each_holds_one, PACE),
        lambda: cross("Thread-2", b, a, each_holds_one, -1),  # For ever.
    )

    print("In one order:")
    run(
        lambda: in_order("Thread-1", a, b),
        lambda: in_order("Thread-2", a, b),
    )


def cross(me, mine, other, each_holds_one, patience):
    with mine[1]:
        print(f"{me} holds {mine[0]} and waits for {other[0]}")
        each_holds_one.wait()
        if other[1].acquire(timeout=patience):
            print(f"{me} has both, {mine[0]} and {other[0]}")
            other[1].release()
        else:
            print(f"{me} gives up and lets go of {mine[0]}")


def in_order(me, a, b):
    with a[1], b[1]:
        print(f"{me} has both, {a[0]} and {b[0]}")
        nap(0.5)


if __name__ == "__main__":
    twin.main(race, lock, fresh_lock, timeout, deadlock)
