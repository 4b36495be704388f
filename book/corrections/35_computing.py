"""The same computation by one thread, and by four."""
import threading
import time


def count(rounds):
    while rounds:
        rounds -= 1


def cpu_time(threads):
    start = time.process_time()
    threads = [threading.Thread(target=count, args=(1_000_000 // threads,))
               for _ in range(threads)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.process_time() - start


ratios = []
while len(ratios) < 20 and min(ratios, default=9) > 1.3:
    alone = cpu_time(1)
    ratios.append(cpu_time(4) / alone)
assert min(ratios) < 1.5, ratios
print(f"four threads need about as much as one ({min(ratios):.2f} times)")
