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
    """The wrong way: writes all of it to `cat`, and would read then."""
    written = 0
    moved = threading.Event()

    def write_all():
        nonlocal written
        try:
            while written < len(MEGABYTES):
                piece = MEGABYTES[written:written + 4096]
                written += cat.stdin.write(piece)
                moved.set()
        except BrokenPipeError:
            pass  # The reader is gone.

    with subprocess.Popen(["cat"], stdin=PIPE, stdout=PIPE, bufsize=0) as cat:
        writer = threading.Thread(target=write_all)
        writer.start()
        # A second without a single byte: they wait for each other.
        while moved.wait(PACE) and writer.is_alive():
            moved.clear()
        size = len(MEGABYTES)
        print(f"Written before read: stuck after {written} of {size} bytes")
        cat.kill()
        writer.join()


def both_at_once():
    """The right way: reads both pipes while it writes the third."""
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
        sort.stdout.close()  # They are open in the children, and should
        grep.stdout.close()  # end when those do.
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
    """Its own environment and working directory; ours stay as they are."""
    output = subprocess.check_output(
        ["sh", "-c", 'echo "$GREETING from $(pwd)"'],
        env={**os.environ, "GREETING": "Hello"},
        cwd="/",
    )
    print(f"sh: {output.decode().strip()}")


def files():
    """From a file, to a file. Neither needs a name."""
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
    time_limit(whole_group=False)
    time_limit(whole_group=True)

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


def time_limit(whole_group):
    """A child that has a child of its own, and one second of time."""
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
    print(f"child ({p.pid}): time is up, {describe_status(p.wait())}")
    after_the_end(p, grandchild)
# ANCHOR_END: failures


def after_the_end(p, grandchild):
    """The grandchild can answer, if it lives."""
    try:
        p.stdin.write("Anybody there?\n")
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
    p.stdout.read()  # Until the last of them has ended.
    p.stdout.close()


def child():
    p = subprocess.Popen([sys.executable, __file__, "grandchild"])
    print(p.pid, flush=True)
    p.wait()


def grandchild():
    for _ in sys.stdin:
        print(f"grandchild ({os.getpid()}): still here", flush=True)


def start_responder():
    """The same records as in Rust, from a thread that ends with us."""
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
    known, answers = False, []
    for of, its_kind, data in records:
        if of == name:
            known = True
            if its_kind == CNAME:
                name = data  # The rest is known under this name.
            if its_kind in (kind, CNAME):
                fixed = struct.pack("!HHIH", its_kind, 1, 60, len(data))
                answers.append(of + fixed + data)
    flags = 0x8400 | (0 if known else 3)  # An authoritative answer, or none.
    head = struct.pack("!HHHHHH", 0, flags, 1, len(answers), 0, 0)
    return packet[:2] + head[2:] + question + b"".join(answers)


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
