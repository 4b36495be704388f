"""What the Python twins share: parts by name, and naps at a pace.

The same as the crate `shared` gives to the lessons, and no more: nothing that
a lesson is about lives here.
"""

import os
import sys
import threading
import time

PACE = float(os.environ.get("LESSON_PACE", "1"))


def nap(seconds):
    """Sleeps for `seconds` of the program's time, at the reader's pace."""
    time.sleep(seconds * PACE)


def count_primes(limit):
    """Keeps one core busy: counts the primes below `limit`."""
    return sum(
        all(n % d for d in range(2, int(n**0.5) + 1)) for n in range(2, limit)
    )


def primes_limit(seconds):
    """The limit below which counting the primes takes about so long."""
    limit = 1_000
    while True:
        limit += limit // 10
        start = time.perf_counter()
        count_primes(limit)
        if time.perf_counter() - start >= seconds:
            return limit


class WholeLines:
    """Standard output as it is in Rust: a line is written in one piece.

    CPython's `print` writes the end of the line by itself, so that the lines
    of two threads can run into each other.
    """

    def __init__(self):
        self.of_thread = threading.local()

    def write(self, text):
        text = getattr(self.of_thread, "text", "") + text
        lines, end, rest = text.rpartition("\n")
        self.of_thread.text = rest
        if end:
            os.write(1, (lines + end).encode())

    def flush(self):
        pass


# In every process: a child that starts anew imports this once more.
sys.stdout = WholeLines()


def main(*parts):
    """Runs the part that the command line names, or all of them.

    A part is a function: its name is the part's name, the first line of its
    docstring is the heading. A name may end with an underscore where Python
    needs it for itself.
    """
    by_name = {part.__name__.rstrip("_"): part for part in parts}
    for name in sys.argv[1:] or by_name:
        if name not in by_name:
            real = ", ".join(by_name)
            print(f"no part {name!r}; the parts are: {real}", file=sys.stderr)
            sys.exit(2)
        print(f"--- {name}: {by_name[name].__doc__.splitlines()[0]} ---")
        start = time.perf_counter()
        by_name[name]()
        seconds = time.perf_counter() - start
        print(f"--- {name} took {seconds:.2f} s ---")
