import subprocess

from common import main, micros

MEGABYTES = 8


def run_true(times):
    return micros(times, lambda: subprocess.call(["true"]))


def communicate(times):
    data = b"0123456789abcde\n" * (MEGABYTES * 1024 * 64)

    def one():
        cat = subprocess.Popen(
            ["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert cat.communicate(data)[0] == data

    return MEGABYTES / (micros(times, one) / 1e6)


main(globals())
