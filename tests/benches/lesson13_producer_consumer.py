import queue
import threading

from common import main, rate


def through(items, times):
    def produce():
        for i in range(times):
            items.put(i)

    def both():
        producer = threading.Thread(target=produce)
        producer.start()
        for _ in range(times):
            items.get()
        producer.join()

    return rate(times, both)


def bounded(times):
    return through(queue.Queue(1_000), times)


def unbounded(times):
    return through(queue.Queue(), times)


def simple(times):
    return through(queue.SimpleQueue(), times)


main(globals())
