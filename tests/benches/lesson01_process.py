from multiprocessing import get_context

from common import main, micros


def nothing():
    pass


def start(method, times):
    context = get_context(method)

    def one():
        child = context.Process(target=nothing)
        child.start()
        child.join()

    one()  # The fork server is started only once.
    return micros(times, one)


def fork(times):
    return start("fork", times)


def forkserver(times):
    return start("forkserver", times)


def spawn(times):
    return start("spawn", times)


if __name__ == "__main__":
    main(globals())
