"""Two busy threads under one CPython, any from 2.7 on: a line of figures.

How long they take together, in times of one after the other; how long one
runs before the other does, in milliseconds; and the same with a switch
interval ten times as long.
"""

import sys
import sysconfig
import threading
import time

clock = getattr(time, "perf_counter", time.time)


# ANCHOR: in_threads
def in_threads(n):
    """Seconds in two threads, in times of those one after the other."""
    return ratio(
        lambda: run_both(count, n),
        lambda: (count(n), count(n)),
    )


def count(n):
    while n > 0:
        n -= 1


def ratio(one, other):
    """How long `one` takes, in times of `other`: the median of three pairs.

    The two of a pair come right after each other, as a machine that is
    slower now may be faster soon.
    """
    return sorted(seconds(one) / seconds(other) for _ in range(3))[1]


def seconds(work):
    start = clock()
    work()
    return clock() - start
# ANCHOR_END: in_threads


# ANCHOR: turn
def turn(how_many):
    """The usual time until the other thread runs, in milliseconds."""
    last = [None, 0]  # The thread that has run last, and since when.
    turns = []

    def look(how_many):
        me = threading.current_thread()
        while len(turns) <= how_many:
            if last[0] is not me:
                now = clock()
                turns.append(now - last[1])
                last[:] = me, now

    run_both(look, how_many)
    return sorted(turns[1:])[how_many // 2] * 1000
# ANCHOR_END: turn


def run_both(work, *args):
    threads = [threading.Thread(target=work, args=args) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def version():
    free = sysconfig.get_config_var("Py_GIL_DISABLED")
    return sys.version.split()[0] + ("t" if free else "")


def ten_times_the_interval():
    if hasattr(sys, "setswitchinterval"):
        sys.setswitchinterval(10 * sys.getswitchinterval())
    else:
        sys.setcheckinterval(10 * sys.getcheckinterval())


if __name__ == "__main__":
    figures = [in_threads(4000000), turn(15)]
    ten_times_the_interval()
    figures += [turn(15)]
    print(" ".join([version()] + ["%.9f" % figure for figure in figures]))
