"""Two worlds that differ only in rows hidden from a caller answer alike, byte for byte.

The caller asks the same list of requests in both; only the ids and times of the requests
themselves are put aside. The hidden rows are drawn at random: their labels, how many, what they
refer to, whether they have versions or were withdrawn.
"""

import shutil
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.rows import goal_row, plan_row, put
from tests.api.service import Service
from tests.api.world import COUNCIL, HOSPITAL, World
from tests.sampling import examples

HIDDEN_LABELS = [
    {"conf": "V"},
    {"conf": "V", "sens": "PSY"},
    {"conf": "R", "sens": "HIV"},
    {"conf": "R", "sens": "STD HIV"},
    {"own": "HOMEACCESS"},
    {"own": "S117"},
    {"legal": "SEALED"},
    {"legal": "GRA"},
    {"category": "safeguarding"},
    {"category": "finance"},
    {"category": "novel"},
    {"sens": "NOVEL"},
]
_IDS = ("x-request-id", "traceparent")

row = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["a", "g-b", "m", "zz", "0", "g-open-2"]),
        "labels": st.sampled_from(HIDDEN_LABELS),
        "kind": st.sampled_from(["Goal", "CarePlan", "Provenance"]),
        "versions": st.integers(1, 2),
        "deleted": st.booleans(),
        "refers": st.sampled_from(["g-open-1", "zz", "none"]),
    }
)


def _visible(gateway: Service, norma: str) -> None:
    put(gateway, norma, goal_row("g-open-1", norma, "one"))
    put(gateway, norma, goal_row("n-open-3", norma, "three", startDate="2031-01-02"))
    plan = plan_row("p-open", norma, "g-open-1", "a", "g-b", "m", "zz", "0", "n-open-3")
    put(gateway, norma, plan)


def _hide(gateway: Service, norma: str, hidden: dict[str, Any]) -> None:
    name, kind = f"{hidden['name']}", hidden["kind"]
    made = {
        "Goal": goal_row(name, norma, "Hidden words", startDate="2031-05-05"),
        "CarePlan": plan_row(name, norma, hidden["refers"]),
        "Provenance": {
            "resourceType": "Provenance",
            "id": name,
            "target": [{"reference": f"Goal/{hidden['refers']}"}],
            "recorded": "2026-11-01T10:00:00Z",
            "agent": [{"who": {"display": "x"}}],
        },
    }[kind]
    for version in range(1, hidden["versions"] + 1):
        last = version == hidden["versions"] and version > 1
        gone = hidden["deleted"] and last
        put(gateway, norma, made, version=version, deleted=gone, **hidden["labels"])


_WAYS = ("", "/_history", "/_history/1", "/$lineage")


def _requests(person: str) -> list[str]:
    names = ("a", "g-b", "m", "zz", "0", "g-open-1", "p-open", "n-open-3")
    reads = [
        f"{kind}/{name}{rest}"
        for kind in ("Goal", "CarePlan", "Provenance")
        for name in names
        for rest in _WAYS
    ]
    reads += [f"Provenance/{name}.{n}{rest}" for name in names for n in (1, 2) for rest in _WAYS]
    return [
        *reads,
        f"Patient/{person}",
        f"Patient/{person}/$everything",
        f"Patient/{person}/$everything?_type=Goal,Provenance",
        f"Patient/{person}/$everything?_count=3",
        f"Patient/{person}/$everything?_count=2&start=2026&end=2026",
        f"Patient/{person}/$everything?_count=2&start=2027",
        f"Goal?patient={person}",
        f"Goal?patient={person}&_summary=count",
        f"Goal?patient={person}&_count=1",
        "Goal?_id=a,g-b,m,zz,0",
        f"CarePlan?patient={person}&_include=CarePlan:goal",
        "CarePlan?date=ge2020",
        f"CarePlan?patient={person}&goal=Goal/a,Goal/m",
        f"CarePlan?patient={person}&goal.lifecycle-status=active",
        f"Goal?patient={person}&_has:CarePlan:goal:status=active",
        f"Goal?patient={person}&_revinclude=CarePlan:goal&_revinclude:iterate=Provenance:target",
        f"Provenance?patient={person}&_include=Provenance:target",
        f"Provenance?patient={person}&_sort=-_lastUpdated&_count=2",
        "Provenance?target=Goal/a,Goal/m,Goal/g-open-1,CarePlan/zz",
        f"Goal?patient={person}&_has:Provenance:target:recorded=ge2020",
        f"Goal?patient={person}&_sort=-_lastUpdated&_count=2",
        f"Patient?_id={person}&_has:Goal:patient:_id=a,zz&_revinclude=Goal:patient",
        f"Patient/{person}/*?_count=500",
        "Goal",
        "Patient",
    ]


def _answers(gateway: Service, who: dict[str, str], person: str) -> list[Any]:
    found = []
    asked: list[tuple[str, dict[str, str]]] = [(path, {}) for path in _requests(person)]
    asked += [
        (f"{kind}/{name}", {"If-None-Match": f'W/"{version}"'})
        for kind, name in (("CarePlan", "p-open"), ("Goal", "g-open-1"), ("Goal", "a"))
        for version in (1, 2)
    ]
    for path, condition in asked:
        answer = gateway.get(path, who | condition)
        headers = sorted((k, v) for k, v in answer.headers.items() if k not in _IDS)
        found.append((path, answer.status_code, answer.content, headers))
    return found


@pytest.fixture(scope="module")
def told(filled_sqlite, key_file, tmp_path_factory):
    """What a role is answered in a world of its own with these rows hidden; without any, once."""
    without: dict[str, list[Any]] = {}

    def answers(role: str, hidden: Sequence[dict[str, Any]]) -> list[Any]:
        folder = tmp_path_factory.mktemp("world")
        shutil.copy(filled_sqlite, folder / "x.db")
        gateway = Service(f"sqlite:///{folder}/x.db", key_file)
        alice = World(gateway).alice
        _visible(gateway, alice)
        gateway.at += timedelta(minutes=1)
        for one in hidden:
            _hide(gateway, alice, one)
        org = HOSPITAL if role == "hospital-doctor" else COUNCIL
        found = _answers(gateway, gateway.token(role, "u", org), alice)
        gateway.close()
        shutil.rmtree(folder)
        return found

    def ask(role: str, hidden: Sequence[dict[str, Any]] = ()) -> list[Any]:
        if hidden:
            return answers(role, hidden)
        if role not in without:
            without[role] = answers(role, ())
        return without[role]

    return ask


@pytest.mark.parametrize("role", ["social-worker", "hospital-doctor", "home-care"])
@settings(
    max_examples=examples(10),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(hidden=st.lists(row, min_size=1, max_size=4, unique_by=lambda one: one["name"]))
def test_s67_hidden_rows_change_no_byte_of_any_answer(told, role, hidden):
    for without, with_hidden in zip(told(role), told(role, hidden), strict=True):
        assert without == with_hidden


def test_the_requests_reach_what_is_open(gateway):
    """So that the property is not true of a caller who sees nothing."""
    world = World(gateway)
    _visible(gateway, world.alice)
    statuses = [one[1] for one in _answers(gateway, world.social_worker, world.alice)]
    assert statuses.count(200) > 15
    assert statuses.count(404) > 15
