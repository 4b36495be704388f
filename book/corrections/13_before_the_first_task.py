"""When a pool starts its workers, and whether it starts more."""
import multiprocessing
import os
import time


def task(_):
    time.sleep(0.01)
    return os.getpid()


if __name__ == "__main__":
    with multiprocessing.Pool(4) as pool:
        workers = {p.pid for p in multiprocessing.active_children()}
        assert len(workers) == 4
        print("before the first task: 4 workers")
        pids = set(pool.map(task, range(20), chunksize=1))
        assert pids <= workers
        print("after 20 tasks: the same 4")
