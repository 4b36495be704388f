"""What CPython's sides of the benchmarks share.

Each of them is run as `LESSON.py FUNCTION TIMES` and prints one number.
"""

import sys
import time


def seconds(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def rate(times, work):
    """How many times something is done a second."""
    return times / seconds(work)


def micros(times, work):
    """How many microseconds each of so many calls takes."""
    def repeat():
        for _ in range(times):
            work()

    return seconds(repeat) / times * 1e6


def main(functions):
    name, times = sys.argv[1:]
    print(functions[name](int(times)))
