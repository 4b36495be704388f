"""The documents' queue between threads: six lines, and no end."""
import subprocess
import sys

PROGRAM = """
from queue import Queue
from threading import Thread

is_read = True

def write(q):
    for value in "ABC":
        print("write", value)
        q.put(value)

def read(q):
    while is_read:
        print("read", q.get(True))

q = Queue()
Thread(target=write, args=(q,)).start()
Thread(target=read, args=(q,)).start()
"""
program = subprocess.Popen(
    [sys.executable, "-u", "-c", PROGRAM], stdout=subprocess.PIPE
)
reads = 0
while reads < 3:
    reads += b"read" in program.stdout.readline()
print("three values are written and read")
try:
    program.wait(2)
except subprocess.TimeoutExpired:
    print("the program is still there after 2 s")
program.kill()
program.communicate()
