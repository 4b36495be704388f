import threading

from common import main, rate
from lesson07_threads import together


def acquire(lock, times):
    def work():
        for _ in range(times):
            with lock:
                pass

    return work


def lock(times):
    return rate(times, acquire(threading.Lock(), times))


def four(times):
    work = acquire(threading.Lock(), times // 4)
    return rate(times, lambda: together(4, work))


main(globals())
