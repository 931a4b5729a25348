"""A practice's system, played on this machine: it answers GP Connect over HTTP.

In      The people registered with it; how it is to answer.
Out     What it was asked: paths, headers, bodies.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from gateway.cli.demo.gp import structured_record
from gateway.cli.demo.people import Person

Reply = tuple[int, dict[str, str], bytes]


@dataclass
class FakePractice:
    """One practice; `reply` may stand in for the record that is asked for."""

    people: tuple[Person, ...]
    asked: list[dict[str, Any]] = field(default_factory=list)
    reply: Callable[[str], Reply | None] = lambda _number: None

    def answer(self, path: str, headers: dict[str, str], body: bytes) -> Reply:
        """What goes back; what came is kept."""
        content = json.loads(body)
        number = content["parameter"][0]["valueIdentifier"]["value"]
        self.asked.append({"path": path, "headers": headers, "body": content, "number": number})
        given = self.reply(number)
        if given is not None:
            return given
        for person in self.people:
            if person.nhs_number == number:
                return 200, {}, structured_record(person)
        return 404, {}, outcome("PATIENT_NOT_FOUND")


def outcome(code: str) -> bytes:
    """A GP Connect error with its Spine code."""
    coding = {"system": "https://fhir.nhs.uk/STU3/CodeSystem/Spine-ErrorOrWarningCode-1"}
    issue = {
        "severity": "error",
        "code": "invalid",
        "details": {"coding": [coding | {"code": code}]},
    }
    return json.dumps({"resourceType": "OperationOutcome", "issue": [issue]}).encode()


@contextmanager
def serving(practice: FakePractice) -> Iterator[str]:
    """The practice's address while it is open."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, headers, content = practice.answer(self.path, dict(self.headers), body)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/fhir+json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Nothing is said of requests."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/gpc/fhir"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
