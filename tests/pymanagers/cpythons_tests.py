"""Runs CPython's own tests of managers, unedited, with our server in place of
CPython's.

    python cpythons_tests.py SERVER right|wrong

SERVER is our `sync_manager`. Where a manager would fork a server in Python,
it forks one that runs SERVER; with "wrong" that one is given another key.
Prints the version, and a line for each test: its name, and how it went.
"""

import contextlib
import importlib
import multiprocessing
import os
import platform
import socket
import subprocess
import sys
import tempfile
import unittest
from multiprocessing import connection
from multiprocessing.managers import BaseManager
from unittest import mock

SERVER, KEY = sys.argv[1:]

# CPython's classes, and what of them is about something that we serve.
ALL = None
CLASSES = {
    "WithManagerTestQueue": ALL,
    "WithManagerTestLock": ALL,
    "WithManagerTestSemaphore": ALL,
    "WithManagerTestEvent": ALL,
    "WithManagerTestMyManager": ALL,
    "WithManagerTestManagerRestart": ALL,
    "TestManagerExceptions": ALL,
    "TestSyncManagerTypes": [
        "test_event",
        "test_lock",
        "test_rlock",
        "test_semaphore",
        "test_bounded_semaphore",
        "test_queue",
        "test_joinable_queue",
        "test_list",
        "test_dict",
        "test_namespace",
        "test_array",
        "test_value",
    ],
    "OtherTest": ALL,
    "ChallengeResponseTest": ALL,
}


@contextlib.contextmanager
def ours(mode, key):
    """Our program, and a connection to its standard input and output."""
    here, there = socket.socketpair()
    with here, there:
        program = subprocess.Popen(
            [SERVER, mode],
            stdin=there,
            stdout=there,
            stderr=subprocess.DEVNULL,  # In what ends badly, it is meant to.
        )
        there.close()
        told = connection.Connection(here.detach())
        told.send_bytes(bytes(key) if KEY == "right" else b"another key")
        with told:
            yield program, told
        program.wait()


def run_server(
    cls, registry, address, authkey, serializer, writer, *initializer
):
    """What a manager's process does."""
    host, port = address or ("localhost", 0)
    where = "%s:%d" % (socket.gethostbyname(host), port)
    with ours(where, authkey) as (program, told):
        port = int(told.recv_bytes())
        writer.send((socket.gethostbyname(host), port))
        writer.close()
        # Until our program ends, or no process is left that would end it.
        parent = multiprocessing.parent_process()
        connection.wait([told, parent.sentinel])
    sys.exit(program.wait())


def deliver_challenge(theirs, authkey):
    """The first half of our server's handshake."""
    with ours("server", authkey) as (_, told):
        theirs.send_bytes(told.recv_bytes())
        told.send_bytes(theirs.recv_bytes(256))
        verdict = told.recv_bytes()
        theirs.send_bytes(verdict)
    if verdict != b"#WELCOME#":
        raise multiprocessing.AuthenticationError(verdict)


def answer_challenge(theirs, authkey):
    """The first half of our client's handshake."""
    with ours("client", authkey) as (_, told):
        told.send_bytes(theirs.recv_bytes(256))
        try:
            theirs.send_bytes(told.recv_bytes())
            told.send_bytes(theirs.recv_bytes(256))
            told.recv_bytes()  # Our client is content, and asks in turn.
        except (EOFError, OSError) as error:
            raise multiprocessing.AuthenticationError(error)


def create_response(authkey, message):
    """What our client answers; whether that is right, CPython says."""
    with ours("client", authkey) as (_, told):
        told.send_bytes(b"#CHALLENGE#" + message)
        return told.recv_bytes()


def load():
    """CPython's tests, from the file that is installed with it."""
    try:
        theirs = importlib.import_module("test._test_multiprocessing")
    except ImportError as error:
        print("no tests here: %s" % error)
        sys.exit()
    theirs.SERIALIZER = "pickle"  # It is "xmlrpclib" there.
    if KEY == "wrong":
        theirs.SHUTDOWN_TIMEOUT = 1  # None will hear that it should end.
    theirs.install_tests_in_module_dict(globals(), "fork")
    for name, names in CLASSES.items():
        found = globals().get(name)
        if found is not None:
            names = names or unittest.defaultTestLoader.getTestCaseNames(found)
            yield from map(found, names)


class Result(unittest.TestResult):
    """Tells how each test went, as soon as it is known."""

    def tell(self, test, how, why=""):
        last = why.rstrip().rpartition("\n")[2]
        name = ".".join(test.id().split(".")[-2:])
        print("%s: %s%s" % (name, how, last and ": " + last), flush=True)

    def addSuccess(self, test):
        self.tell(test, "passes")

    def addSkip(self, test, reason):
        self.tell(test, "skipped", reason)

    def addError(self, test, error):
        self.tell(test, "red", self._exc_info_to_string(error, test))
        if test.id().startswith("tearDownClass"):
            # Its server is still there, and the next class would wait.
            for child in multiprocessing.active_children():
                child.terminate()

    addFailure = addError

    def addSubTest(self, test, subtest, error):
        if error is not None:
            self.addError(test, error)


def main():
    print("CPython %s" % platform.python_version(), flush=True)
    tests = unittest.TestSuite(load())
    BaseManager._run_server = classmethod(run_server)
    challenge = mock.patch.multiple(
        connection,
        deliver_challenge=deliver_challenge,
        answer_challenge=answer_challenge,
    )
    challenge(globals()["OtherTest"])
    if "ChallengeResponseTest" in globals():
        response = mock.patch.object(
            connection, "_create_response", create_response
        )
        response(globals()["ChallengeResponseTest"])
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        tests.run(Result())
        os.chdir("/")


if __name__ == "__main__":
    main()
