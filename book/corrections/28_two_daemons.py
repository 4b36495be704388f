"""An orphan, a Unix daemon and a daemon child are three things."""
import multiprocessing
import os


def session_of_orphan(is_daemon):
    """The session of a child whose parent has ended."""
    report, reporter = os.pipe()
    signal, starter = os.pipe()
    middle = os.fork()
    if middle == 0:
        if is_daemon:
            os.setsid()
        if os.fork() == 0:
            os.close(starter)
            os.read(signal, 1)  # Until its parent has ended.
            os.write(reporter, str(os.getsid(0)).encode())
        os._exit(0)
    os.waitpid(middle, 0)
    os.write(starter, b"x")
    return int(os.read(report, 20))


def daemon_child(pipe):
    pipe.send((os.getppid(), os.getsid(0)))


if __name__ == "__main__":
    session = os.getsid(0)
    assert session_of_orphan(is_daemon=False) == session
    print("an orphan: another parent, the same session")
    assert session_of_orphan(is_daemon=True) != session
    print("a Unix daemon: another parent, a session of its own")
    ours, theirs = multiprocessing.Pipe()
    fork = multiprocessing.get_context("fork")
    child = fork.Process(target=daemon_child, args=(theirs,), daemon=True)
    child.start()
    assert ours.recv() == (os.getpid(), session)
    child.join()
    print("`daemon=True`: the same parent, the same session")
