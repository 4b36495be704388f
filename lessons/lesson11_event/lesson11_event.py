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
    """Of each pair the even thread waits until the odd one has spoken."""
    event = threading.Event()

    def wait_and_speak():
        event.wait()
        print(name())

    def speak_and_set():
        nap(0.1)
        print(name())
        event.set()

    for even in range(0, threads, 2):
        event.clear()  # Before the two are there: nobody else looks at it.
        pair = [named(even, wait_and_speak)]
        if even + 1 < threads:
            pair.append(named(even + 1, speak_and_set))
        else:
            event.set()  # The last one has no partner.
        run(pair)
# ANCHOR_END: in_pairs


def named(number, target):
    """A thread that has its number for a name, as in the documents."""
    return threading.Thread(target=target, name=str(number))


def name():
    """The name of the thread that asks."""
    return threading.current_thread().name


def run(threads):
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


# ANCHOR: three_steps
def forced():
    """Two of the documents' threads; a barrier makes both look at the flag
    before either of them clears it."""
    event = threading.Event()
    both_have_looked = threading.Barrier(2)
    event.set()
    target = lambda: three_steps(event, both_have_looked)
    run([named(i, target) for i in (0, 1)])


def three_steps(event, both_have_looked):
    if event.is_set():
        both_have_looked.wait()
        event.clear()
        print(f"{name()} saw that it was set, cleared it, and waits")
        start = time.perf_counter()
        if event.wait(0.5 * PACE):
            print(name())
        else:
            waited = time.perf_counter() - start
            print(f"{name()} gives up after {waited:.2f} s: nobody set it")
    else:
        print(name())
        event.set()
# ANCHOR_END: three_steps


# ANCHOR: starting_gun
def starting_gun():
    """one set releases them all"""
    gun = threading.Event()
    all_ready = threading.Barrier(6)
    half_way = threading.Barrier(5)

    def runner():
        print(f"{name()} is ready")
        all_ready.wait()
        run_at_shot(gun)
        half_way.wait()  # Not one passes here before all have run.
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
    """wait, but not for ever"""
    gave_up, event = threading.Event(), threading.Event()

    def waiter():
        wait(event, 1)
        gave_up.set()
        wait(event, 3600)
        wait(event, 0)

    def setter():
        gave_up.wait()  # So the first wait returns False, every time.
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
    twin.main(toggle, starting_gun, timeout)
