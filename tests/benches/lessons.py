"""CPython's side of `cargo bench -p harness`.

`lessons.py WHAT TIMES` does it so often and prints one number.
"""

import ctypes
import multiprocessing
import os
import subprocess
import sys
import threading
import time

MEGABYTES = 8


def microseconds(times, work):
    start = time.perf_counter()
    for _ in range(times):
        work()
    return (time.perf_counter() - start) / times * 1e6


def fork_one():
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)


def fork(times):
    return microseconds(times, fork_one)


def fork_large(times):
    memory = ctypes.create_string_buffer(256 * 1024 * 1024)
    ctypes.memset(memory, 1, len(memory))
    return microseconds(times, fork_one)


def detach_one():
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.setsid()
        if os.fork() > 0:
            os._exit(0)
        os.umask(0o027)
        os.chdir("/")
        null = os.open("/dev/null", os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(null, stream)
        os.write(writer, b"!")
        os._exit(0)
    os.waitpid(pid, 0)
    os.read(reader, 1)
    os.close(reader)
    os.close(writer)


def detach(times):
    return microseconds(times, detach_one)


def wait(line, other):
    other.close()
    line.recv_bytes()


def join(times):
    children = []
    for _ in range(times):
        ours, theirs = multiprocessing.Pipe()
        child = multiprocessing.Process(target=wait, args=(theirs, ours))
        child.start()
        children.append((ours, child))

    def one():
        line, child = children.pop()
        line.send_bytes(b"!")
        child.join(60)
        assert child.exitcode == 0

    return microseconds(times, one)


def run_true(times):
    return microseconds(times, lambda: subprocess.call(["true"]))


def communicate(times):
    data = b"0123456789abcde\n" * (MEGABYTES * 1024 * 64)

    def one():
        cat = subprocess.Popen(
            ["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert cat.communicate(data)[0] == data

    return MEGABYTES / (microseconds(times, one) / 1e6)


def count_primes(limit):
    return sum(
        all(n % d for d in range(2, int(n ** 0.5) + 1))
        for n in range(2, limit))


def in_threads(times):
    """How much faster four of them are in four threads than in a row."""
    def work():
        count_primes(5_000)

    def four():
        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    in_a_row = microseconds(times, lambda: [work() for _ in range(4)])
    return in_a_row / microseconds(times, four)


def thread_local(times):
    local = threading.local()
    local.count = 0
    start = time.perf_counter()
    for _ in range(times):
        local.count += 1
    return times / (time.perf_counter() - start)


if __name__ == "__main__":
    what, times = sys.argv[1:]
    print(globals()[what](int(times)))
