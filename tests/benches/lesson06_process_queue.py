from multiprocessing import Pipe, Process, Queue, RawArray, Semaphore

from common import main, rate

ROOM = 1024 * 1024


class FromPipe:
    """`Pipe` at its fastest: bytes, and no pickle."""

    def __init__(self, duplex):
        self.reader, self.writer = Pipe(duplex)
        self.get, self.put = self.reader.recv_bytes, self.writer.send_bytes


class FromQueue:
    def __init__(self):
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


def send(put, message, count):
    for _ in range(count):
        put(message)


def receive(carrier, size, count):
    """Messages a second from a child, from the first to the last."""
    get = carrier.get
    child = Process(target=send, args=(carrier.put, b"x" * size, count))
    child.start()
    get()

    def the_rest():
        for _ in range(count - 1):
            get()  # None is kept.

    result = rate(count - 1, the_rest)
    child.join()
    return result


def of_size(name, size):
    return {
        f"queue_{name}": lambda n: receive(FromQueue(), size, n),
        f"pipe_{name}": lambda n: receive(FromPipe(duplex=False), size, n),
        f"duplex_{name}": lambda n: receive(FromPipe(duplex=True), size, n),
        f"array_{name}": lambda n: receive(FromArray(size), size, n),
    }


if __name__ == "__main__":
    main({**of_size("10", 10), **of_size("64k", 65536)})
