"""Python has no lock for readers and writers; a `Lock` and a count make one."""

import threading


# ANCHOR: main
def main():
    price, readers = 5, 0
    counting, writing = threading.Lock(), threading.Lock()
    all_reading = threading.Barrier(3)

    def read():
        nonlocal readers
        with counting:
            readers += 1
            if readers == 1:
                writing.acquire()  # The first reader keeps writers out.
        all_reading.wait()
        assert price == 5
        with counting:
            readers -= 1
            if readers == 0:
                writing.release()

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print("Three readers held the lock at the same time")
    with writing:
        price += 3
    print(f"The price is {price}")
# ANCHOR_END: main


main()
