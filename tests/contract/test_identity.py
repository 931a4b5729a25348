"""A text that says nothing, in any single field, changes nothing of who a person is said to be."""

from dataclasses import replace

import pytest

from mappings.core.model.outcome import Mapped, Outcome, PersonClaim
from tests.contract.deliveries import deliveries, leaves, mapped
from tests.contract.identity import broken, newly_said

TEXTS_AT_A_PLACE = 3


@pytest.mark.soak
@pytest.mark.parametrize("delivery", deliveries(), ids=str)
def test_no_text_in_any_field_says_who_a_person_is(delivery):
    for kind, item, before in mapped(delivery):
        places = [steps for steps, _ in leaves(item.facts) if steps]
        assert list(broken(kind, item, before, places, TEXTS_AT_A_PLACE)) == []


def _outcome(claim, **patient):
    resource = {"resourceType": "Patient", **patient}
    return Outcome(claim, "", (Mapped("Patient", "1", resource, ()),))


CLAIM = PersonClaim("1", birth_date="1951-06-22", gender="female")
BEFORE = _outcome(CLAIM, birthDate="1951-06-22", gender="female", deceasedBoolean=False)


@pytest.mark.parametrize(
    ("claim", "patient", "said"),
    [
        ({"deceased": True}, {}, ["claim.deceased"]),
        ({"birth_date": "1951-06-23"}, {}, ["claim.birth_date"]),
        ({"gender": "male"}, {}, ["claim.gender"]),
        ({}, {"birthDate": "1951"}, ["birthDate"]),
        ({}, {"deceasedDateTime": "2026"}, ["deceasedDateTime"]),
        ({}, {"deceasedBoolean": True}, ["deceasedBoolean"]),
        ({}, {"gender": "other"}, ["gender"]),
        ({"birth_date": None, "gender": ""}, {"gender": "unknown"}, []),
    ],
)
def test_the_law_can_fail(claim, patient, said):
    assert newly_said(BEFORE, _outcome(replace(CLAIM, **claim), **patient)) == said
