"""What a person's relatives had, of both releases: what is told, and who they are, which is not."""

import json

import pytest

from mappings.core.model import systems
from mappings.core.shaping.labels import of_content
from mappings.gp.codes.extensions import UK_CORE
from tests.unit.mappings.gp import bundles, resources

FATHER = {"coding": [{"code": "FTH", "display": "father"}]}
ANGINA = {"coding": [{"system": bundles.SNOMED, "code": "194828000"}]}
NAMING = "Rowan LARKFIELD"
NUMBER = {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990000026"}
OWN = {"system": "https://a.example/family", "value": "7"}
ENCOUNTER = f"{UK_CORE}AssociatedEncounter"
HELD = {"system": systems.HOLD, "code": "THIRDPARTY"}
RESTRICTED = {"system": systems.CONFIDENTIALITY, "code": "R"}


def history(known_as, **more):
    who = {"reference": f"Patient/{known_as}"}
    known = {"id": "f", "status": "completed", "patient": who, "relationship": FATHER}
    return {"resourceType": "FamilyMemberHistory", **known, **more}


def older(**more):
    return bundles.mapped(history("pat-1", **more))


def newer(**more):
    return resources.mapped(resources.bundle(resources.goal(), history("ada-1", **more)))


def made(outcome):
    (one,) = (m.resource for m in outcome.resources if m.type == "FamilyMemberHistory")
    return one


@pytest.mark.parametrize("release", [older, newer])
def test_what_a_relative_had_and_at_what_age_is_told(release):
    age = {"value": 64, "unit": "year", "system": "http://unitsofmeasure.org", "code": "a"}
    outcome = release(date="2026-03-02", condition=[{"code": ANGINA, "onsetAge": age}])
    one = made(outcome)
    assert one["relationship"] == FATHER
    assert one["condition"] == [{"code": ANGINA, "onsetAge": age}]
    assert one["date"] == "2026-03-02"
    assert "reference" in one["patient"]
    assert not outcome.issues


@pytest.mark.parametrize("release", [older, newer])
def test_it_is_restricted_and_held_as_of_a_third_party_on_the_shelf_of_problems(release):
    labels = made(release())["meta"]["security"]
    assert HELD in labels
    assert RESTRICTED in labels
    assert {"system": systems.ACCESS_CATEGORY, "code": "problems"} in labels


@pytest.mark.parametrize("release", [older, newer])
@pytest.mark.parametrize(
    "more",
    [
        {"name": NAMING},
        {"bornString": NAMING},
        {"bornDate": NAMING},
        {"note": [{"text": "Told", "authorString": NAMING}]},
        {"note": [{"text": "Told", "authorReference": {"display": NAMING}}]},
        {"extension": [{"url": "http://a.example/x", "valueString": NAMING}]},
        {"relationship": {**FATHER, "extension": [{"url": "x", "valueString": NAMING}]}},
        {"condition": [{"code": ANGINA, "extension": [{"url": "x", "valueString": NAMING}]}]},
        {"contained": [{"resourceType": "Patient", "id": "r", "name": [{"text": NAMING}]}]},
        {"identifier": [{**OWN, "extension": [{"url": "x", "valueString": NAMING}]}]},
        {"extension": [{"url": ENCOUNTER, "extension": [{"url": "x", "valueString": NAMING}]}]},
        {"text": {"status": "generated", "div": f"<div>{NAMING}</div>"}},
    ],
)
def test_who_the_relative_is_is_not_taken(release, more):
    outcome = release(**more)
    assert NAMING not in json.dumps(made(outcome))
    assert NAMING not in repr(outcome.issues)


def test_a_number_of_a_person_is_no_number_of_the_record():
    outcome = newer(identifier=[NUMBER, OWN])
    assert made(outcome)["identifier"] == [OWN]
    said = [("warning", "FamilyMemberHistory[0].identifier[0]")]
    assert bundles.issues(outcome, "not-carried") == said


def test_an_older_number_of_a_person_is_none_either():
    assert made(older(identifier=[OWN, NUMBER]))["identifier"] == [OWN]


@pytest.mark.parametrize("release", [older, newer])
def test_of_a_death_the_day_is_left_out_and_the_death_told(release):
    one = made(release(deceasedDate="1985-04-01"))
    assert one["deceasedBoolean"] is True
    assert "1985" not in json.dumps(one)


@pytest.mark.parametrize("release", [older, newer])
def test_an_estimate_stands_beside_the_age_alone_that_it_is_of(release):
    assert made(release(ageString="in her sixties", estimatedAge=True))["estimatedAge"] is True
    assert "estimatedAge" not in made(release(bornDate="1921", estimatedAge=True))


def test_what_nobody_could_be_asked_about_says_so():
    one = made(older(status="partial", notDone=True, notDoneReason={"text": "Adopted"}))
    assert (one["status"], one["dataAbsentReason"]) == ("health-unknown", {"text": "Adopted"})
    assert made(older(status="entered-in-error", notDone=True))["status"] == "entered-in-error"


def test_a_gender_of_the_older_release_is_a_concept():
    system = "http://hl7.org/fhir/administrative-gender"
    assert made(older(gender="male"))["sex"] == {"coding": [{"system": system, "code": "male"}]}


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"status": "guessed"}, "unmapped-code"),
        ({"relationship": None}, "missing"),
        ({"patient": {"reference": "Patient/another"}}, "other-person"),
    ],
)
def test_one_that_cannot_be_read_or_is_of_somebody_else_is_refused_alone(more, code):
    outcome = older(**more)
    assert not [m for m in outcome.resources if m.type == "FamilyMemberHistory"]
    assert [severity for severity, _ in bundles.issues(outcome, code)] == ["error"]


def test_an_unknown_status_of_the_newer_release_is_refused_too():
    outcome = newer(status="guessed")
    assert not [m for m in outcome.resources if m.type == "FamilyMemberHistory"]


def test_what_sums_one_up_bears_its_labels():
    assert of_content(history("p")) == [HELD, RESTRICTED]
    hiv = history(
        "p", condition=[{"code": {"coding": [{"system": bundles.SNOMED, "code": "86406008"}]}}]
    )
    assert {one["code"] for one in of_content(hiv)} == {"HIV", "THIRDPARTY", "R"}
