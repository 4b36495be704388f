"""CPython's side of `cargo bench -p lesson14_distributed`.

`bench.py master TASKS` prints where it listens, and `done` when it has all
results. `bench.py worker ADDRESS` waits for a line before it begins.
`bench.py connect ADDRESS TIMES` prints milliseconds, each time.
`bench.py put TASKS` prints how many it puts a second, and `bench.py latency
TIMES` the milliseconds from putting a task to having its result, each time.
The key is in LESSON_AUTHKEY.
"""

import os
import queue
import sys
import threading
import time
from multiprocessing.managers import BaseManager

tasks, results = queue.Queue(), queue.Queue()


def get_task_queue():
    return tasks


def get_result_queue():
    return results


class Manager(BaseManager):
    pass


Manager.register("get_task_queue", callable=get_task_queue)
Manager.register("get_result_queue", callable=get_result_queue)


def manager(address):
    host, _, port = address.partition(":")
    key = os.environ["LESSON_AUTHKEY"].encode()
    return Manager(address=(host, int(port)), authkey=key)


def master(count):
    server = manager("127.0.0.1:0")
    server.start()
    task = server.get_task_queue()
    for n in range(int(count)):
        task.put(n)
    print("{}:{}".format(*server.address), flush=True)
    args = [server.get_result_queue(), int(count)]
    threading.Thread(target=collect, args=args, daemon=True).start()
    sys.stdin.read()  # Until no process wants anything from us any more.
    server.shutdown()


def collect(result, count):
    brought = {result.get() for _ in range(count)}
    assert brought == {f"{n} * {n} = {n * n}" for n in range(count)}
    print("done", flush=True)


def put(count):
    server = manager("127.0.0.1:0")
    server.start()
    task = server.get_task_queue()
    start = time.perf_counter()
    for n in range(int(count)):
        task.put(n)
    print(int(count) / (time.perf_counter() - start), flush=True)
    server.shutdown()


def latency(times):
    server = manager("127.0.0.1:0")
    server.start()
    task, result = server.get_task_queue(), server.get_result_queue()
    print("{}:{}".format(*server.address), flush=True)
    print("ready", flush=True)
    sys.stdin.readline()
    for n in range(int(times)):
        start = time.perf_counter()
        task.put(n)
        result.get()
        print((time.perf_counter() - start) * 1000, flush=True)
    sys.stdin.read()
    server.shutdown()


def worker(address):
    client = manager(address)
    client.connect()
    task, result = client.get_task_queue(), client.get_result_queue()
    print("ready", flush=True)
    sys.stdin.readline()
    while True:
        try:
            n = task.get(timeout=60)
        except (queue.Empty, EOFError, ConnectionError):
            return
        if n is None:
            return  # A Python master's last word.
        result.put(f"{n} * {n} = {n * n}")


def connect(address, times):
    for _ in range(int(times)):
        client = manager(address)
        start = time.perf_counter()
        client.connect()
        print((time.perf_counter() - start) * 1000, flush=True)


if __name__ == "__main__":
    roles = [master, put, latency, worker, connect]
    roles = {role.__name__: role for role in roles}
    roles[sys.argv[1]](*sys.argv[2:])
