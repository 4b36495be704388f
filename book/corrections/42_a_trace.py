"""A trace of singing and dancing on one core."""
import os
import sys
import threading

os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
in_turn = threading.Barrier(2)
lines = []


def trace(frame, event, arg):
    if frame.f_code in (sing.__code__, dance.__code__) and event == "line":
        lines.append(frame.f_code.co_name)
    return trace


def sing():
    for _ in range(3):
        in_turn.wait(30)


def dance():
    for _ in range(3):
        in_turn.wait(30)


threading.settrace(trace)
threads = [threading.Thread(target=target) for target in (sing, dance)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
first_end = min(lines[::-1].index("sing"), lines[::-1].index("dance"))
assert lines.index("sing") < len(lines) - first_end
changes = sum(a != b for a, b in zip(lines, lines[1:]))
assert changes >= 3, lines
print("on one core the trace shows both, in alternation")
