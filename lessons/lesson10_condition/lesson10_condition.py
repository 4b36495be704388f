"""Lesson 10: Condition, in Python.

Run: python3 lessons/lesson10_condition/lesson10_condition.py [PART]
"""

import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "shared"))
import twin
from twin import PACE, nap

BUYER = "Buyer"
SELLER = "Seller"

# Speakers and their lines. The index of a line is the turn that it takes.
LINES = [
    (BUYER, "I am taking both, can you make it cheaper?"),
    (SELLER, "I can, please place your order"),
    (BUYER, "I have placed it, please change the price"),
    (SELLER, "Done, I have changed it"),
    (BUYER, "Thank you, I have paid"),
    (BUYER, "Now I wait for the parcel"),
    (SELLER, "Your payment is here, I send the parcel at once"),
    (SELLER, "The parcel is on its way"),
]


# ANCHOR: Turns
class Turns:
    def __init__(self):
        self.taken = 0
        self.changed = threading.Condition()

    def take(self, mine, speak):
        with self.changed:
            self.changed.wait_for(lambda: self.taken == mine)
            self.taken += 1
            self.changed.notify_all()
            speak()
# ANCHOR_END: Turns


# ANCHOR: dialogue
def dialogue():
    """two speakers, each at its turn"""
    for late in (BUYER, SELLER):
        print(f"{late} comes a second late:")
        turns = Turns()
        run(
            lambda: talk(BUYER, late == BUYER, turns),
            lambda: talk(SELLER, late == SELLER, turns),
        )


def talk(me, is_late, turns):
    """Says the lines of `me`, each at its turn."""
    if is_late:
        nap(1.0)  # The order does not depend on it.
    for mine, (speaker, line) in enumerate(LINES):
        if speaker == me:
            turns.take(mine, lambda: say(me, line))


def say(me, line):
    print(f"{me}: {line}")
    nap(0.25)
# ANCHOR_END: dialogue


def run(*targets):
    threads = [threading.Thread(target=target) for target in targets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def lost_wakeup():
    """a notify before the wait"""
    print("Seller is early, and there is no predicate:")
    without_predicate()
    print("Seller is early, and there is a predicate:")
    with_predicate()
    print("Seller is late, and there is a predicate:")
    late()


# ANCHOR: without_predicate
def without_predicate():
    changed = threading.Condition()
    notified = threading.Event()

    def seller():
        with changed:
            changed.notify()  # No thread waits, and a notify is not stored.
            print(SENT)
        notified.set()

    def buyer():
        notified.wait()  # The notify came before this.
        with changed:
            start = start_waiting()
            heard = "a" if changed.wait(PACE) else "no"
            waited = time.perf_counter() - start
            print(f"Buyer: {heard} notification in {waited:.2f} s")

    run(seller, buyer)
# ANCHOR_END: without_predicate


# ANCHOR: with_predicate
def with_predicate():
    sent = False
    changed = threading.Condition()
    notified = threading.Event()

    def seller():
        nonlocal sent
        with changed:
            sent = True  # This is stored.
            changed.notify()
            print(SENT)
        notified.set()

    def buyer():
        notified.wait()
        with changed:
            start = start_waiting()
            changed.wait_for(lambda: sent)
            waited = time.perf_counter() - start
            print(f"Buyer: the parcel was sent; I have waited {waited:.2f} s")

    run(seller, buyer)
# ANCHOR_END: with_predicate


def late():
    """The same, but the notify comes when the buyer waits."""
    sent = False
    changed = threading.Condition()
    go = threading.Event()

    def seller():
        nonlocal sent
        go.wait()
        nap(1.0)
        # The buyer has held the lock since before it set the event. Its
        # wait releases the lock.
        with changed:
            sent = True
            changed.notify()
            print(SENT)

    def buyer():
        with changed:
            start = start_waiting()
            go.set()
            changed.wait_for(lambda: sent)
            waited = time.perf_counter() - start
            print(f"Buyer: the parcel was sent; I have waited {waited:.2f} s")

    run(seller, buyer)


SENT = "Seller: the parcel is on its way, and I notify"


def start_waiting():
    print("Buyer: I wait for the parcel")
    return time.perf_counter()


# ANCHOR: PostOffice
class PostOffice:
    def __init__(self):
        counter = threading.Lock()  # One for both.
        self.arrived = threading.Condition(counter)
        self.waiters_changed = threading.Condition(counter)
        self.waiters = self.parcels = self.wake_ups = 0

    def wait_for_parcel(self, k):
        start, cpu = time.perf_counter(), time.thread_time()
        wake_ups = 0
        with self.arrived:
            self.waiters += 1
            self.waiters_changed.notify()
            while self.parcels == 0:
                self.arrived.wait()
                wake_ups += 1
                self.wake_ups += 1
                self.waiters_changed.notify()
            self.waiters -= 1
            self.parcels -= 1
            waited = time.perf_counter() - start
            cpu = (time.thread_time() - cpu) * 1000
            print(
                f"Waiter-{k} has a parcel: waited {waited:.2f} s, "
                f"used {cpu:.2f} ms CPU, woke up: {wake_ups}"
            )
# ANCHOR_END: PostOffice

    def deliver(self, more, name):
        """Adds parcels, notifies, and counts a second later how many woke
        up."""
        with self.waiters_changed:
            self.parcels += more
            self.wake_ups = 0
            print(
                f"Main: waiters: {self.waiters}, parcels: {self.parcels}, "
                f"{name}"
            )
            if name == "notify_one":
                self.arrived.notify()  # Python's name for it.
                least = 1
            else:
                self.arrived.notify_all()
                least = self.waiters
            self.waiters_changed.wait_for(lambda: self.wake_ups >= least)
        nap(1.0)
        with self.waiters_changed:
            print(
                f"Main: woken: {self.wake_ups}, waiters left: {self.waiters}, "
                f"parcels left: {self.parcels}"
            )


def notify_all():
    """which waiters wake up, and how often"""
    office = PostOffice()
    wait = office.wait_for_parcel
    waiters = [
        threading.Thread(target=wait, args=(k,), daemon=True)
        for k in range(1, 6)
    ]
    for waiter in waiters:
        waiter.start()
    with office.waiters_changed:
        office.waiters_changed.wait_for(lambda: office.waiters == 5)
    nap(1.0)  # The waiters sleep.
    office.deliver(1, "notify_one")
    office.deliver(1, "notify_all")
    office.deliver(3, "notify_one")  # The mistake: three could continue.
    office.deliver(0, "notify_all")
    for waiter in waiters:
        waiter.join()


if __name__ == "__main__":
    twin.main(dialogue, lost_wakeup, notify_all)
