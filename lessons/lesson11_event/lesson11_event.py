"""Lesson 11: Event, in Python.

Run: python3 lessons/lesson11_event/lesson11_event.py [PART]
"""

import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "shared"))
import twin
from twin import PACE, nap


class NaiveEvent:
    """An event that only notifies: it forgets that it was set."""

    def __init__(self):
        self.condition = threading.Condition()

    def set(self):
        with self.condition:
            self.condition.notify_all()

    def wait(self, timeout):
        with self.condition:
            return self.condition.wait(timeout)


def naive():
    """an event without a flag"""
    naive, event = NaiveEvent(), threading.Event()
    print("Setter sets both events")
    naive.set()
    event.set()

    def waiter():
        was_set = str(naive.wait(0.5 * PACE)).lower()
        print(f"Waiter: without a flag, wait returned {was_set}")
        was_set = str(event.wait(0.5 * PACE)).lower()
        print(f"Waiter: with a flag, wait returned {was_set}")

    run([threading.Thread(target=waiter)])


def toggle():
    """in pairs, the second one first"""
    print("Ten threads:")
    in_pairs(10)
    print("Nine threads:")
    in_pairs(9)
    print("Two threads, in three steps:")
    forced()


# ANCHOR: in_pairs
def in_pairs(threads):
    """In each pair the even thread waits until the odd one has printed."""
    event = threading.Event()

    def wait_and_print():
        event.wait()
        print(name())

    def print_and_set():
        nap(0.1)
        print(name())
        event.set()

    for even in range(0, threads, 2):
        event.clear()  # Before either thread of the pair starts.
        pair = [named(even, wait_and_print)]
        if even + 1 < threads:
            pair.append(named(even + 1, print_and_set))
        else:
            event.set()  # The last one has no partner.
        run(pair)
# ANCHOR_END: in_pairs


def named(number, target):
    """A thread whose name is its number."""
    return threading.Thread(target=target, name=str(number))


def name():
    """The name of the calling thread."""
    return threading.current_thread().name


def run(threads):
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


# ANCHOR: three_steps
def forced():
    """A barrier makes both threads test the flag before either of them
    clears it."""
    event = threading.Event()
    both_tested = threading.Barrier(2)
    event.set()
    target = lambda: three_steps(event, both_tested)
    run([named(i, target) for i in (0, 1)])


def three_steps(event, both_tested):
    if event.is_set():
        both_tested.wait()
        event.clear()
        print(f"{name()} saw that it was set, cleared it, and waits")
        start = time.perf_counter()
        if event.wait(0.5 * PACE):
            print(name())
        else:
            waited = time.perf_counter() - start
            print(f"{name()} times out after {waited:.2f} s: no thread set it")
    else:
        print(name())
        event.set()
# ANCHOR_END: three_steps


# ANCHOR: starting_gun
def starting_gun():
    """one set releases all threads"""
    gun = threading.Event()
    all_ready = threading.Barrier(6)
    halfway = threading.Barrier(5)

    def runner():
        print(f"{name()} is ready")
        all_ready.wait()
        run_at_shot(gun)
        halfway.wait()  # Opens when all five are running.
        print(f"{name()} arrives")

    names = [f"Runner-{k}" for k in range(1, 6)]
    runners = [threading.Thread(target=runner, name=name) for name in names]
    for thread in runners:
        thread.start()
    all_ready.wait()
    nap(1.0)
    print("Starter fires")
    gun.set()
    nap(0.5)
    latecomer = lambda: run_at_shot(gun)
    runners.append(threading.Thread(target=latecomer, name="Latecomer"))
    runners[-1].start()
    for thread in runners:
        thread.join()


def run_at_shot(gun):
    start = time.perf_counter()
    gun.wait()
    waited = time.perf_counter() - start
    print(f"{name()} runs, after waiting for {waited:.2f} s")
    nap(1.0)
# ANCHOR_END: starting_gun


# ANCHOR: timeout
def timeout():
    """wait, but not forever"""
    gave_up, event = threading.Event(), threading.Event()

    def waiter():
        wait(event, 1)
        gave_up.set()
        wait(event, 3600)
        wait(event, 0)

    def setter():
        gave_up.wait()  # So the first wait returns False in every run.
        nap(0.5)
        print("Setter sets the event")
        event.set()

    run([threading.Thread(target=waiter), threading.Thread(target=setter)])


def wait(event, seconds):
    start = time.perf_counter()
    was_set = event.wait(seconds * PACE)
    waited = time.perf_counter() - start
    was_set = str(was_set).lower()
    print(f"Waiter: wait({seconds}) returned {was_set} after {waited:.2f} s")
# ANCHOR_END: timeout


if __name__ == "__main__":
    twin.main(naive, toggle, starting_gun, timeout)
