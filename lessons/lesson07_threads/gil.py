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
import twin
from gil_work import count, ratio, run_both
from twin import PACE


# ANCHOR: turns
def turns():
    """two busy threads take turns"""
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
    megabytes = bytes(8_000_000)
    for name, work in (
        ("counting", lambda: count(400_000)),
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
    rows = {}
    for _ in range(max(1, round(5 * PACE))):
        for python in pythons():
            work = [python, str(HERE / "gil_work.py")]
            line = subprocess.check_output(work, universal_newlines=True)
            version, *figures = line.split()
            rows.setdefault(version, []).append([float(n) for n in figures])
    for version in sorted(rows, key=by_number):
        times, turn, longer = map(spread, zip(*rows[version]))
        print(f"{version:<7}  {times:>16} x  {turn:>19}  {longer:>19}")


def pythons():
    """This one, and those that PYTHONS names, or those of pyenv."""
    named = [one for one in os.environ.get("PYTHONS", "").split(":") if one]
    found = named or Path.home().glob(".pyenv/versions/*/bin/python")
    return sorted({os.path.realpath(one) for one in [sys.executable, *found]})


def by_number(version):
    return [int(n) for n in version.rstrip("t").split(".")], version


def spread(figures):
    low, high = min(figures), max(figures)
    return f"{statistics.median(figures):.2f} ({low:.2f}-{high:.2f})"


if __name__ == "__main__":
    twin.main(turns, released, versions)
