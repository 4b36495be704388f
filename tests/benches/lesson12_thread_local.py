import threading

from common import main, rate


def add(times):
    local = threading.local()
    local.count = 0

    def work():
        for _ in range(times):
            local.count += 1

    return rate(times, work)


main(globals())
