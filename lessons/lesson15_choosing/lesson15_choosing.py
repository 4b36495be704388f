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


def create():
    """what it costs to start one"""
    print("kind       at once  microseconds each (spread)  KiB each")
    for kind, most, seconds in [
        ("tasks", 10_000, create_tasks),
        ("threads", 1000, create_threads),
        ("processes", 100, create_processes),
    ]:
        for n in sizes([1, 10, 100, 1000, 10_000], most):
            kib = []

            def measure():
                cost, grown = seconds(n)
                kib.extend(grown)  # The first: later ones use it again.
                return cost / n

            each = Series(measure, 1e6)
            print(f"{kind:<9}  {n:>7}  {each:26.2}  {kib[0]:>8}")


def kib_of(pids):
    """KiB of these processes, shared pages in shares: Linux's Pss."""
    known = []
    for pid in pids:
        try:
            with open(f"/proc/{pid}/smaps_rollup") as file:
                known += [int(l.split()[1]) for l in file if l[:4] == "Pss:"]
        except OSError:
            pass
    return sum(known) if known else None


def kib_each(before, after, n):
    if before is None or after is None:
        return ["unknown"]
    return [f"{max(after - before, 0) / n:.1f}"]


def sizes(wanted, most):
    """Those up to `most`. Fewer at a quick pace."""
    return [n for n in wanted if n <= max(10, most * min(PACE, 1))]


def create_tasks(n):
    async def begin_all():
        here, all_here = 0, asyncio.Event()

        async def stay():
            nonlocal here
            here += 1
            if here == n:
                all_here.set()
            await asyncio.sleep(3600)

        before, start = kib_of([os.getpid()]), time.perf_counter()
        tasks = [asyncio.create_task(stay()) for _ in range(n)]
        await all_here.wait()
        seconds = time.perf_counter() - start
        kib = kib_each(before, kib_of([os.getpid()]), n)
        for task in tasks:
            task.cancel()
        return seconds, kib

    return asyncio.run(begin_all())


def create_threads(n):
    here, gate = threading.Semaphore(0), threading.Event()

    def stay():
        here.release()
        gate.wait()

    threads = [threading.Thread(target=stay) for _ in range(n)]
    before, start = kib_of([os.getpid()]), time.perf_counter()
    for thread in threads:
        thread.start()
    for _ in threads:
        here.acquire()
    seconds = time.perf_counter() - start
    kib = kib_each(before, kib_of([os.getpid()]), n)
    gate.set()
    for thread in threads:
        thread.join()
    return seconds, kib


def create_processes(n):
    gate = multiprocessing.Event()
    is_here, here = multiprocessing.Pipe(duplex=False)
    children = [
        multiprocessing.Process(target=stay_in_child, args=(here, gate))
        for _ in range(n)
    ]
    before, start = kib_of([os.getpid()]), time.perf_counter()
    for child in children:
        child.start()
    for _ in children:
        is_here.recv_bytes()
    seconds = time.perf_counter() - start
    kib = kib_each(before, kib_of(with_children(os.getpid())), n)
    gate.set()
    for child in children:
        child.join()
    is_here.close()
    here.close()
    return seconds, kib


def stay_in_child(here, gate):
    end_with_parent()
    here.send_bytes(b"x")
    gate.wait()


def switch():
    """what it costs to pass the turn"""
    # Two for each pipe of a thousand, and a few more.
    most_threads = (open_files(2100) - 100) // 2
    before = one_core()
    print("kind       in the ring  microseconds a turn (spread)")
    for kind, most, ring in [
        ("no switch", 1, ring_of_threads),
        ("tasks", 10_000, ring_of_tasks),
        ("threads", most_threads, ring_of_threads),
        ("processes", 100, ring_of_processes),
    ]:
        wanted = [1] if most == 1 else [2, 10, 100, 1000, 10_000]
        for n in sizes(wanted, most):
            print(f"{kind:<9}  {n:>11}  {ring(n):28.2}")
    if before:
        os.sched_setaffinity(0, before)


def one_core():
    """Limits this process to one core, where that is possible. Returns the
    cores that it had before."""
    if not hasattr(os, "sched_setaffinity"):
        return None
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    return before


def rounds(n):
    return int(20_000 * min(PACE, 1)) // n + 1


def send_round(to, source, n):
    def measure():
        start = time.perf_counter()
        for _ in range(rounds(n)):
            to.send_bytes(b"\0")
            assert source.recv_bytes()[0] == (n - 1) % 256
        return (time.perf_counter() - start) / (rounds(n) * n)

    return Series(measure, 1e6)


def pass_on(source, to):
    """Passes the token on, one larger, until an empty one comes."""
    token = source.recv_bytes()
    while token:
        to.send_bytes(bytes([(token[0] + 1) % 256]))
        token = source.recv_bytes()
    to.send_bytes(b"")


def ring_of_threads(n):
    def start(source, to):
        thread = threading.Thread(target=pass_on, args=(source, to))
        thread.start()
        return thread

    return ring(n, start)


def ring_of_processes(n):
    def start(source, to):
        args = (source, to)
        child = multiprocessing.Process(target=pass_on_in_child, args=args)
        child.start()
        return child

    return ring(n, start)


def pass_on_in_child(source, to):
    end_with_parent()
    pass_on(source, to)


def ring(n, start):
    pipes = [multiprocessing.Pipe(duplex=False) for _ in range(n)]
    members = [start(pipes[k][0], pipes[k + 1][1]) for k in range(n - 1)]
    each = send_round(pipes[0][1], pipes[-1][0], n)
    pipes[0][1].send_bytes(b"")
    for member in members:
        member.join()
    for end in sum(pipes, ()):
        end.close()
    return each


def ring_of_tasks(n):
    async def take_turns():
        for _ in range(rounds(n)):
            await asyncio.sleep(0)

    async def all_of_them():
        start = time.perf_counter()
        await asyncio.gather(*(take_turns() for _ in range(n)))
        return (time.perf_counter() - start) / (rounds(n) * n)

    return Series(lambda: asyncio.run(all_of_them()), 1e6)


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


CLIENTS, HELD, MAX_CHILDREN = 4, 50, 100


def server():
    """a process, a thread or a task each"""
    print("server     requests a second (spread)  KiB a connection")
    for name, serve_all in [
        ("processes", serve_in_processes),
        ("threads", serve_in_threads),
        ("loop", serve_in_loop),
    ]:
        listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        port = listener.getsockname()[1]
        theirs, ours = multiprocessing.Pipe(duplex=False)
        args = (listener, theirs, ours)
        child = multiprocessing.Process(target=serve_all, args=args)
        child.start()
        listener.close()
        theirs.close()
        rate = Series(lambda: requests(port))
        kib = hold_connections(child.pid, port)
        print(f"{name:<9}  {rate:26.0}  {kib:>16}")
        ours.close()  # This ends the server.
        child.join()


def requests(port):
    """Requests a second of four clients, one after the other each."""
    each = int(250 * min(PACE, 1)) + 1

    def client():
        for _ in range(each):
            with connect_to(port) as connection:
                connection.shutdown(socket.SHUT_WR)
                assert connection.recv(1) == b""

    threads = [threading.Thread(target=client) for _ in range(CLIENTS)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return CLIENTS * each / (time.perf_counter() - start)


def connect_to(port):
    """Opens a connection, and waits for the server's greeting."""
    connection = socket.create_connection(("127.0.0.1", port))
    greeting = b""
    while len(greeting) < 6:
        greeting += connection.recv(6 - len(greeting))
    assert greeting == b"hello\n"
    return connection


def hold_connections(pid, port):
    """The memory that the server uses for each of fifty connections."""
    before = kib_of(with_children(pid))
    held = [connect_to(port) for _ in range(HELD)]
    kib = kib_each(before, kib_of(with_children(pid)), HELD)[0]
    for connection in held:
        connection.close()
    return kib


def with_children(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            return [pid] + [int(child) for child in file.read().split()]
    except OSError:
        return [pid]


def answer(client):
    """Greets the client, and waits until it has nothing more to say."""
    with client:
        client.sendall(b"hello\n")
        while client.recv(1024):
            pass


# ANCHOR: serve_in_processes
def serve_in_processes(listener, end, ours):
    """Forks a child for each connection, until the parent closes its end."""
    ours.close()
    children = set()
    while end not in connection.wait([listener, end]):
        client, _ = listener.accept()
        while children:
            options = 0 if len(children) == MAX_CHILDREN else os.WNOHANG
            pid, _ = os.waitpid(-1, options)
            if pid == 0:
                break
            children.remove(pid)
        pid = os.fork()
        if pid == 0:
            answer(client)
            os._exit(0)
        children.add(pid)
        client.close()
    for pid in children:
        os.waitpid(pid, 0)
# ANCHOR_END: serve_in_processes


def exit_at(end, ours):
    ours.close()

    def watch():
        connection.wait([end])
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()


def serve_in_threads(listener, end, ours):
    exit_at(end, ours)
    while True:
        client, _ = listener.accept()
        threading.Thread(target=answer, args=(client,)).start()


def serve_in_loop(listener, end, ours):
    exit_at(end, ours)

    async def answer_one(reader, writer):
        writer.write(b"hello\n")
        await reader.read()
        writer.close()

    async def serve_all():
        server = await asyncio.start_server(answer_one, sock=listener)
        await server.serve_forever()

    asyncio.run(serve_all())


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
    twin.main(cpu, io, create, switch, server, ten_thousand)
