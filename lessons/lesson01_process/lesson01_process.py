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
    """three children at once"""
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
    listed.wait()  # A worker ends only after the parent has listed it.
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


# ANCHOR: sing_dance
def sing_dance():
    """in sequence, then at once"""
    start = time.perf_counter()
    sing(3)
    dance(num=3)
    print(f"In sequence: {time.perf_counter() - start:.2f} s")

    start = time.perf_counter()
    children = [
        multiprocessing.Process(target=sing, args=(3,)),
        multiprocessing.Process(target=dance, kwargs={"num": 3}),
    ]
    for child in children:
        child.start()
    for child in children:
        child.join()
    print(f"At once: {time.perf_counter() - start:.2f} s")


def sing(num):
    for _ in range(num):
        print(f"Singing...... ({os.getpid()})")
        nap(0.5)


def dance(num):
    for _ in range(num):
        print(f"Dancing...... ({os.getpid()})")
        nap(0.5)
# ANCHOR_END: sing_dance


# ANCHOR: exitcode
def exitcode():
    """six ways to end"""
    children = []
    for name in ("return", "exit", "panic", "abort", "terminate", "kill"):
        turn = multiprocessing.Event()
        child = multiprocessing.Process(
            target=ending, args=(name, turn), name=name
        )
        child.start()
        children.append((child, turn))
    for child, _ in children:
        print(state(child))
    while children:
        child, turn = children.pop(0)
        if child.name == "terminate":
            child.terminate()
        elif child.name == "kill":
            child.kill()
        else:
            turn.set()
        child.join()
        alive = sum(other.is_alive() for other, _ in children)
        print(f"{state(child)}; others alive: {alive}")
    print(f"Parent process {os.getpid()} is still running.")


def ending(name, turn):
    turn.wait()  # Two of the six wait here until the parent ends them.
    if name == "exit":
        sys.exit(3)
    elif name == "panic":
        sys.tracebacklimit = 0  # Without the lines of the traceback.
        raise RuntimeError("I have had enough")
    elif name == "abort":
        disable_core_dump()
        os.abort()


def state(child):
    is_alive = "alive" if child.is_alive() else "not alive"
    return f"{child.name} ({child.pid}): {is_alive}, exitcode {child.exitcode}"
# ANCHOR_END: exitcode


def disable_core_dump():
    """An abort of this process should leave no core file."""
    if os.name == "posix":
        import resource
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    twin.main(hello, workers, class_, sing_dance, exitcode)
