"""`with threading.Lock():` makes a lock of one's own, each time."""
import threading

both_inside = threading.Barrier(2)
arrived = []


def change_it():
    with threading.Lock():
        both_inside.wait(30)  # With one lock the other could not come in.
        arrived.append(True)


threads = [threading.Thread(target=change_it) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert len(arrived) == 2
print("both threads are inside `with threading.Lock():` at once")
