# The documents' task_worker.py, re-created: the same calls in the same order, the
# same port, key and lines of output, and the same slip in `except`.
import queue
import time
from multiprocessing.managers import BaseManager


class QueueManager(BaseManager):
    pass


QueueManager.register("get_task_queue")
QueueManager.register("get_result_queue")
print("Connect to server 127.0.0.1...")
manager = QueueManager(address=("127.0.0.1", 5000), authkey=b"abc")
manager.connect()
task, result = manager.get_task_queue(), manager.get_result_queue()
for _ in range(10):
    try:
        n = task.get(timeout=1)
        print("run task %d * %d..." % (n, n))
        time.sleep(1)
        result.put("%d * %d = %d" % (n, n, n * n))
    except Queue.Empty:
        print("task queue is empty.")
print("worker exit.")
