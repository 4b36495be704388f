"""A library in C lets go of the GIL, and others run beside it."""
import hashlib
import sys
import threading

DATA = bytes(30_000_000)


def hash_it():
    hashlib.sha256(DATA).digest()


def count():
    for _ in range(1_000_000):
        pass


def runs_beside(compute):
    """Whether we run before a thread that computes is done with it."""
    begun = threading.Event()
    is_over = []

    def thread():
        begun.set()
        compute()
        is_over.append(True)

    thread = threading.Thread(target=thread)
    thread.start()
    begun.wait()
    we_run = not is_over
    thread.join()
    return we_run


sys.setswitchinterval(600)  # Nobody is asked to let go of the GIL.
assert any(runs_beside(hash_it) for _ in range(100))
print("while sha256 computes in a thread, another one runs")
beside = any(runs_beside(count) for _ in range(5))
print("while a loop computes,", "another one runs" if beside else "none does")
