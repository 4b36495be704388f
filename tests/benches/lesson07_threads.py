import sys
import threading
from pathlib import Path

from common import main, micros, rate

sys.path.append(str(Path(__file__).resolve().parents[2] / "shared"))
from twin import count_primes, primes_limit


def together(count, work):
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def start(times):
    def work():
        for _ in range(times):
            together(1, lambda: None)

    return rate(times, work)


def limit(millis):
    return primes_limit(millis / 1000)


def compute(limit):
    """How many times as fast four of them are in threads as in sequence."""
    def work():
        count_primes(limit)

    in_sequence = micros(1, lambda: [work() for _ in range(4)])
    return in_sequence / micros(1, lambda: together(4, work))


if __name__ == "__main__":
    main(globals())
