from multiprocessing import Pool

from common import main, rate


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


if __name__ == "__main__":
    main(globals())
