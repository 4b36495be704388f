"""Tasks a second of CPython's Pool, one figure for each round.

Run: python3 lessons/lesson04_pool/bench.py TASKS CHUNK ROUNDS
(CHUNK 0 for CPython's default.)
"""

import sys
import time
from multiprocessing import Pool


def tiny(n):
    return n


if __name__ == "__main__":
    tasks, chunk, rounds = (int(arg) for arg in sys.argv[1:])
    with Pool(4) as pool:
        for number in range(rounds + 1):
            start = time.perf_counter()
            results = pool.map(tiny, range(tasks), chunk or None)
            seconds = time.perf_counter() - start
            assert results == list(range(tasks)), "none is lost, none twice"
            if number > 0:
                print(tasks / seconds)  # The first one only warms up.
