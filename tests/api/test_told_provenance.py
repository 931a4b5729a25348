"""What a writer says of where a version comes from, in the header `X-Provenance`."""

import json

import pytest

from mappings.core.checking.validate import validate
from tests.api.rows import goal_row, put
from tests.api.service import is_outcome, resources
from tests.api.world import PRACTICE
from tests.api.writing import goal

TOLD = {
    "resourceType": "Provenance",
    "occurredDateTime": "2026-11-20",
    "reason": [{"text": "agreed at home"}],
    "agent": [{"who": {"display": "The person's daughter"}}],
}


@pytest.fixture
def norma(world):
    return world.norma


def _written(gateway, who, body, told=TOLD, **headers):
    headers["X_Provenance"] = told if isinstance(told, str) else json.dumps(told)
    return gateway.create(body, who, **headers)


def _told(gateway, who, name) -> list[dict]:
    return resources(gateway.get(f"Provenance?target={name}", who).json())


def test_audit_01_it_is_kept_with_the_new_version_as_its_target(gateway, world, norma):
    made = _written(gateway, world.gp, goal(norma))
    assert made.status_code == 201, made.text
    name = f"Goal/{made.json()['id']}"
    own, sent = sorted(_told(gateway, world.gp, name), key=lambda one: "reason" in one)
    assert own["target"] == sent["target"] == [{"reference": f"{name}/_history/1"}]
    assert own["agent"][0]["onBehalfOf"]["identifier"]["value"] == PRACTICE
    assert {one: sent[one] for one in TOLD} == TOLD
    assert sent["recorded"] == made.json()["meta"]["lastUpdated"]
    assert not validate(sent)
    assert gateway.get(f"Provenance/{sent['id']}", world.gp).json() == sent
    entry = gateway.entries()[-3]
    assert {kind for kind, _, _ in entry.resources} == {"Goal", "Provenance"}


def test_each_update_may_tell_again_and_a_read_again_finds_each_version(gateway, world, norma):
    made = _written(gateway, world.gp, goal(norma)).json()
    changed = made | {"description": {"text": "I want to bake bread."}}
    headers = {
        "Content-Type": "application/fhir+json", "If-Match": 'W/"1"',
        "X-Provenance": json.dumps(TOLD | {"reason": [{"text": "said again"}]}),
    }  # fmt: skip
    path = f"Goal/{made['id']}"
    answer = gateway.ask("PUT", path, world.gp, content=json.dumps(changed), headers=headers)
    assert answer.status_code == 200, answer.text
    found = {
        one["reason"][0]["text"]: one["target"][0]["reference"]
        for one in _told(gateway, world.gp, path)
        if "reason" in one
    }
    assert found == {
        "agreed at home": f"{path}/_history/1",
        "said again": f"{path}/_history/2",
    }


@pytest.mark.parametrize(
    "told",
    [
        "{",
        "[]",
        '{"resourceType": "Provenance", "resourceType": "Provenance"}',
        {"resourceType": "Goal"},
        {**TOLD, "agent": []},
        {name: value for name, value in TOLD.items() if name != "agent"},
        {**TOLD, "target": [{"reference": "Goal/somebody-elses"}]},
        {**TOLD, "id": "mine"},
        {**TOLD, "meta": {"security": []}},
        {**TOLD, "nonsense": "x"},
        {**TOLD, "reason": [{"text": "x" * 9000}]},
    ],
    ids=str,
)
def test_audit_02_a_header_that_cannot_be_taken_stores_nothing(gateway, world, norma, told):
    before = gateway.get(f"Goal?patient={norma}&_summary=count", world.gp).json()["total"]
    answer = _written(gateway, world.gp, goal(norma), told)
    assert is_outcome(answer, 400), answer.text
    assert "somebody-elses" not in answer.text
    after = gateway.get(f"Goal?patient={norma}&_summary=count", world.gp).json()["total"]
    assert after == before


def test_where_nothing_would_be_kept_of_it_it_is_refused(gateway, world, norma):
    made = gateway.create(goal(norma), world.gp).json()
    headers = {"X-Provenance": json.dumps(TOLD)}
    assert is_outcome(gateway.ask("DELETE", f"Goal/{made['id']}", world.gp, headers=headers), 400)
    bundle = {"resourceType": "Bundle", "type": "batch", "entry": []}
    headers["Content-Type"] = "application/fhir+json"
    answer = gateway.ask("POST", "/fhir/R4", world.gp, content=json.dumps(bundle), headers=headers)
    assert is_outcome(answer, 400)


def test_a11_what_it_names_is_seen_by_its_writer_or_it_is_as_if_it_were_not(gateway, world, norma):
    put(gateway, norma, goal_row("h-goal", norma, "hidden"), conf="V")
    answers = []
    for name in ("Goal/h-goal", "Goal/nothing"):
        entity = [{"role": "source", "what": {"reference": name}}]
        answer = _written(gateway, world.gp, goal(norma), TOLD | {"entity": entity})
        answers.append((answer.status_code, answer.content))
    assert answers[0] == answers[1]
    assert answers[0][0] == 422
    assert b"X-Provenance.entity[0].what" in answers[0][1]


def test_it_names_a_version_as_what_it_is_of_and_no_version_of_a_person(gateway, world, norma):
    of = f"Goal/{gateway.create(goal(norma), world.gp).json()['id']}"
    entity = [{"role": "revision", "what": {"reference": f"{of}/_history/1"}}]
    made = _written(gateway, world.gp, goal(norma), TOLD | {"entity": entity})
    assert made.status_code == 201, made.text
    (found,) = resources(gateway.get(f"Provenance?entity={of}", world.gp).json())
    assert found["entity"] == entity
    put(gateway, norma, goal_row("h-goal", norma, "hidden"), conf="V")
    for name in (
        "Goal/h-goal/_history/1",
        "Goal/nothing/_history/1",
        f"Patient/{norma}/_history/1",
    ):
        entity = [{"role": "source", "what": {"reference": name}}]
        answer = _written(gateway, world.gp, goal(norma), TOLD | {"entity": entity})
        assert is_outcome(answer, 422, "not-found"), name


def test_a_fault_says_where_in_the_header_it_is(gateway, world, norma):
    answer = _written(gateway, world.gp, goal(norma), TOLD | {"agent": []})
    assert answer.json()["issue"][0]["expression"] == ["X-Provenance.agent"]


def test_a20_it_is_hidden_with_what_it_tells_of(gateway, world, norma):
    restricted = {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "V"}
    made = _written(gateway, world.gp, goal(norma, meta={"security": [restricted]})).json()
    (sent,) = [one for one in _told(gateway, world.gp, f"Goal/{made['id']}") if "reason" in one]
    assert restricted in sent["meta"]["security"]
    for path in (f"Goal/{made['id']}", f"Provenance/{sent['id']}", f"Provenance/{made['id']}.1"):
        assert gateway.get(path, world.gp).status_code == 200, path
        assert gateway.get(path, world.social_worker).status_code == 404, path
    assert not _told(gateway, world.social_worker, f"Goal/{made['id']}")
