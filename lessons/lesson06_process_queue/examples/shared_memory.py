"""Memory that another process finds by a name: `SharedMemory`."""

from multiprocessing import Process
from multiprocessing.shared_memory import SharedMemory


# ANCHOR: write
def write(name):
    memory = SharedMemory(name)
    memory.buf[:5] = b"hello"
    memory.close()


def main():
    memory = SharedMemory(create=True, size=16)
    child = Process(target=write, args=(memory.name,))
    child.start()
    child.join()
    text = bytes(memory.buf[:5]).decode()
    print(f'The child has written "{text}"')
    memory.close()
    memory.unlink()  # Forgotten, it stays until the machine restarts.
# ANCHOR_END: write


if __name__ == "__main__":
    main()
