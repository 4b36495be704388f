"""Lesson 15: Choosing, in Python.

Run: python3 lessons/lesson15_choosing/lesson15_choosing.py [PART]
"""

import asyncio
import functools
import multiprocessing
import os
import socket
import sys
import tempfile
import threading
import time
from multiprocessing import connection
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "shared"))
import twin
from twin import PACE

TRIES = 3


# ANCHOR: in_threads
def in_sequence(jobs, job):
    me = threading.current_thread().name
    return [(job(), os.getpid(), me) for _ in range(jobs)]


def in_threads(jobs, workers, job):
    done = []
    threads = [
        threading.Thread(target=lambda n=n: done.extend(in_sequence(n, job)))
        for n in deal(jobs, workers)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return done


def deal(jobs, workers):
    """How many of the jobs each worker gets."""
    return [(jobs - k + workers - 1) // workers for k in range(workers)]
# ANCHOR_END: in_threads


# ANCHOR: in_processes
def in_processes(jobs, workers, job, threads=1):
    children = []
    for n in deal(jobs, workers):
        ours, theirs = multiprocessing.Pipe(duplex=False)
        args = (theirs, n, threads, job)
        child = multiprocessing.Process(target=share, args=args)
        child.start()
        theirs.close()
        children.append((child, ours))
    done = []
    for child, ours in children:
        done += ours.recv()
        child.join()
        ours.close()
    return done


def share(results, jobs, threads, job):
    end_with_parent()
    results.send(in_threads(jobs, threads, job))
# ANCHOR_END: in_processes


def end_with_parent():
    """Ends this process when the parent has exited, for whatever reason."""
    parent = multiprocessing.parent_process().sentinel

    def watch():
        connection.wait([parent])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


# ANCHOR: in_tasks
def in_tasks(jobs, workers, job):
    """The workers are tasks, and all of them run in the calling thread."""
    me = threading.current_thread().name

    async def work(n):
        return [(await job(), os.getpid(), me) for _ in range(n)]

    async def all_of_them():
        shares = await asyncio.gather(*map(work, deal(jobs, workers)))
        return sum(shares, [])

    return asyncio.run(all_of_them())
# ANCHOR_END: in_tasks


class Series:
    """Measured several times: the median, followed by the spread."""

    def __init__(self, measure, scale=1):
        self.measured = sorted(measure() * scale for _ in range(TRIES))
        self.median = self.measured[TRIES // 2]

    def __format__(self, spec):
        width, digits = spec.split(".")
        low, high = self.measured[0], self.measured[-1]
        low, high = f"{low:.{digits}f}", f"{high:.{digits}f}"
        text = f"{self.median:.{digits}f} ({low}-{high})"
        return f"{text:>{width}}"


class Table:
    """The strategies, a row each; the last column combines the results."""

    def __init__(self, last, combine):
        self.combine, self.alone = combine, None
        print(
            "way        workers      seconds (spread)  speed-up  processes  "
            f"threads  {last:>7}"
        )

    def row(self, way, workers, work):
        done = []

        def measure():
            start = time.perf_counter()
            done[:] = work()
            return time.perf_counter() - start

        seconds = Series(measure)
        self.alone = self.alone or seconds.median
        speed_up = self.alone / seconds.median
        pids = {pid for _, pid, _ in done}
        threads = {(pid, thread) for _, pid, thread in done}
        last = self.combine(result for result, _, _ in done)
        print(
            f"{way:<9}  {workers:>7}  {seconds:20.3}  {speed_up:>6.2f} x  "
            f"{len(pids):>9}  {len(threads):>7}  {last:>7}"
        )


CPU_JOBS = 12


def cpu():
    """CPU-bound: the same computing"""
    # Half a second for one worker, in Rust as in Python.
    limit = twin.primes_limit(0.5 * PACE / CPU_JOBS)
    print(f"{CPU_JOBS} times the primes below {limit}")
    primes = functools.partial(twin.count_primes, limit)
    table = Table("primes", sum)
    table.row("sequence", 1, lambda: in_sequence(CPU_JOBS, primes))
    for n in cpu_workers():
        table.row("threads", n, lambda: in_threads(CPU_JOBS, n, primes))
    for n in cpu_workers():
        table.row("processes", n, lambda: in_processes(CPU_JOBS, n, primes))
    # Two processes of two threads each.
    table.row("both", 4, lambda: in_processes(CPU_JOBS, 2, primes, 2))

    async def primes_async():
        return primes()

    for n in cpu_workers():
        table.row("tasks", n, lambda: in_tasks(CPU_JOBS, n, primes_async))


def cpu_workers():
    return sorted({1, 2, 4, min(usable_cores(), CPU_JOBS)})


def usable_cores():
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count()


class Server:
    """A process that answers after a while, and not before `gather` clients
    wait."""

    def __init__(self, seconds, gather):
        ours, theirs = multiprocessing.Pipe(duplex=False)
        args = (theirs, seconds, gather)
        self.process = multiprocessing.Process(target=serve, args=args)
        self.process.start()
        theirs.close()
        self.port = ours.recv()
        ours.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.join()


def serve(tell, seconds, gather):
    end_with_parent()
    asyncio.run(answer_all(tell, seconds, gather))


async def answer_all(tell, seconds, gather):
    waiting, all_here = 0, asyncio.Event()

    async def answer(_, client):
        nonlocal waiting
        waiting += 1
        client.write(f"{waiting}\n".encode())
        if waiting >= gather:
            all_here.set()
        await all_here.wait()
        await asyncio.sleep(seconds * PACE)
        waiting -= 1
        client.write(b"done\n")
        client.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    tell.send(server.sockets[0].getsockname()[1])
    await server.serve_forever()


IO_JOBS = 64


def io():
    """I/O-bound: the same waiting"""
    slow_motion()
    compute_while_waiting()
    files()
    with Server(0.004, 1) as server:
        here = functools.partial(ask, server.port)
        here_async = functools.partial(ask_async, server.port)
        millis = 4 * PACE
        print(f"{IO_JOBS} questions to a server that takes {millis:.1f} ms")
        table = Table("at once", max)
        table.row("sequence", 1, lambda: in_sequence(IO_JOBS, here))
        for n in (1, 4, 16, 64):
            table.row("threads", n, lambda: in_threads(IO_JOBS, n, here))
        for n in (1, 4, 16, 64):
            table.row("processes", n, lambda: in_processes(IO_JOBS, n, here))
        # Four processes of sixteen threads each.
        table.row("both", 64, lambda: in_processes(IO_JOBS, 4, here, 16))
        for n in (1, 4, 16, 64):
            table.row("tasks", n, lambda: in_tasks(IO_JOBS, n, here_async))


FILES, KIB = 64, 64


def files():
    print(f"{FILES} files of {KIB} KiB, written through to the disk")
    table = Table("KiB", sum)
    table.row("sequence", 1, lambda: in_sequence(FILES, write_and_read))
    for n in (4, 16):
        table.row("threads", n, lambda: in_threads(FILES, n, write_and_read))


def write_and_read():
    """Writes a temporary file, waits until the disk has it, reads it again."""
    with tempfile.TemporaryFile() as file:
        file.write(b"x" * KIB * 1024)
        file.flush()
        os.fsync(file.fileno())
        file.seek(0)
        return len(file.read()) // 1024


def compute_while_waiting():
    """One thread computes while another one waits for a server."""
    with Server(0.3, 1) as server:
        start = time.perf_counter()
        compute()
        alone = time.perf_counter() - start
        print(f"Computing alone takes {alone:.2f} s")
        start = time.perf_counter()
        ask(server.port)
        alone = time.perf_counter() - start
        print(f"Waiting alone takes {alone:.2f} s")
        start = time.perf_counter()
        waiting = threading.Thread(target=ask, args=(server.port,))
        waiting.start()
        compute()
        waiting.join()
        both = time.perf_counter() - start
        print(f"Both at once take {both:.2f} s")


def compute():
    start = time.thread_time()
    while time.thread_time() - start < 0.3 * PACE:
        sum(range(1000))


# ANCHOR: ask
def ask(port):
    """Asks the server and waits for its answer: how many clients waited."""
    with socket.create_connection(("127.0.0.1", port)) as server:
        greeting, done = server.makefile().read().splitlines()
    assert done == "done"
    return int(greeting)


async def ask_async(port):
    """The same, but while it waits, its thread does something else."""
    server, writer = await asyncio.open_connection("127.0.0.1", port)
    greeting, done = (await server.read()).splitlines()
    writer.close()
    assert done == b"done"
    return int(greeting)
# ANCHOR_END: ask


def slow_motion():
    """Three questions each, slow enough to watch the waiting."""
    with Server(0.5, 1) as server:
        print("In sequence:")
        for _ in range(3):
            watched("main", server.port)
        print("In three threads:")
        threads = [
            threading.Thread(target=watched, args=(f"Thread-{k}", server.port))
            for k in (1, 2, 3)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        print("In three tasks, and one thread:")
        asyncio.run(watch_tasks(server.port))


def watched(me, port):
    print(f"{me} asks")
    ask(port)
    print(f"{me} has its answer")


async def watch_tasks(port):
    async def watched_async(me):
        print(f"{me} asks")
        await ask_async(port)
        print(f"{me} has its answer")

    await asyncio.gather(*(watched_async(f"Task-{k}") for k in (1, 2, 3)))


OTHERS = 100


def open_files(wanted):
    """Raises the limit of open files if necessary."""
    try:
        import resource
    except ImportError:
        return wanted
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    return allowed


# ANCHOR: ten_thousand
def ten_thousand():
    """10000 tasks wait in one thread"""
    room = open_files(10_000 + OTHERS)
    tasks = max(room - OTHERS, 0)
    print(f"Room for {room} open files: {tasks} tasks")
    # It answers no client before all are there, and one more.
    with Server(0, tasks + 1) as server:
        asyncio.run(wait_at_once(tasks, server.port))


async def wait_at_once(tasks, port):
    now = most = 0

    async def wait_for_answer(server, writer):
        nonlocal now, most
        now += 1
        most = max(most, now)
        assert await server.read() == b"done\n"
        now -= 1
        writer.close()
        return threading.current_thread()

    started = []
    for _ in range(tasks):
        server, writer, _ = await connect(port)
        task = wait_for_answer(server, writer)
        started.append(asyncio.create_task(task))
    while now < tasks:
        await asyncio.sleep(0)
    print(f"{now} tasks wait for an answer")
    await measure_idle()

    *_last, held = await connect(port)  # Now it answers all of them.
    start = time.perf_counter()
    threads = set(await asyncio.gather(*started))
    seconds = time.perf_counter() - start
    print(f"All of them have it, {seconds:.2f} s after the last one came")
    print(f"{most} waited at once, in {len(threads)} thread")
    print(f"The server had held {held} connections")
# ANCHOR_END: ten_thousand


async def connect(port):
    """Connects, and returns after the greeting with its number of clients."""
    server, writer = await asyncio.open_connection("127.0.0.1", port)
    return server, writer, int(await server.readline())


async def measure_idle():
    """A second in which all of them wait."""
    cpu, start = time.process_time(), time.perf_counter()
    await asyncio.sleep(PACE)
    cpu, seconds = time.process_time() - cpu, time.perf_counter() - start
    print(f"In {seconds:.2f} s they use {cpu:.3f} s of CPU")
    print(f"Threads of this process: {count_threads()}")


def count_threads():
    if os.path.isdir("/proc/self/task"):
        return len(os.listdir("/proc/self/task"))
    return threading.active_count()


if __name__ == "__main__":
    twin.main(cpu, io, ten_thousand)
