"""Calls objects in Rust as it would Python's own, and compares."""

import queue
import sys
import threading
from multiprocessing.managers import BaseManager


class Manager(BaseManager):
    pass


NAMES = ["Queue", "LifoQueue", "PriorityQueue", "Semaphore"]
NAMES += ["BoundedSemaphore", "Event", "Lock", "RLock", "dict", "list"]
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


def dicts(manager):
    pair = manager.dict({"a": 1}, b=2), dict({"a": 1}, b=2)
    same(*pair, "__getitem__", "a")
    same(*pair, "__getitem__", "c")
    same(*pair, "__setitem__", 1, "one")
    same(*pair, "__setitem__", True, "true")
    same(*pair, "__getitem__", 1.0)
    same(*pair, "__setitem__", [], 1)
    same(*pair, "__setitem__", (1, []), 1)
    same(*pair, "setdefault", "c")
    same(*pair, "setdefault", "a", 3)
    same(*pair, "update", [("d", 4)], e=5)
    same(*pair, "__contains__", "d")
    same(*pair, "get", "x")
    same(*pair, "get", "x", 7)
    same(*pair, "pop", "x")
    same(*pair, "pop", "x", 7)
    same(*pair, "pop", "d")
    same(*pair, "__delitem__", "e")
    same(*pair, "__delitem__", "e")
    same(*pair, "__len__")
    same(*pair, "copy")
    same(*pair, "fromkeys", ["x", "y"], 6)
    if sys.version_info >= (3, 9):
        same(*pair, "__or__", {"a": 8, "z": 9})
        same(*pair, "__ror__", {"a": 8, "z": 9})
        pair[0]._callmethod("__ior__", ({"o": 6},))
        pair[1]["o"] = 6
        same(*pair, "copy")
    assert list(pair[0]._callmethod("__reversed__")) == list(pair[1])[::-1]
    assert pair[0].keys() == list(pair[1].keys())
    assert pair[0].values() == list(pair[1].values())
    assert pair[0].items() == list(pair[1].items())
    assert pair[0]._getvalue() == pair[1]
    assert str(pair[0]) == str(pair[1])
    same(*pair, "popitem")
    same(*pair, "clear")
    same(*pair, "popitem")


def lists(manager):
    pair = manager.list([3, 1, 2]), [3, 1, 2]
    same(*pair, "append", 1.0)
    same(*pair, "extend", (5, 4))
    same(*pair, "count", 1)
    same(*pair, "index", 2)
    same(*pair, "index", 9)
    for at in 0, -1, 5, 6, -6, -7, "x":
        same(*pair, "__getitem__", at)
    same(*pair, "__setitem__", -1, 9)
    same(*pair, "__delitem__", 0)
    same(*pair, "__contains__", True)
    for at in 0, 99, -1, -99:
        same(*pair, "insert", at, 7)
    same(*pair, "remove", 7)
    same(*pair, "remove", "x")
    same(*pair, "sort", reverse=True)
    same(*pair, "sort")
    same(*pair, "reverse")
    same(*pair, "copy")
    for times in 2, 0, -1, "x":
        same(*pair, "__mul__", times)
    same(*pair, "__rmul__", 2)
    same(*pair, "__add__", [1])
    same(*pair, "__add__", (1,))
    assert list(pair[0]._callmethod("__reversed__")) == pair[1][::-1]
    assert list(pair[0]) == pair[1]
    assert pair[0]._getvalue() == pair[1]
    same(*pair, "__len__")
    same(*pair, "pop")
    same(*pair, "pop", 1)
    same(*pair, "pop", 99)
    same(*pair, "append", "x")
    same(*pair, "sort")
    same(*pair, "clear")
    same(*pair, "pop")
    same(*pair, "extend", [(1, "b"), (1.0, "a"), (True, "c")])
    same(*pair, "sort")
    same(*pair, "copy")
    no_order(manager.list())
    no_room(manager.list(["x" * 1_000_000]))


def no_order(ours):
    """Python sorts what has no order, somehow."""
    for length in range(20, 60):
        ours.clear()
        ours.extend([float("nan"), length - 0.5, 1.0] * length)
        ours.sort()
        assert len(ours) == 3 * length


def no_room(ours):
    """The result would be larger than the memory."""
    for method in "__mul__", "__imul__":
        product = outcome(ours._callmethod, method, (1_000_000,))
        assert product is MemoryError, product
    assert len(ours) == 1


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
    dicts(manager)
    lists(manager)
    events(manager)
    semaphores(manager)
    print("all is right")


if __name__ == "__main__":
    main()
