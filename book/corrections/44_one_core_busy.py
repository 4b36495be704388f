"""Four threads in an endless loop: how many cores they use."""
import threading
import time

is_over = False


def loop():
    x = 0
    while not is_over:
        x = x ^ 1


threads = [threading.Thread(target=loop) for _ in range(4)]
cpu, start = time.process_time(), time.perf_counter()
for thread in threads:
    thread.start()
time.sleep(1)
is_over = True
for thread in threads:
    thread.join()
cpu = time.process_time() - cpu
cores = cpu / (time.perf_counter() - start)
many = "one core" if cores < 1.5 else "several"
print(f"4 threads that compute use {many} ({100 * cores:.0f} % CPU)")
