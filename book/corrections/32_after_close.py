"""What cannot be added after `close`, and what can."""
import multiprocessing
import os

is_closed = None


def set_up(event):
    global is_closed
    is_closed = event


def task():
    is_closed.wait(30)
    return os.getpid()


if __name__ == "__main__":
    event = multiprocessing.Event()
    # Each worker leaves after one task.
    pool = multiprocessing.Pool(1, set_up, (event,), maxtasksperchild=1)
    results = [pool.apply_async(task) for _ in range(3)]
    pool.close()
    try:
        pool.apply_async(task)
    except ValueError as error:
        print("after close(), a new task:", error)
    event.set()
    pids = {result.get() for result in results}
    pool.join()
    assert len(pids) == 3
    print("the three tasks it has: three processes, two of them new")
