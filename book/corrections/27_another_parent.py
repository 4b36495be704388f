"""A child whose parent does not wait for it asks who its parent is."""
import os

report, reporter = os.pipe()
signal, starter = os.pipe()
parent = os.fork()
if parent == 0:  # The documents' program: it forks, and ends.
    if os.fork() == 0:
        os.close(starter)
        os.read(signal, 1)  # Until its parent has ended.
        os.write(reporter, str(os.getppid()).encode())
    os._exit(0)
os.waitpid(parent, 0)
os.write(starter, b"x")
assert int(os.read(report, 20)) != parent
print("its parent has ended: it has another one")
