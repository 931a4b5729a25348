"""Needs that a team writes: Conditions on the shelves of plans; a diagnosis stays its source's."""

import pytest

from tests.api.messages import HIV
from tests.api.service import is_outcome
from tests.api.writing import on_shelf, patch, plan, put

SNOMED = "http://snomed.info/sct"
ACTIVE = {
    "coding": [
        {
            "system": "http://terminology.hl7.org/CodeSystem/condition-clinical",
            "code": "active",
        }
    ]
}


@pytest.fixture
def norma(world):
    return world.norma


def need(person_id, **more):
    return {
        "resourceType": "Condition",
        "clinicalStatus": ACTIVE,
        "code": {"text": "Falls at night"},
        "subject": {"reference": f"Patient/{person_id}"},
        **more,
    }


def test_a_plan_addresses_a_need_that_its_team_wrote(gateway, world, norma):
    answer = gateway.create(need(norma), world.social_worker)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert [one["code"] for one in made["meta"]["security"]] == ["N", "support-plan"]
    linked = plan(norma, addresses=[{"reference": f"Condition/{made['id']}"}])
    assert gateway.create(linked, world.social_worker).status_code == 201
    found = gateway.get(f"CarePlan?condition=Condition/{made['id']}", world.gp).json()
    assert found["total"] == 1
    changed = put(gateway, made | {"code": {"text": "Falls"}}, world.gp, 1)
    assert (changed.status_code, changed.json()["code"]) == (200, {"text": "Falls"})
    refused = gateway.ask("DELETE", f"Condition/{made['id']}", world.social_worker)
    assert is_outcome(refused, 405), "what was wrong is said to be in error"


def test_a_need_is_labelled_by_what_its_code_says(gateway, world):
    code, display = HIV
    coded = {"coding": [{"system": SNOMED, "code": code, "display": display}]}
    sent = need(world.alice, code=coded, meta=on_shelf("support-plan"))
    made = gateway.create(sent, world.gp).json()
    assert "HIV" in [one["code"] for one in made["meta"]["security"]]
    path = f"Condition/{made['id']}"
    assert gateway.get(path, world.gp).status_code == 200
    hidden, missing = (gateway.get(one, world.social_worker) for one in (path, "Condition/none"))
    assert hidden.content == missing.content
    tried = [
        put(gateway, made | {"id": one}, world.social_worker, 1) for one in (made["id"], "none")
    ]
    assert tried[0].status_code == tried[1].status_code == 405
    assert tried[0].content == tried[1].content


@pytest.mark.parametrize("shelf", ["problems", "safety", "medicines"])
def test_no_diagnosis_is_written_by_a_team(gateway, world, norma, shelf):
    before = len(world.of("Condition", norma, world.gp))
    answer = gateway.create(need(norma, meta=on_shelf(shelf)), world.gp)
    assert is_outcome(answer, 422)
    assert len(world.of("Condition", norma, world.gp)) == before


def test_what_a_source_states_of_a_condition_is_edited_by_its_source_alone(gateway, world, norma):
    for held in world.of("Condition", norma, world.gp):
        version = int(held["meta"]["versionId"])
        path = f"Condition/{held['id']}"
        for answer in (
            put(gateway, held | {"code": {"text": "Nothing"}}, world.gp, version),
            patch(gateway, path, world.gp, {"op": "remove", "path": "/code"}, version=version),
            gateway.ask("DELETE", path, world.gp),
        ):
            assert answer.status_code in (403, 405, 422), answer.text
        assert gateway.get(path, world.gp).json() == held
