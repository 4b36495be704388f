"""The master of lesson 14, in Python: tasks out, results in.

Run: python3 lessons/lesson14_distributed/task_master.py ADDRESS
The key is in LESSON_AUTHKEY.
"""

import os
import queue
import random
import sys
import time
from multiprocessing.managers import BaseManager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "shared"))
import twin
from twin import PACE


# ANCHOR: QueueManager
task_queue = queue.Queue()
result_queue = queue.Queue()


def get_task_queue():
    return task_queue


def get_result_queue():
    return result_queue


class QueueManager(BaseManager):
    pass


# Functions with names, and no lambdas: these can be pickled, which every
# start method but fork needs.
QueueManager.register("get_task_queue", callable=get_task_queue)
QueueManager.register("get_result_queue", callable=get_result_queue)
# ANCHOR_END: QueueManager


# ANCHOR: master
def master(address, wait_for_workers):
    me = f"master ({os.getpid()})"
    key = os.environ.get("LESSON_AUTHKEY", "").encode()
    manager = QueueManager(address=address, authkey=key)
    manager.start()
    host, port = manager.address
    print(f"{me}: listens on {host}:{port}")
    task = manager.get_task_queue()
    result = manager.get_result_queue()
    for _ in range(10):
        n = random.randint(0, 10000)
        print(f"{me}: Put task {n}...")
        task.put(n)
    print(f"{me}: Try get results...")
    start = time.perf_counter()
    done = 0
    while done < 10:
        try:
            print(f"{me}: Result: {result.get(timeout=PACE)}")
            done += 1
        except queue.Empty:
            print(f"{me}: {done} of 10 done, {task.qsize()} waiting")
    speed = done / (time.perf_counter() - start)
    print(f"{me}: tasks: {done}, tasks a second: {speed:.1f}")
    if wait_for_workers:
        sys.stdin.read()
    manager.shutdown()
    print(f"{me}: master exit.")
# ANCHOR_END: master


if __name__ == "__main__":
    host, _, port = sys.argv[1].partition(":")
    master((host, int(port)), "--wait" in sys.argv)
