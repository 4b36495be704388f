"""CPython's side of `cargo bench -p lesson06_process_queue`.

`bench.py WAY SIZE COUNT` prints messages a second, `bench.py start METHOD`
milliseconds to start a child and to wait for its end: one number, one round.
"""

import sys
import time
from multiprocessing import Pipe, Process, Queue, RawArray, Semaphore
from multiprocessing import get_context

ROOM = 1024 * 1024


class FromPipe:
    """`Pipe` at its fastest: bytes, and no pickle."""

    def __init__(self, duplex):
        self.reader, self.writer = Pipe(duplex)
        self.get, self.put = self.reader.recv_bytes, self.writer.send_bytes


class FromQueue:
    def __init__(self, size):
        queue = Queue()
        self.get, self.put = queue.get, queue.put


class FromArray:
    """Slots in a `RawArray`, and semaphores that count them."""

    def __init__(self, size):
        self.size, self.slots = size, min(max(ROOM // size, 2), 1024)
        self.array = RawArray("B", self.size * self.slots)
        self.free, self.full = Semaphore(self.slots), Semaphore(0)
        self.memory, self.at = memoryview(self.array).cast("B"), 0

    def slot(self):
        start = self.at % self.slots * self.size
        self.at += 1
        return slice(start, start + self.size)

    def put(self, message):
        self.free.acquire()
        self.memory[self.slot()] = message
        self.full.release()

    def get(self):
        self.full.acquire()
        message = bytes(self.memory[self.slot()])
        self.free.release()
        return message


WAYS = {
    "Queue": FromQueue,
    "Pipe(False)": lambda size: FromPipe(duplex=False),
    "Pipe()": lambda size: FromPipe(duplex=True),
    "RawArray": FromArray,
}


def send(put, message, count):
    for _ in range(count):
        put(message)


def messages_a_second(way, size, count):
    carrier = WAYS[way](size)
    get = carrier.get
    child = Process(target=send, args=(carrier.put, b"x" * size, count))
    child.start()
    get()
    start = time.perf_counter()
    for _ in range(count - 1):
        get()
    seconds = time.perf_counter() - start
    child.join()
    return (count - 1) / seconds


def nothing():
    pass


def milliseconds_to_start(method):
    context = get_context(method)
    start_one(context)  # The fork server is started only once.
    start = time.perf_counter()
    for _ in range(10):
        start_one(context)
    return (time.perf_counter() - start) / 10 * 1000


def start_one(context):
    child = context.Process(target=nothing)
    child.start()
    child.join()


if __name__ == "__main__":
    if sys.argv[1] == "start":
        print(milliseconds_to_start(sys.argv[2]))
    else:
        way, size, count = sys.argv[1:]
        print(messages_a_second(way, int(size), int(count)))
