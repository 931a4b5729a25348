"""Attacks by searching: joins, counts, order and pages tell nothing of what is hidden.

Each test bears the number of its attack in the checklist of docs/security-properties.md. A hidden
row of each is asked about as if it were not there: the answer of a world that has it equals the
answer of one that has not.
"""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.api.rows import goal_row, mark, plan_row, put
from tests.api.service import is_outcome, references, resources
from tests.api.world import COUNCIL, NHS, NORMA

SHUT: dict[str, Any] = {"conf": "V"}


def _concept(code: str) -> dict:
    return {"coding": [{"system": "https://codes.example", "code": code}]}


def _visit(name: str, person: str, **more) -> dict:
    return {
        "resourceType": "Encounter",
        "id": name,
        "status": "finished",
        "class": {"code": "AMB"},
        "subject": {"reference": f"Patient/{person}"},
        **more,
    }


def _reading(name: str, person: str, **more) -> dict:
    return {
        "resourceType": "Observation",
        "id": name,
        "status": "final",
        "code": _concept("reading"),
        "subject": {"reference": f"Patient/{person}"},
        **more,
    }


def _hide(gateway, person: str) -> None:
    """What the callers below may not see: a goal, a plan, a reading and a visit, all linked."""
    put(
        gateway, person, goal_row("h-goal", person, "hidden", category=[_concept("secret")]), **SHUT
    )
    put(
        gateway, person, plan_row("h-plan", person, "o-goal", category=[_concept("secret")]), **SHUT
    )
    put(gateway, person, _visit("h-visit", person, type=[_concept("secret")]), **SHUT)
    secret = _reading(
        "h-reading", person, code=_concept("secret"), encounter={"reference": "Encounter/o-visit"}
    )
    put(gateway, person, secret, **SHUT)
    put(gateway, person, {
        "resourceType": "Provenance", "id": "h-told", "recorded": "2026-11-01T10:00:00Z",
        "target": [{"reference": "Goal/o-goal"}, {"reference": "Goal/h-goal"}],
        "agent": [{"who": {"display": "x"}}],
    }, category="provenance")  # fmt: skip


def _show(gateway, person: str) -> None:
    """What they may see: it refers to the hidden too."""
    put(gateway, person, goal_row("o-goal", person, "open"))
    put(gateway, person, plan_row("o-plan", person, "o-goal", "h-goal"))
    put(gateway, person, plan_row("o-alone", person, "h-goal"))
    put(gateway, person, _visit("o-visit", person))
    reading = _reading("o-reading", person, encounter={"reference": "Encounter/h-visit"})
    put(gateway, person, reading)


QUESTIONS = [
    "CarePlan?patient={}&goal=Goal/h-goal",
    "CarePlan?patient={}&goal=h-goal",
    "CarePlan?patient={}&goal.category=secret",
    "CarePlan?patient={}&goal:Goal.category=secret",
    "CarePlan?patient={}&goal._id=h-goal",
    "CarePlan?patient={}&goal:missing=true",
    "CarePlan?patient={}&goal:missing=false",
    "CarePlan?patient={}&category:missing=false",
    "CarePlan?patient={}&category:not=secret",
    "CarePlan?patient={}&_has:Provenance:target:recorded=ge2020",
    "Goal?patient={}&_has:CarePlan:goal:category=secret",
    "Goal?patient={}&_has:CarePlan:goal:_id=h-plan",
    "Goal?patient={}&_has:CarePlan:goal:status=active",
    "Goal?patient={}&_has:Provenance:target:recorded=ge2020",
    "Encounter?patient={}&_has:Observation:encounter:code=secret",
    "Encounter?patient={}&_has:Observation:encounter:status=final",
    "Observation?patient={}&encounter=Encounter/h-visit",
    "Observation?patient={}&encounter.type=secret",
    "Observation?patient={}&encounter._has:Observation:encounter:code=secret",
    "Patient?_id={}&_has:Observation:patient:code=secret",
    "Patient?_id={}&_has:Goal:patient:category=secret",
    "Patient?_id={}&_has:Encounter:patient:_has:Observation:encounter:code=secret",
    "Patient?_has:CarePlan:patient:goal.category=secret",
    "CarePlan?patient={}&patient._has:Goal:patient:category=secret",
    "CarePlan?patient={}&_include=CarePlan:goal",
    "CarePlan?patient={}&_include=*&_include:iterate=Goal:patient",
    "CarePlan?patient={}&_include=CarePlan:*&_include:iterate=CarePlan:goal",
    "Goal?patient={}&_revinclude=CarePlan:goal",
    "Goal?patient={}&_revinclude=Provenance:target",
    "Goal?_id=o-goal,h-goal&_revinclude=CarePlan:goal&_revinclude:iterate=Provenance:target",
    "Encounter?_id=o-visit,h-visit&_revinclude=Observation:encounter",
    "Observation?_id=o-reading&_include=Observation:encounter",
    "Patient?_id={}&_revinclude=Goal:patient&_revinclude=CarePlan:patient",
    "Patient?_id={}&_revinclude=Provenance:target",
    "Provenance?patient={}",
    "Provenance?patient={}&target=Goal/o-goal",
    "Provenance?patient={}&_summary=count",
    "Provenance?patient={}&target=Goal/h-goal",
    "Goal?patient={}&_sort=-start-date&_count=1",
    "Goal?patient={}&_sort=_lastUpdated,-_id",
    "Goal?patient={}&_total=accurate&_count=1",
    "Goal?patient={}&_total=none",
    "Goal?patient={}&category=secret&_summary=count",
    "Goal?patient={}&category:missing=false&_count=0",
    "?_type=Goal,CarePlan,Provenance&patient={}",
    "Patient/{}/*",
    "Patient/{}/Goal?category=secret",
    "Patient/{}/Provenance",
]
_IDS = ("x-request-id", "traceparent")


def _answers(gateway, person: str, callers: list) -> list:
    """Every page of every question, as each of them is answered."""
    found = []
    for who in callers:
        for question in QUESTIONS:
            path = question.format(person)
            while path:
                answer = gateway.get(f"/fhir/R4{path}" if path[0] == "?" else path, who)
                headers = sorted((k, v) for k, v in answer.headers.items() if k not in _IDS)
                found.append((question, answer.status_code, answer.content, headers))
                links = answer.json().get("link", [])
                path = next((one["url"] for one in links if one["relation"] == "next"), "")
    return found


def test_a4_a5_a6_a8_a20_a_world_without_the_hidden_rows_answers_alike(start):
    """Row leak-03, of searches."""
    answers = []
    for hidden in (False, True):
        gateway = start()
        from tests.api.world import World

        world = World(gateway)
        alice = world.alice
        _show(gateway, alice)
        if hidden:
            _hide(gateway, alice)
        callers = [
            gateway.token("social-worker", "sw-1", COUNCIL),
            gateway.token("home-care", "hc-1", COUNCIL),
            world.gp,
        ]
        answers.append(_answers(gateway, alice, callers))
        if hidden:
            assert gateway.get("Goal/h-goal", world.gp).status_code == 404
    for without, with_hidden in zip(*answers, strict=True):
        assert without == with_hidden
    assert all(one[1] == 200 for one in answers[0]), [o[:2] for o in answers[0] if o[1] != 200]


def test_the_questions_above_find_what_is_shown(gateway, world):
    """So that their answers are not alike for want of finding anything."""
    alice = world.alice
    _show(gateway, alice)
    put(gateway, alice, goal_row("h-goal", alice, "shown", category=[_concept("secret")]))

    def found(path: str) -> set[str]:
        answer = gateway.get(path.format(alice), world.gp)
        assert answer.status_code == 200, answer.text
        return {one.partition("/")[2] for one in references(answer.json())}

    assert found("CarePlan?patient={}&goal.category=secret") == {"o-plan", "o-alone"}
    assert found("CarePlan?patient={}&goal=Goal/h-goal") == {"o-plan", "o-alone"}
    assert found("Goal?patient={}&_has:CarePlan:goal:_id=o-alone") == {"h-goal"}
    assert found("Patient?_has:Goal:patient:category=secret") == {alice}
    assert found("Goal?_id=h-goal&_revinclude=CarePlan:goal") == {"h-goal", "o-plan", "o-alone"}
    assert {"o-plan", "o-goal", "h-goal"} <= found("Patient/{}/*?_count=500")


def test_a4_what_is_included_is_never_another_persons(gateway, world):
    norma, bob = world.norma, world.bob
    put(gateway, bob, goal_row("g-bob", bob, "Bob's own goal"))
    put(gateway, norma, plan_row("p-x", norma, "g-bob"))
    put(gateway, bob, plan_row("p-bob", bob, "g-own"))
    put(gateway, norma, goal_row("g-own", norma, "hers"))
    for path in (
        "CarePlan?_id=p-x&_include=*",
        "Goal?_id=g-own&_revinclude=CarePlan:goal",
        "CarePlan?goal=Goal/g-bob",
        "Goal?_has:CarePlan:goal:_id=p-bob",
    ):
        answer = gateway.get(path, world.gp)
        assert answer.status_code == 200
        assert not {"Goal/g-bob", "CarePlan/p-bob"} & set(references(answer.json()))
        assert bob not in answer.text
    assert gateway.get("CarePlan?goal=Goal/g-bob", world.gp).json()["total"] == 0
    assert gateway.get("Goal?_has:CarePlan:goal:_id=p-bob", world.gp).json()["total"] == 0


@pytest.mark.parametrize(
    "query",
    ["encounter=Encounter/s-visit", "encounter:missing=false", "encounter.status=finished",
     "_include=Observation:encounter", "_revinclude=Observation:encounter"],
)  # fmt: skip
def test_a9_an_element_that_is_taken_out_is_neither_searched_nor_followed(gateway, world, query):
    """An instruction of the safety set is shown without its reason: its visit is part of that."""
    alice = world.alice
    put(gateway, alice, _visit("s-visit", alice))
    linked = _reading("s-reading", alice, encounter={"reference": "Encounter/s-visit"})
    put(gateway, alice, linked, category="safety", conf="R", sens="PSY")
    carer = gateway.token("home-care", "hc-1", COUNCIL)
    read = gateway.get("Observation/s-reading", carer)
    assert read.status_code == 200, read.text
    assert "encounter" not in read.json()
    kind, name = ("Encounter", "s-visit") if "rev" in query else ("Observation", "s-reading")
    path = f"{kind}?_id={name}&{query}"
    alone = [] if query.startswith("encounter") else [f"{kind}/{name}"]
    carers = gateway.get(f"{kind}/{name}", carer).status_code == 200
    assert references(gateway.get(path, carer).json()) == (alone if carers else [])
    assert "Observation/s-reading" in references(gateway.get(path, world.gp).json())


def test_a9_a_restricted_persons_place_is_not_searched(gateway, world):
    norma = world.norma
    local = "urn:care-gateway:xk1:local-id"
    question = f"CarePlan?patient={norma}&identifier={local}|"
    before = gateway.get(question, world.gp).json()["total"]
    mark(gateway, norma, pds="R")
    assert before == 1
    assert gateway.get(question, world.gp).json()["total"] == 0
    for value in (f"{local}|SC-20417", f"{local}|"):
        answer = gateway.search("Patient", world.gp, identifier=value)
        assert answer.status_code == 200
        assert f"Patient/{norma}" not in references(answer.json())


@pytest.mark.parametrize(
    "query",
    ["subject:Patient.family=ashdown", "patient.birthdate=1943-03-04", "patient.name=Norma",
     f"patient.identifier={NHS}|{NORMA['nhs_number']}"],
)  # fmt: skip
def test_a22_a_person_is_found_along_a_chain_by_who_is_shown_them_alone(gateway, world, query):
    found = gateway.get(f"CarePlan?{query}", world.gp).json()
    assert {one["subject"]["reference"] for one in resources(found)} == {f"Patient/{world.norma}"}
    for who in (world.other_gp, world.stranger):
        answer = gateway.get(f"CarePlan?{query}", who)
        assert answer.json()["total"] == 0
    for link in found["link"]:
        assert "1943" not in link["url"]
        assert NORMA["nhs_number"] not in link["url"]
        assert "ashdown" not in link["url"]


def test_a7_a_sorted_pages_token_serves_one_caller_one_search_one_order(gateway, world):
    path = f"Goal?patient={world.alice}&_count=1&_sort=-_lastUpdated"
    following = gateway.get(path, world.social_worker).json()["link"][1]["url"]
    assert gateway.get(following, world.social_worker).status_code == 200
    for url, who in (
        (following, world.gp),
        (following.replace("_sort=-_", "_sort=_"), world.social_worker),
        (following.replace("Goal?", "CarePlan?"), world.social_worker),
        (following.replace("_page=", "_page=x"), world.social_worker),
    ):
        assert is_outcome(gateway.get(url, who), 404, "not-found")
    token = following.partition("_page=")[2]
    compartment = f"Patient/{world.alice}/Goal?_count=1&_sort=-_lastUpdated&_page={token}"
    assert is_outcome(gateway.get(compartment, world.social_worker), 404, "not-found")


def test_a42_what_would_cost_too_much_is_refused(gateway, world):
    for query in (
        "goal.patient._has:Goal:patient:_has:CarePlan:goal:status=active",
        "category=" + ",".join("x" * 3 for _ in range(101)),
        urlencode([("category", "x")] * 31),
        urlencode([("category", ",".join("x" * 90))] * 3),
        "_id=" + ",".join(["x"] * 501),
    ):
        assert is_outcome(gateway.get(f"CarePlan?{query}", world.gp), 400, "invalid")


def test_a8_pages_of_a_search_with_joins_are_full(gateway, world):
    alice = world.alice
    for number in range(6):
        put(gateway, alice, goal_row(f"j-{number}", alice, "x"), **(SHUT if number % 2 else {}))
        put(gateway, alice, plan_row(f"k-{number}", alice, f"j-{number}"))
        gateway.at += timedelta(minutes=1)
    path = f"CarePlan?patient={alice}&goal.lifecycle-status=active&_id=k-0,k-1,k-2,k-3,k-4,k-5"
    pages = gateway.walk(f"{path}&_count=1&_sort=-_lastUpdated", world.gp)
    assert [references(page) for page in pages] == [
        ["CarePlan/k-4"],
        ["CarePlan/k-2"],
        ["CarePlan/k-0"],
    ]
    assert {page["total"] for page in pages} == {3}
