"""Attacks by watching: nothing about a resource moves when something hidden is linked to it.

Two worlds are told the same, but for goals and needs that the caller may not see. Whatever is
asked, and asked again with a condition, the answers are the same bytes. What the caller may see
is never kept from them by a condition.

Each test bears the number of its attack in the checklist of docs/security-properties.md.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from tests.api.messages import goal, support_plan
from tests.api.rows import goal_row, plan_row, put
from tests.api.service import Headers, Service, resources
from tests.api.world import ALICE, COUNCIL, World, council_person

_OWN_IDS = ("x-request-id", "traceparent")
VISIBLE = [goal("V1", "I want to knit."), goal("V2", "I want to sing.", need_ids=["N1"])]
HIDDEN = goal("H1", "I want to see my brother.", sharing=["very restricted"])
MORE_HIDDEN = goal("H2", "I want to be heard.", sharing=["mental health"], need_ids=["N1"])
NEEDS = [{"id": "N1", "words": "I am low."}]
HIDDEN_NEED = {"id": "N9", "words": "Hidden words.", "sharing": ["very restricted"]}

Told = dict[str, Any]
"""Parts of one delivery of the plan."""
FIRST: Told = {"goals": VISIBLE, "needs": NEEDS}
NEW = goal("V3", "I want to dance.")
STORIES: dict[str, list[tuple[Told | None, Told]]] = {
    "a hidden goal is added": [
        (FIRST, {**FIRST, "goals": [*VISIBLE, HIDDEN]}),
    ],
    "added where the other world is told nothing": [
        (None, {**FIRST, "goals": [VISIBLE[0], HIDDEN, VISIBLE[1]]}),
    ],
    "added, changed, taken away": [
        (None, {**FIRST, "goals": [HIDDEN, *VISIBLE, MORE_HIDDEN]}),
        (None, {**FIRST, "goals": [MORE_HIDDEN, VISIBLE[0], HIDDEN, VISIBLE[1]]}),
        (FIRST, FIRST),
    ],
    "a hidden need is named by a goal and the plan": [
        (
            FIRST,
            {
                "needs": [HIDDEN_NEED, *NEEDS],
                "goals": [VISIBLE[0], {**VISIBLE[1], "need_ids": ["N9", "N1"]}],
            },
        ),
    ],
    "a visible goal is added, and with it a hidden one": [
        (
            {**FIRST, "goals": [*VISIBLE, NEW]},
            {**FIRST, "goals": [*VISIBLE, NEW, HIDDEN]},
        ),
    ],
    "the plan itself changes after a hidden goal was added": [
        (None, {**FIRST, "goals": [*VISIBLE, HIDDEN]}),
        ({**FIRST, "title": "Now at home"}, {**FIRST, "goals": VISIBLE, "title": "Now at home"}),
    ],
}


def _tell(gateway: Service, told: Told) -> str:
    """The council sends the plan as it is now; the delivery's id."""
    plan = {"id": "SP-T", "written_at": gateway.at.isoformat().replace("+00:00", "Z")}
    plan |= {"title": told["title"]} if "title" in told else {}
    parts = {name: told[name] for name in ("goals", "needs")}
    body = support_plan(council_person(ALICE), plan, **parts)
    return str(gateway.push("social-care", COUNCIL, body)["delivery"])


def _plan(world: World, who: Headers) -> str:
    plans = world.of("CarePlan", world.alice, who)
    return str(next(one["id"] for one in plans if "SP-T" in str(one["identifier"])))


def _requests(person: str, plan: str, goals: Sequence[str]) -> list[tuple[str, dict[str, str]]]:
    instances = [f"CarePlan/{plan}", *(f"Goal/{one}" for one in goals)]
    paths = [
        f"{one}{rest}"
        for one in instances
        for rest in (
            "", "/_history", "/_history/1", "/_history/2", "/$lineage",
            "/_history?_since=2026-11-21T12:07:00Z",
        )
    ]  # fmt: skip
    paths += [
        f"Patient/{person}/$everything",
        f"CarePlan?patient={person}&_include=CarePlan:goal",
        f"CarePlan?patient={person}&_lastUpdated=gt2026-11-21T12:07:00Z",
        f"Goal?patient={person}&_lastUpdated=gt2026-11-21T12:07:00Z",
        f"Goal?patient={person}&_count=1",
    ]
    conditions = [{"If-None-Match": f'W/"{version}"'} for version in (1, 2)]
    return [(path, {}) for path in paths] + [(one, c) for one in instances for c in conditions]


def _answers(gateway: Service, who: Headers, deliveries: Sequence[str]) -> list[Any]:
    world = World(gateway)
    goals = [one["id"] for one in world.of("Goal", world.alice, who)]
    found = []
    for path, condition in _requests(world.alice, _plan(world, who), goals):
        answer = gateway.get(path, who | condition)
        body = answer.text
        for place, delivery in enumerate(deliveries):
            body = body.replace(delivery, f"delivery {place}")
        headers = sorted((k, v) for k, v in answer.headers.items() if k not in _OWN_IDS)
        headers = [(k, v) for k, v in headers if k != "content-length"]
        found.append((path, condition, answer.status_code, body, headers))
    return found


@pytest.mark.parametrize("story", STORIES)
def test_a12_what_is_hidden_moves_no_version_time_or_condition(start, story):
    services = [start(), start()]
    deliveries: list[list[str]] = [[], []]
    for pair in [(FIRST, FIRST), *STORIES[story]]:
        for service, told, names in zip(services, pair, deliveries, strict=True):
            service.at += timedelta(minutes=5)
            names.append(_tell(service, told) if told else "none")
    who = World(services[0]).social_worker
    answers = [
        _answers(service, who, names) for service, names in zip(services, deliveries, strict=True)
    ]
    for without, with_hidden in zip(*answers, strict=True):
        assert without == with_hidden
    statuses = [one[2] for one in answers[0]]
    assert statuses.count(200) > 15, "the caller sees nothing, and the test says nothing"
    assert 304 in statuses


def _told(gateway: Service, *several: Told) -> None:
    for told in several:
        gateway.at += timedelta(minutes=5)
        _tell(gateway, told)


def _held(version: str) -> dict[str, str]:
    return {"If-None-Match": f'W/"{version}"'}


def _words(world: World, plan: dict[str, Any], who: Headers) -> set[str]:
    listed = {one["reference"].partition("/")[2] for one in plan.get("goal", [])}
    goals = world.of("Goal", world.alice, who)
    return {one["description"]["text"] for one in goals if one["id"] in listed}


def test_a12_an_unchanged_plan_is_304_and_a_goal_the_caller_sees_is_never_kept_back(gateway, world):
    """Also read-08."""
    _told(gateway, FIRST)
    gp, worker = world.gp, world.social_worker
    path = f"CarePlan/{_plan(world, gp)}"
    first = gateway.get(path, gp)
    for who in (gp, worker):
        assert gateway.get(path, who).status_code == 200
        assert gateway.get(path, who | _held("1")).status_code == 304
    _told(gateway, {**FIRST, "goals": [*VISIBLE, MORE_HIDDEN]})
    assert gateway.get(path, worker | _held("1")).status_code == 304, "hidden from them"
    answer = gateway.get(path, gp | _held("1"))
    assert answer.status_code == 200
    assert _words(world, answer.json(), gp) == {"I want to knit.", "I want to sing.",
                                                "I want to be heard."}  # fmt: skip
    assert answer.headers["etag"] == first.headers["etag"] == 'W/"1"'
    assert answer.headers["last-modified"] == first.headers["last-modified"]
    history = gateway.get(f"{path}/_history", gp).json()
    assert resources(history) == [answer.json()]
    assert gateway.get(f"{path}/_history/1", gp).content == answer.content


def test_a12_a_goal_that_was_taken_from_the_plan_is_not_kept_by_a_condition(gateway, world):
    _told(gateway, FIRST)
    path = f"CarePlan/{_plan(world, world.gp)}"
    assert gateway.get(path, world.gp).status_code == 200
    _told(gateway, {**FIRST, "goals": VISIBLE[:1]})
    answer = gateway.get(path, world.gp | _held("1"))
    assert answer.status_code == 200
    assert _words(world, answer.json(), world.gp) == {"I want to knit."}


def test_a12_a_change_back_does_not_hide_what_was_shown_between(gateway, world):
    _told(gateway, FIRST, {**FIRST, "goals": [*VISIBLE, NEW]})
    path = f"CarePlan/{_plan(world, world.gp)}"
    assert gateway.get(path, world.gp).status_code == 200
    _told(gateway, {**FIRST})
    assert gateway.get(path, world.gp | _held("1")).status_code == 200


def test_a12_the_plans_own_words_still_make_a_version(gateway, world):
    changed = {**FIRST, "title": "Now at home", "goals": [*VISIBLE, NEW]}
    _told(gateway, FIRST, {**FIRST, "goals": [*VISIBLE, NEW]}, changed)
    path = f"CarePlan/{_plan(world, world.gp)}"
    answer = gateway.get(path, world.gp | _held("1"))
    assert (answer.status_code, answer.headers["etag"]) == (200, 'W/"2"')
    assert gateway.get(path, world.gp | _held("2")).status_code == 304
    newest, first = resources(gateway.get(f"{path}/_history", world.gp).json())
    assert (newest["title"], first["title"]) == ("Now at home", "At home")
    assert len(first["goal"]) == 3, "the first version as it was linked when the second came"


def test_a12_what_a_plan_links_to_may_come_or_go_by_itself(gateway, world):
    norma = world.norma
    put(gateway, norma, goal_row("g-there", norma, "one"))
    put(gateway, norma, plan_row("p-1", norma, "g-there", "g-late", "g-shut"))
    held = world.gp | _held("1")
    assert gateway.get("CarePlan/p-1", world.gp).status_code == 200
    assert gateway.get("CarePlan/p-1", held).status_code == 304
    gateway.at += timedelta(minutes=1)
    put(gateway, norma, goal_row("g-shut", norma, "hidden"), conf="V")
    put(gateway, norma, goal_row("g-shut", norma, ""), conf="V", version=2, deleted=True)
    put(gateway, norma, goal_row("g-there", norma, "one, in better words"), version=2)
    assert gateway.get("CarePlan/p-1", held).status_code == 304, "hidden, or there all along"
    put(gateway, norma, goal_row("g-late", norma, "late"))
    answer = gateway.get("CarePlan/p-1", held)
    assert answer.status_code == 200
    assert len(answer.json()["goal"]) == 2
    put(gateway, norma, plan_row("p-1", norma, "g-there", "g-late"), version=2)
    held = world.gp | _held("2")
    assert gateway.get("CarePlan/p-1", held).status_code == 200, "not given yet"
    assert gateway.get("CarePlan/p-1", held).status_code == 304
    gateway.at += timedelta(minutes=1)
    put(gateway, norma, goal_row("g-there", norma, ""), version=3, deleted=True)
    answer = gateway.get("CarePlan/p-1", held)
    assert answer.status_code == 200
    assert len(answer.json()["goal"]) == 1


def test_a12_each_element_keeps_the_delivery_that_said_it(gateway, world):
    """A link that is new comes from the delivery that made it; the rest stays where it was."""
    _told(gateway, FIRST, {**FIRST, "goals": [NEW, *VISIBLE]})
    path = f"CarePlan/{_plan(world, world.gp)}/$lineage"
    received: dict[str, set[str]] = {}
    for element in gateway.get(path, world.gp).json()["parameter"]:
        parts = {part["name"]: part for part in element["part"]}
        received.setdefault(parts["received"]["valueInstant"], set()).add(
            parts["path"]["valueString"]
        )
    first, second = sorted(received)
    assert received[second] == {"goal[0]"}
    assert {"goal[1]", "goal[2]", "title", "status"} <= received[first]


def test_a12_no_linking_is_ever_changed_or_lost(gateway, world):
    """What somebody was shown can be told again: each linking of a version is a row of its own."""
    several = [FIRST, {**FIRST, "goals": [*VISIBLE, NEW]}, {**FIRST, "goals": [NEW, HIDDEN]}]
    _told(gateway, *several)
    plan = _plan(world, world.gp)

    async def rows(conn: Any) -> list[Any]:
        return await conn.fetch(
            "SELECT version, linking, updated_at, refs, author_id FROM resource_version"
            " WHERE resource_id = $1 ORDER BY linking",
            (plan,),
        )

    found = gateway.write(rows)
    assert [row[:2] for row in map(tuple, found)] == [(1, 0), (1, 1), (1, 2)]
    assert [row[3].count("Goal/") for row in found] == [2, 3, 2]
    assert len({row[2] for row in found}) == 1
    assert len({row[4] for row in found}) == 3
