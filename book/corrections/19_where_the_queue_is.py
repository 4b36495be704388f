"""Where the queue of a manager is."""
import queue
from multiprocessing.managers import BaseManager

task_queue = queue.Queue()


def get_task_queue():
    return task_queue


class QueueManager(BaseManager):
    pass


QueueManager.register("get_task_queue", callable=get_task_queue)

if __name__ == "__main__":
    with QueueManager(("127.0.0.1", 0), b"abc") as manager:
        task = manager.get_task_queue()
        for n in (3411, 1605, 1398):
            task.put(n)
        print("task.qsize(), asked of the proxy:", task.qsize())
        print("task_queue.qsize(), in the master:", task_queue.qsize())
        assert (task.qsize(), task_queue.qsize()) == (3, 0)
