"""How far a daemon child gets when its parent returns, and is killed."""
import multiprocessing
import os
import signal
import subprocess
import sys
import time


def worker(pipe):
    os.write(1, b"begins")
    pipe.send("at work")
    time.sleep(0.5)
    os.write(1, b" and ends")


def parent(how):
    ours, theirs = multiprocessing.Pipe()
    fork = multiprocessing.get_context("fork")
    child = fork.Process(target=worker, args=(theirs,), daemon=True)
    child.start()
    ours.recv()
    if how == "is killed":
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        parent(sys.argv[1])
        sys.exit()
    for how in ("returns", "is killed"):
        # The output ends when no process is left that could write.
        ran = subprocess.run(
            [sys.executable, __file__, how], stdout=subprocess.PIPE
        )
        print(f"the parent {how}: the child {ran.stdout.decode()}")
        assert (b"ends" in ran.stdout) == (how == "is killed")
