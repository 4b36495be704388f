"""Two processes on one core: they wait, and they compute."""
import multiprocessing
import os
import time


def count():
    for _ in range(3_000_000):
        pass


def in_two(work, args=()):
    """How long two processes take, at best, and their CPU time."""
    return min(in_two_once(work, args) for _ in range(3))


def in_two_once(work, args):
    # Children of this process, whose time the system counts.
    fork = multiprocessing.get_context("fork").Process
    children = [fork(target=work, args=args) for _ in range(2)]
    before, start = os.times(), time.perf_counter()
    for child in children:
        child.start()
    for child in children:
        child.join()
    wall, after = time.perf_counter() - start, os.times()
    user = after.children_user - before.children_user
    return wall, user + after.children_system - before.children_system


if __name__ == "__main__":
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    wall, cpu = in_two(time.sleep, (0.5,))
    assert wall >= 0.5
    print(f"two that wait 0.5 s each, on one core ({wall:.2f} s)")
    wall, cpu = in_two(count)
    assert wall > 0.8 * cpu  # The system counts in hundredths.
    print(f"two that compute take the sum ({wall:.2f} s, CPU {cpu:.2f} s)")
