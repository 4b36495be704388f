"""Five tasks that wait, on one core, in pools of five and of four."""
import multiprocessing
import os
import threading

parties = None


def set_up(barrier):
    global parties
    parties = barrier


def task(_, limit):
    try:
        parties.wait(limit)  # Passes when five tasks are under way.
        return True
    except threading.BrokenBarrierError:
        return False


def are_together(size, limit):
    barrier = multiprocessing.Barrier(5)
    with multiprocessing.Pool(size, set_up, (barrier,)) as pool:
        tasks = [(n, limit) for n in range(5)]
        return all(pool.starmap(task, tasks, chunksize=1))


if __name__ == "__main__":
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    assert are_together(5, 30)
    print("on one core, Pool(5) has five tasks under way at once")
    assert not are_together(4, 2)
    print("Pool(4) has not: the fifth is not begun after 2 s")
