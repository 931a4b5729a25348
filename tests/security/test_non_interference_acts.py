"""Worlds that differ only in what is hidden from a caller answer drawn sequences of acts alike.

tests/security/test_non_interference_drawn.py asks; here the caller writes too, by id, by condition,
by patch and in bundles, matches people, validates, and asks by the shapes that are left out there.
What was made is written to again, so that an answer may depend on all that went before. The ids of
the service are counted in place of drawn, so that they are the same bytes in both worlds.
"""

import json
import shutil
import sys
from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest

from tests.api.messages import HYPERTENSION, gp_record
from tests.api.rows import goal_row, plan_row, put
from tests.api.service import FHIR, Headers, Service
from tests.api.world import ALICE, COUNCIL, NHS, OTHER_PRACTICE, PRACTICE, World
from tests.api.writing import PATCH, PLANS, binary, bundle, entry, goal, on_shelf, plan
from tests.security.test_non_interference import _visible
from tests.security.test_non_interference_drawn import _OF_THE_REQUEST, _who_looked

SEQUENCES, SOME_SEQUENCES = 60, 1
ACTS = 60
CALLERS = {"social-worker": COUNCIL, "gp": PRACTICE, "provider": PRACTICE}
LABELS: list[dict[str, Any]] = [
    {"conf": "R", "sens": "NOVEL"},
    {"legal": "SEALED"},
    {"legal": "GRA"},
    {"category": "novel"},
]
"""What no role sees, not even of its own organisation: these rows may be anybody's."""
HIDDEN = ("a", "m", "zz", "0")
NAMES = (*HIDDEN, "g-open-1", "n-open-3", "p-open", "none")
FORM = "application/x-www-form-urlencoded"
PERSON = "https://system.example/person"
STRANGER = ALICE | {
    "id": "6f1c7a10-0000-4000-8000-000000000301", "nhs_number": "9990000301", "given": "Alison",
}  # fmt: skip
WHOM: list[dict[str, Any]] = [
    {"identifier": [{"system": NHS, "value": number}]}
    for number in (ALICE["nhs_number"], STRANGER["nhs_number"], "9990000433")
] + [
    {"birthDate": ALICE["born"], "name": [{"family": ALICE["family"], "given": [given]}]}
    for given in ("Alice", "Alison")
]
OPERATIONS: list[list[dict[str, Any]]] = [
    [{"op": "replace", "path": "/lifecycleStatus", "value": "on-hold"}],
    [{"op": "test", "path": "/lifecycleStatus", "value": "active"}],
    [{"op": "add", "path": "/goal/-", "value": {"reference": "Goal/g-open-1"}}],
    [{"op": "add", "path": "/goal/-", "value": {"reference": "Goal/a"}}],
    [{"op": "remove", "path": "/goal/0"}],
    [{"op": "remove", "path": "/goal"}],
    [{"op": "replace", "path": "/goal/1/display", "value": "another"}],
    [{"op": "test", "path": "/goal/1", "value": {"reference": "Goal/n-open-3"}}],
    [{"op": "add", "path": "/title", "value": "Ours"}],
]
Act = tuple[str, str, Any, dict[str, str]]


class _Drawn:
    """Who acts on what: what they were given so far is theirs to act on."""

    def __init__(self, r: Random, person: str) -> None:
        self.r, self.person = r, person
        self.known: list[tuple[str, str]] = []

    def learn(self, answer: Any) -> None:
        """Ids of what was made: those of an answer alone, as a caller knows them."""
        kind, _, rest = answer.headers.get("location", "").partition("/fhir/R4/")[2].partition("/")
        if rest:
            self.known.append((kind, rest.partition("/")[0]))

    def one(self) -> tuple[str, str]:
        if self.known and self.r.random() < 0.6:
            return self.r.choice(self.known)
        return self.r.choice(("Goal", "Goal", "CarePlan")), self.r.choice(NAMES)

    def body(self, kind: str) -> dict[str, Any]:
        r = self.r
        if kind == "Patient":
            own = {"system": PERSON, "value": r.choice(("1", "2"))}
            sent = {"resourceType": "Patient", **r.choice(WHOM)}
            return sent | {"identifier": [own, *sent.get("identifier", [])], "gender": "female"}
        meta = on_shelf(r.choice(("support-plan", "care-plan")))
        named = {"identifier": [{"system": PLANS, "value": r.choice(NAMES)}]}
        more = named if r.random() < 0.5 else {}
        if kind == "Goal":
            return goal(self.person, r.choice(("to rest", "to walk")), meta=meta, **more)
        goals = [f"Goal/{one}" for one in r.sample(NAMES, r.choice((0, 1, 2)))]
        return plan(self.person, *goals, meta=meta, **more)

    def condition(self, kind: str) -> str:
        if kind == "Patient":
            return f"identifier={PERSON}|{self.r.choice(('1', '2', '3'))}"
        return f"identifier={PLANS}|{self.r.choice(NAMES)}"

    def tag(self) -> dict[str, str]:
        return self.r.choice(({}, {"If-Match": 'W/"1"'}, {"If-Match": 'W/"2"'}))

    def write(self) -> Act:
        """One act of REST that writes, by the id or a condition."""
        r, (kind, name) = self.r, self.one()
        if r.random() < 0.15:
            kind = "Patient"
            name = r.choice((self.person, *(one for of, one in self.known if of == kind)))
        by_condition = f"{kind}?{self.condition(kind)}"
        where = r.choice((f"{kind}/{name}", by_condition))
        match r.choice(("POST", "POST", "PUT", "PATCH", "DELETE")):
            case "POST":
                once = {"If-None-Exist": self.condition(kind)} if r.random() < 0.5 else {}
                return "POST", kind, self.body(kind), once
            case "PUT":
                named = {"id": name} if where != by_condition else {}
                return "PUT", where, self.body(kind) | named, self.tag()
            case "PATCH":
                return "PATCH", where, r.choice(OPERATIONS), self.tag()
            case _:
                return "DELETE", where, None, self.tag()

    def read(self) -> Act:
        """A question by a shape or a way that is not drawn elsewhere."""
        r, (kind, name) = self.r, self.one()
        shape = r.choice(
            ("_summary=true", "_summary=data", "_elements=status,goal", "_pretty=true")
        )
        asked = r.choice((
            f"{kind}/{name}?{shape}",
            f"{kind}/{name}/_history?_count=1&{shape}",
            f"{kind}/_search?patient={self.person}&{shape}",
            f"{kind}/_search?{self.condition(kind)}",
            f"_search?_type=Goal,CarePlan,Task&patient={self.person}&_count=2",
            f"?_type=Goal,Provenance&_id={name},zz",
            f"?_type=CarePlan,Task&_lastUpdated=ge2020&_total=accurate&{shape}",
            f"Patient/{self.person}/Goal?{shape}",
            f"Patient/{self.person}/*?_type=Goal,CarePlan&_count=3",
            f"Patient/{self.person}/$everything?_type=Goal,Task,CarePlan&_elements=status&_count=4",
            f"Patient?birthdate={ALICE['born']}",
        ))  # fmt: skip
        return "GET", asked, None, {}

    def form(self) -> Act:
        """A search by form: the way where somebody is named."""
        r, whom = self.r, self.r.choice(WHOM)
        number = "".join(f"{NHS}|{one['value']}" for one in whom.get("identifier", []))
        asked = r.choice((
            f"identifier={number}" if number else f"family={ALICE['family']}&given=Alison",
            self.condition("Patient"),
            f"family={ALICE['family']}&_summary=count",
            f"birthdate={ALICE['born']}&_revinclude=Goal:patient",
        ))  # fmt: skip
        return "POST", "Patient/_search", asked, {"Content-Type": FORM}

    def operation(self) -> Act:
        """Who is it, and could this stand here?"""
        r, (kind, name) = self.r, self.one()
        if r.random() < 0.4:
            whom = {"resourceType": "Patient", **r.choice(WHOM)}
            named = [{"name": "resource", "resource": whom}]
            return "POST", "Patient/$match", {"resourceType": "Parameters", "parameter": named}, {}
        if r.random() < 0.4:
            return "POST", f"{kind}/{name}/$validate", None, {}
        where = r.choice((f"{kind}/$validate", f"{kind}/{name}/$validate"))
        return "POST", where, self.body(kind), {}

    def together(self) -> Act:
        """A batch or a transaction of some of all these."""
        entries = []
        for _ in range(self.r.choice((2, 3))):
            method, where, body, more = self.r.choice((self.write, self.write, self.read))()
            if method == "PATCH":
                body = binary(*body)
            told = {name[0].lower() + name[1:].replace("-", ""): v for name, v in more.items()}
            entries.append(entry(method, where, body, **told))
        return "POST", "", bundle(self.r.choice(("batch", "transaction")), *entries), {}

    def act(self) -> Act:
        drawn = self.r.choice(
            (
                *(self.write, self.write, self.write, self.read, self.read),
                *(self.form, self.operation, self.together),
            )
        )
        return drawn()


def _done(gateway: Service, who: Headers, person: str, seed: int) -> list[Any]:
    """What is told of a drawn sequence of acts, one after another."""
    drawn, found = _Drawn(Random(seed), person), []
    for _ in range(ACTS):
        gateway.at += timedelta(seconds=1)
        method, where, body, more = drawn.act()
        headers = {"Content-Type": PATCH if method == "PATCH" else FHIR} | more
        content = "" if body is None else body if isinstance(body, str) else json.dumps(body)
        answer = gateway.ask(method, where, who, content=content, headers=headers)
        drawn.learn(answer)
        told = sorted((k, v) for k, v in answer.headers.items() if k not in _OF_THE_REQUEST)
        found.append((method, where, body, answer.status_code, answer.content, told))
    return found


def _hide(gateway: Service, person: str, r: Random, org: str) -> None:
    """Rows that nobody is shown, under ids that the acts name and identifiers that a colleague
    gave; and somebody whom the caller has no tie to, who might be taken for the person."""
    for name in r.sample(HIDDEN, 3):
        more = {"identifier": [{"system": PLANS, "value": name}]}
        row = goal_row(name, person, "Hidden words", **more)
        if r.random() < 0.3:
            row = plan_row(name, person, "g-open-1", **more)
        put(gateway, person, row, r.choice((org, "RQY")), **r.choice(LABELS))
    nurse = gateway.token("mental-health-nurse", "mh-1", org)
    for name in r.sample(HIDDEN, 2):
        named = {"identifier": [{"system": PLANS, "value": name}]}
        sent = goal(person, "Hidden words", meta=on_shelf("mental-health", "PSY"), **named)
        made = gateway.create(sent, nurse)
        assert made.status_code == 201
        del sent["meta"]
        put(gateway, person, sent | {"id": made.json()["id"]}, org, 2, **r.choice(LABELS))
    problems = gp_record(OTHER_PRACTICE, STRANGER, [HYPERTENSION])
    gateway.push("gp", OTHER_PRACTICE, problems, FHIR)


Told = Callable[[str, int, bool], tuple[list[Any], bytes]]


@pytest.fixture
def told(filled_sqlite, key_file, tmp_path, monkeypatch) -> Told:
    """What a role is answered, seed by seed, in a world of its own; and what the person is told."""

    def do(role: str, seed: int, hides: bool) -> tuple[list[Any], bytes]:
        shutil.copy(filled_sqlite, tmp_path / "x.db")
        gateway = Service(f"sqlite:///{tmp_path}/x.db", key_file)
        alice, org = World(gateway).alice, CALLERS[role]
        _visible(gateway, alice)
        if hides:
            _hide(gateway, alice, Random(seed), org)
        gateway.at += timedelta(minutes=1)
        _count_ids(monkeypatch)
        feeds = {"feeds": ["gp"]} if role == "provider" else {}
        found = _done(gateway, gateway.token(role, "u", org, **feeds), alice, seed)
        looked = _who_looked(gateway, alice)
        gateway.close()
        for left in tmp_path.glob("x.db*"):
            left.unlink()
        monkeypatch.undo()
        return found, looked

    return do


def _count_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    """The ids of the service from here on: one after another, later than any before."""
    made = iter(range(1, 1 << 60))

    def uuid7() -> UUID:
        return UUID(int=(0x01FF << 112) | (7 << 76) | (2 << 62) | next(made))

    for name, module in list(sys.modules.items()):
        if name.startswith("gateway.") and hasattr(module, "uuid7"):
            monkeypatch.setattr(module, "uuid7", uuid7)


@pytest.mark.parametrize("role", CALLERS)
def test_s67_hidden_rows_change_no_byte_of_what_is_done(told, whole, role):
    for seed in range(SEQUENCES if whole else SOME_SEQUENCES):
        (without, looked), (with_hidden, looked_there) = (
            told(role, seed, hides) for hides in (False, True)
        )
        for one, other in zip(without, with_hidden, strict=True):
            assert one == other, seed
        assert looked == looked_there
        statuses = {one[3] for one in without}
        assert {200, 201, 404} <= statuses
        assert max(statuses) < 500
