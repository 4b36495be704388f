"""How many workers `Pool()` starts, held to one core."""
import multiprocessing
import os

if __name__ == "__main__":
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    os.cpu_count = lambda: 3  # Let the machine have three.
    with multiprocessing.Pool():
        workers = len(multiprocessing.active_children())
    whose = {3: "the machine has", 1: "the process may use"}
    print("Pool(): a worker for each core that", whose[workers])
