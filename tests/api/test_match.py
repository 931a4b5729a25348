"""Patient/$match: of the people who are open to the caller, whom a description fits."""

import json
from typing import Any

import pytest

from gateway.audit.events import Event, Outcome
from gateway.flows.asking.search_log import Operator
from gateway.flows.identity.decide_identity import decide
from gateway.identity.statements import Verdict
from tests.api.rows import mark
from tests.api.service import Service, is_outcome, resources
from tests.api.world import ALICE, BOB, COUNCIL, HOSPITAL, NHS, NORMA, PRACTICE, World
from tests.integration.test_ingest_identity import seen_by

NORMA_SAID = {"birthDate": NORMA["born"], "name": [{"family": "Ashdown", "given": ["Norma"]}]}
NUMBER = {"identifier": [{"system": NHS, "value": NORMA["nhs_number"]}]}


def match(service: Service, who: dict[str, str], patient: dict[str, Any], **more: Any):
    parameters = [{"name": "resource", "resource": {"resourceType": "Patient", **patient}}]
    for name, value in more.items():
        kind = "valueBoolean" if isinstance(value, bool) else "valueInteger"
        parameters.append({"name": name, kind: value})
    body = json.dumps({"resourceType": "Parameters", "parameter": parameters})
    headers = {"Content-Type": "application/fhir+json"}
    return service.ask("POST", "Patient/$match", who, content=body, headers=headers)


def grades(answer) -> list[str]:
    entries = answer.json().get("entry", [])
    return [one["search"]["extension"][0]["valueCode"] for one in entries]


@pytest.mark.changes_nothing
@pytest.mark.parametrize(
    ("said", "grade"),
    [
        (NORMA_SAID | NUMBER, ["certain"]),
        ({"birthDate": NORMA["born"]} | NUMBER, ["certain"]),
        (NORMA_SAID | NUMBER | {"name": [{"family": NORMA["family"], "given": ["Norme"]}]},
         ["probable"]),
        (NUMBER, ["probable"]),
        (NORMA_SAID, ["probable"]),
        (NUMBER | {"birthDate": "1950-01-01"}, ["possible"]),
        ({"birthDate": "1950-01-01"}, []),
        ({"birthDate": NORMA["born"], "name": [{"family": "Zywiec", "given": ["Otto"]}],
          "gender": "male"}, ["possible"]),
    ],
)  # fmt: skip
def test_the_grade_follows_what_agrees(gateway, world, said, grade):
    answer = match(gateway, world.gp, said)
    assert answer.status_code == 200, answer.text
    assert grades(answer) == grade
    assert answer.json()["total"] == len(grade)
    assert [one["id"] for one in resources(answer.json())] == [world.norma] * len(grade)


@pytest.mark.changes_nothing
def test_only_certain_matches_and_the_count_are_kept_to(gateway, world):
    assert grades(match(gateway, world.gp, NORMA_SAID, onlyCertainMatches=True)) == []
    assert grades(match(gateway, world.gp, NORMA_SAID | NUMBER, onlyCertainMatches=True)) == [
        "certain"
    ]
    both = {"identifier": [{"system": NHS, "value": one["nhs_number"]} for one in (NORMA, ALICE)]}
    assert len(resources(match(gateway, world.gp, both).json())) == 2
    assert len(resources(match(gateway, world.gp, both, count=1).json())) == 1


def test_a22_a_hidden_person_and_no_such_person_are_one_answer(gateway, world):
    missing = {"birthDate": "1950-01-01"} | {"identifier": [{"system": NHS, "value": "9990000255"}]}
    hidden = {"birthDate": BOB["born"], "identifier": [{"system": NHS, "value": BOB["nhs_number"]}]}
    answers = []
    for said in (missing, hidden):
        before = gateway.size()
        answer = match(gateway, world.gp, said)
        entries = gateway.entries(before)
        assert [(one.event, one.outcome, one.reasons) for one in entries] == [
            (Event.OPERATION, Outcome.REFUSED, ("no-such",))
        ]
        assert entries[0].person_id == ""
        answers.append((answer.status_code, answer.content, len(answer.headers)))
    assert answers[0] == answers[1]
    mark(gateway, world.norma, pds="V")
    again = match(gateway, world.gp, NORMA_SAID | NUMBER)
    assert (again.status_code, again.content, len(again.headers)) == answers[0]


def test_a_hidden_record_neither_finds_nor_ranks_a_visible_one(gateway, world: World):
    """The hospital sees its own record alone, which has no number and no birth date."""
    gateway.push("hospital", HOSPITAL, seen_by("RAX", "", "").body)
    own = gateway.token("receptionist", "r-1", HOSPITAL)
    said = {"name": NORMA_SAID["name"]} | NUMBER | {"birthDate": NORMA["born"]}
    before = match(gateway, own, said)
    record = next(one for one in gateway.run(_records(gateway, HOSPITAL)))
    norma = world.norma
    gateway.run(_merged(gateway, record, norma))
    assert match(gateway, own, said).content == before.content
    assert grades(before) == []


async def _records(service: Service, org: str) -> list[str]:
    async with service.site.store.engine.reading() as conn:
        sql = "SELECT patient_id FROM source_record WHERE source_org = $1"
        return [row[0] for row in await conn.fetch(sql, (org,))]


async def _merged(service: Service, record: str, other: str) -> None:
    operator = Operator("ops", service.at)
    await decide(service.site.store, operator, (record, other, Verdict.SAME), "asked")


def test_masked_elements_weigh_nothing(gateway, world):
    said = NORMA_SAID | {"address": [{"postalCode": "KT6 5ZZ"}]}
    score = match(gateway, world.gp, said).json()["entry"][0]["search"]["score"]
    bare = match(gateway, world.gp, NORMA_SAID).json()["entry"][0]["search"]["score"]
    assert score > bare
    mark(gateway, world.norma, pds="R")
    masked = match(gateway, world.gp, said)
    assert masked.json()["entry"][0]["search"]["score"] == bare
    assert "KT6" not in masked.text


@pytest.mark.changes_nothing
def test_who_is_shown_is_recorded_and_the_description_is_sealed(gateway, world):
    norma, before = world.norma, gateway.size()
    match(gateway, world.gp, NORMA_SAID | NUMBER)
    found = [one for one in gateway.entries(before) if one.query == "Patient/$match"]
    assert [(one.person_id, one.outcome) for one in found] == [(norma, Outcome.SERVED)]
    assert NORMA["nhs_number"] not in repr(found)


@pytest.mark.changes_nothing
def test_other_roles_may_not_ask(gateway, world):
    for role in ("navigator", "home-care", "governance-lead", "identity-officer"):
        purpose = {"purpose": "HSYSADMIN"} if role == "identity-officer" else {}
        before = gateway.size()
        answer = match(gateway, gateway.token(role, "u-1", PRACTICE, **purpose), NORMA_SAID)
        assert is_outcome(answer, 403)
        assert [one.reasons for one in gateway.entries(before)] == [("role",)]


@pytest.mark.changes_nothing
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'{"resourceType": "Patient"}',
        b'{"resourceType": "Parameters"}',
        b'{"resourceType": "Parameters", "parameter": [{"name": "resource", "resource": 3}]}',
        b'{"resourceType": "Parameters", "parameter": [{"name": "limit"}]}',
    ],
)
def test_what_is_no_description_is_refused(gateway, world, body):
    headers = {"Content-Type": "application/fhir+json"}
    answer = gateway.ask("POST", "Patient/$match", world.gp, content=body, headers=headers)
    assert is_outcome(answer, 400)


@pytest.mark.changes_nothing
@pytest.mark.parametrize(
    ("said", "more"),
    [
        ({}, {}),
        ({"birthDate": 1943}, {}),
        ({"birthDate": "1943-03-04", "name": "Norma"}, {}),
        ({"birthDate": "1943-03-04", "address": [3]}, {}),
        (NORMA_SAID, {"count": 0}),
        (NORMA_SAID, {"onlyCertainMatches": 1}),
    ],
)
def test_a_description_that_cannot_be_read_is_refused_without_an_echo(gateway, world, said, more):
    answer = match(gateway, world.gp, said, **more)
    assert is_outcome(answer, 400)
    assert "1943" not in answer.text


@pytest.mark.changes_nothing
def test_the_service_says_that_it_matches(gateway):
    patient = next(
        one
        for one in gateway.get("metadata").json()["rest"][0]["resource"]
        if one["type"] == "Patient"
    )
    assert "match" in [one["name"] for one in patient["operation"]]
    assert COUNCIL not in json.dumps(patient)
