"""Lesson 6: Process queue, in Python.

Run: python3 lessons/lesson06_process_queue/lesson06_process_queue.py [PART]
"""

import os
import sys
from multiprocessing import Barrier, Event, JoinableQueue, Pipe, Process
from multiprocessing import Queue, Value
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "shared"))
import twin
from twin import nap

LARGE = 128 * 1024
EACH = 4
WRITERS = ["Writer-1", "Writer-2", "Writer-3"]
READERS = ["Reader-1", "Reader-2"]
ROUNDS = 25
STEPS = 50_000


def queue():
    """items from process to process"""
    print("The parent keeps the queue open:")
    terminated()
    print("The last writer closes:")
    closed()
    print("Three writers, two readers:")
    many()


# ANCHOR: terminated
def terminated():
    q = JoinableQueue()
    pw = Process(target=write, args=(q,))
    pr = Process(target=read, args=(q,))
    pw.start()
    pr.start()
    pw.join()
    q.join()  # Until each item is done, or the last one may be lost.
    pr.terminate()
    pr.join()
    signal = -pr.exitcode
    print(f"The reader ({pr.pid}) was terminated by signal {signal}.")


def write(q, last=()):
    print(f"Process to write: {os.getpid()}")
    for value in ["A", "B", "C"]:
        print(f"Put {value} to queue...")
        q.put(value)
        nap(0.5)
    for value in last:
        q.put(value)


def read(q):
    print(f"Process to read: {os.getpid()}")
    while True:
        value = q.get()
        if value is None:
            break
        print(f"Get {value} from queue.")
        q.task_done()
# ANCHOR_END: terminated


def closed():
    q = JoinableQueue()
    pw = Process(target=write, args=(q, [None]))
    pr = Process(target=read, args=(q,))
    pw.start()
    pr.start()
    pw.join()
    pr.join()
    print(f"The reader ({pr.pid}) reached the end of the queue.")


# ANCHOR: many
def many():
    q, results = Queue(maxsize=2), Queue()
    writers = [Process(target=put_many, args=(q, w)) for w in WRITERS]
    readers = [Process(target=take_share, args=(q, r, results))
               for r in READERS]
    for process in writers:
        process.start()
    print("No process reads yet, and the queue is soon full.")
    nap(1.0)
    print("Now two readers start.")
    for process in readers:
        process.start()
    arrived = []
    for _ in range(len(WRITERS) * EACH):
        result = results.get()
        print(result)
        arrived.append(result.partition(" got ")[2])
    for process in writers + readers:
        process.join()
    wanted = [f"{w}'s item {n + 1}" for w in WRITERS for n in range(EACH)]
    assert sorted(arrived) == wanted, "every item exactly once"
    assert q.empty(), "more items than were put"
    print(f"All {len(arrived)} items arrived, each once.")


def put_many(q, me):
    for n in range(EACH):
        name = f"{me}'s item {n + 1}".encode()
        q.put(name.ljust(LARGE, b"\0"))
    print(f"{me} ({os.getpid()}) has put {EACH} items")


def take_share(q, me, results):
    for _ in range(len(WRITERS) * EACH // len(READERS)):
        item = q.get()
        assert len(item) == LARGE, "items arrive whole"
        name = item.rstrip(b"\0").decode()
        results.put(f"{me} ({os.getpid()}) got {name}")
        nap(0.4)
# ANCHOR_END: many


# ANCHOR: drain
def drain():
    """join a child before its items are read"""
    q = Queue()
    writer = Process(target=put_many, args=(q, "Writer-4"))
    writer.start()
    writer.join(timeout=twin.PACE)
    if writer.is_alive():
        print("The join timed out: the items are unread.")
    else:
        print("The writer has exited.")
    items = [q.get() for _ in range(EACH)]
    writer.join()
    print(f"After {len(items)} items were read, the writer has exited.")
# ANCHOR_END: drain


def pipe():
    """two ends, and what happens there"""
    both_directions()
    reader_gone()
    full()


# ANCHOR: both_directions
def both_directions():
    ours, theirs = Pipe()
    child = Process(target=answer, args=(theirs, ours))
    child.start()
    theirs.close()  # Or the parent would keep the child's end open.
    me = os.getpid()
    hello = f"Hello, child {child.pid}!"
    print(f"parent ({me}): {hello}")
    ours.send(hello)
    print(ours.recv())
    print(f"parent ({me}): I close my end.")
    ours.close()
    child.join()


def answer(theirs, ours):
    ours.close()  # The copy of the parent's end, which a fork made.
    me = os.getpid()
    try:
        while True:
            message = theirs.recv()
            theirs.send(f'child ({me}): I received "{message}".')
    except EOFError:
        print(f"child ({me}): end of file.")
# ANCHOR_END: both_directions


def reader_gone():
    me = os.getpid()
    child_reads, to_child = Pipe(duplex=False)
    child = Process(target=leave, args=(child_reads,))
    child.start()
    child_reads.close()
    child.join()
    try:
        to_child.send("Are you there?")
    except BrokenPipeError as error:
        print(f"parent ({me}): no process reads: {error}")


def leave(child_reads):
    print(f"child ({os.getpid()}): I exit, and my end is closed.")


def full():
    me = os.getpid()
    from_child, to_parent = Pipe(duplex=False)
    room = fill(to_parent.fileno())
    print(f"parent ({me}): the pipe is full after {room} bytes.")
    ready, through = Event(), Event()
    args = (to_parent, ready, through)
    child = Process(target=one_byte_more, args=args)
    child.start()
    to_parent.close()
    ready.wait()
    nap(1.0)
    assert not through.is_set(), "the write is blocked"
    print(f"parent ({me}): I read.")
    read = 0
    while True:
        some = os.read(from_child.fileno(), 65536)
        if not some:
            break
        read += len(some)
    child.join()
    print(f"parent ({me}): I have read {read} bytes.")


def fill(fd):
    """Writes until the pipe is full, and returns how many bytes it holds."""
    os.set_blocking(fd, False)
    room = 0
    try:
        while True:
            room += os.write(fd, bytes(4096))
    except BlockingIOError:
        os.set_blocking(fd, True)
        return room


def one_byte_more(pipe, ready, through):
    print(f"child ({os.getpid()}): one more byte...")
    ready.set()
    os.write(pipe.fileno(), b"!")
    through.set()
    print(f"child ({os.getpid()}): it is written.")


# ANCHOR: shared_memory
def shared_memory():
    """one counter, four processes"""
    print("A read, and then a write:")
    count = in_four_processes(read_and_write)
    lost = 4 * ROUNDS - count
    print(f"The counter is {count}, {lost} updates are lost.")
    print("Both under one lock:")
    count = in_four_processes(under_lock)
    print(f"The counter is {count}, no update is lost.")


def in_four_processes(target):
    counter, barrier = Value("Q"), Barrier(4)
    children = [Process(target=target, name=f"Process-{n + 1}",
                        args=(f"Process-{n + 1}", counter, barrier))
                for n in range(4)]
    for child in children:
        child.start()
    for child in children:
        child.join()
    return counter.value


def read_and_write(me, counter, all_here):
    for _ in range(ROUNDS):
        x = counter.value
        all_here.wait()
        counter.value = x + 1
        all_here.wait()
    print(f"{me} ({os.getpid()}) has added {ROUNDS}")


def under_lock(me, counter, all_here):
    all_here.wait()
    for _ in range(STEPS):
        with counter.get_lock():
            counter.value += 1
    print(f"{me} ({os.getpid()}) has added {STEPS}")
# ANCHOR_END: shared_memory


if __name__ == "__main__":
    twin.main(queue, drain, pipe, shared_memory)
