# The documents' task_master.py, re-created: the same calls in the same order, the
# same port and key, and the same lines of output.
import queue
import random
from multiprocessing.managers import BaseManager

tasks, results = queue.Queue(), queue.Queue()


class QueueManager(BaseManager):
    pass


QueueManager.register("get_task_queue", callable=lambda: tasks)
QueueManager.register("get_result_queue", callable=lambda: results)
manager = QueueManager(address=("", 5000), authkey=b"abc")
manager.start()
task, result = manager.get_task_queue(), manager.get_result_queue()
for _ in range(10):
    n = random.randint(0, 10000)
    print("Put task %d..." % n)
    task.put(n)
print("Try get results...")
for _ in range(10):
    print("Result: %s" % result.get(timeout=10))
manager.shutdown()
print("master exit.")
