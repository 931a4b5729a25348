"""A Patient inside what is about them, as vaccination histories are sent: known by NHS number."""

from tests.unit.mappings.gp.bundles import issues
from tests.unit.mappings.gp.resources import PERSON, bundle, goal, mapped

NHS = "https://fhir.nhs.uk/Id/nhs-number"


def inside(number, id_="Pat1", **more):
    identifier = [{"system": NHS, "value": number}] if number else []
    held = {"resourceType": "Patient", "id": id_, "identifier": identifier}
    return {"contained": [held | more], "subject": {"reference": f"#{id_}"}}


def of(outcome):
    return sorted((one.type, one.key) for one in outcome.resources)


def alone(*resources):
    entries = [{"resource": one} for one in resources]
    profile = {"profile": ["https://fhir.hl7.org.uk/StructureDefinition/UKCore-Bundle"]}
    return {"resourceType": "Bundle", "type": "searchset", "meta": profile, "entry": entries}


def test_one_that_came_alone_is_whom_it_is_about():
    outcome = mapped(alone(goal(**inside("999 000 0018", birthDate="1950-02-01"))))
    assert outcome.issues == ()
    assert (outcome.person.local_id, outcome.person.nhs_numbers) == (None, ("9990000018",))
    key = "nhs-number:9990000018"
    assert of(outcome) == [("Goal", "Goal/g"), ("Patient", key)]
    made = next(one.resource for one in outcome.resources if one.type == "Goal")
    assert made["subject"] == {"reference": f"urn:source:Patient:{key}"}


def test_its_id_is_of_its_holder_alone():
    """Every history calls its Patient Pat1: two people are not one for that."""
    ada, bo = (mapped(alone(goal(**inside(n)))).person for n in ("9990000018", "9990001006"))
    assert ada != bo
    both = mapped(alone(goal("a", **inside("9990000018")), goal("b", **inside("9990001006"))))
    assert both.quarantined
    assert not both.resources
    assert {one.code for one in both.issues} == {"names-nobody"}


def test_the_same_person_inside_several_is_one():
    first, second = inside("9990000018"), inside("9990000018", "Pat2")
    outcome = mapped(alone(goal("a", **first), goal("b", **second)))
    assert [kind for kind, _ in of(outcome)] == ["Goal", "Goal", "Patient"]


def test_without_an_nhs_number_it_names_nobody():
    outcome = mapped(alone(goal(**inside(""))))
    assert outcome.quarantined
    assert issues(outcome, "names-nobody") == [("error", "Patient.identifier")]


def test_beside_the_patient_of_the_bundle_it_is_them_or_somebody_else():
    same, other = goal("a", **inside("9990000018")), goal("b", **inside("9990001006"))
    outcome = mapped(bundle(same, other, person=PERSON))
    assert ("Goal", "Goal/a") in of(outcome)
    assert ("Goal", "Goal/b") not in of(outcome)
    assert issues(outcome, "other-person") == [("error", "Goal[1].subject")]


def test_nobody_inside_stands_for_an_id_that_leads_elsewhere():
    """A reference to a Patient who did not come is not to the one who stands inside another."""
    outcome = mapped(alone(goal("a", **inside("9990000018")), goal("b")))
    assert ("Goal", "Goal/b") not in of(outcome)
    assert issues(outcome, "other-person") == [("error", "Goal[1].subject")]
