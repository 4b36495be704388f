"""Lesson 0: fork, in Python.

Run: python3 lessons/lesson00_fork/lesson00_fork.py [PART]
"""

import os
import signal
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "shared"))
import twin
from twin import nap


# ANCHOR: fork
def fork():
    """one process becomes two"""
    print(f"Process ({os.getpid()}) start...")
    pid = os.fork()
    if pid == 0:
        me, parent = os.getpid(), os.getppid()
        print(f"I am child process ({me}) and my parent is {parent}.")
        os._exit(0)
    else:
        print(f"I ({os.getpid()}) just created a child process ({pid}).")
        os.waitpid(pid, 0)
# ANCHOR_END: fork


# ANCHOR: memory
def memory():
    """the child has a copy of everything"""
    balance = [100]
    pid = os.fork()
    if pid == 0:
        balance[0] -= 30
        tell("child", balance)
        os._exit(0)
    else:
        os.waitpid(pid, 0)
        tell("parent", balance)


def tell(who, balance):
    address = hex(id(balance))
    print(f"{who} ({os.getpid()}): balance {balance[0]} at {address}")
# ANCHOR_END: memory


# ANCHOR: zombie
def zombie():
    """ended, and not yet waited for"""
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
    pid = os.fork()
    if pid == 0:
        print(f"child ({os.getpid()}) works, and ends with code 7")
        nap(0.5)
        os._exit(7)
    else:
        signal.sigwait([signal.SIGCHLD])
        show("child has ended", pid)
        os.kill(pid, signal.SIGKILL)
        show("child after kill -9", pid)
        nap(1.0)
        _, status = os.waitpid(pid, 0)
        print(f"parent: reaped {pid}, exit code {os.WEXITSTATUS(status)}")
        show("child after wait", pid)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])
# ANCHOR_END: zombie


def show(what, pid):
    state = process_state(pid)
    if state:
        print(f"{what}: process {pid} is in state {state}")
    else:
        print(f"{what}: there is no process {pid}")


def process_state(pid):
    if not sys.platform.startswith("linux"):
        ps = ["ps", "-o", "stat=", "-p", str(pid)]
        out = subprocess.run(ps, capture_output=True, text=True).stdout
        return out.strip()[:1]
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return ""
    return stat.rpartition(") ")[2][:1]


# ANCHOR: orphan
def orphan():
    """the parent leaves first"""
    left, tell_left = os.pipe()
    ended, hold = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(tell_left)
        child(left)
    os.close(hold)
    os.waitpid(pid, 0)
    os.write(tell_left, b"!")
    os.read(ended, 1)  # End of file when the orphan has ended.
    print("parent: init reaps it")


def child(left):
    ready, tell_ready = os.pipe()
    if os.fork() == 0:
        grandchild(left, tell_ready)
    os.read(ready, 1)
    nap(0.5)
    print(f"child ({os.getpid()}) leaves first")
    os._exit(0)


def grandchild(left, tell_ready):
    me = os.getpid()
    print(f"grandchild ({me}): my parent is {os.getppid()}")
    os.write(tell_ready, b"!")
    os.read(left, 1)
    print(f"grandchild ({me}): my parent is now {os.getppid()}")
    nap(0.5)
    os._exit(0)
# ANCHOR_END: orphan


if __name__ == "__main__":
    twin.main(fork, memory, zombie, orphan)
