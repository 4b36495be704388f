from multiprocessing import Pool

from common import main, rate, seconds


def tiny(n):
    return n


def map_tasks(tasks, chunk):
    with Pool(4) as pool:
        def work():
            results = pool.map(tiny, range(tasks), chunk)
            assert results == list(range(tasks)), "none is lost, none twice"

        work()  # To warm up.
        return rate(tasks, work)


def chunks_of_1(tasks):
    return map_tasks(tasks, 1)


def default_chunks(tasks):
    return map_tasks(tasks, None)


def first_result(times):
    """The milliseconds until it is there; the end is not counted."""
    total = 0
    for _ in range(times):
        pools = []

        def first():
            pools.append(Pool(4))
            assert pools[0].map(tiny, [7]) == [7]

        total += seconds(first)
        pools[0].terminate()
        pools[0].join()
    return total / times * 1e3


if __name__ == "__main__":
    main(globals())
