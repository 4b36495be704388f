"""A `Semaphore` with two permits."""

import threading


# ANCHOR: main
def main():
    permits = threading.BoundedSemaphore(2)
    counting, inside, most = threading.Lock(), 0, 0

    def run():
        nonlocal inside, most
        with permits:  # Blocks while both are taken.
            with counting:
                inside += 1
                most = max(most, inside)
            with counting:
                inside -= 1

    threads = [threading.Thread(target=run) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most <= 2
    print("Never more than 2 of 5 threads were inside")
# ANCHOR_END: main


main()
