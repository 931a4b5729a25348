"""Worlds that differ only in rows hidden from a caller answer drawn sequences of requests alike.

tests/security/test_non_interference.py asks one list; here what is asked is drawn too: which type,
by which parameters, along which chains, with what beside it, in which order and shape, and each
page as the one before it says. What was asked of a world leaves its mark in the person's log, which
is asked last.
"""

import shutil
from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.api.acting import MUM, acting, proxy
from tests.api.rows import plan_row, put
from tests.api.service import Headers, Service
from tests.api.world import COUNCIL, HOSPITAL, PRACTICE, World
from tests.security.test_non_interference import HIDDEN_LABELS, _hide, _visible

SEQUENCES, SOME_SEQUENCES = 60, 1
ASKED = 40
PAGES = 4
FROM_THE_PERSON: list[dict[str, str]] = [
    {"hold": "NOPAT"},
    {"hold": "THIRDPARTY"},
    {"hold": "SAFEG", "conf": "R"},
    {"hold": "PENDING"},
    {"legal": "GRA"},
    {"sens": "NOVEL"},
    {"category": "novel"},
]
NAMES = ("a", "g-b", "m", "zz", "0", "g-open-1", "g-open-2", "n-open-3", "p-open")
TYPES = ("Goal", "CarePlan", "Provenance")
VALUES: dict[str, dict[str, tuple[str, ...]]] = {
    "Goal": {
        "lifecycle-status": ("active", "proposed,active"),
        "lifecycle-status:not": ("active", "cancelled"),
        "start-date:missing": ("true", "false"),
        "start-date": ("ge2020", "lt2030"),
        "_lastUpdated": ("ge2020", "lt2026-11-21T12:00:30Z"),
        "_has:CarePlan:goal:status": ("active", "draft"),
        "_has:CarePlan:goal:_id": ("p-open,zz", "a"),
        "_has:Provenance:target:recorded": ("ge2020",),
        "_revinclude": ("CarePlan:goal", "Provenance:target"),
    },
    "CarePlan": {
        "status": ("active", "draft,active"),
        "status:not": ("draft",),
        "date": ("ge2020", "lt2030"),
        "goal": ("Goal/a,Goal/g-open-1", "Goal/zz", "m"),
        "goal:missing": ("true", "false"),
        "goal.lifecycle-status": ("active", "proposed"),
        "goal:Goal._id": ("a,m,0", "g-open-1"),
        "_include": ("CarePlan:goal", "CarePlan:patient"),
        "_revinclude": ("Provenance:target",),
    },
    "Provenance": {
        "target": ("Goal/a,Goal/g-open-1", "CarePlan/zz", "CarePlan/p-open"),
        "recorded": ("ge2020",),
        "target:Goal.lifecycle-status": ("active",),
        "_include": ("Provenance:target",),
        "_include:iterate": ("CarePlan:goal",),
    },
}
SHAPES: dict[str, tuple[str, ...]] = {
    "_summary": ("true", "count", "data"),
    "_elements": ("status", "goal,subject"),
    "_total": ("accurate", "none", "estimate"),
    "_sort": ("-_lastUpdated", "_id", "-_id", "date"),
    "_count": ("1", "2", "3", "0"),
}
_OF_THE_REQUEST = ("x-request-id", "traceparent")


def _search(r: Random, person: str) -> str:
    kind = r.choice(TYPES)
    asked: list[tuple[str, str]] = [("patient", person)] if r.random() < 0.8 else []
    if r.random() < 0.3:
        asked.append(("_id", ",".join(r.sample(NAMES, 3))))
    for name in r.sample(sorted(VALUES[kind]), r.choice((0, 1, 1, 2, 3))):
        asked.append((name, r.choice(VALUES[kind][name])))
    for name in r.sample(sorted(SHAPES), r.choice((0, 1, 2))):
        asked.append((name, r.choice(SHAPES[name])))
    return f"{kind}?{urlencode(asked, safe=':/,')}"


def _request(r: Random, person: str) -> tuple[str, Headers]:
    draw = r.random()
    if draw < 0.6:
        return _search(r, person), {}
    if draw < 0.7:
        types = ",".join(r.sample(TYPES, 2))
        days = r.choice(("", "", "&start=2026", "&end=2026-10-31", "&start=2027&end=2031"))
        some = f"_type={types}&_count={r.choice((1, 2, 50))}{days}"
        return f"Patient/{person}/$everything?{some}", {}
    where = f"{r.choice(TYPES)}/{r.choice(NAMES)}"
    rest = r.choice(("", "", "/_history", "/_history/1", "/_history/2", "/$lineage", ".1"))
    condition = {"If-None-Match": f'W/"{r.choice((1, 2))}"'} if r.random() < 0.4 else {}
    return where + rest, condition


def _answer(gateway: Service, who: Headers, path: str, condition: Headers) -> Any:
    answer = gateway.get(path, who | condition)
    headers = sorted((k, v) for k, v in answer.headers.items() if k not in _OF_THE_REQUEST)
    return answer, (path, answer.status_code, answer.content, headers)


def _next(answer: Any) -> str | None:
    bundle = answer.json() if answer.status_code == 200 and "?" in str(answer.url) else {}
    links = bundle.get("link", []) if isinstance(bundle, dict) else []
    return next((one["url"] for one in links if one["relation"] == "next"), None)


def _sequence(gateway: Service, who: Headers, person: str, seed: int) -> list[Any]:
    """What is told, request by request, and page by page where there are more."""
    r, found = Random(seed), []
    for _ in range(ASKED):
        path, condition = _request(r, person)
        answer, told = _answer(gateway, who, path, condition)
        found.append(told)
        for _page in range(PAGES):
            more = _next(answer)
            if more is None:
                break
            answer, told = _answer(gateway, who, more, {})
            found.append(told)
    batch = {
        "resourceType": "Bundle",
        "type": "batch",
        "entry": [{"request": {"method": "GET", "url": _request(r, person)[0]}} for _ in range(5)],
    }
    answer = gateway.ask("POST", "", who, json=batch)
    found.append(("batch", answer.status_code, answer.content))
    return found


def _who_looked(gateway: Service, person: str) -> bytes:
    """What the person is told of all that."""
    herself = gateway.token("patient", "the-person", patient=person)
    answer = gateway.get("/access/log?_count=100", herself)
    assert answer.status_code == 200
    return answer.content


Told = Callable[[str, int, list[dict[str, Any]]], tuple[list[Any], bytes]]


@pytest.fixture
def told(filled_sqlite, key_file, tmp_path) -> Told:
    """The answers of a world of its own that has these rows beside those everybody sees."""

    def ask(role: str, seed: int, hidden: list[dict[str, Any]]) -> tuple[list[Any], bytes]:
        shutil.copy(filled_sqlite, tmp_path / "x.db")
        gateway = Service(f"sqlite:///{tmp_path}/x.db", key_file)
        alice = World(gateway).alice
        _visible(gateway, alice)
        put(gateway, alice, plan_row("p-second", alice, "g-open-1", "zz"))
        gateway.at += timedelta(minutes=1)
        for one in hidden:
            _hide(gateway, alice, one)
        who = _caller(gateway, role, alice)
        found = _sequence(gateway, who, alice, seed), _who_looked(gateway, alice)
        gateway.close()
        for left in tmp_path.glob("x.db*"):
            left.unlink()
        return found

    return ask


def _caller(gateway: Service, role: str, person: str) -> Headers:
    match role:
        case "patient":
            return gateway.token(role, "the-person", patient=person)
        case "proxy":
            authority = acting(person, MUM, "consent-of-the-person", id="c-proxy")
            put(gateway, person, authority, category="consent")
            return proxy(gateway, person)
        case "meeting":
            doctor = gateway.token("gp", "gp-1", PRACTICE)
            return doctor | {"X-Present": f"social-worker;{COUNCIL};sw-1"}
        case _:
            return gateway.token(role, "u", HOSPITAL if role == "hospital-doctor" else COUNCIL)


def _hidden(r: Random, labels: list[dict[str, str]]) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "labels": r.choice(labels),
            "kind": r.choice(TYPES),
            "versions": r.choice((1, 2)),
            "deleted": r.random() < 0.4,
            "refers": r.choice(("g-open-1", "zz", "none")),
        }
        for name in r.sample(["a", "g-b", "m", "zz", "0", "g-open-2"], r.choice((2, 3, 4)))
    ]


@pytest.mark.parametrize(
    "role", ["social-worker", "hospital-doctor", "home-care", "patient", "proxy", "meeting"]
)
def test_s67_hidden_rows_change_no_byte_of_a_drawn_sequence(told, whole, role):
    labels = FROM_THE_PERSON if role in ("patient", "proxy") else HIDDEN_LABELS
    for seed in range(SEQUENCES if whole else SOME_SEQUENCES):
        hidden = _hidden(Random(f"{role}{seed}"), labels)
        without, who_looked = told(role, seed, [])
        with_hidden, who_looked_there = told(role, seed, hidden)
        for one, other in zip(without, with_hidden, strict=True):
            assert one == other
        assert who_looked == who_looked_there
        statuses = [one[1] for one in without]
        assert statuses.count(200) > ASKED / 5
        assert not any(status >= 500 for status in statuses)


def test_a_row_that_is_shown_does_change_answers(told):
    shown = {"name": "a", "labels": {}, "kind": "Goal", "versions": 1, "deleted": False}
    without, _ = told("social-worker", 0, [])
    with_shown, _ = told("social-worker", 0, [shown | {"refers": "none"}])
    assert without != with_shown
