"""Concurrent is not parallel: three tasks under way on one core."""
import os
import threading

os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
all_started = threading.Barrier(3)
started = []


def task(name):
    started.append(name)
    all_started.wait(30)  # None ends before all three have begun.


threads = [threading.Thread(target=task, args=(name,)) for name in "ABC"]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert sorted(started) == ["A", "B", "C"]
print("three tasks are under way on one core: concurrent, not parallel")
