"""Concurrent is not parallel: three tasks under way on one core."""
import os
import threading

os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
all_under_way = threading.Barrier(3)
under_way = []


def task(name):
    under_way.append(name)
    all_under_way.wait(30)  # Nobody ends before all three have begun.


threads = [threading.Thread(target=task, args=(name,)) for name in "ABC"]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert sorted(under_way) == ["A", "B", "C"]
print("three tasks are under way on one core: concurrent, not parallel")
