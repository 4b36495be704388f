"""The GIL: which thread has it when, and what it costs under each CPython.

Run: python3 lessons/lesson07_threads/gil.py [PART]
"""

import hashlib
import os
import statistics
import subprocess
import sys
import threading
from pathlib import Path
from time import perf_counter, sleep

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "shared"))
import gil_work
import twin
from gil_work import count, ratio, run_both
from twin import PACE


# ANCHOR: turns
def turns():
    """two busy threads take turns"""
    print("CPython", gil_work.version())
    for interval in (0.005, 0.02):
        sys.setswitchinterval(interval)
        print(f"With a switch interval of {interval * 1000:.0f} ms:")
        show(*run_two())


def run_two():
    """For two busy threads: in which tenths of a millisecond each ran."""
    begin = perf_counter() + 0.02

    def look(ran):
        tenth = 0
        while tenth < 720:
            ran.add(tenth)
            tenth = int((perf_counter() - begin) * 10_000)

    both = set(), set()
    threads = [threading.Thread(target=look, args=(ran,)) for ran in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return both
# ANCHOR_END: turns


def show(a, b):
    """A column is a millisecond: `#` where the thread had most of it."""
    for name, ran in (("A", a), ("B", b)):
        tenths = [
            sum(tenth in ran for tenth in range(ms * 10, ms * 10 + 10))
            for ms in range(72)
        ]
        columns = "".join("#" if n > 5 else "." for n in tenths)
        print(f"{name}  {columns}")
    a, b = ({tenth for tenth in ran if tenth > 0} for ran in (a, b))
    share = len(a & b) / max(1, len(a | b))
    print(f"Both at the same time: {share * 100:.0f} %")


# ANCHOR: released
def released():
    """what two threads can do at the same time"""
    print("CPython", gil_work.version())
    megabytes = bytes(8_000_000)
    for name, work in (
        ("counting", lambda: count(1_000_000)),
        ("sha256", lambda: hashlib.sha256(megabytes).digest()),
        ("sleeping", lambda: sleep(0.1)),
    ):
        times = ratio(lambda: run_both(work), lambda: (work(), work()))
        print(f"{name}: {times:.2f} x the time of one after the other")
# ANCHOR_END: released


def versions():
    """two threads against one after the other"""
    heads = "in two threads", "a turn, ms", "interval x 10"
    print("CPython  {:>18}  {:>19}  {:>19}".format(*heads))
    for version, rows in measured("gil_work.py"):
        times, turn, longer = (spread(figures, 2) for figures in zip(*rows))
        print(f"{version:<7}  {times:>16} x  {turn:>19}  {longer:>19}")


def without():
    """what a CPython without a GIL changes"""
    heads = "lock, ns", "lock of two, ns", "queue, ns", "alone, ms"
    print("CPython  {:>14}  {:>15}  {:>16}  {:>18}".format(*heads))
    free = 0
    for version, rows in measured("gil_cost.py"):
        free += version.endswith("t")
        lock, shared, item, alone = zip(*rows)
        print(
            f"{version:<7}  {spread(lock, 0):>14}  {spread(shared, 0):>15}  "
            f"{spread(item, 0):>16}  {spread(alone, 1):>18}"
        )
    print(f"{free} of them without a GIL; tests/pythons builds one")


def measured(script):
    """Each version, and what the script measures in several runs of it."""
    rows = {}
    for _ in range(max(1, round(5 * PACE))):
        for python in pythons():
            work = [python, str(HERE / script)]
            line = subprocess.check_output(work, universal_newlines=True)
            version, *figures = line.split()
            rows.setdefault(version, []).append([float(n) for n in figures])
    return sorted(rows.items(), key=by_number)


def pythons():
    """This one, and those that PYTHONS names, or those of pyenv."""
    named = [one for one in os.environ.get("PYTHONS", "").split(":") if one]
    found = named or Path.home().glob(".pyenv/versions/*/bin/python")
    return sorted({os.path.realpath(one) for one in [sys.executable, *found]})


def by_number(row):
    version = row[0]
    return [int(n) for n in version.rstrip("t").split(".")], version


def spread(figures, digits):
    figures = statistics.median(figures), min(figures), max(figures)
    median, low, high = (f"{figure:.{digits}f}" for figure in figures)
    return f"{median} ({low}-{high})"


if __name__ == "__main__":
    twin.main(turns, released, versions, without)
