"""Whether the documents' race shows, and what hides it."""
import sys
import threading

balance = 0


def nothing():
    pass


def in_one_go(n):
    global balance
    for _ in range(100_000):
        balance = balance + n
        balance = balance - n


def with_a_call(n):
    global balance
    for _ in range(100_000):
        x = balance + n
        nothing()
        balance = x
        x = balance - n
        nothing()
        balance = x


def is_lost(change, runs):
    """Whether one of so many runs ends with another balance than 0."""
    global balance
    for _ in range(runs):
        balance = 0
        threads = [
            threading.Thread(target=change, args=(n,)) for n in (5, 8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if balance != 0:
            return True
    return False


sys.setswitchinterval(0.0001)  # More turns, more chances.
if is_lost(in_one_go, 30):
    print("the documents' loop loses an update")
else:
    print("the documents' loop loses no update in 30 runs")
assert is_lost(with_a_call, 500)
print("with a call between read and write, it loses one")
