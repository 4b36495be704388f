import multiprocessing

from common import main, micros


def wait(line, other):
    other.close()
    line.recv_bytes()


def join(times):
    children = []
    for _ in range(times):
        ours, theirs = multiprocessing.Pipe()
        child = multiprocessing.Process(target=wait, args=(theirs, ours))
        child.start()
        children.append((ours, child))

    def one():
        line, child = children.pop()
        line.send_bytes(b"!")
        child.join(60)
        assert child.exitcode == 0

    return micros(times, one)


if __name__ == "__main__":
    main(globals())
