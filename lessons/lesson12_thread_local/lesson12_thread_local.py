"""Lesson 12: Thread-local, in Python.

Run: python3 lessons/lesson12_thread_local/lesson12_thread_local.py [PART]
"""

import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "shared"))
import twin
from twin import nap

# ANCHOR: hello
local = threading.local()


def hello():
    """one name, a value for each thread"""
    both_bound = threading.Barrier(2)

    def run(student):
        local.student = student
        both_bound.wait()  # One shared value would have lost a name.
        greet()

    join_all(
        threading.Thread(target=run, args=("ABC",), name="Thread-A"),
        threading.Thread(target=run, args=("DEF",), name="Thread-D"),
    )


def greet():
    """It gets no argument: it looks at the value of its thread."""
    thread = threading.current_thread().name
    print(f"Hello, {local.student} (in {thread})")
# ANCHOR_END: hello


def join_all(*threads):
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def isolation():
    """what each thread sees, and until when"""
    bindings()
    destructors()


# ANCHOR: Seen
class Seen(threading.local):
    """The class attributes are what every thread starts with."""

    looks = 0


seen = Seen()


def bind(student):
    seen.student = student
    print(f"{threading.current_thread().name} binds {student}")


def look():
    me = threading.current_thread().name
    seen.looks += 1
    try:
        print(f"{me}, look {seen.looks}: {seen.student}")
    except AttributeError as error:
        print(f"{me}, look {seen.looks}: nothing ({error})")
    nap(0.5)
# ANCHOR_END: Seen


def bindings():
    step = threading.Barrier(3)

    def thread_a():
        look()  # The main thread has bound GHI before.
        bind("ABC")
        step.wait()
        look()
        step.wait()
        look()

    def thread_d():
        look()
        step.wait()
        look()  # Thread-A has bound ABC before.
        bind("DEF")
        step.wait()
        look()

    bind("GHI")
    thread_a = threading.Thread(target=thread_a, name="Thread-A")
    thread_d = threading.Thread(target=thread_d, name="Thread-D")
    thread_a.start()
    thread_d.start()
    look()
    step.wait()
    look()
    step.wait()
    look()
    thread_a.join()
    thread_d.join()


# ANCHOR: destructors
class Value:
    """A value that takes half a second to go, and then reports it."""

    def __init__(self, thread, name):
        self.thread, self.name = thread, name

    def __del__(self):
        nap(0.5)
        print(f"{self.thread}: {self.name} is dropped")


first, second, pair = (threading.local() for _ in range(3))


def destructors():
    def thread_j():
        first.value = Value("Thread-J", "first")
        second.value = Value("Thread-J", "second")
        print("Thread-J: the closure returns")

    def thread_s():
        pair.first = Value("Thread-S", "first")
        pair.second = Value("Thread-S", "second")
        print("Thread-S: the closure returns")

    join_all(threading.Thread(target=thread_j))
    print("MainThread has joined Thread-J")
    join_all(threading.Thread(target=thread_s))
    print("MainThread has left the scope of Thread-S")  # By a join.
    print("MainThread has waited for the last value")
# ANCHOR_END: destructors


STUDENTS = ["ABC", "DEF"]
GUESTS = [None, None]

# ANCHOR: pool_reuse
current = threading.local()


def pool_reuse():
    """what a task leaves behind"""
    with ThreadPoolExecutor(2, thread_name_prefix="Pool") as pool:
        print("Left behind:")
        two_at_once(pool, STUDENTS, leaves_behind)
        two_at_once(pool, GUESTS, leaves_behind)
        print("Restored by a guard:")
        two_at_once(pool, STUDENTS, restores)
        two_at_once(pool, GUESTS, leaves_behind)
        print("Passed as an argument:")
        two_at_once(pool, STUDENTS, passes)
        two_at_once(pool, GUESTS, passes)


def two_at_once(pool, logins, task):
    """A task on each thread: neither can finish before both have started."""
    both_started = threading.Barrier(2)

    def run(login):
        both_started.wait()
        task(login)

    list(pool.map(run, logins))


def leaves_behind(login):
    if login:
        current.user = login
    serve(login, getattr(current, "user", None))
# ANCHOR_END: pool_reuse


# ANCHOR: session
@contextmanager
def session(login):
    current.user = login
    try:
        yield
    finally:
        del current.user


def restores(login):
    with session(login):
        serve(login, current.user)
# ANCHOR_END: session


def passes(login):
    serve(login, login)


def serve(login, user):
    thread = threading.current_thread().name
    client = login or "guest"
    print(f"{thread} serves {client}, logged in as {user or 'nobody'}")
    nap(0.5)


if __name__ == "__main__":
    twin.main(hello, isolation, pool_reuse)
