"""The names that are spelled wrongly: what Python says of each."""
import subprocess
import sys

WRONG = {
    "import multiproccessing": "import multiproccessing",
    "import nmap": "import nmap",
    "import cpu_count": "import cpu_count",
    "threading.lock()": "import threading; threading.lock()",
    "aapply_async": "import multiprocessing.pool as p; p.Pool.aapply_async",
    "emtpy()": "import queue; queue.Queue().emtpy()",
    "isSe()": "import threading; threading.Event().isSe()",
    "setDeamon": "import threading; threading.Thread().setDeamon",
}
for name, line in WRONG.items():
    # Without the packages that somebody may have installed.
    command = [sys.executable, "-I", "-S", "-c", line]
    ran = subprocess.run(command, stderr=subprocess.PIPE)
    error = ran.stderr.decode().splitlines()[-1].split(":")[0]
    assert error in ("ModuleNotFoundError", "AttributeError"), error
    print(f"{name:<23} {error}")
