"""What the documents' "time-consuming computation" does."""
import threading
import time


def long_time_task():
    time.sleep(0.5)
    return 8 ** 20


before, start = time.process_time(), time.perf_counter()
threads = [threading.Thread(target=long_time_task) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
cpu, wall = time.process_time() - before, time.perf_counter() - start
assert wall >= 0.5 and cpu < wall / 2, (cpu, wall)
print(f"two of them overlap ({wall:.2f} s, CPU {1000 * cpu:.1f} ms)")
