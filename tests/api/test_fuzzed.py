"""Requests that were right, changed at random: never a failure, and every refusal in our words."""

import json
import random
from urllib.parse import quote

import pytest

from tests.api.service import FHIR
from tests.api.world import NHS

MARKER = "Zyxwv987"
SAMPLE = 60
PARTS = (
    "", "/", "//", "..", "%00", "%ff", "%2F", "$", "$validate", "$everything", "_history",
    "_search", "none", "*", MARKER, "é", "Goal", "Patient", "a" * 300, "-1", "0", "1", "%0a",
)  # fmt: skip
VALUES = (
    "", " ", ",", "|", "\\", "\\,", "$", ":", "%", "'", '"', "<b>", "\x00", "\ud7ff", "2026-02-30",
    "ge9999-12-31T23:59:60+14:00", "lt0000", "-1", "1e400", "9" * 400, "Patient/", "/Goal/x",
    "http://[::1", f"{MARKER}|{MARKER}", "a" * 5000, "true", "eq", "ne", "_id", "Goal:subject", "*",
)  # fmt: skip
NAMES = (
    "_id", "_count", "_page", "_sort", "_include", "_revinclude", "_has:Goal:subject:status",
    "_summary", "_elements", "_format", "_pretty", "_total", "_since", "_type", "_lastUpdated",
    "patient", "subject", "patient:Patient.name", "status", "status:not", "code", "date",
    "identifier", "subject:identifier", "code:text", "_filter", "_query", "_text", MARKER, "",
    "mode", "profile", "url", "name",
)  # fmt: skip
HEADERS = (
    "Accept", "Content-Type", "If-Match", "If-None-Match", "If-Modified-Since", "If-None-Exist",
    "Prefer", "X-Request-Id", "traceparent", "Range",
)  # fmt: skip
BODIES = (
    b"", b"{", b"null", b"[]", b"5", b'"a"', b"\xff", b"{}" * 9, b"[" * 2000,
    b'{"resourceType":null}', b'{"resourceType":"Goal","id":{}}', b"<Goal/>", b'{"a":1e999}',
    json.dumps({"resourceType": "Bundle", "type": "batch", "entry": [{}]}).encode(),
    json.dumps({"resourceType": "Parameters", "parameter": [{"name": "resource"}]}).encode(),
    json.dumps([{"op": "replace", "path": "/status", "value": MARKER}]).encode(),
    json.dumps({"resourceType": "Consent", "status": [MARKER], "scope": 5}).encode(),
)  # fmt: skip
METHODS = ("GET", "GET", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


@pytest.fixture
def gateway(shared):
    return shared


def seeds(world):
    """What is asked rightly: paths and their queries."""
    goal = world.of("Goal", world.norma, world.gp)[0]["id"]
    return [
        (["metadata"], []),
        (["Goal", goal], [("_summary", "true")]),
        (["Goal", goal, "_history"], [("_count", "1")]),
        (["Goal", goal, "_history", "1"], []),
        (["Goal", goal, "$lineage"], []),
        (["Goal"], [("patient", world.norma), ("_count", "2")]),
        (["Goal", "_search"], [("lifecycle-status", "active")]),
        (["Patient", world.norma, "$everything"], [("_type", "Goal")]),
        (["Patient", "_search"], [("identifier", f"{NHS}|9990000077")]),
        (["Patient", world.norma, "Goal"], []),
        (["Observation"], [("date", "ge2026-01-01"), ("code", "http://loinc.org|8480-6")]),
        (["Goal", "$validate"], []),
        (["Consent"], []),
        (["ValueSet"], [("name", "a")]),
        (["Organization"], [("name", "a")]),
        (["AuditEvent"], [("date", "2026")]),
        ([], []),
    ]


def changed(chance, parts, query):
    """Up to three changes of a path and its query."""
    parts, query = list(parts), list(query)
    for _ in range(chance.randint(0, 3)):
        what = chance.randrange(5)
        if what == 0:
            parts.insert(chance.randint(0, len(parts)), chance.choice(PARTS))
        elif what == 1 and parts:
            parts[chance.randrange(len(parts))] = chance.choice(PARTS)
        elif what == 2 and query:
            place = chance.randrange(len(query))
            query[place] = (query[place][0], chance.choice(VALUES))
        else:
            query.append((chance.choice(NAMES), chance.choice(VALUES)))
    return parts, query


def asked(chance, parts, query):
    """Method, path, headers and body of a request."""
    said = "&".join(f"{quote(n, safe=':')}={quote(v, safe='')}" for n, v in query)
    path = "/fhir/R4/" + "/".join(parts)
    method = chance.choice(METHODS)
    headers = {"Content-Type": FHIR}
    if chance.random() < 0.4:
        value = chance.choice(VALUES).encode("latin-1", "replace").replace(b"\x00", b"")
        headers[chance.choice(HEADERS)] = value[:200].decode("latin-1").strip()
    if chance.random() < 0.2:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        return method, path, headers, said.encode()
    body = chance.choice(BODIES) if method in ("POST", "PUT", "PATCH") else b""
    return method, f"{path}?{said}" if said else path, headers, body


@pytest.mark.parametrize("seed", range(4))
def test_no_changed_request_makes_the_service_fail(gateway, world, seed, whole):
    chance = random.Random(seed)
    known, callers = seeds(world), [world.gp, world.stranger, world.lead, {}]
    answered = set()
    for _ in range(SAMPLE * (40 if whole else 1)):
        method, path, headers, body = asked(chance, *changed(chance, *chance.choice(known)))
        who = chance.choice(callers)
        answer = gateway.ask(method, path, who, content=body, headers=headers)
        told = (method, path, headers, body, answer.status_code, answer.text[:300])
        assert answer.status_code < 500, told
        answered.add(answer.status_code)
        if answer.status_code >= 400 and method != "HEAD":
            kind = answer.headers["content-type"]
            assert kind.startswith(("application/fhir+json", "application/fhir+xml")), told
            assert "OperationOutcome" in answer.text, told
            if kind.startswith(FHIR):
                outcome = answer.json()
                assert outcome["resourceType"] == "OperationOutcome", told
                assert MARKER not in json.dumps([one["diagnostics"] for one in outcome["issue"]])
    assert answered >= {200, 400, 404}
