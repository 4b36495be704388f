import threading

from common import main, rate


def condition(times):
    changed = threading.Condition()
    turn = 0

    def speak(me):
        nonlocal turn
        for _ in range(times // 2):
            with changed:
                changed.wait_for(lambda: turn == me)
                turn = 1 - me
                changed.notify_all()

    def both():
        other = threading.Thread(target=speak, args=(1,))
        other.start()
        speak(0)
        other.join()

    return rate(times, both)


main(globals())
