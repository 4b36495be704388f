"""What CPython's threads, locks and queues do in a second.

threads.rs beside it runs it, with the name of one of the functions.
"""

import queue
import sys
import threading
import time


def timed(operations, work):
    start = time.perf_counter()
    work()
    return operations / (time.perf_counter() - start)


def together(count, work):
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def take(lock, times):
    def work():
        for _ in range(times):
            with lock:
                pass
    return work


def take_twice(lock, times):
    def work():
        for _ in range(times):
            with lock:
                with lock:
                    pass
    return work


def lock():
    return timed(200_000, take(threading.Lock(), 200_000))


def lock_of_four():
    work = take(threading.Lock(), 50_000)
    return timed(200_000, lambda: together(4, work))


def rlock():
    return timed(200_000, take_twice(threading.RLock(), 100_000))


def rlock_of_four():
    work = take_twice(threading.RLock(), 25_000)
    return timed(200_000, lambda: together(4, work))


def condition():
    changed = threading.Condition()
    turn = 0

    def speak(me):
        nonlocal turn
        for _ in range(5_000):
            with changed:
                changed.wait_for(lambda: turn == me)
                turn = 1 - me
                changed.notify_all()

    def both():
        other = threading.Thread(target=speak, args=(1,))
        other.start()
        speak(0)
        other.join()

    return timed(10_000, both)


def event():
    ping, pong = threading.Event(), threading.Event()

    def answer():
        for _ in range(5_000):
            ping.wait()
            ping.clear()
            pong.set()

    def both():
        other = threading.Thread(target=answer)
        other.start()
        for _ in range(5_000):
            ping.set()
            pong.wait()
            pong.clear()
        other.join()

    return timed(10_000, both)


def through(items, count):
    def produce():
        for i in range(count):
            items.put(i)

    def both():
        producer = threading.Thread(target=produce)
        producer.start()
        for _ in range(count):
            items.get()
        producer.join()

    return timed(count, both)


def queue_bounded():
    return through(queue.Queue(1_000), 50_000)


def queue_unbounded():
    return through(queue.Queue(), 50_000)


def simple_queue():
    return through(queue.SimpleQueue(), 200_000)


def thread():
    def one_after_the_other():
        for _ in range(1_000):
            together(1, lambda: None)

    return timed(1_000, one_after_the_other)


print(globals()[sys.argv[1]]())
