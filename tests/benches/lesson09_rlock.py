import threading

from common import main, rate
from lesson07_threads import together


def twice(lock, times):
    def work():
        for _ in range(times // 2):
            with lock:
                with lock:
                    pass

    return work


def rlock(times):
    return rate(times, twice(threading.RLock(), times))


def four(times):
    work = twice(threading.RLock(), times // 4)
    return rate(times, lambda: together(4, work))


main(globals())
