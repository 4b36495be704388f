"""Lesson 0: fork, in Python.

Run: python3 lessons/lesson00_fork/lesson00_fork.py [PART]
"""

import os
import signal
import socket
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
        print_balance("child", balance)
        os._exit(0)
    else:
        os.waitpid(pid, 0)
        print_balance("parent", balance)


def print_balance(process, balance):
    address = hex(id(balance))
    print(f"{process} ({os.getpid()}): balance {balance[0]} at {address}")
# ANCHOR_END: memory


# ANCHOR: zombie
def zombie():
    """exited, and not yet waited for"""
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
    pid = os.fork()
    if pid == 0:
        print(f"child ({os.getpid()}) works, and exits with code 7")
        nap(0.5)
        os._exit(7)
    else:
        signal.sigwait([signal.SIGCHLD])
        print_state("child has exited", pid)
        os.kill(pid, signal.SIGKILL)
        print_state("child after kill -9", pid)
        nap(1.0)
        _, status = os.waitpid(pid, 0)
        print(f"parent: reaped {pid}, exit code {os.WEXITSTATUS(status)}")
        print_state("child after wait", pid)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])
# ANCHOR_END: zombie


def print_state(what, pid):
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
    """the parent exits first"""
    parent_exited, report = os.pipe()
    end_of_file, hold = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(report)
        child(parent_exited)
    os.close(hold)
    os.waitpid(pid, 0)
    os.write(report, b"!")
    os.read(end_of_file, 1)  # Until the grandchild exits.
    print("parent: init reaps it")


def child(parent_exited):
    is_ready, ready = os.pipe()
    if os.fork() == 0:
        grandchild(parent_exited, ready)
    os.read(is_ready, 1)
    nap(0.5)
    print(f"child ({os.getpid()}) exits first")
    os._exit(0)


def grandchild(parent_exited, ready):
    me = os.getpid()
    print(f"grandchild ({me}): my parent is {os.getppid()}")
    os.write(ready, b"!")
    os.read(parent_exited, 1)
    print(f"grandchild ({me}): my parent is now {os.getppid()}")
    nap(0.5)
    os._exit(0)
# ANCHOR_END: orphan


# ANCHOR: adopted
def adopted():
    """the parent of a zombie exits"""
    pid = os.fork()
    if pid == 0:
        careless_parent()
    os.waitpid(pid, 0)
    print("parent: init reaps it")


def careless_parent():
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
    grandchild = os.fork()
    if grandchild == 0:
        os._exit(7)
    signal.sigwait([signal.SIGCHLD])
    print_state("grandchild has exited", grandchild)
    print(f"child ({os.getpid()}) exits, and has not waited")
    os._exit(0)
# ANCHOR_END: adopted


CONNECTIONS = 4
MAX_CHILDREN = 2


# ANCHOR: server
def server():
    """a child for each connection"""
    listener = socket.create_server(("127.0.0.1", 0))
    if os.fork() == 0:
        address = listener.getsockname()
        listener.close()  # Only the server accepts connections.
        client(address)
        os._exit(0)
    print(f"server ({os.getpid()}): at most {MAX_CHILDREN} children")
    for n in range(1, CONNECTIONS + 1):
        if n > MAX_CHILDREN:
            reap()
        connection, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            handle(n, connection)
            os._exit(0)
        connection.close()
    for _ in range(MAX_CHILDREN + 1):
        reap()  # One is the client.


def reap():
    pid, status = os.wait()
    print(f"server: reaped {pid}, exit code {os.WEXITSTATUS(status)}")


def handle(n, connection):
    me = os.getpid()
    print(f"child ({me}): serves connection {n}")
    connection.sendall(b"hello\n")
    connection.recv(100)
    nap(0.5)
    print(f"child ({me}): answers")
    connection.sendall(b"done\n")
# ANCHOR_END: server


def client(server):
    connections = [
        socket.create_connection(server) for _ in range(CONNECTIONS)
    ]
    for i in range(0, CONNECTIONS, MAX_CHILDREN):
        group = connections[i:i + MAX_CHILDREN]
        for connection in group:
            connection.recv(100)
        for connection in group:
            connection.sendall(b"a request\n")
        for connection in group:
            connection.recv(100)


if __name__ == "__main__":
    twin.main(fork, memory, zombie, orphan, adopted, server)
