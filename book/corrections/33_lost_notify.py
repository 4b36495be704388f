"""A notify that comes before the wait."""
import threading

cond = threading.Condition()


def seller():
    with cond:
        cond.notify()


with cond:
    thread = threading.Thread(target=seller)
    thread.start()  # Its notify waits until the lock is free.
thread.join()
with cond:
    assert cond.wait(2) is False
print("notified before it waits: still waiting after 2 s")
