"""What it costs to change to another thread or process, and to make one."""
import multiprocessing
import os
import threading
import time

HOPS = 1_000


def answer(reads, writes):
    while os.read(reads, 1) == b"x":
        os.write(writes, b"x")


def hop_time(kind):
    """Between us and a thread or process on the same core, and back."""
    to_other, from_other = os.pipe(), os.pipe()
    other = kind(target=answer, args=(to_other[0], from_other[1]))
    other.start()
    start = time.perf_counter()
    for _ in range(HOPS):
        os.write(to_other[1], b"x")
        os.read(from_other[0], 1)
    took = time.perf_counter() - start
    os.write(to_other[1], b"e")
    other.join()
    for end in to_other + from_other:
        os.close(end)
    return took


def start_time(kind):
    start = time.perf_counter()
    other = kind(target=int)
    other.start()
    other.join()
    return time.perf_counter() - start


def ratio(measure):
    """How much dearer it is with processes, at best."""
    fork = multiprocessing.get_context("fork").Process
    processes, threads = [], []
    for _ in range(15):
        processes.append(measure(fork))
        threads.append(measure(threading.Thread))
    return min(processes) / min(threads)


if __name__ == "__main__":
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    switch = ratio(hop_time)
    assert switch < 3, switch
    print(f"to another process and back: little dearer ({switch:.1f} times)")
    start = ratio(start_time)
    assert start > 2, start
    print(f"to start one: dearer than a thread ({start:.0f} times)")
