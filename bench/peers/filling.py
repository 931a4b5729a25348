"""The same people and resources into each server, before anything is measured.

In      Our service, running and empty; the peer, running and empty.
Out     Who is read and who is written to. Ours learns of people as it does in service, from their
        practices; their goals are written to it over REST. The peer is given what the practice
        then reads of them from ours, under the same ids.
"""

import json
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Final

from bench.peers.work import FHIR, Json, Known, copy_of, goals_of
from bench.serving import Served
from gateway.cli.demo.gp import structured_record
from gateway.cli.demo.people import Person, people_of

_READ: Final = 40
_WRITTEN: Final = 200
_SECONDS: Final = 300
"""A peer's first answers are slow: it reads FHIR's definitions for them."""


def fill_ours(service: Served) -> tuple[list[Known], list[Known]]:
    """Who is read, each with their goals, and who is written to."""
    known = [_pushed(service, one) for one in islice(_people(), _READ + _WRITTEN)]
    read = [_with_goals(service, one) for one in known[:_READ]]
    return read, known[_READ:]


def fill_peer(root: str, service: Served, known: Sequence[Known]) -> None:
    """All that is held of these people into the peer."""
    for one in known:
        token = service.token("gp", one.practice)
        place = f"{service.base}/fhir/R4/Patient/{one.person_id}/$everything?_count=500"
        asked = urllib.request.Request(place, headers={"Authorization": f"Bearer {token}"})  # noqa: S310
        _sent(root, "", copy_of(_answer(asked)))


def _people() -> Iterator[Person]:
    """People of whom nothing wrong is sent and nothing is restricted."""
    every = people_of(1, 2 * (_READ + _WRITTEN), ())
    return (one for one in every if not (one.dirt or one.sensitivity))


def _pushed(service: Served, person: Person) -> Known:
    practice = person.practice.code
    token = service.token("provider", practice, ("gp",))
    told = _sent(f"{service.base}/feeds/gp", token, structured_record(person))
    names = [one["reference"] for one in told["resources"]]
    patients = [one.removeprefix("Patient/") for one in names if one.startswith("Patient/")]
    return Known(patients[0], practice)


def _with_goals(service: Served, one: Known) -> Known:
    token = service.token("gp", one.practice)
    made = _sent(f"{service.base}/fhir/R4", token, goals_of(one.person_id))["entry"]
    return replace(one, goals=tuple(entry["resource"]["id"] for entry in made))


def _sent(place: str, token: str, body: bytes) -> Json:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": FHIR}
    return _answer(urllib.request.Request(place, body, headers))  # noqa: S310 - on this machine


def _answer(asked: urllib.request.Request) -> Json:
    with urllib.request.urlopen(asked, timeout=_SECONDS) as answer:  # noqa: S310
        found: Json = json.load(answer)
    return found
