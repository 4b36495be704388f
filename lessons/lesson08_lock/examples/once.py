"""A value that is computed once, by the first thread that needs it."""

import threading


# ANCHOR: main
class Once:
    """`functools.cache` may compute twice; a lock makes it once."""

    def __init__(self):
        self.lock, self.values = threading.Lock(), []

    def get(self, compute):
        with self.lock:
            if not self.values:
                self.values.append(compute())
            return self.values[0]


def read():
    print("The configuration is read")
    return "depth = 3"


def main():
    config, winner = Once(), Once()
    threads = [
        threading.Thread(target=config.get, args=(read,)) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(f'All threads use "{config.get(read)}"')
    winner.get(lambda: "Thread-1")
    print(f"The winner is {winner.get(lambda: 'Thread-2')}")
# ANCHOR_END: main


main()
