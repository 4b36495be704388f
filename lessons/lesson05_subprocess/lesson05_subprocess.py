"""Lesson 5: Subprocess, in Python.

Run: python3 lessons/lesson05_subprocess/lesson05_subprocess.py [PART]
"""

import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from subprocess import PIPE

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "shared"))
import twin
from twin import PACE, nap

SOURCES = Path(__file__).resolve().parent / "src"


# ANCHOR: call
def call():
    """run ls, and look at its exit code"""
    for file in [".", "no_such_file"]:
        print(f"$ ls {file}")
        code = subprocess.call(["ls", file], cwd=SOURCES)
        print(f"Exit code: {code}")


def nslookup():
    """a real program asks for a name"""
    port = start_responder()
    print("$ nslookup www.python.org")
    code = subprocess.call(
        ["nslookup", f"-port={port}", "www.python.org", "127.0.0.1"]
    )
    print(f"Exit code: {code}")
# ANCHOR_END: call


# ANCHOR: communicate
def communicate():
    """both ways at once"""
    port = start_responder()
    print("$ nslookup")
    p = subprocess.Popen(
        ["nslookup", f"-port={port}", "-", "127.0.0.1"],
        stdin=PIPE, stdout=PIPE, stderr=PIPE,
    )
    output, errors = p.communicate(b"set q=mx\npython.org\nexit\n")
    print(output.decode())
    print(f"Error: {errors.decode()}")
    print(f"Exit code: {p.returncode}")

    written_before_read()
    both_at_once()
# ANCHOR_END: communicate


MEGABYTES = b"0123456789abcde\n" * (512 * 1024)


def written_before_read():
    """The wrong way: writes all input to `cat` before it reads any output."""
    written = 0
    progress = threading.Event()

    def write_all():
        nonlocal written
        try:
            while written < len(MEGABYTES):
                piece = MEGABYTES[written:written + 4096]
                written += cat.stdin.write(piece)
                progress.set()
        except BrokenPipeError:
            pass  # The reader is gone.

    with subprocess.Popen(["cat"], stdin=PIPE, stdout=PIPE, bufsize=0) as cat:
        writer = threading.Thread(target=write_all)
        writer.start()
        # A second without progress: the writer and `cat` are deadlocked.
        while progress.wait(PACE) and writer.is_alive():
            progress.clear()
        size = len(MEGABYTES)
        print(f"Written before read: stuck after {written} of {size} bytes")
        cat.kill()
        writer.join()


def both_at_once():
    """The right way: reads both pipes while it writes to the third."""
    tee = subprocess.run(
        ["tee", "/dev/stderr"], input=MEGABYTES, stdout=PIPE, stderr=PIPE
    )
    wrote, out, err = len(MEGABYTES), len(tee.stdout), len(tee.stderr)
    print(
        f"Both at once: wrote {wrote}, "
        f"read {out} from stdout and {err} from stderr"
    )
    assert tee.stdout == tee.stderr == MEGABYTES


# ANCHOR: pipeline
def pipeline():
    """three commands in a pipe"""
    for letter in ["A", "X"]:
        sort = subprocess.Popen(["sort"], stdin=PIPE, stdout=PIPE)
        grep = subprocess.Popen(
            ["grep", letter], stdin=sort.stdout, stdout=PIPE
        )
        wc = subprocess.Popen(["wc", "-l"], stdin=grep.stdout, stdout=PIPE)
        sort.stdout.close()  # The children have these pipes now. A copy that
        grep.stdout.close()  # stays open here would keep them from ending.
        sort.stdin.write(b"Grace\nAda\nBarbara\nAlan\n")
        sort.stdin.close()
        lines = wc.communicate()[0].decode().strip()
        print(f"$ sort | grep {letter} | wc -l: {lines} lines")
        codes = [str(p.wait()) for p in (sort, grep, wc)]
        print(f"Exit codes: {', '.join(codes)}")
    surroundings()
    files()
# ANCHOR_END: pipeline


def surroundings():
    """A child with its own environment and working directory."""
    output = subprocess.check_output(
        ["sh", "-c", 'echo "$GREETING from $(pwd)"'],
        env={**os.environ, "GREETING": "Hello"},
        cwd="/",
    )
    print(f"sh: {output.decode().strip()}")


def files():
    """A child that reads a file and writes a file. Neither has a name."""
    with tempfile.TemporaryFile() as source:
        source.write(b"Grace\nAda\nBarbara\nAlan\n")
        source.seek(0)
        with tempfile.TemporaryFile() as target:
            subprocess.check_call(["sort"], stdin=source, stdout=target)
            target.seek(0)
            names = target.read().decode().split()
    print(f"sort, file to file: {', '.join(names)}")


# ANCHOR: failures
def failures():
    """what can go wrong"""
    try:
        subprocess.call(["no_such_program"])
    except FileNotFoundError:
        print("no_such_program: not found")
    for command in ["exit 3", "kill -9 $$"]:
        code = subprocess.call(["sh", "-c", command])
        print(f"sh -c '{command}': {describe_status(code)}")
    timeout(whole_group=False)
    timeout(whole_group=True)

    output = subprocess.check_output(["printf", r"caf\351"])
    try:
        print(f"printf: {output.decode()}")
    except UnicodeDecodeError as error:
        rest = output.decode(errors="replace")
        print(
            f"printf: not UTF-8 after {error.start} bytes; "
            f"the rest replaced: {rest}"
        )


def describe_status(code):
    if code < 0:
        name = signal.Signals(-code).name
        return f"exit code {code}, so ended by signal {-code} ({name})"
    return f"exit code {code}"


def timeout(whole_group):
    """Starts a child that starts a grandchild, and kills after one second."""
    p = subprocess.Popen(
        [sys.executable, __file__, "child"], stdin=PIPE, stdout=PIPE,
        universal_newlines=True, start_new_session=whole_group,
    )
    grandchild = int(p.stdout.readline())
    leads = "leads a group and " if whole_group else ""
    print(f"child ({p.pid}) {leads}has a child ({grandchild})")
    try:
        p.wait(timeout=PACE)
    except subprocess.TimeoutExpired:
        if whole_group:
            os.killpg(p.pid, signal.SIGKILL)
        else:
            p.kill()
    print(f"child ({p.pid}): timeout, {describe_status(p.wait())}")
    ask_grandchild(p, grandchild)
# ANCHOR_END: failures


def ask_grandchild(p, grandchild):
    """If the grandchild is alive, it answers."""
    try:
        p.stdin.write("are you there?\n")
        p.stdin.flush()
    except BrokenPipeError:
        pass
    answer = p.stdout.readline()
    print(answer.strip() or f"grandchild ({grandchild}): gone as well")
    if answer:
        nap(0.5)
    try:
        p.stdin.close()
    except BrokenPipeError:
        pass
    p.stdout.read()  # Until both have exited.
    p.stdout.close()


def child():
    p = subprocess.Popen([sys.executable, __file__, "grandchild"])
    print(p.pid, flush=True)
    p.wait()


def grandchild():
    for _ in sys.stdin:
        print(f"grandchild ({os.getpid()}): still here", flush=True)


def start_responder():
    """The same records as in Rust, in a thread that ends with this program."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))

    def serve():
        while True:
            packet, client = server.recvfrom(512)
            server.sendto(reply(packet), client)

    threading.Thread(target=serve, daemon=True).start()
    return server.getsockname()[1]


A, CNAME, MX, AAAA = 1, 5, 15, 28
MAIL_6 = socket.inet_pton(socket.AF_INET6, "2001:888:2000:d::a6")


def reply(packet):
    question = packet[12:packet.index(b"\0", 12) + 5]
    name, (kind,) = question[:-4].lower(), struct.unpack("!H", question[-4:-2])
    fastly, mail = wire("python.map.fastly.net"), wire("mail.python.org")
    records = [
        (wire("www.python.org"), CNAME, fastly),
        (fastly, A, socket.inet_aton("199.27.79.223")),
        (wire("python.org"), MX, struct.pack("!H", 50) + mail),
        (mail, A, socket.inet_aton("82.94.164.166")),
        (mail, AAAA, MAIL_6),
    ]
    known, exchange, answers, additional = False, None, [], []
    for of, its_kind, data in records:
        fixed = struct.pack("!HHIH", its_kind, 1, 60, len(data))
        record = of + fixed + data
        if of == exchange:
            additional.append(record)
        elif of == name:
            known = True
            if its_kind == CNAME:
                name = data  # The other records are known under this name.
            elif its_kind != kind:
                continue
            elif its_kind == MX:
                exchange = mail
            answers.append(record)
    flags = 0x8180 | (0 if known else 3)  # The reply of a resolver.
    counts = (1, len(answers), 0, len(additional))
    head = packet[:2] + struct.pack("!HHHHH", flags, *counts)
    return head + question + b"".join(answers + additional)


def wire(name):
    labels = [bytes([len(word)]) + word.encode() for word in name.split(".")]
    return b"".join(labels) + b"\0"


def missing(program):
    package = {"nslookup": "bind9-dnsutils"}.get(program, "coreutils")
    return (
        f"there is no {program} on this machine; "
        f"install it (on Debian: apt-get install {package})"
    )


if __name__ == "__main__":
    if sys.argv[1:] == ["child"]:
        child()
    elif sys.argv[1:] == ["grandchild"]:
        grandchild()
    else:
        try:
            twin.main(call, nslookup, communicate, pipeline, failures)
        except FileNotFoundError as error:
            print(missing(error.filename), file=sys.stderr)
            sys.exit(2)
