import threading

from common import main, rate


def event(times):
    ping, pong = threading.Event(), threading.Event()

    def answer():
        for _ in range(times // 2):
            ping.wait()
            ping.clear()
            pong.set()

    def both():
        other = threading.Thread(target=answer)
        other.start()
        for _ in range(times // 2):
            ping.set()
            pong.wait()
            pong.clear()
        other.join()

    return rate(times, both)


main(globals())
