"""A library in C releases the GIL, and other threads run."""
import hashlib
import importlib
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


sys.setswitchinterval(600)  # No thread is asked to release the GIL.
assert any(runs_beside(hash_it) for _ in range(100))
print("while sha256 computes in a thread, another one runs")
beside = any(runs_beside(count) for _ in range(20))
print("while a loop computes,", "another one runs" if beside else "none does")
if sys.version_info >= (3, 12):
    # One with a GIL of its own. (The module without a "_" came with 3.14.)
    is_new = sys.version_info >= (3, 13)
    name = "_interpreters" if is_new else "_xxsubinterpreters"
    interpreters = importlib.import_module(name)
    own = interpreters.create()
    loop = "for _ in range(1_000_000): pass"
    count_there = lambda: interpreters.run_string(own, loop)
    assert any(runs_beside(count_there) for _ in range(100))
    print("while another interpreter computes, this one runs")
    interpreters.destroy(own)
