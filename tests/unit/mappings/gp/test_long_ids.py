"""Ids that no system sends: what bears one is refused, in words that do not repeat it."""

import pytest

from mappings.core.applying.making import LONGEST_KEY
from tests.unit.mappings.gp import bundles
from tests.unit.mappings.gp.bundles import issues
from tests.unit.mappings.gp.resources import PERSON, bundle, goal, mapped, plan

LONG = "a" * (LONGEST_KEY + 1)


def _types(outcome):
    return {one.type for one in outcome.resources}


def test_the_rest_is_taken_without_it():
    outcome = mapped(bundle(goal("g"), goal(LONG)))
    assert not outcome.quarantined
    assert [one.resource["description"] for one in outcome.resources if one.type == "Goal"] == [
        {"text": "Walk"}
    ]
    assert issues(outcome, "key-too-long") == [("error", "Goal[1]")]
    assert LONG not in str(outcome.issues)


@pytest.mark.parametrize("length", [LONGEST_KEY + 1, 200_000])
def test_a_person_is_not_known_by_one(length):
    outcome = mapped(bundle(goal(), person={**PERSON, "id": "a" * length, "identifier": []}))
    assert _types(outcome) == set()
    assert issues(outcome, "key-too-long")


def test_in_stu3_too():
    condition = {
        "resourceType": "Condition",
        "id": LONG,
        "subject": {"reference": f"Patient/{bundles.PATIENT['id']}"},
        "code": {"text": "Gout"},
        "clinicalStatus": "active",
    }
    outcome = bundles.mapped(condition)
    assert issues(outcome, "key-too-long")
    assert "Condition" not in _types(outcome)


@pytest.mark.parametrize("known", ["a" * 65, "a" * (LONGEST_KEY - len("Goal/")), "b 1/2 ü"])
def test_one_that_r4_would_not_have_is_neither_refused_nor_cut(known):
    """R4 allows 64 letters, digits, hyphens and dots; here it is a name, and no id is made."""
    named = {**plan(), "goal": [{"reference": f"Goal/{known}"}]}
    outcome = mapped(bundle(goal(known), goal(known[:4]), named))
    assert (outcome.issues, outcome.quarantined) == ((), False)
    assert {f"Goal/{known}", f"Goal/{known[:4]}"} < {one.key for one in outcome.resources}
    (made,) = (one.resource for one in outcome.resources if one.type == "CarePlan")
    assert made["goal"] == [{"reference": f"urn:source:Goal:Goal/{known}"}]
