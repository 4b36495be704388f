"""The documents' Event program, when two look at the flag together."""
import threading

event = threading.Event()
event.set()
both_have_looked = threading.Barrier(2)
answers = []


def run():
    if event.is_set():
        both_have_looked.wait(30)  # Here the system may change threads.
        event.clear()
        both_have_looked.wait(30)
        answers.append(event.wait(2))  # The documents' has no limit.


threads = [threading.Thread(target=run) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert answers == [False, False]
print("both see the flag set, clear it and wait: still waiting after 2 s")
