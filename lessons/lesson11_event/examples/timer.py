"""A `Timer`: a call after some time, unless it is cancelled before."""

import threading


# ANCHOR: main
def main():
    timer = threading.Timer(0.001, print, args=["Time is up"])
    timer.start()
    timer.join()
    timer = threading.Timer(3600, print, args=["An hour has passed"])
    timer.start()
    timer.cancel()
    timer.join()
    print("The second timer was cancelled")
# ANCHOR_END: main


main()
