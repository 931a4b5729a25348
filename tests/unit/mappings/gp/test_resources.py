"""Single resources: what changes from STU3 to R4, what is refused, what refers to what."""

import copy
import json

import pytest

from mappings.core.applying.apply import map_item
from mappings.core.model import systems
from mappings.gp import FEED
from mappings.gp.assemble.whole import is_arriving, whole_record
from tests.unit.mappings.gp.bundles import (
    GPC,
    PATIENT,
    SNOMED,
    UK,
    bundle,
    diary,
    every_section,
    issues,
    mapped,
    observation,
    of_type,
    problem,
    read,
    section,
)

VERIFIED = {
    "url": f"{GPC}NHSNumberVerificationStatus-1",
    "valueCodeableConcept": {"coding": [{"system": "s", "code": "01"}]},
}


def test_the_person_the_practice_and_the_number_with_its_verification():
    number = {**PATIENT["identifier"][0], "extension": [VERIFIED]}
    outcome = mapped(person={**PATIENT, "identifier": [number]})
    assert outcome.person.local_id == "pat-1"
    assert outcome.person.nhs_numbers == ("9990000018",)
    assert outcome.person.birth_date == "1950-02-01"
    assert outcome.person.registered_practice == "H85001"
    (patient,) = of_type(outcome, "Patient")
    status = patient["identifier"][1]["extension"][0]["valueCodeableConcept"]
    assert status["coding"][0]["system"].endswith("UKCore-NHSNumberVerificationStatusEngland")
    assert patient["managingOrganization"]["display"] == "Elm Road Surgery"


@pytest.mark.parametrize(
    ("sent", "kept"), [("1950", "1950"), ("1950-02", "1950-02"), ("1950-13", None), ("195", None)]
)
def test_a_birth_date_without_a_day_is_kept_and_links_nobody(sent, kept):
    outcome = mapped(person={**PATIENT, "birthDate": sent})
    assert outcome.person.birth_date is None
    (patient,) = of_type(outcome, "Patient")
    assert patient.get("birthDate") == kept
    said = [] if kept else [("warning", "Patient.birthDate")]
    assert issues(outcome, "invalid-date") == said


def test_a_reference_to_a_version_of_the_person_is_to_the_person():
    whom = {"reference": "https://gp.example/STU3/Patient/pat-1/_history/7"}
    outcome = mapped(observation("a", "1", subject=whom))
    assert len(of_type(outcome, "Observation")) == 1
    assert issues(outcome, "other-person") == []


@pytest.mark.parametrize("number", ["9999999999", "1234567890", "9990000019", "Test Harness"])
def test_a_placeholder_is_claimed_and_never_an_identifier(number):
    held = [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": number}]
    outcome = mapped(person={**PATIENT, "identifier": held})
    assert not outcome.quarantined
    assert outcome.person.nhs_numbers == (number.replace(" ", ""),)
    assert issues(outcome, "unusable-nhs-number") == [("warning", "Patient.identifier[0]")]
    (patient,) = of_type(outcome, "Patient")
    assert number not in str(patient)


def test_two_usable_numbers_are_both_claimed_and_the_second_is_reported():
    first = PATIENT["identifier"][0]
    numbers = [first, {**first, "value": "999 000 0018"}, {**first, "value": "9990001014"}]
    outcome = mapped(person={**PATIENT, "identifier": numbers})
    assert outcome.person.nhs_numbers == ("9990000018", "9990001014")
    said = [issue.path for issue in outcome.issues if issue.code == "number-conflict"]
    assert said == ["Patient.identifier[2].value"]
    assert not outcome.quarantined


def test_nobody_and_two_people_are_nobody():
    assert issues(mapped(person=None), "names-nobody") == [("error", "Patient")]
    assert issues(mapped({**PATIENT, "id": "pat-2"}), "names-nobody") == [("error", "")]


@pytest.mark.parametrize(
    ("sent", "status", "ended"),
    [
        ({"clinicalStatus": "inactive", "abatementDateTime": "2020-01-02"}, "resolved", True),
        ({"clinicalStatus": "inactive"}, "inactive", False),
        ({"clinicalStatus": "active"}, "active", False),
        ({"clinicalStatus": "active", "abatementDateTime": "2020-01-02"}, "active", False),
        ({"clinicalStatus": "remission"}, "remission", False),
    ],
)
def test_the_state_of_a_problem(sent, status, ended):
    (made,) = of_type(mapped(problem("c", **sent)), "Condition")
    assert made["clinicalStatus"]["coding"][0]["code"] == status
    assert ("abatementDateTime" in made) is ended


def test_a_problem_takes_the_code_of_what_it_heads():
    head = problem("c")
    del head["code"]
    actual = {"reference": "Observation/a"}
    head["extension"].append({"url": f"{UK}ActualProblem-1", "valueReference": actual})
    (made,) = of_type(mapped(head, observation("a", "38341003")), "Condition")
    assert made["code"]["coding"][0]["code"] == "38341003"


VACCINE = {"coding": [{"system": "http://snomed.info/sct", "code": "871895005"}]}
DONE = {"coding": [{"system": "http://snomed.info/sct", "code": "866186002", "display": "Second"}]}


@pytest.mark.parametrize(
    ("heads", "code"),
    [
        ({"resourceType": "Immunization", "vaccineCode": VACCINE}, "871895005"),
        ({"resourceType": "Immunization", "vaccineCode": VACCINE,
          "extension": [{"url": f"{UK}VaccinationProcedure-1", "valueCodeableConcept": DONE}]},
         "866186002"),
        ({"resourceType": "MedicationRequest", "intent": "plan",
          "medicationReference": {"reference": "Medication/m"}}, "317972000"),
        ({"resourceType": "MedicationRequest", "intent": "plan", "reasonCode": [DONE],
          "medicationReference": {"reference": "Medication/m"}}, "317972000"),
        ({"resourceType": "ReferralRequest", "intent": "order", "reasonCode": [DONE]}, "866186002"),
        ({"resourceType": "AllergyIntolerance", "code": DONE}, "866186002"),
    ],
    ids=["vaccine", "what was done", "medicine", "medicine and why", "referral",
         "allergy"],
)  # fmt: skip
@pytest.mark.parametrize("named", ["{}/a", "urn:uuid:a", "https://gp.example/STU3/{}/a"])
def test_a_problem_takes_the_code_of_whatever_it_heads_however_that_is_named(heads, code, named):
    head = problem("c")
    del head["code"]
    kind = heads["resourceType"]
    actual = {"reference": named.format(kind)}
    head["extension"].append({"url": f"{UK}ActualProblem-1", "valueReference": actual})
    medicine = {"coding": [{"system": "http://snomed.info/sct", "code": "317972000"}]}
    held = {"status": "active", **heads, "id": "a"}
    if kind == "Immunization":
        held["status"] = "completed"
    if kind == "AllergyIntolerance":
        del held["status"]
    held["meta"] = {"security": [{"system": systems.CONFIDENTIALITY, "code": "R"}]}
    sent = bundle(head, held, {"resourceType": "Medication", "id": "m", "code": medicine})
    for entry in sent["entry"]:
        if entry["resource"].get("id") == "a":
            entry["fullUrl"] = "urn:uuid:a"
    (item,) = read(sent)
    (made,) = of_type(map_item(FEED.kinds[item.kind], item), "Condition")
    assert made["code"]["coding"][0]["code"] == code
    assert "R" in {one["code"] for one in made["meta"]["security"]}
    tagged = "not-a-diagnosis" in str(made["category"])
    assert tagged == (kind != "AllergyIntolerance")


@pytest.mark.parametrize(
    "named", ["Organization/o1", "urn:uuid:o", "https://gp.example/Organization/o1/_history/2"]
)
def test_the_practice_is_known_however_it_is_named(named):
    """A refusal is applied to its data: without the practice, nothing would be taken."""
    sent = bundle(
        observation("a", "416409005", "2026-01-01"),
        person={**PATIENT, "managingOrganization": {"reference": named}},
    )
    for entry in sent["entry"]:
        if entry["resource"]["resourceType"] == "Organization":
            entry["fullUrl"] = "urn:uuid:o"
    (item,) = read(sent)
    outcome = map_item(FEED.kinds[item.kind], item)
    assert outcome.person.registered_practice == "H85001"
    assert [one["status"] for one in of_type(outcome, "Consent")] == ["active"]


@pytest.mark.parametrize(
    ("parts", "practice"),
    [
        ([{"valuePeriod": {"start": "2020-01-01"}}], "H85001"),
        ([{"valuePeriod": {"start": "2020-01-01", "end": "2020-04-01"}}], None),
        ([{"valueCodeableConcept": {"coding": [{"code": "T"}]}}], None),
        ([{"valueCodeableConcept": {"coding": [{"code": "R"}]}}], "H85001"),
        ([{"valueReference": {"reference": "Location/b"}}], "H85001"),
    ],
)
def test_who_is_registered_for_a_time_is_not_the_practices_for_good(parts, practice):
    """A refusal to share is the practice's all the same: it is about what that practice holds."""
    named = [{"url": "u", **one} for one in parts]
    said = {"url": f"{GPC}RegistrationDetails-1", "extension": named}
    refused = observation("a", "416409005", "2026-01-01")
    outcome = mapped(refused, person={**PATIENT, "extension": [said]})
    assert outcome.person.registered_practice == practice
    (consent,) = of_type(outcome, "Consent")
    assert "H85001" in json.dumps(consent)


def test_of_two_organisations_of_one_id_the_full_url_says_which():
    named = "https://gp.example/b/Organization/o1"
    sent = bundle(person={**PATIENT, "managingOrganization": {"reference": named}})
    (first,) = (one for one in sent["entry"] if one["resource"]["resourceType"] == "Organization")
    first["fullUrl"] = "https://gp.example/a/Organization/o1"
    of_b = copy.deepcopy(first["resource"])
    of_b["identifier"][0]["value"] = "H85002"
    sent["entry"].append({"fullUrl": named, "resource": of_b})
    (item,) = read(sent)
    outcome = map_item(FEED.kinds[item.kind], item)
    assert outcome.person.registered_practice == "H85002"


def test_a_problem_that_heads_something_done_is_tagged():
    head = problem("c")
    actual = {"reference": "Immunization/a"}
    head["extension"].append({"url": f"{UK}ActualProblem-1", "valueReference": actual})
    (made,) = of_type(mapped(head), "Condition")
    codes = [coding["code"] for one in made["category"] for coding in one["coding"]]
    assert codes == ["major-problem", "not-a-diagnosis"]


def test_what_belongs_to_a_problem_is_evidence_where_it_is_here():
    head = problem("c")
    for target in ("Observation/a", "Observation/gone", "Immunization/i"):
        link = {"url": f"{UK}RelatedClinicalContent-1"}
        head["extension"].append({**link, "valueReference": {"reference": target}})
    outcome = mapped(head, observation("a", "1"), {"resourceType": "Immunization", "id": "i"})
    (made,) = of_type(outcome, "Condition")
    assert made["evidence"] == [{"detail": [{"reference": "urn:source:Observation:Observation/a"}]}]
    assert issues(outcome, "dangling-reference") == [
        ("warning", "Condition[0].extension[2].valueReference")
    ]


def test_related_observations_and_comments():
    panel = observation(
        "p",
        "1",
        comment="words",
        related=[
            {"type": "has-member", "target": {"reference": "Observation/a"}},
            {"type": "derived-from", "target": {"reference": "Observation/b"}},
        ],
    )
    parts = [observation("a", "2"), observation("b", "3")]
    for order in ([panel, *parts], [*parts, panel]):
        made = {
            one["code"]["coding"][0]["code"]: one for one in of_type(mapped(*order), "Observation")
        }
        assert made["1"]["hasMember"] == [{"reference": "urn:source:Observation:Observation/a"}]
        assert made["1"]["derivedFrom"] == [{"reference": "urn:source:Observation:Observation/b"}]
        assert made["1"]["note"] == [{"text": "words"}]


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ([{"system": "http://hl7.org/fhir/v3/ActCode", "code": "NOPAT"}], {"N", "NOPAT"}),
        ([{"system": "http://hl7.org/fhir/v3/Confidentiality", "code": "V"}], {"V"}),
        ([{"system": "http://hl7.org/fhir/v3/Confidentiality", "code": "L"}], {"N"}),
        ([{"system": "http://hl7.org/fhir/v3/ActCode", "code": "PSY"}], {"N", "PSY"}),
        ([{"system": "elsewhere", "code": "secret"}], {"R", "PENDING"}),
        ([{"code": "R"}], {"R", "PENDING"}),
    ],
)
def test_labels_only_rise(sent, expected):
    (made,) = of_type(mapped(observation("a", "1", meta={"security": sent})), "Observation")
    assert {one["code"] for one in made["meta"]["security"]} - {"observations"} == expected


def test_one_bad_resource_is_refused_alone_and_nothing_refers_to_it():
    seen = {"resourceType": "Encounter", "id": "e", "status": "strange"}
    outcome = mapped(observation("a", "1", context={"reference": "Encounter/e"}), seen)
    (made,) = of_type(outcome, "Observation")
    assert "encounter" not in made
    assert issues(outcome, "unmapped-code") == [("error", "Encounter[0].status")]
    assert issues(outcome, "refused-target") == [("warning", "Observation[0].context")]


def test_a_resource_about_somebody_else_is_refused():
    outcome = mapped(observation("a", "1", subject={"reference": "Patient/pat-9"}))
    assert issues(outcome, "other-person") == [("error", "Observation[0].subject")]
    assert of_type(outcome, "Observation") == []


def test_an_identifier_is_the_key_and_a_shared_one_is_not():
    named = [{"system": "s", "value": "v"}]
    alone = mapped(observation("a", "1", identifier=named))
    assert [one.key for one in alone.resources if one.type == "Observation"] == ["s|v"]
    both = mapped(observation("a", "1", identifier=named), observation("b", "1", identifier=named))
    assert [one.key for one in both.resources if one.type == "Observation"] == [
        "Observation/a",
        "Observation/b",
    ]
    assert issues(both, "shared-identifier") == [("warning", "Observation")]


def test_full_urls_resolve_references():
    sent = bundle(observation("a", "1", context={"reference": "urn:uuid:77"}))
    seen = {"resourceType": "Encounter", "id": "e", "status": "finished"}
    sent["entry"].append({"fullUrl": "urn:uuid:77", "resource": seen})
    (item,) = read(sent)
    outcome = map_item(FEED.kinds[item.kind], item)
    (made,) = of_type(outcome, "Observation")
    assert made["encounter"] == {"reference": "urn:source:Encounter:Encounter/e"}


@pytest.mark.parametrize("element", ["modifierExtension", "implicitRules"])
def test_a_modifier_nobody_understands_refuses(element):
    sent = [{"url": "x", "valueBoolean": True}] if element == "modifierExtension" else "x"
    outcome = mapped(observation("a", "1", **{element: sent}))
    assert issues(outcome, "unknown-modifier") == [("error", f"Observation[0].{element}")]


def test_an_unknown_extension_is_reported_once_for_each_type():
    odd = {"extension": [{"url": "https://x.example/odd", "valueString": "v"}]}
    outcome = mapped(observation("a", "1", **odd), observation("b", "1", **odd), problem("c"))
    assert issues(outcome, "unknown-field") == [("warning", "Observation[0].extension[0]")]


def test_what_is_never_stored_is_not_made():
    outcome = mapped(observation("a", "440583007"), diary("d"))
    assert of_type(outcome, "Observation") == []
    assert issues(outcome, "not-stored") == [("warning", "Observation[0].code")]


def test_a_resuscitation_decision_is_part_of_the_safety_set():
    (made,) = of_type(mapped(observation("a", "450475007")), "Observation")
    assert "safety" in [one["code"] for one in made["meta"]["security"]]


def test_a_period_that_ends_before_it_starts_is_left_out():
    wrong = {"start": "2026-02-01", "end": "2026-01-01"}
    seen = {"resourceType": "Encounter", "id": "e", "status": "finished", "period": wrong}
    outcome = mapped(seen)
    assert "period" not in of_type(outcome, "Encounter")[0]
    assert issues(outcome, "contradiction") == [("warning", "Encounter[0].period")]


def test_the_source_time_prefers_the_bundles_own_then_its_lists_then_the_newest_entry():
    entry = observation("a", "1", "2033-01-01", issued="2026-01-01T10:00:00Z")
    dated = {"resourceType": "List", "date": "2026-03-01T10:00:00Z"}
    own = {"meta": {"lastUpdated": "2026-02-01T10:00:00Z"}}
    assert mapped(entry).source_time == "2026-01-01T10:00:00.000000Z"
    assert mapped(entry, dated).source_time == "2026-03-01T10:00:00.000000Z"
    assert mapped(entry, dated, **own).source_time == "2026-02-01T10:00:00.000000Z"
    assert mapped(diary("d", due="2033-01-01")).source_time == ""


def test_only_a_full_record_states_everything():
    def whole(*lists):
        (item,) = read(bundle(*lists))
        return whole_record(item.facts)

    every = every_section()
    hidden = {"url": f"{GPC}ListWarningCode-1", "valueCode": "confidential-items"}
    assert whole(*every) == "pat-1|record"
    assert whole(*every[1:]) is None
    assert whole(*every, section("x", hidden)) == "pat-1|record"


def test_a_record_that_is_still_arriving_says_so():
    warned = {"url": f"{GPC}ListWarningCode-1", "valueCode": "data-in-transit"}
    hidden = {**warned, "valueCode": "confidential-items"}
    for extension, arriving in ((warned, True), (hidden, False)):
        (item,) = read(bundle({"resourceType": "List", "extension": [extension]}))
        assert is_arriving(item.facts) is arriving


def test_a_relation_nobody_names_is_left_out_and_said():
    related = [{"target": {"reference": "Observation/b"}}]
    outcome = mapped(observation("a", "1", related=related), observation("b", "2"))
    (found,) = [i for i in outcome.issues if i.code == "unmapped-relation"]
    assert found.path == "Observation[0].related[0].type"


def test_the_class_of_a_consultation_is_the_one_sent():
    seen = {"resourceType": "Encounter", "status": "finished"}
    home = {"system": "http://hl7.org/fhir/v3/ActCode", "code": "HH"}
    made = of_type(mapped({**seen, "id": "a"}, {**seen, "id": "b", "class": home}), "Encounter")
    assert [one["class"]["code"] for one in made] == ["AMB", "HH"]
    assert len({one["class"]["system"] for one in made}) == 1


def test_a_patient_without_an_id_is_whom_every_reference_means():
    person = {name: value for name, value in PATIENT.items() if name != "id"}
    about = {"subject": {"reference": "Patient/some-id"}}
    outcome = mapped(observation("a", "1", **about), person=person)
    assert len(of_type(outcome, "Observation")) == 1
    assert outcome.person.local_id is None


def test_an_entry_that_lost_its_code_in_a_transfer_says_so_and_keeps_its_words():
    def lost(code, words="Adverse reaction to a medicine"):
        return {"coding": [{"system": SNOMED, "code": code}], "text": words}

    allergy = {
        "resourceType": "AllergyIntolerance",
        "id": "a",
        "clinicalStatus": "active",
        "code": lost("196461000000101"),
    }
    drug = {"resourceType": "Medication", "id": "m", "code": lost("196421000000109")}
    taken = {
        "resourceType": "MedicationStatement",
        "id": "s",
        "status": "active",
        "medicationReference": {"reference": "Medication/m"},
    }
    sent = {"resourceType": "ReferralRequest", "id": "r", "status": "unknown", "intent": "order"}
    referral = {**sent, "reasonCode": [{"text": "first"}, lost("196431000000106")]}
    planned = diary("d", "196451000000104")
    outcome = mapped(
        allergy, drug, taken, referral, planned, observation("o", "196411000000103"),
        problem("p", code=lost("196411000000103")), problem("q"),
    )  # fmt: skip
    tagged = {
        (one.type, one.key)
        for one in outcome.resources
        if any(tag["code"] == "transfer-degraded" for tag in one.resource["meta"].get("tag", ()))
    }
    assert tagged == {
        ("AllergyIntolerance", "AllergyIntolerance/a"),
        ("MedicationStatement", "MedicationStatement/s"),
        ("ServiceRequest", "referral|ReferralRequest/r"),
        ("ServiceRequest", "procedure|ProcedureRequest/d"),
        ("Observation", "Observation/o"),
        ("Condition", "Condition/p"),
    }
    (made,) = of_type(outcome, "AllergyIntolerance")
    assert made["code"]["text"] == "Adverse reaction to a medicine"
