"""Who waits for an event: while it is set, and while it is not."""
import threading

event = threading.Event()
assert event.wait(2) is False
print("the flag is false: still waiting after 2 s")
event.set()
assert event.wait(2) is True
print("the flag is true: wait() returns at once")
