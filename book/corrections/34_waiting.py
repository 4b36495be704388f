"""Eight waits, in threads and in processes."""
import multiprocessing
import threading
import time


def wait_with_the_others(all_waiting):
    all_waiting.wait(30)  # None continues before all eight are here.
    time.sleep(0.25)


def seconds(kind, barrier):
    """How long they take, at best."""
    return min(seconds_once(kind, barrier(8)) for _ in range(3))


def seconds_once(kind, all_waiting):
    workers = [kind(target=wait_with_the_others, args=(all_waiting,))
               for _ in range(8)]
    start = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert not all_waiting.broken
    return time.perf_counter() - start


if __name__ == "__main__":
    took = seconds(threading.Thread, threading.Barrier)
    print(f"8 waits in threads overlap ({took:.2f} s)")
    took = seconds(multiprocessing.Process, multiprocessing.Barrier)
    print(f"8 waits in processes overlap ({took:.2f} s)")
