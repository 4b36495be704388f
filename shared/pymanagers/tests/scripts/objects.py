"""Calls objects in Rust as it would Python's own, and compares."""

import queue
import sys
import threading
from multiprocessing.managers import BaseManager


class Manager(BaseManager):
    pass


NAMES = ["Queue", "LifoQueue", "PriorityQueue", "Semaphore"]
NAMES += ["BoundedSemaphore", "Event", "Lock", "RLock"]
for name in NAMES:
    Manager.register(name)


def outcome(function, *args, **kwargs):
    """What it returns, or the class of what it raises."""
    try:
        return function(*args, **kwargs)
    except Exception as error:
        return type(error)


def same(ours, theirs, method, *args, **kwargs):
    left = outcome(getattr(ours, method), *args, **kwargs)
    right = outcome(getattr(theirs, method), *args, **kwargs)
    assert left == right, (method, args, kwargs, left, right)


def queues(manager):
    for name in ["Queue", "LifoQueue", "PriorityQueue"]:
        for size in 0, 2:
            pair = getattr(manager, name)(size), getattr(queue, name)(size)
            same(*pair, "put", 1, timeout=-1)
            same(*pair, "put", 3)
            same(*pair, "put", 2, block=False)
            same(*pair, "put", 0, True, 0.01)
            for method in ["qsize", "empty", "full"]:
                same(*pair, method)
            same(*pair, "get", timeout=-1)
            for _ in range(5):
                same(*pair, "get_nowait")
            same(*pair, "get", True, 0.01)
            for _ in range(5):
                same(*pair, "task_done")
        ours = getattr(manager, name)()
        ours.put(1)
        joined = threading.Thread(target=ours.join)
        joined.start()
        assert ours.get() == 1
        assert joined.is_alive()
        ours.task_done()
        joined.join()
    pair = manager.PriorityQueue(), queue.PriorityQueue()
    same(*pair, "put", (1, "b"))
    same(*pair, "put", (1, "a"))
    same(*pair, "get", False)
    same(*pair, "put", (1, 2))
    if hasattr(queue, "ShutDown"):
        pair = manager.Queue(), queue.Queue()
        same(*pair, "put", 1)
        same(*pair, "shutdown")
        same(*pair, "put", 2)
        same(*pair, "get")
        same(*pair, "get")


def events(manager):
    pair = manager.Event(), threading.Event()
    same(*pair, "wait", -1)
    same(*pair, "wait", 0.01)
    same(*pair, "set")
    same(*pair, "wait")
    same(*pair, "is_set")
    same(*pair, "clear")
    same(*pair, "is_set")


def semaphores(manager):
    pair = manager.Lock(), threading.Lock()
    same(*pair, "release")
    same(*pair, "acquire", True, -1)
    same(*pair, "acquire", False)
    same(*pair, "acquire", False, 1)
    same(*pair, "acquire", True, -2)
    same(*pair, "acquire", True, 0.01)
    same(*pair, "release")
    same(*pair, "acquire")
    pair = manager.RLock(), threading.RLock()
    same(*pair, "release")
    for method in ["acquire", "acquire", "release", "release", "release"]:
        same(*pair, method)
    for name in ["Semaphore", "BoundedSemaphore"]:
        make, theirs = getattr(manager, name), getattr(threading, name)
        assert outcome(theirs, -1) is ValueError
        try:
            make(-1)
        except Exception as error:
            assert "semaphore initial value must be >= 0" in str(error)
        else:
            raise AssertionError("it has no permits")
        pair = make(2), theirs(2)
        same(*pair, "acquire")
        same(*pair, "acquire", True, -1)
        same(*pair, "acquire", True, -1)
        same(*pair, "acquire", False)
        same(*pair, "acquire", False, 1)
        same(*pair, "release")
        if sys.version_info >= (3, 9):
            same(*pair, "release", 0)
            same(*pair, "release", 1)
            same(*pair, "release", 2)
        for _ in range(5):
            same(*pair, "acquire", False)


def main():
    address = ("127.0.0.1", int(sys.argv[1]))
    manager = Manager(address=address, authkey=b"abc")
    manager.connect()
    queues(manager)
    events(manager)
    semaphores(manager)
    print("all is right")


if __name__ == "__main__":
    main()
