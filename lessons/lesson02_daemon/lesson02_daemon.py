"""Lesson 2: Daemon, in Python.

Run: python3 lessons/lesson02_daemon/lesson02_daemon.py [PART]
"""

import fcntl
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "shared"))
import twin
from twin import nap


# ANCHOR: foreground
def foreground():
    """a child that is waited for"""
    p = multiprocessing.Process(target=worker, args=(3,))
    p.start()
    print("【END】")
    p.join()  # When the program exits, Python does this for you.


def worker(interval):
    me = os.getpid()
    print(f"worker ({me}) starts at {time.strftime('%T')}", flush=True)
    nap(interval)
    print(f"worker ({me}) ends at {time.strftime('%T')}", flush=True)
# ANCHOR_END: foreground


# ANCHOR: parent
def parent(way):
    fork = multiprocessing.get_context("fork")
    p = fork.Process(target=worker, args=(60,))
    p.daemon = True
    p.start()
    sys.stdin.readline()  # Until the lesson lets it end.
    if way == "exception":
        raise RuntimeError("the parent has had enough")
    print("【END】")
# ANCHOR_END: parent


def daemon():
    """a child that ends with its parent"""
    for way in ("return", "exception", "Ctrl-C", "SIGKILL"):
        with child("parent", way, stderr=subprocess.DEVNULL) as p:
            first = p.stdout.readline().decode()
            print(first, end="")
            pid = int(first.split("(")[1].split(")")[0])
            try:
                nap(1.0)
                end(p, way)
            finally:
                runs_on = kill(pid)
            for line in p.stdout:
                print(line.decode(), end="")
        child_is = "its child runs on" if runs_on else "its child with it"
        print(f"{way}: the parent ended with {p.returncode}, {child_is}")


def kill(pid):
    """Kills the process, and returns whether it was still there."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def child(role, *args, **options):
    """This very program again, in another role."""
    command = [sys.executable, __file__, role, *args]
    pipe = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    return subprocess.Popen(command, bufsize=0, **{**pipe, **options})


def end(p, way):
    if way == "Ctrl-C":
        p.send_signal(signal.SIGINT)
    elif way == "SIGKILL":
        p.kill()
    else:
        p.stdin.close()  # The parent reads the end of its input.
    p.wait()


# ANCHOR: five_threads
def five_threads(ending):
    print("This is the main thread: MainThread")
    start = time.perf_counter()
    all_have_begun = threading.Barrier(5 + 1)

    def run(k):
        print(f"Current thread: Thread-{k}")
        all_have_begun.wait()
        nap(2.0)
        print(f"Result: {8 ** 20}")

    threads = []
    for k in range(1, 6):
        thread = threading.Thread(target=run, args=(k,))
        thread.daemon = True  # Was: thread.setDaemon(True)
        thread.start()
        threads.append(thread)
    all_have_begun.wait()
    if ending == "join":
        for thread in threads:
            thread.join()
    print(f"In all: {time.perf_counter() - start:.2f} seconds")
# ANCHOR_END: five_threads


def threads():
    """five threads, and main returns"""
    for ending in ("return", "join"):
        results = 0
        with child("five_threads", ending) as p:
            for line in p.stdout:
                results += line.startswith(b"Result: ")
                print(line.decode(), end="")
        print(f"{ending}: of five threads {results} finished")


# ANCHOR: daemonize
def daemonize():
    """Returns twice, as `fork` does: False in the caller, True in a daemon."""
    middle = os.fork()
    if middle > 0:
        os.waitpid(middle, 0)
        return False
    os.setsid()  # A session of its own, which has no terminal.
    if os.fork() > 0:
        os._exit(0)  # Only a session leader may get a terminal again.
    os.umask(0o027)
    os.chdir("/")
    null = os.open("/dev/null", os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)
    return True
# ANCHOR_END: daemonize


def start(folder, leash=None):
    folder = Path(folder).resolve(strict=True)
    pid_file = lock(folder)
    if not pid_file:
        pid = (folder / "lesson02_daemon.pid").read_text().strip()
        sys.exit(f"lesson02_daemon: start: refused: daemon {pid} runs")
    leash = os.dup(0) if leash else None
    ours, theirs = socket.socketpair()
    if daemonize():
        ours.close()
        daemon_of(folder, pid_file, theirs, leash)
        os._exit(0)
    theirs.close()
    ours.send(b"!")  # The intermediate process has exited.
    if not ours.recv(1):
        sys.exit("lesson02_daemon: start: the daemon ended before it was ready")
    pid = (folder / "lesson02_daemon.pid").read_text().strip()
    print(f"start: daemon {pid} runs")


def daemon_of(folder, pid_file, starter, leash):
    starter.recv(1)  # The intermediate process has exited.
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
    path = folder / "lesson02_daemon.log"
    log = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    log_state(log)
    os.write(pid_file.fileno(), f"{os.getpid()}\n".encode())
    threading.Thread(target=beat, args=(log,), daemon=True).start()
    if leash is not None:
        of_leash = (leash, path)
        threading.Thread(target=end_with, args=of_leash, daemon=True).start()
    starter.send(b"!")
    starter.close()

    signal.sigwait([signal.SIGTERM])
    write_line(log, "SIGTERM: removes its pid file and ends")
    (folder / "lesson02_daemon.pid").unlink()
    if leash is not None:
        try:
            folder.rmdir()  # Only when it is empty.
        except OSError:
            pass


def log_state(log):
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY))
        terminal = "a terminal"
    except OSError:
        terminal = "no terminal"
    parent, session = os.getppid(), os.getsid(0)
    write_line(log, f"parent {parent}, session {session}, {terminal}")
    null = os.stat("/dev/null").st_rdev
    all_null = all(os.fstat(fd).st_rdev == null for fd in (0, 1, 2))
    streams = "/dev/null" if all_null else "still open"
    mode = os.fstat(log).st_mode & 0o777
    write_line(log, f"in {os.getcwd()}, streams {streams}, log mode {mode:o}")


def beat(log):
    n = 0
    while True:
        n += 1
        write_line(log, f"heartbeat {n}")
        nap(1.0)


def write_line(log, what):
    os.write(log, f"daemon ({os.getpid()}): {what}\n".encode())


def end_with(leash, log):
    while os.read(leash, 1):
        pass
    try:
        log.unlink()
    except FileNotFoundError:
        pass  # The lesson may have done so.
    os.kill(os.getpid(), signal.SIGTERM)


def lock(folder):
    """Creates the pid file and locks it; None if another process holds it."""
    path = folder / "lesson02_daemon.pid"
    while True:
        file = path.open("a+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return None
        # Its last holder may have removed the file that is open here.
        ours = os.fstat(file.fileno()).st_ino
        if path.exists() and path.stat().st_ino == ours:
            file.truncate(0)
            return file


def running(role, folder):
    """The pid of the daemon, and its locked pid file."""
    path = Path(folder).resolve() / "lesson02_daemon.pid"
    try:
        file = path.open()
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return int(file.read()), file
    except FileNotFoundError:
        pass
    sys.exit(f"lesson02_daemon: {role}: no daemon runs there")


def status(folder, *_):
    pid, _ = running("status", folder)
    print(f"status: daemon {pid} runs")


def stop(folder, *_):
    pid, pid_file = running("stop", folder)
    os.kill(pid, signal.SIGTERM)
    fcntl.flock(pid_file, fcntl.LOCK_SH)  # Free when the daemon has exited.
    print(f"stop: daemon {pid} has ended")


def detach():
    """a Unix daemon: start, status, stop"""
    with tempfile.TemporaryDirectory() as folder:
        leash, hold = os.pipe()
        succeeds = [
            run("start", folder, leash),
            run("status", folder),
            run("start", folder),
        ]
        os.close(leash)
        assert succeeds == [True, True, False], "it runs, and it runs once"
        log = Path(folder) / "lesson02_daemon.log"
        while log.read_text().count("heartbeat") < 3:
            running("detach", folder)[1].close()
            nap(0.1)
        assert run("stop", folder)
        assert not run("status", folder), "it has ended"
        print(log.read_text(), end="")
        os.close(hold)


def run(role, folder, leash=subprocess.DEVNULL):
    with child(role, folder, "leash", stdin=leash, stdout=None) as p:
        return p.wait() == 0


def role():
    """Plays a role if the command line names one."""
    roles = (parent, five_threads, start, status, stop)
    by_name = {role.__name__: role for role in roles}
    if sys.argv[1:2] and sys.argv[1] in by_name:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        sys.stdout = twin.WholeLines()
        by_name[sys.argv[1]](*sys.argv[2:])
        return True
    return False


if __name__ == "__main__":
    role() or twin.main(foreground, daemon, threads, detach)
