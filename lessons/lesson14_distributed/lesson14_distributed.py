"""Lesson 14: A master and its workers, in Python.

Run: python3 lessons/lesson14_distributed/lesson14_distributed.py [PART]
"""

import os
import secrets
import subprocess
import sys
import threading
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "shared"))
import twin

WORKERS = ["worker-1", "worker-2", "worker-3"]


def demo():
    """a master and three workers"""
    key = dict(os.environ, LESSON_AUTHKEY=secrets.token_hex(32))
    script = [sys.executable, str(HERE / "task_master.py")]
    master = subprocess.Popen(
        script + ["127.0.0.1:0", "--wait"],
        env=key, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )
    for line in iter(master.stdout.readline, b""):
        line = line.decode()
        print(line, end="")
        if ": listens on " in line:
            address = line.split()[-1]
        if line.endswith("Try get results...\n"):
            break
    script = [sys.executable, str(HERE / "task_worker.py"), address]
    workers = [subprocess.Popen(script + [name], env=key, stdin=subprocess.DEVNULL)
               for name in WORKERS]
    rest = threading.Thread(target=show, args=(master.stdout,))
    rest.start()
    for worker in workers:
        assert worker.wait() == 0
    master.stdin.close()  # The master may leave as well.
    assert master.wait() == 0
    rest.join()
    master.stdout.close()


def show(lines):
    for line in iter(lines.readline, b""):
        print(line.decode(), end="")


if __name__ == "__main__":
    twin.main(demo)
