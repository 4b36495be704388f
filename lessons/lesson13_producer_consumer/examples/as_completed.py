"""Results in the order in which the threads finish: `as_completed`."""

import threading
from concurrent.futures import ThreadPoolExecutor, as_completed


# ANCHOR: main
def main():
    go = threading.Event()

    def slow():
        go.wait()  # It finishes after the fast one.
        return "slow"

    with ThreadPoolExecutor(2) as executor:
        futures = [executor.submit(slow), executor.submit(lambda: "fast")]
        for future in as_completed(futures):
            print(f"completed: {future.result()}")
            go.set()
# ANCHOR_END: main


main()
