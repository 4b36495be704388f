"""Ten tasks, and two workers that want ten each."""
import multiprocessing
import os
import queue
import sys
from multiprocessing.managers import BaseManager

task_queue = queue.Queue()


def get_task_queue():
    return task_queue


class QueueManager(BaseManager):
    pass


QueueManager.register("get_task_queue", callable=get_task_queue)


def worker(address, both_have_one):
    sys.stderr = open(os.devnull, "w")  # A traceback is what is expected.
    manager = QueueManager(address, b"abc")
    manager.connect()
    task = manager.get_task_queue()
    for i in range(10):
        try:
            task.get(timeout=0.5)
        except Queue.Empty:
            print("task queue is empty.")
        if i == 0:
            both_have_one.wait(30)


if __name__ == "__main__":
    with QueueManager(("127.0.0.1", 0), b"abc") as manager:
        for n in range(10):
            manager.get_task_queue().put(n)
        both_have_one = multiprocessing.Barrier(2)
        args = (manager.address, both_have_one)
        workers = [multiprocessing.Process(target=worker, args=args)
                   for _ in range(2)]
        for process in workers:
            process.start()
        for process in workers:
            process.join()
    codes = [process.exitcode for process in workers]
    assert codes == [1, 1], codes
    print("ten tasks, two workers: both end with exit code 1")
