"""Profiles: what is claimed, what $validate judges by, a plan as Interweave has it."""

import json
from urllib.parse import quote

import pytest

from gateway.api.answers import interweave
from gateway.api.answers.interweave import PROFILE
from gateway.api.answers.profiles import UK_CORE
from gateway.api.answers.shaping import SUBSETTED
from mappings.core.checking.profiles import check_profile, is_known
from mappings.core.checking.validate import validate
from mappings.core.model import systems
from tests.api.messages import gp_record, support_plan
from tests.api.service import FHIR, is_outcome, resources
from tests.api.world import COUNCIL, HIDDEN_WORDS, NHS, PRACTICE, council_person
from tests.api.writing import on_shelf, plan, put
from tests.judges.examples import concept

ASKED = {"Accept": f'{FHIR}; profile="{PROFILE}"'}
FORMAT = quote(f"{FHIR};profile={PROFILE}")
RITA = {
    "id": "6f1c7a10-0000-4000-8000-000000003009",
    "nhs_number": "9990003009",
    "family": "MARLOW",
    "given": "Rita",
    "born": "1951-06-30",
}
ALLERGY = {
    "resourceType": "AllergyIntolerance",
    "clinicalStatus": concept("allergyintolerance-clinical", "active"),
    "patient": {"reference": "Patient/1"},
}


@pytest.fixture
def path(gateway, world):
    (one,) = world.of("CarePlan", world.norma, world.social_worker)
    return f"CarePlan/{one['id']}"


def leaves(value, name=""):
    if isinstance(value, dict):
        return {leaf for key, one in value.items() for leaf in leaves(one, key)}
    if isinstance(value, list):
        return {leaf for one in value for leaf in leaves(one, name)}
    return {(name, value)}


def test_a_plan_is_given_in_the_profile_by_the_names_of_its_format(gateway, world, path):
    whole = gateway.get(path, world.social_worker)
    by_header = gateway.get(path, world.social_worker | ASKED)
    by_format = gateway.get(f"{path}?_format={FORMAT}", world.social_worker)
    view = by_header.json()
    assert by_format.json() == view
    assert check_profile(view, PROFILE) == validate(view, local_references=False) == ()
    assert check_profile(whole.json(), PROFILE)
    assert view["meta"]["profile"] == [PROFILE]
    assert view["identifier"][0] == {"system": interweave.LOCAL_ID, "value": "XK1.SP-881"}
    assert view["subject"]["display"] == interweave.PERSON
    assert (view["created"], view["period"]["start"]) == ("2026-10-19", "2026-10-20")
    assert by_header.headers["etag"] == whole.headers["etag"]
    assert SUBSETTED not in view["meta"]["tag"], "nothing was left out of it"


def test_the_profile_is_given_in_xml_in_lists_and_of_earlier_versions(gateway, world, path):
    kind = FHIR.replace("json", "xml")
    xml = gateway.get(path, world.social_worker | {"Accept": f'{kind};profile="{PROFILE}"'})
    assert f'<profile value="{PROFILE}"/>' in xml.text
    about = f"CarePlan?patient={world.norma}&_include=CarePlan:goal"
    for asked in (about, f"{path}/_history", f"Patient/{world.norma}/$everything"):
        found = resources(gateway.get(asked, world.social_worker | ASKED).json())
        said = {one["resourceType"]: one["meta"].get("profile") for one in found}
        assert said["CarePlan"] == [PROFILE], asked
        assert all(said[kind] is None for kind in said if kind != "CarePlan"), "as they are"
    one = gateway.get(f"{path}/_history/1", world.social_worker | ASKED).json()
    assert check_profile(one, PROFILE) == ()


def test_the_view_tells_no_more_than_the_plan(gateway, world):
    added = {("display", interweave.PERSON), ("profile", PROFILE)}
    shown = 0
    for who in (world.gp, world.social_worker):
        for whole in world.of("CarePlan", world.alice, who):
            view = gateway.get(f"CarePlan/{whole['id']}", who | ASKED)
            more = leaves(view.json()) - leaves(whole) - added
            systems_told = {interweave.LOCAL_ID, interweave.PROVENANCE}
            assert {v for name, v in more if name == "system"} == systems_told
            words = {v for name, v in more if name != "system"}
            assert words == {"XK1", "XK1.SP-A", "Organisation with the ODS code XK1"}
            assert not any(word in view.text for word in HIDDEN_WORDS)
            shown += 1
    assert shown == 2


def test_what_the_profile_forbids_is_left_out_and_the_view_is_not_written_back(gateway, world):
    sent = plan(
        world.norma,
        meta=on_shelf("support-plan"),
        supportingInfo=[{"display": "A letter"}],
        contributor=[{"display": "Ann"}],
        instantiatesUri=["urn:a"],
        activity=[
            {"extension": [{"url": "urn:b", "valueString": "c"}]},
            {"detail": {"status": "scheduled", "instantiatesUri": ["urn:d"], "id": "e"}},
        ],
        period={
            "start": "2026-10-01",
            "end": "2026-11-01",
            "extension": [{"url": f"{systems.OWN}/StructureDefinition/derived-end",
                           "valueString": "A rule"}],
        },
        encounter={"display": "A visit"},
    )  # fmt: skip
    whole = gateway.create(sent, world.gp).json()
    view = gateway.get(f"CarePlan/{whole['id']}", world.gp | ASKED).json()
    assert check_profile(view, PROFILE) == validate(view, local_references=False) == ()
    assert whole["supportingInfo"]
    assert not {"supportingInfo", "contributor", "instantiatesUri", "encounter"} & view.keys()
    assert view["activity"] == [{"detail": {"status": "scheduled"}}]
    assert view["period"] == {"start": "2026-10-01"}, "an end that was concluded is not stated"
    assert SUBSETTED in view["meta"]["tag"]
    assert is_outcome(put(gateway, view, world.gp, 1), 422, "not-supported")
    assert gateway.get(f"CarePlan/{whole['id']}", world.gp).json() == whole


def test_a_plan_that_names_the_person_in_words_does_not_in_the_view():
    subject = {"reference": "Patient/norma"}
    named = {"resourceType": "CarePlan", "subject": subject | {"display": "Norma Ashdown"}}
    view, left_out = interweave.viewed(named)
    assert (view["subject"], left_out) == (subject | {"display": interweave.PERSON}, True)
    assert interweave.viewed(named | {"subject": subject}) == (view, False)


def test_a_code_of_theirs_stands_beside_the_one_of_ours_that_says_the_same():
    ours = {"system": systems.CARE_ACT_OUTCOME, "code": "nutrition"}
    wider = {"system": f"{systems.OWN}/CodeSystem/service-kind", "code": "home-care"}
    detail = {
        "status": "scheduled",
        "reasonCode": [{"coding": [ours]}],
        "code": {"coding": [wider]},
    }
    own = {"system": "urn:care-gateway:xk1:local-id", "value": "1"}
    view, _ = interweave.viewed(plan("1", activity=[{"detail": detail}]))
    told = view["activity"][0]["detail"]
    assert [one["code"] for one in told["reasonCode"][0]["coding"]] == [
        "nutrition",
        "Diet-and-nutrition",
    ]
    assert told["code"] == {"coding": [wider]}, "a wider one is not narrowed"
    again = view | {"identifier": [{"system": interweave.LOCAL_ID, "value": "XK1.1"}, own]}
    assert interweave.viewed(again)[0] == again, "nothing is said twice"


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ('application/fhir+json; profile="https://example.org/plan"', 406),
        ('application/fhir+json; profile="https://example.org/plan", application/json;q=0.5', 200),
        (f'application/fhir+json; profile="{PROFILE}|0.0.1"', 200),
        (f"application/fhir+json;PROFILE={PROFILE};q=0.9, text/csv", 200),
    ],
)
def test_no_answer_passes_for_a_profile_that_it_is_not_in(gateway, world, path, accept, status):
    answer = gateway.get(path, world.social_worker | {"Accept": accept})
    assert answer.status_code == status
    profiled = answer.json().get("meta", {}).get("profile") == [PROFILE]
    assert profiled == (PROFILE.lower() in accept.lower())
    other = gateway.get(f"{path}?_format=json;profile=urn:none", world.social_worker)
    assert is_outcome(other, 406)


@pytest.mark.parametrize("shape", ["_summary=true", "_elements=title"])
def test_a_part_of_the_view_is_taken_as_of_any_plan(gateway, world, path, shape):
    answer = gateway.get(f"{path}?{shape}&_format={FORMAT}", world.social_worker).json()
    assert answer["meta"]["profile"] == [PROFILE]
    assert answer["meta"]["tag"].count(SUBSETTED) == 1


def test_the_statement_claims_what_is_held_and_the_view(gateway):
    stated = gateway.get("metadata").json()["rest"][0]["resource"]
    said = {one["type"]: one["supportedProfile"] for one in stated if "supportedProfile" in one}
    assert said["CarePlan"] == [PROFILE], "a draft of UK Core is not to be implemented"
    assert said["Patient"] == [f"{UK_CORE}Patient|2.6.0"]
    assert not {"MedicationRequest", "CareTeam", "Goal"} & said.keys()
    assert "Subscription" in said


@pytest.mark.parametrize(
    ("profile", "found"),
    [
        ("AllergyIntolerance", ["AllergyIntolerance.code"]),
        ("AllergyIntolerance|2.5.0", ["AllergyIntolerance.code"]),
        ("AllergyIntolerance|1.0.0", []),
        ("Condition", []),
    ],
)
def test_a_resource_is_held_against_a_profile_that_is_known(gateway, world, profile, found):
    about = f"AllergyIntolerance/$validate?profile={quote(UK_CORE + profile)}"
    answer = gateway.ask(
        "POST", about, world.gp, content=json.dumps(ALLERGY), headers={"Content-Type": FHIR}
    )
    issues = answer.json()["issue"]
    assert [one["severity"] for one in issues] == ["error"]
    assert [one for issue in issues for one in issue.get("expression", ())] == found
    assert (issues[0]["code"] == "not-supported") == (not found)


def test_a_number_that_two_sources_give_is_one_identifier(gateway, world):
    system = "https://fhir.nhs.uk/STU3/CodeSystem/CareConnect-NHSNumberVerificationStatus-1"
    name = "Extension-CareConnect-GPC-NHSNumberVerificationStatus-1"
    url = f"https://fhir.nhs.uk/STU3/StructureDefinition/{name}"
    status = {"coding": [{"system": system, "code": "01"}]}
    number = {
        "system": NHS,
        "value": RITA["nhs_number"],
        "extension": [{"url": url, "valueCodeableConcept": status}],
    }
    gateway.push("gp", PRACTICE, gp_record(PRACTICE, RITA, [], identifier=[number]), FHIR)
    gateway.push("social-care", COUNCIL, support_plan(council_person(RITA), {"id": "SP-R"}))
    person = gateway.get(f"Patient/{world.person(RITA, world.gp)}", world.gp).json()
    given = [one for one in person["identifier"] if one["system"] == NHS]
    assert [sorted(one) for one in given] == [["extension", "system", "value"]]
    assert len(person["identifier"]) == 3, "and one of each source's own"
    assert check_profile(person, f"{UK_CORE}Patient") == ()


def test_all_that_is_served_holds_what_is_claimed(gateway, world):
    judged = set()
    for person in (world.norma, world.alice):
        for one in resources(gateway.get(f"Patient/{person}/$everything", world.gp).json()):
            if is_known(UK_CORE + one["resourceType"], one["resourceType"]):
                judged.add(one["resourceType"])
                assert check_profile(one, UK_CORE + one["resourceType"]) == ()
    assert {"Patient", "CarePlan", "Condition"} <= judged
