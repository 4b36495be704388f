import ctypes
import os

from common import main, micros


def fork_one():
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)


def fork(times):
    return micros(times, fork_one)


def fork_large(times):
    memory = ctypes.create_string_buffer(256 * 1024 * 1024)
    ctypes.memset(memory, 1, len(memory))
    return micros(times, fork_one)


main(globals())
