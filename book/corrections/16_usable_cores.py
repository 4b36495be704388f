"""What `cpu_count` says of a process that is held to one core."""
import os

before = os.cpu_count()
os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
assert os.cpu_count() == before
assert len(os.sched_getaffinity(0)) == 1
print("held to one core: cpu_count() has not changed, the affinity is 1")
if hasattr(os, "process_cpu_count"):
    assert os.process_cpu_count() == 1
    print("process_cpu_count(), new, says 1")
