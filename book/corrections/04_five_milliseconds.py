"""When a thread is asked to let go of the GIL."""
import sys
import threading
import time

assert sys.getswitchinterval() == 0.005
print("a thread that waits for the GIL asks for it after 5 ms")

ticks = 0
is_over = False


def tick():
    global ticks
    while not is_over:
        ticks += 1
        time.sleep(0)  # Releases the GIL, and acquires it again.


ticker = threading.Thread(target=tick)
ticker.start()
while not ticks:
    time.sleep(0.001)
sys.setswitchinterval(60)
time.sleep(0.1)
before = ticks
for _ in range(1_000_000):
    pass
nobody_came = ticks == before
is_over = True
ticker.join()
who = "nobody else runs" if nobody_came else "others run"
print(f"asked after 60 s: {who} in a loop of 1,000,000 rounds")
