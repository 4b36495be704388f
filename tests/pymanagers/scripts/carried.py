"""Puts values into a queue in Rust and takes them out again: all is equal."""

import collections
import dataclasses
import datetime
import decimal
import enum
import fractions
import os
import sys
import tempfile
import uuid
from multiprocessing.managers import BaseManager


class QueueManager(BaseManager):
    pass


QueueManager.register("get_queue")


class Equal:
    def __eq__(self, other):
        return type(self) is type(other) and vars(self) == vars(other)


class Slots:
    __slots__ = ("a",)

    def __eq__(self, other):
        return self.a == other.a


class NewArgsEx(Equal):
    def __new__(cls, *, size):
        self = super().__new__(cls)
        self.size = size
        return self

    def __getnewargs_ex__(self):
        return (), {"size": self.size}


class MustHaveArguments(Equal):
    def __init__(self, a, b):
        self.a, self.b = a, b


class List(list):
    pass


class Dict(dict):
    pass


class Color(enum.Enum):
    RED = 1


@dataclasses.dataclass
class Task:
    id: int
    words: list


Point = collections.namedtuple("Point", "x y")


class Runs:
    """What Rust would execute if it executed anything."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (self.path,)


def values():
    slots = Slots()
    slots.a = [1]
    odd = List([1, 2])
    odd.attribute = "x"
    yield from [None, True, 0, -1, 255, 256, 65536, 2**31, -(2**63), 10**30]
    yield from [2.5, float("inf"), "", "两点水", b"", b"x" * 300, "x" * 300]
    yield from [bytearray(b"x"), (), (1,), [1, [2]], {1: {2: 3}}, {1, 2}]
    yield from [frozenset([1]), complex(1, 2), range(3), Ellipsis, int]
    yield from ["\ud800", {"\ud800": "a\udfff\ud800b"}]
    yield collections.OrderedDict([("b", 1), ("a", 2)])
    yield collections.defaultdict(list, {"a": [1]})
    yield collections.deque([1, 2])
    yield collections.deque([1, 2], maxlen=2)
    yield collections.Counter("abca")
    yield from [slots, odd, Dict(a=1), NewArgsEx(size=7)]
    yield from [MustHaveArguments(1, 2), Color.RED, Task(1, ["a"])]
    yield from [Point(1, 2), decimal.Decimal("1.50"), fractions.Fraction(1, 3)]
    yield from [datetime.datetime(2020, 1, 2, 3), uuid.UUID(int=7)]
    yield list(range(70000))
    yield {n: str(n) for n in range(1000)}


def main():
    address = ("127.0.0.1", int(sys.argv[1]))
    manager = QueueManager(address=address, authkey=b"abc")
    manager.connect()
    queue = manager.get_queue()
    for value in values():
        queue.put(value)
        carried = queue.get(timeout=0)
        assert type(carried) is type(value), value
        assert carried == value, value
        assert getattr(carried, "maxlen", 0) == getattr(value, "maxlen", 0)
        assert getattr(carried, "__dict__", 0) == getattr(value, "__dict__", 0)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "made")
        queue.put(Runs(path))
        assert queue.qsize() == 1
        assert not os.path.exists(path)
        queue.get()
        assert os.path.exists(path), "Python, not Rust, calls it"
    itself = []
    itself.append(itself)
    for refused in itself, bytes(17 << 20):
        try:
            queue.put(refused)
        except Exception as error:
            assert "the limit" in str(error), error
        else:
            raise AssertionError("it is too large")
    queue.put(1)
    assert queue.get() == 1
    print("all is equal")


if __name__ == "__main__":
    main()
