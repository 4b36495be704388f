"""A worker of lesson 14, in Python: fetches tasks, brings results.

Run: python3 lessons/lesson14_distributed/task_worker.py ADDRESS [NAME]
The key is in LESSON_AUTHKEY.
"""

import os
import queue
import sys
from multiprocessing.managers import BaseManager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "shared"))
import twin
from twin import PACE, nap


# ANCHOR: worker
class QueueManager(BaseManager):
    pass


QueueManager.register("get_task_queue")
QueueManager.register("get_result_queue")


def worker(address, name):
    me = f"{name} ({os.getpid()})"
    key = os.environ.get("LESSON_AUTHKEY", "").encode()
    host, _, port = address.partition(":")
    print(f"{me}: Connect to server {address}...")
    manager = QueueManager(address=(host, int(port)), authkey=key)
    manager.connect()
    task = manager.get_task_queue()
    result = manager.get_result_queue()
    while True:
        try:
            n = task.get(timeout=PACE)
        except (queue.Empty, EOFError, ConnectionError):
            break  # The last two: the master has left, with all results.
        print(f"{me}: run task {n} * {n}...")
        nap(1)
        result.put(f"{n} * {n} = {n * n}")
    print(f"{me}: task queue is empty.")
    print(f"{me}: worker exit.")
# ANCHOR_END: worker


if __name__ == "__main__":
    worker(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "worker")
