"""The same computation by one thread, and by four: at best."""
import threading
import time


def count(rounds):
    while rounds:
        rounds -= 1


def cpu_time(threads):
    start = time.process_time()
    threads = [threading.Thread(target=count, args=(500_000 // threads,))
               for _ in range(threads)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.process_time() - start


one, four = [], []
while len(one) < 5 or (min(four) > 1.3 * min(one) and len(one) < 30):
    one.append(cpu_time(1))
    four.append(cpu_time(4))
ratio = min(four) / min(one)
assert ratio < 1.5, ratio
print(f"four threads need about as much as one ({ratio:.2f} times)")
