"""A mail server of this machine: takes what it is sent, or refuses it; it offers no encryption."""

import socketserver
import threading
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest


class Mailbox:
    """`answer` is what it says to a message that came whole; `taken` are those it took."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.answer = "250 taken"
        outer = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                self._say("220 here")
                while line := self.rfile.readline():
                    word = line.split()[0].upper()
                    if word == b"DATA":
                        self._say("354 go on")
                        outer._take(self._data())
                        self._say(outer.answer)
                    elif word == b"QUIT":
                        return self._say("221 bye")
                    else:
                        self._say("250 yes")
                return None

            def _data(self) -> bytes:
                lines = []
                while (line := self.rfile.readline()) != b".\r\n":
                    lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
                return b"".join(lines)

            def _say(self, text: str) -> None:
                self.wfile.write(f"{text}\r\n".encode())

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.url = f"smtp://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def _take(self, data: bytes) -> None:
        if self.answer.startswith("2"):
            self.taken.append(message_from_bytes(data, policy=policy.default))

    def stop(self) -> None:
        """Take nothing any more."""
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """A mail server, for as long as the test lasts."""
    made = Mailbox()
    yield made
    made.stop()
