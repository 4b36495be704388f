"""What a thread takes with it: by an exception, and by a fault."""
import subprocess
import sys

PROGRAM = """
import faulthandler, resource, threading
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

def fails():
    raise ValueError("it fails")

thread = threading.Thread(target={target})
thread.start()
thread.join()
print("main goes on")
"""


def run(target):
    program = PROGRAM.format(target=target)
    return subprocess.run(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


ran = run("fails")
assert ran.returncode == 0 and b"main goes on" in ran.stdout
print("an exception in a thread: main goes on, exit code 0")
ran = run("faulthandler._sigsegv")
assert ran.returncode < 0 and b"main" not in ran.stdout
print(f"a fault in a thread: the process ends, exit code {ran.returncode}")
