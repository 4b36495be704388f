"""Four threads in an endless loop: how many cores they use."""
import threading
import time

is_over = False


def loop():
    x = 0
    while not is_over:
        x = x ^ 1


def cores_used():
    cpu, start = time.process_time(), time.perf_counter()
    time.sleep(0.25)
    cpu = time.process_time() - cpu
    return cpu / (time.perf_counter() - start)


threads = [threading.Thread(target=loop) for _ in range(4)]
for thread in threads:
    thread.start()
cores, tries = 0, 0
while cores < 1.5 and tries < 16:
    cores, tries = max(cores, cores_used()), tries + 1
is_over = True
for thread in threads:
    thread.join()
many = "one core" if cores < 1.5 else "several"
print(f"4 threads that compute use {many} ({100 * cores:.0f} % CPU)")
