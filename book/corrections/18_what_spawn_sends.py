"""What a child has that is started anew, as on Windows."""
import multiprocessing
import os
import subprocess
import sys
import tempfile

UNGUARDED = """
import multiprocessing
multiprocessing.set_start_method("spawn")
multiprocessing.Process(target=print).start()
"""
balance = 0
nothing = lambda: 0


def send_facts(pipe):
    pipe.send(balance)


def main():
    global balance
    balance = 100
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    child = spawn.Process(target=send_facts, args=(theirs,))
    child.start()
    assert ours.recv() == 0
    child.join()
    print("a global that the parent has changed is as new in the child")
    try:
        spawn.Process(target=nothing).start()
    except Exception as error:
        print("a lambda as its target:", type(error).__name__)
    with tempfile.TemporaryDirectory() as folder:
        script = os.path.join(folder, "unguarded.py")
        with open(script, "w") as file:
            file.write(UNGUARDED)
        ran = subprocess.run([sys.executable, script], stderr=subprocess.PIPE)
    assert b"RuntimeError" in ran.stderr
    print("without `if __name__ == \"__main__\":` RuntimeError")


if __name__ == "__main__":
    main()
