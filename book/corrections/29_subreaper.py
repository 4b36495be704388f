"""Who adopts an orphan when a subreaper is above it."""
import ctypes
import os

PR_SET_CHILD_SUBREAPER = 36
assert ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0

report, reporter = os.pipe()
signal, starter = os.pipe()
middle = os.fork()
if middle == 0:
    if os.fork() == 0:
        os.close(starter)
        os.read(signal, 1)  # Until its parent has ended.
        os.write(reporter, str(os.getppid()).encode())
    os._exit(0)
os.waitpid(middle, 0)
os.write(starter, b"x")
assert int(os.read(report, 20)) == os.getpid() != 1
os.wait()
print("the orphan's parent is the subreaper, and not process 1")
