"""What a task, a thread and a process cost, in Python.

Run: python3 lessons/lesson15_choosing/costs.py [PART]
"""

import asyncio
import multiprocessing
import os
import socket
import threading
import time
from multiprocessing import connection

from lesson15_choosing import Series, end_with_parent, open_files, twin
from twin import PACE


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


if __name__ == "__main__":
    twin.main(create, switch, server)
