import threading

from common import main, micros, rate


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


def count_primes(limit):
    return sum(
        all(n % d for d in range(2, int(n ** 0.5) + 1))
        for n in range(2, limit))


def compute(times):
    """How many times as fast four of them are in threads as in sequence."""
    def work():
        count_primes(40_000)  # As long as one of the lesson's takes.

    in_sequence = micros(times, lambda: [work() for _ in range(4)])
    return in_sequence / micros(times, lambda: together(4, work))


if __name__ == "__main__":
    main(globals())
