"""A `Barrier`: no thread continues before all have arrived."""

import threading


# ANCHOR: main
def main():
    arrived, leaders = [], []
    barrier = threading.Barrier(3)

    def run():
        arrived.append(1)
        number = barrier.wait(timeout=60)  # Python's may time out, and break.
        assert len(arrived) == 3
        if number == 0:
            leaders.append(number)

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(f"All 3 threads passed, {len(leaders)} of them as the leader")
# ANCHOR_END: main


main()
