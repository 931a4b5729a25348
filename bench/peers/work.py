"""What both servers hold and are asked: the same people, resources and request bodies.

Out     Bundles that fill a server; the requests of each row, as bytes.
Rule    Who is read is not written to, so that neither server's readers find more than the other's.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bench.load import request

FHIR: Final = "application/fhir+json"
GOALS: Final = 60
"""Of each person who is read: more than a page."""
_NOTE: Final = "Step by step. " * 100
_ONE, _TWO = (f"urn:uuid:0c1d3f00-0000-4000-8000-00000000000{number}" for number in (1, 2))
_FRESH: Final = b"\r\nCache-Control: no-cache"

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Known:
    """A person whom every server knows by the same id, and the practice that cares for them."""

    person_id: str
    practice: str
    goals: tuple[str, ...] = ()
    """Ids of goals, for those who are read."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Where requests go, and with what token for each practice."""

    root: str
    token: Callable[[str], str]
    read: Sequence[Known]
    written: Sequence[Known]


def goals_of(person_id: str) -> bytes:
    """A transaction that gives one person their goals."""
    return _bundle(_entry("POST", "Goal", _goal(person_id, n)) for n in range(GOALS))


def copy_of(searchset: Json) -> bytes:
    """A transaction that puts these resources into another server under their ids."""
    found = [one["resource"] for one in searchset["entry"]]
    return _bundle(_entry("PUT", f"{one['resourceType']}/{one['id']}", one) for one in found)


def _reads(asked: Asking) -> Iterator[bytes]:
    for number in range(GOALS):
        for one in asked.read:
            place = f"{asked.root}/Goal/{one.goals[number % len(one.goals)]}"
            yield request("GET", place, asked.token(one.practice))


def _searches(asked: Asking) -> Iterator[bytes]:
    for one in asked.read:
        query = f"patient={one.person_id}&_count=50&_total=accurate"
        yield request("GET", f"{asked.root}/Goal?{query}", asked.token(one.practice))


def _fresh_searches(asked: Asking) -> Iterator[bytes]:
    for one in _searches(asked):
        yield one.replace(b"\r\n\r\n", _FRESH + b"\r\n\r\n")


def _creates(asked: Asking) -> Iterator[bytes]:
    for number, one in enumerate(asked.written):
        body = json.dumps(_goal(one.person_id, number)).encode()
        yield request("POST", f"{asked.root}/Goal", asked.token(one.practice), body, FHIR)


def _transactions(asked: Asking) -> Iterator[bytes]:
    for number, one in enumerate(asked.written):
        body = _plan(one.person_id, number)
        yield request("POST", asked.root, asked.token(one.practice), body, FHIR)


ROWS: Final[dict[str, Callable[[Asking], Iterator[bytes]]]] = {
    "read one": _reads,
    "search, 50 of a type by person, exact total": _searches,
    "the same, asked not to be answered from a cache": _fresh_searches,
    "create one": _creates,
    "transaction of 4 resources": _transactions,
}


def _goal(person_id: str, number: int) -> Json:
    return {
        "resourceType": "Goal",
        "lifecycleStatus": "active",
        "description": {"text": f"I want to do thing {number} myself. {_NOTE}"},
        "subject": {"reference": f"Patient/{person_id}"},
        "startDate": "2026-10-20",
    }


def _plan(person_id: str, number: int) -> bytes:
    """A goal, the plan that holds it, a task about both, and a care team."""
    about: Json = {"reference": f"Patient/{person_id}"}
    plan = {
        "resourceType": "CarePlan", "status": "active", "intent": "plan", "title": "Together",
        "subject": about, "goal": [{"reference": _ONE}],
    }  # fmt: skip
    task = {
        "resourceType": "Task", "status": "requested", "intent": "plan", "for": about,
        "focus": {"reference": _ONE}, "basedOn": [{"reference": _TWO}],
    }  # fmt: skip
    team = {"resourceType": "CareTeam", "status": "active", "subject": about}
    entries = (
        _entry("POST", "Goal", _goal(person_id, number)) | {"fullUrl": _ONE},
        _entry("POST", "CarePlan", plan) | {"fullUrl": _TWO},
        _entry("POST", "Task", task),
        _entry("POST", "CareTeam", team),
    )
    return _bundle(iter(entries))


def _entry(method: str, url: str, resource: Json) -> Json:
    return {"resource": resource, "request": {"method": method, "url": url}}


def _bundle(entries: Iterator[Json]) -> bytes:
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [*entries]}
    return json.dumps(bundle).encode()
