"""What a relative had: for staff who are cleared for it, and no trace for anybody else."""

import json
from pathlib import Path

import pytest

from tests.api.service import is_outcome, resources
from tests.api.world import NORMA, PRACTICE, put_on_caseload

CASE = Path(__file__).parents[1] / "golden/gp/uk-core-family-history/input/bundle.json"
WORDS = ("Angina", "Died of it", "father", "Told by the person")
NAMING = ("Rowan", "1921-12-13", "1985-04-01", "9990000026")


@pytest.fixture
def norma(world):
    """Her id, before her practice sends a record of its own."""
    return world.norma


@pytest.fixture
def history(gateway, norma):
    """The names of Norma's, as her practice sent them."""
    sent = CASE.read_text(encoding="utf-8").replace("9990000018", NORMA["nhs_number"])
    sent = sent.replace("1950-02-01", NORMA["born"]).replace(
        "ada-79", "6F1C7A10-0000-4000-8000-000000000077"
    )
    body = json.loads(sent)
    sound = [one for one in body["entry"] if one["resource"]["id"] not in ("fh-3", "fh-4")]
    body["entry"] = sound
    sound[0]["resource"]["name"] = [{"family": NORMA["family"], "given": [NORMA["given"]]}]
    told = gateway.push("gp", PRACTICE, json.dumps(body).encode(), "application/fhir+json")
    named = [one["reference"] for one in told["resources"]]
    found = [one for one in named if one.startswith("FamilyMemberHistory/")]
    assert len(found) == 2
    return found


def _ways(norma, name):
    """Every way in which it could be met."""
    of = f"FamilyMemberHistory?patient={norma}"
    yield from (name, f"{name}/_history", f"{name}/_history/1", f"{name}/$lineage")
    yield from (of, f"{of}&_summary=count", f"{of}&code=194828000", f"{of}&relationship=FTH")
    yield from (f"{of}&_elements=condition", f"{of}&_include=FamilyMemberHistory:patient")
    yield from (f"Patient/{norma}/$everything?_count=500", f"Patient/{norma}/*?_count=500")
    yield f"Patient?_id={norma}&_revinclude=FamilyMemberHistory:patient"
    yield f"Patient?_id={norma}&_has:FamilyMemberHistory:patient:code=194828000"
    yield from (f"Patient/{norma}/FamilyMemberHistory", f"?patient={norma}&_count=500")
    yield f"Provenance?target={name}"


def _sees_none(gateway, norma, history, who):
    missing = "FamilyMemberHistory/" + "0" * 8 + history[0].partition("/")[2][8:]
    for path in _ways(norma, history[0]):
        answer = gateway.get(path, who)
        assert not [word for word in WORDS if word in answer.text], path
        assert history[0] not in answer.text.replace(path, ""), path
        kinds = (
            {r["resourceType"] for r in resources(answer.json())} if answer.is_success else set()
        )
        assert "FamilyMemberHistory" not in kinds, path
    for name in (*history, missing):
        assert is_outcome(gateway.get(name, who), 404)
    assert gateway.get(f"FamilyMemberHistory?patient={norma}", who).json()["total"] == 0


def test_a38_the_person_does_not_find_what_a_relative_had(gateway, world, norma, history):
    herself = gateway.token("patient", "norma", patient=norma)
    assert world.of("Encounter", norma, herself), "what else the practice sent is hers to see"
    _sees_none(gateway, norma, history, herself)


@pytest.mark.parametrize("role", ["home-care", "wellbeing", "receptionist"])
def test_a6_who_is_cleared_for_nothing_restricted_finds_none(gateway, norma, history, role):
    put_on_caseload(gateway, norma, PRACTICE, "u-1")
    _sees_none(gateway, norma, history, gateway.token(role, "u-1", PRACTICE))


def test_a14_staff_who_see_problems_find_it_and_never_who_the_relative_is(
    gateway, world, norma, history
):
    found = world.of("FamilyMemberHistory", norma, world.gp)
    assert {f"FamilyMemberHistory/{one['id']}" for one in found} == set(history)
    for path in (*_ways(norma, history[0]), *_ways(norma, history[1])):
        answer = gateway.get(path, world.gp)
        assert answer.status_code == 200, path
        assert not [word for word in NAMING if word in answer.text], path
    for criterion in ("code=194828000", "relationship=FTH", "sex=male", "date=2026-03-02"):
        sought = gateway.get(f"FamilyMemberHistory?patient={norma}&{criterion}", world.gp)
        assert sought.json()["total"] == 1, criterion
    assert (
        gateway.get(f"FamilyMemberHistory?patient={norma}&status=health-unknown", world.gp).json()[
            "total"
        ]
        == 1
    )


def test_it_is_stated_by_feeds_and_written_by_nobody(gateway, world, norma, history):
    known = world.of("FamilyMemberHistory", norma, world.gp)[0]
    assert (
        gateway.create({k: v for k, v in known.items() if k != "id"}, world.gp).status_code == 405
    )
