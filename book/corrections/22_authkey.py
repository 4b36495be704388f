"""What the authkey protects between two programs, and what it does not."""
import os
import socket
import threading
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Listener

seen = bytearray()


def relay(door, address):
    """Passes on what two sides say to each other, and reads along."""
    with door.accept()[0] as a, socket.create_connection(address) as b:
        back = threading.Thread(target=copy, args=(b, a))
        back.start()
        copy(a, b)
        back.join()


def copy(source, sink):
    while True:
        data = source.recv(4096)
        if not data:
            sink.shutdown(socket.SHUT_WR)
            return
        seen.extend(data)
        sink.sendall(data)


class Bomb:
    def __reduce__(self):
        return os.getenv, ("HOME", "run by whoever reads it")


def server(listener):
    with listener.accept() as client:
        received.append(client.recv())
        received.append(client.recv())
    try:
        listener.accept()
    except AuthenticationError:
        received.append("refused")


received = []
listener = Listener(("127.0.0.1", 0), authkey=b"abc")
serving = threading.Thread(target=server, args=(listener,))
serving.start()
door = socket.create_server(("127.0.0.1", 0))
between = threading.Thread(target=relay, args=(door, listener.address))
between.start()
with Client(door.getsockname(), authkey=b"abc") as client:
    client.send("3411 times 3411")
    client.send(Bomb())
between.join()
try:
    Client(listener.address, authkey=b"xyz")
except AuthenticationError:
    print("a wrong key is refused")
serving.join()
door.close()
listener.close()
assert b"3411 times 3411" in seen
print("with the right key, whoever listens in reads the text")
assert received[1] == os.getenv("HOME", "run by whoever reads it")
print("and an object has its reader call a function")
everywhere = Listener(("", 0), authkey=b"abc")
print("the address '' means", everywhere.address[0])
everywhere.close()
