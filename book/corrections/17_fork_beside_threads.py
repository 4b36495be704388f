"""How children are started here, and whether fork warns beside a thread."""
import multiprocessing
import os
import sys
import threading
import warnings

method = multiprocessing.get_start_method()
is_over = threading.Event()
thread = threading.Thread(target=is_over.wait)
thread.start()
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
is_over.set()
thread.join()
warned = [w.category.__name__ for w in caught]
print(f"on {sys.platform}, multiprocessing begins with {method}")
print("fork beside a thread:", warned[0] if warned else "no warning")
