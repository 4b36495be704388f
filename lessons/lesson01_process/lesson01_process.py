"""Lesson 1: Process, in Python.

Run: python3 lessons/lesson01_process/lesson01_process.py [PART]
"""

import multiprocessing
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "shared"))
import twin
from twin import nap


# ANCHOR: hello
def hello():
    """start a child and wait for it"""
    print(f"Parent process {os.getpid()}.")
    print("Child process will start.")
    child = multiprocessing.Process(target=run_child, args=("test",))
    child.start()
    child.join()
    print("Child process end.")


def run_child(name):
    me, parent = os.getpid(), multiprocessing.parent_process().pid
    print(f"Run child process {name} ({me})... my parent is {parent}.")
# ANCHOR_END: hello


# ANCHOR: workers
def workers():
    """three children side by side"""
    listed = multiprocessing.Event()
    for k, args in enumerate([(2, "aaa1"), (3, "bbb2"), (4, "ccc3")], 1):
        child = multiprocessing.Process(
            target=worker, args=(*args, listed), name=f"Process-{k}"
        )
        child.start()
    print(f"The number of CPU is: {multiprocessing.cpu_count()}")
    children = multiprocessing.active_children()
    for child in children:
        print(f"child   p.name:{child.name}\tp.id{child.pid}")
    print("END!!!!!!!!!!!!!!!!!")
    listed.set()
    for child in children:
        child.join()  # At its end, Python does this for you.


def worker(interval, name, listed):
    print(f"{name}【start】")
    nap(interval)
    listed.wait()  # Not before the parent has listed us.
    print(f"{name}【end】")
# ANCHOR_END: workers


# ANCHOR: ClockProcess
class ClockProcess(multiprocessing.Process):
    def __init__(self, interval):
        super().__init__()
        self.interval = interval

    def run(self):
        for _ in range(5):
            now = time.ctime()
            print(f"ClockProcess ({os.getpid()}), current time: {now}")
            nap(self.interval)


def class_():
    """a subclass with a run method"""
    clock = ClockProcess(3)
    clock.start()
    clock.join()
# ANCHOR_END: ClockProcess


def sing_dance():
    """arguments by place and by name"""
    children = [
        multiprocessing.Process(target=sing, args=(3,)),
        multiprocessing.Process(target=dance, kwargs={"num": 3}),
    ]
    for child in children:
        child.start()
    for child in children:
        child.join()


def sing(num):
    for _ in range(num):
        print(f"Singing...... ({os.getpid()})")
        nap(0.5)


def dance(num):
    for _ in range(num):
        print(f"Dancing...... ({os.getpid()})")
        nap(0.5)


# ANCHOR: exitcode
def exitcode():
    """five children, five endings"""
    alive = []
    for name in ("return", "exit", "panic", "terminate", "kill"):
        turn = multiprocessing.Event()
        child = multiprocessing.Process(
            target=ending, args=(name, turn), name=name
        )
        child.start()
        alive.append((child, turn))
    for child, _ in alive:
        print(state(child))
    while alive:
        child, turn = alive.pop(0)
        if child.name == "terminate":
            child.terminate()
        elif child.name == "kill":
            child.kill()
        else:
            turn.set()
        child.join()
        others = sum(other.is_alive() for other, _ in alive)
        print(f"{state(child)}; others alive: {others}")
    print(f"Parent process {os.getpid()} goes on.")


def ending(name, turn):
    turn.wait()  # Two of the five will wait here until their end.
    if name == "exit":
        sys.exit(3)
    elif name == "panic":
        sys.tracebacklimit = 0  # One line says enough here.
        raise RuntimeError("I have had enough")


def state(child):
    is_alive = "alive" if child.is_alive() else "not alive"
    return f"{child.name} ({child.pid}): {is_alive}, exitcode {child.exitcode}"
# ANCHOR_END: exitcode


if __name__ == "__main__":
    twin.main(hello, workers, class_, sing_dance, exitcode)
