"""What `if lock.acquire(1):` means, and what an RLock does not cure."""
import threading

lock = threading.Lock()
lock.acquire()
threading.Timer(1.5, lock.release).start()
assert lock.acquire(1) is True
print("acquire(1) waits for more than 1 s, and returns True")

a, b = threading.RLock(), threading.RLock()
each_has_one = threading.Barrier(2)
both_gave_up = threading.Barrier(2)
answers = []


def cross(mine, other):
    with mine:
        each_has_one.wait(30)
        answers.append(other.acquire(timeout=2))
        both_gave_up.wait(30)


threads = [threading.Thread(target=cross, args=both)
           for both in ((a, b), (b, a))]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert answers == [False, False]
print("two RLocks, opposite order: both still waiting after 2 s")
