"""Lesson 9: RLock, in Python.

Run: python3 lessons/lesson09_rlock/lesson09_rlock.py [PART]
"""

import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "shared"))
import twin
from twin import PACE, nap

number = 0


# ANCHOR: rlock
r_lock = threading.RLock()


def rlock():
    """five threads acquire one lock twice"""
    global number
    number = 0
    start_together = threading.Barrier(5)

    def set_number(me):
        nap(1.0)
        start_together.wait()
        with r_lock:  # Once,
            add_one()
            print(f"{me} set number to {number}")

    run(set_number, 5)


def add_one():
    global number
    with r_lock:  # and twice.
        number += 1
# ANCHOR_END: rlock


def run(target, threads):
    """Runs `target("Thread-1")` and so on, each in its thread."""
    threads = [
        threading.Thread(target=target, args=(f"Thread-{k}",))
        for k in range(1, threads + 1)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


# ANCHOR: self_deadlock
def self_deadlock():
    """a thread waits for itself"""
    print("With a plain lock:")
    twice(threading.Lock())
    print("With a reentrant lock:")
    twice(threading.RLock())


def twice(lock):
    global number
    number = 0

    def set_number(me):
        global number
        with lock:
            number += 1
            print(f"{me} set number to {number}")
            again(me, "without waiting", lock, blocking=False)
            again(me, "within a second", lock, timeout=PACE)
            nap(0.5)

    run(set_number, 2)


def again(me, how, lock, **timeout):
    start = time.perf_counter()
    got = lock.acquire(**timeout)
    seconds = time.perf_counter() - start
    if got:
        lock.release()
    answer = "yes" if got else "no"
    print(f"{me} again, {how}: {answer}, after {seconds:.2f} s")
# ANCHOR_END: self_deadlock


# ANCHOR: RLock
class RLock:
    """A lock, a counter, and an owner."""

    def __init__(self):
        self.free = threading.Condition(threading.Lock())
        self.owner = None
        self.counter = 0

    def acquire(self, timeout=None):
        me = threading.get_ident()
        with self.free:
            if not self.free.wait_for(
                lambda: self.owner in (None, me), timeout
            ):
                return None
            self.owner = me
            self.counter += 1
            return self.counter

    def release(self):
        with self.free:
            if self.owner != threading.get_ident():
                raise RuntimeError("cannot release un-acquired lock")
            self.counter -= 1
            if self.counter == 0:
                self.owner = None
                self.free.notify()
            return self.counter
# ANCHOR_END: RLock


def inside():
    """an owner and a counter"""
    lock = RLock()
    meet = threading.Barrier(2)
    roles = {"Thread-1": owner, "Thread-2": other}
    run(lambda me: roles[me](me, lock, meet), 2)


def owner(me, lock, meet):
    acquire(me, lock)
    nap(0.5)
    acquire(me, lock)
    meet.wait()  # Thread-2 tries, without success.
    meet.wait()
    nap(1.0)
    release(me, lock)
    nap(0.5)
    release(me, lock)


def other(me, lock, meet):
    meet.wait()
    release(me, lock)
    counter = lock.acquire(timeout=0)
    if counter:
        print(f"{me} try_acquire: the counter is {counter}")
    else:
        print(f"{me} try_acquire: another thread holds it")
    print(f"{me} waits")
    meet.wait()  # Thread-1 releases only after this.
    acquire(me, lock)
    nap(0.5)
    release(me, lock)
    release(me, lock)


output = threading.RLock()


def say(line):
    with output:
        print(line)


def acquire(me, lock):
    counter = lock.acquire()
    say(f"{me} acquire: the counter is {counter}")


def release(me, lock):
    with output:  # The next owner prints after this line.
        try:
            say(f"{me} release: the counter is {lock.release()}")
        except RuntimeError as error:
            say(f"{me} release: {error}")


if __name__ == "__main__":
    twin.main(rlock, self_deadlock, inside)
