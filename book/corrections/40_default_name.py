"""What a thread is called that was given no name."""
import threading


def loop():
    print(threading.current_thread().name)


thread = threading.Thread(target=loop)
thread.start()
thread.join()
