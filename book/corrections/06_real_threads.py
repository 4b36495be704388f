"""Each Python thread is a thread of the operating system."""
import os
import threading

all_here = threading.Barrier(5)
numbers = set()


def work():
    numbers.add(threading.get_native_id())
    all_here.wait(30)
    all_here.wait(30)


threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads:
    thread.start()
all_here.wait(30)
numbers.add(threading.get_native_id())
if os.path.isdir("/proc/self/task"):
    in_kernel = {int(number) for number in os.listdir("/proc/self/task")}
    assert numbers <= in_kernel
all_here.wait(30)
for thread in threads:
    thread.join()
assert len(numbers) == 5
print("main and 4 threads: the system counts 5 threads")
