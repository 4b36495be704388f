"""Which call returns before the work is done."""
import threading
from multiprocessing.pool import ThreadPool

may_end = threading.Event()


def work():
    may_end.wait(30)
    return "done"


with ThreadPool(1) as pool:
    later = pool.apply_async(work)
    assert not later.ready()
    print("apply_async returns before the work is done")
    may_end.set()
    assert later.get() == "done"
    assert pool.apply(work) == "done"
    print("apply returns with its result")
