"""Somebody outside at an address of this machine: takes what is posted, or refuses it."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest


class Outside:
    """`answers` is the status of the next answers, `never` what is refused even so; `headers` are
    of everything that came."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.answers = 201
        self.never: set[str] = set()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.headers.append(dict(self.headers))
                refused = self.headers.get("webhook-id") in outer.never
                status = 400 if refused else outer.answers
                if status < 300:
                    outer.taken.append(body.decode())
                self.send_response(status)
                self.send_header("Location", "http://127.0.0.1:9/elsewhere")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Nothing."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/log"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        """Take nothing any more."""
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def outside() -> Iterator[Outside]:
    """Somebody outside, for as long as the test lasts."""
    receiver = Outside()
    yield receiver
    receiver.stop()
