"""The worker's `except Queue.Empty`, with a task and without."""
import queue


def take(task):
    try:
        print("a queue with a task:", task.get(timeout=0.1))
    except Queue.Empty:  # The module was imported as `queue`.
        print("task queue is empty.")


task = queue.Queue()
task.put("all is well")
take(task)
try:
    take(task)
except NameError as error:
    print("an empty queue: NameError:", str(error).split(".")[0])
