"""A client that uses a queue, and ends in one way or another."""

import os
import signal
import sys
from multiprocessing.managers import BaseManager


class QueueManager(BaseManager):
    pass


QueueManager.register("get_queue")


def main():
    address = ("127.0.0.1", int(sys.argv[1]))
    manager = QueueManager(address=address, authkey=b"abc")
    manager.connect()
    how = sys.argv[2]
    if how == "temporary":
        manager.get_queue().qsize()
        os.kill(os.getpid(), signal.SIGKILL)  # Its proxy is gone already.
    queue = manager.get_queue()
    queue.qsize()
    if how == "stays":
        print("here", flush=True)
        sys.stdin.read()
    if how == "raises":
        raise RuntimeError("a fault of a worker")
    if how == "killed":
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main()
