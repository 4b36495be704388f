"""Two threads that compute: on all cores, and on one."""
import os
import threading
import time


def count():
    n = 0
    while n < 500_000:
        n += 1


def cpu_time():
    threads = [threading.Thread(target=count) for _ in range(2)]
    start = time.process_time()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.process_time() - start


cores = os.sched_getaffinity(0)
ratios = []
while len(ratios) < 20 and min(ratios, default=9) > 1.3:
    os.sched_setaffinity(0, cores)
    on_all = cpu_time()
    os.sched_setaffinity(0, {max(cores)})
    ratios.append(on_all / cpu_time())
assert min(ratios) < 1.5, ratios
print("on all cores two threads need no more than on one, or little more")
