"""A client of the example server: says what its objects answer."""

import os
import sys
from multiprocessing.managers import BaseManager


class Manager(BaseManager):
    pass


Manager.register("get_queue")
Manager.register("counter")
Manager.register("nothing")


def main():
    host, port = sys.argv[1].split(":")
    key = os.environ["KEY"].encode()
    manager = Manager(address=(host, int(port)), authkey=key)
    manager.connect()
    counter = manager.counter()
    assert counter.add(2) == 2
    assert counter.add(amount=40) == 42
    assert counter.last() == "MainProcess"
    for args, error in ((), "missing 1"), (("x",), "not a whole number"):
        try:
            counter.add(*args)
        except TypeError as raised:
            assert error in str(raised), raised
        else:
            raise AssertionError("it counts what is none")
    try:
        manager.nothing()
    except Exception as raised:
        assert "KeyError: 'nothing'" in str(raised), raised
    queue = manager.get_queue()
    queue.put("spam")
    assert queue.get() == "spam"
    print("it counts")


if __name__ == "__main__":
    main()
