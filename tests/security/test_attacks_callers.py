"""What stands between a caller and a person: how they are marked, and what ties them."""

import pytest

from tests.api.consents import against, dissent, organisation, practitioner, team
from tests.api.rows import goal_row, mark, put
from tests.api.service import is_outcome, resources
from tests.api.world import COUNCIL, HOSPITAL, put_on_caseload


def test_record_holders_see_what_they_sent_and_write_nothing(gateway, world):
    """An organisation that sent a record, and has no other tie to the person."""
    (olive,) = [
        one["id"]
        for one in resources(gateway.get("Patient", world.social_worker).json())
        if one["name"][0]["family"] == "GREENFIELD"
    ]
    put(gateway, olive, goal_row("g-other", olive, "sent by another"), org="RQY")
    put(gateway, olive, goal_row("g-own", olive, "sent by the council"), org=COUNCIL)
    who = world.social_worker
    assert gateway.get("Goal/g-own", who).status_code == 200
    assert is_outcome(gateway.get("Goal/g-other", who), 404)
    assert gateway.get(f"Goal?patient={olive}", who).json()["total"] == 2
    assert is_outcome(gateway.create(team(olive, organisation(COUNCIL)), who), 422)
    assert is_outcome(gateway.create(dissent(olive, **against("RQY")), who), 422)
    assert is_outcome(gateway.get("Goal/g-other", who), 404)
    put_on_caseload(gateway, olive, COUNCIL)
    assert gateway.get("Goal/g-other", who).status_code == 200
    assert gateway.create(team(olive, organisation(COUNCIL)), who).status_code == 201


def _addresses(node):
    """Every element name of a resource, at any depth."""
    if isinstance(node, dict):
        for name, value in node.items():
            yield name
            yield from _addresses(value)
    elif isinstance(node, list):
        for value in node:
            yield from _addresses(value)


def test_a9_a_restricted_persons_whereabouts_are_masked_everywhere(gateway, world):
    """PDS R: no address, telephone, contact, practice or place, contained resources included."""
    norma = world.norma
    contained = {
        "resourceType": "Patient", "id": "c1", "address": [{"city": "Hideaway"}],
        "contact": [{"name": {"text": "Ruth"}}],
    }  # fmt: skip
    flag = {
        "resourceType": "Flag",
        "id": "f-where",
        "status": "active",
        "code": {"text": "dog"},
        "subject": {"reference": f"Patient/{norma}"},
        "author": {"reference": "#c1"},
        "contained": [contained],
        "text": {"status": "generated", "div": "<div>Hideaway</div>"},
    }
    put(gateway, norma, flag, category="safety")
    members = team(norma, practitioner("u1", HOSPITAL), organisation(HOSPITAL))
    made = gateway.create(members, world.gp).json()
    before = gateway.get(f"Patient/{norma}/$everything", world.gp).text
    assert "KT6 5ZZ" in before
    assert "Hideaway" in before
    mark(gateway, norma, pds="R")
    for path in (f"Patient/{norma}", f"Patient/{norma}/$everything", "Patient", "Flag/f-where",
                 f"Patient/{norma}/_history", f"CareTeam/{made['id']}"):  # fmt: skip
        answer = gateway.get(path, world.gp)
        assert answer.status_code == 200
        names = set(_addresses(answer.json()))
        if path != "Patient":
            hidden = {"address", "telecom", "contact", "generalPractitioner", "onBehalfOf"}
            assert not names & hidden, path
            for words in ("KT6 5ZZ", "7 Ash Row", "020 7946 0900", "Hideaway"):
                assert words not in answer.text, path
    lineage = gateway.get(f"Patient/{norma}/$lineage", world.gp).text
    assert "address[0]" not in lineage
    assert "KT6" in gateway.get(f"Patient/{world.alice}", world.gp).text


@pytest.mark.parametrize("pds", ["V", "REDACTED"])
def test_a_very_restricted_person_is_open_to_the_named_team_alone(gateway, world, pds):
    norma = world.norma
    gateway.create(team(norma, practitioner("sw-1", COUNCIL)), world.gp)
    mark(gateway, norma, pds=pds)
    assert is_outcome(gateway.get(f"Patient/{norma}", world.gp), 404)
    named = gateway.get(f"Patient/{norma}", world.social_worker)
    assert named.status_code == (200 if pds == "V" else 404)
    assert gateway.search("Patient", world.gp, identifier="9990000077").json()["total"] == 0


def test_an_opted_out_persons_items_stay_with_who_recorded_them(gateway, world):
    norma = world.norma
    mark(gateway, norma, opted_out=1)
    orgs = {
        one["meta"]["source"].split(":")[3]
        for one in resources(gateway.get(f"Goal?patient={norma}", world.social_worker).json())
    }
    assert orgs == {COUNCIL}
    assert gateway.get(f"Goal?patient={norma}", world.gp).json()["total"] == 0
