"""UK Core resources as systems send them: mended where the sense is plain."""

import pytest

from tests.unit.mappings.gp.bundles import issues, of_type
from tests.unit.mappings.gp.resources import WHO, bundle, mapped, one, read

TERMS = "http://terminology.hl7.org/CodeSystem/"


@pytest.mark.parametrize(
    ("named", "whom", "system"),
    [
        ("AllergyIntolerance", "patient", "allergyintolerance-verification"),
        ("Condition", "subject", "condition-ver-status"),
    ],
)
def test_what_was_entered_in_error_is_taken_back_whatever_clinical_state_it_says(
    named, whom, system
):
    """As in the example that UK Core publishes: refused, what it takes back would stay."""
    wrong = {"coding": [{"system": f"{TERMS}{system}", "code": "entered-in-error"}]}
    sent = {"resourceType": named, "id": "x", whom: WHO, "code": {"text": "Amoxicillin"}}
    state = {"clinicalStatus": {"coding": [{"code": "inactive"}]}}
    outcome = mapped(sent | state | {"verificationStatus": wrong})
    assert issues(outcome, "contradiction") == [("warning", f"{named}[0].clinicalStatus")]
    assert not outcome.quarantined
    (made,) = of_type(outcome, named)
    assert "clinicalStatus" not in made
    assert made["verificationStatus"] == wrong


def test_a_plan_with_one_author_is_of_r4_and_one_with_several_of_stu3():
    plan = one("CarePlan", status="active", intent="order")
    (newer,) = read(bundle(plan | {"author": {"display": "Dr A"}}))
    (older,) = read(bundle(plan | {"author": [{"display": "Dr A"}]}))
    assert (newer.kind, older.kind) == ("uk-core-r4", "gp-connect-structured")
