"""Who is shown only what their own organisation sent: no other source's id finds anything, and an
emergency opens the whole record."""

import pytest

from tests.api.messages import goal, support_plan
from tests.api.opened import break_glass
from tests.api.service import references, resources
from tests.api.world import BOB, COUNCIL, OTHER_PRACTICE, council_person

PLAN = support_plan(council_person(BOB), {"id": "SP-B"}, goals=[goal("G1", "I want to cycle.")])


@pytest.fixture
def bob(gateway, world):
    """Bob is the practice's; the council sent a plan of his, and has no tie to him."""
    person = world.bob
    gateway.push("social-care", COUNCIL, PLAN)
    return person


@pytest.fixture
def doctor(gateway, world):
    return gateway.token("hospital-doctor", "hd-9", COUNCIL)


def _own_id(gateway, who) -> str:
    """The id by which the council is shown its record of him."""
    ((bob, *others),) = [resources(gateway.search("Patient", who, family="PENDLETON").json())]
    assert not others
    return bob["id"]


@pytest.mark.parametrize("kind", ["Goal", "CarePlan", "Provenance"])
def test_a22_anothers_id_of_the_person_finds_nothing(gateway, world, bob, doctor, kind):
    own = _own_id(gateway, doctor)
    assert own != bob
    assert resources(gateway.get(f"{kind}?patient={own}", doctor).json())
    nobody = "00000000-0000-4000-8000-000000000000"
    told = gateway.get(f"{kind}?patient={bob}", doctor).text
    none = gateway.get(f"{kind}?patient={nobody}", doctor).text
    assert told.replace(bob, nobody) == none
    assert resources(gateway.get(f"{kind}?patient={own},{bob}", doctor).json())


def test_a22_a_search_for_people_by_anothers_id_finds_nobody(gateway, world, bob, doctor):
    own = _own_id(gateway, doctor)
    found = gateway.search("Patient", doctor, _id=f"{bob},{own}").json()
    assert references(found) == [f"Patient/{own}"]
    assert references(gateway.search("Patient", doctor, _id=bob).json()) == []


@pytest.mark.parametrize("rest", ["", "/_history", "/_history/1", "/$lineage", "/$everything"])
def test_anothers_id_of_the_person_is_read_as_nobodys(gateway, world, bob, doctor, rest):
    own = _own_id(gateway, doctor)
    assert gateway.get(f"Patient/{own}/$everything", doctor).status_code == 200
    there = gateway.get(f"Patient/{bob}{rest}", doctor)
    nobody = gateway.get(f"Patient/00000000-0000-4000-8000-000000000000{rest}", doctor)
    assert (there.status_code, there.content) == (404, nobody.content)


def test_an_emergency_opens_what_others_sent_too(gateway, world, bob, doctor):
    own = _own_id(gateway, doctor)
    before = gateway.get(f"Patient/{own}/$everything?_count=500", doctor)
    assert "Hypertensive" not in before.text
    assert break_glass(gateway, doctor, own).status_code == 201
    found = gateway.get(f"Patient/{bob}/$everything?_count=500", doctor)
    assert found.status_code == 200
    assert "Hypertensive" in found.text
    assert "I want to cycle." in found.text
    practices = {one["meta"]["source"].split(":")[3] for one in resources(found.json())[1:]}
    assert {COUNCIL, OTHER_PRACTICE} <= practices
