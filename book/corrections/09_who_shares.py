"""Threads of a process share its memory; processes do not."""
import multiprocessing
import threading

balance = []


def deposit():
    balance.append(5)


if __name__ == "__main__":
    thread = threading.Thread(target=deposit)
    thread.start()
    thread.join()
    assert balance == [5]
    print("what a thread has put into a list is there")
    process = multiprocessing.Process(target=deposit)
    process.start()
    process.join()
    assert process.exitcode == 0 and balance == [5]
    print("what a process has put into a list is not")
