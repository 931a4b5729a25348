"""Somebody outside who answers, a byte at a time, and never comes to an end."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Slow: "


@contextmanager
def dripping(*, body: bool = True) -> Iterator[str]:
    """Their address while they are there; they drip their body, or else their head."""
    ended = threading.Event()
    listening = socket.create_server(("127.0.0.1", 0))

    def drip(one: socket.socket) -> None:
        with one, suppress(OSError):
            one.recv(65_536)
            one.sendall(_HEAD + (b"1\r\nContent-Length: 99999\r\n\r\n" if body else b""))
            while not ended.wait(0.02):
                one.sendall(b"1")

    def serve() -> None:
        with suppress(OSError):
            while True:
                one, _ = listening.accept()
                threading.Thread(target=drip, args=(one,), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        ended.set()
        listening.close()
