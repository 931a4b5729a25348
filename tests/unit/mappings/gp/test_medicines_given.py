"""Prescriptions and immunisations of a GP record: what a prescriber has to see of them."""

import pytest

from mappings.core.model import systems
from tests.unit.mappings.gp.bundles import GPC, SNOMED, UK, issues, mapped, of_type
from tests.unit.mappings.gp.resources import bundle as r4_bundle
from tests.unit.mappings.gp.resources import mapped as mapped_r4
from tests.unit.mappings.gp.resources import one as r4

DRUG = {
    "resourceType": "Medication",
    "id": "m",
    "code": {"coding": [{"system": SNOMED, "code": "317972000", "display": "Furosemide 40mg"}]},
}


def prescription(id_="r", **more):
    return {
        "resourceType": "MedicationRequest",
        "id": id_,
        "status": "active",
        "intent": "plan",
        "medicationReference": {"reference": "Medication/m"},
    } | more


def given(id_="i", **more):
    return {
        "resourceType": "Immunization",
        "id": id_,
        "status": "completed",
        "notGiven": False,
        "vaccineCode": {"text": "Influenza vaccine"},
        "primarySource": True,
    } | more


def _only(outcome, name):
    (made,) = of_type(outcome, name)
    return made


def test_an_authorisation_its_issue_and_the_statement_are_tied_together():
    statement = {
        "resourceType": "MedicationStatement",
        "id": "s",
        "status": "active",
        "taken": "unk",
        "medicationReference": {"reference": "Medication/m"},
        "basedOn": [{"reference": "MedicationRequest/r"}],
    }
    issue = prescription("o", intent="order", basedOn=[{"reference": "MedicationRequest/r"}])
    outcome = mapped(DRUG, prescription(), issue, statement)
    by_intent = {one["intent"]: one for one in of_type(outcome, "MedicationRequest")}
    assert set(by_intent) == {"plan", "order"}
    plan = {"reference": "urn:source:MedicationRequest:MedicationRequest/r"}
    assert by_intent["order"]["basedOn"] == [plan]
    assert _only(outcome, "MedicationStatement")["basedOn"] == [plan]
    assert by_intent["plan"]["medicationCodeableConcept"]["coding"][0]["code"] == "317972000"


def test_why_and_when_a_prescription_was_stopped_and_how_often_it_was_issued():
    extensions = [
        {
            "url": f"{GPC}MedicationStatusReason-1",
            "extension": [
                {"url": "statusReason", "valueCodeableConcept": {"text": "Made her dizzy"}},
                {"url": "statusChangeDate", "valueDateTime": "2026-03-04"},
            ],
        },
        {
            "url": f"{GPC}MedicationRepeatInformation-1",
            "extension": [
                {"url": "numberOfRepeatPrescriptionsIssued", "valueUnsignedInt": 2},
                {"url": "numberOfRepeatPrescriptionsAllowed", "valuePositiveInt": 6},
                {"url": "authorisationExpiryDate", "valueDateTime": "2027-04-01"},
            ],
        },
        {"url": f"{GPC}PrescriptionType-1", "valueCodeableConcept": {"text": "Repeat"}},
    ]
    made = _only(
        mapped(DRUG, prescription(status="stopped", extension=extensions)), "MedicationRequest"
    )
    assert made["status"] == "stopped"
    assert made["statusReason"] == {"text": "Made her dizzy"}
    assert made["courseOfTherapyType"] == {"text": "Repeat"}
    assert [one["text"] for one in made["note"]] == [
        "Repeat prescriptions: 2 issued, 6 allowed",
        "Repeats authorised until 2027-04-01",
        "Status changed on 2026-03-04",
    ]


@pytest.mark.parametrize(("until", "said"), [("2027-04", ["2027-04"]), ("next spring", [])])
def test_a_day_that_cannot_be_read_whole_takes_nothing_with_it(until, said):
    inner = [
        {"url": "numberOfRepeatPrescriptionsIssued", "valueUnsignedInt": 2},
        {"url": "authorisationExpiryDate", "valueDateTime": until},
    ]
    repeats = {"url": f"{GPC}MedicationRepeatInformation-1", "extension": inner}
    outcome = mapped(DRUG, prescription(extension=[repeats]))
    notes = [one["text"] for one in _only(outcome, "MedicationRequest")["note"]]
    assert notes == [
        "Repeat prescriptions: 2 issued",
        *(f"Repeats authorised until {one}" for one in said),
    ]


@pytest.mark.parametrize(
    ("quantity", "number", "words"),
    [
        ({"value": 28, "unit": "tablet"}, {"value": 28, "unit": "tablet"}, None),
        ({"value": "28", "code": 28}, {"value": 28}, "Quantity: capsule(s)"),
        ({"value": "0.5", "unit": "litre"}, {"value": 0.5, "unit": "litre"}, None),
        ({"unit": "tablet"}, None, "Quantity: capsule(s)"),
        ({"value": "a few"}, None, "Quantity: capsule(s)"),
    ],
)
def test_how_much_is_dispensed_is_told_in_numbers_or_in_words(quantity, number, words):
    said = [{"url": f"{GPC}MedicationQuantityText-1", "valueString": "capsule(s)"}]
    sent = prescription(dispenseRequest={"quantity": {**quantity, "extension": said}})
    outcome = mapped(DRUG, sent)
    made = _only(outcome, "MedicationRequest")
    assert made.get("dispenseRequest", {}).get("quantity") == number
    assert [one["text"] for one in made.get("note", [])] == ([words] if words else [])
    unreadable = quantity.get("value") == "a few"
    assert bool(issues(outcome, "invalid-number")) is unreadable


@pytest.mark.parametrize(
    ("sent", "allowed"),
    [(6, 6), ("6", 6), (0, 0), (6.0, 6), (-1, None), (2.5, None), ("six", None), (True, None),
     ([6], None), (1e300, None)],
)  # fmt: skip
def test_how_many_repeats_are_allowed_never_costs_the_prescription(sent, allowed):
    request = {"numberOfRepeatsAllowed": sent, "validityPeriod": {"start": "2026-01-01"}}
    outcome = mapped(DRUG, prescription(dispenseRequest=request))
    made = _only(outcome, "MedicationRequest")["dispenseRequest"]
    assert made.get("numberOfRepeatsAllowed") == allowed
    assert made["validityPeriod"] == {"start": "2026-01-01"}
    assert bool(issues(outcome, "invalid-number")) is (allowed is None)


@pytest.mark.parametrize("wrong", [{"status": "lost"}, {"intent": "wish"}, {"intent": None}])
def test_a_prescription_of_an_unknown_state_is_refused_alone(wrong):
    outcome = mapped(DRUG, prescription(**wrong), prescription("r2"))
    assert len(of_type(outcome, "MedicationRequest")) == 1
    assert not outcome.quarantined
    assert issues(outcome, "unmapped-code") or issues(outcome, "missing")


def test_labels_of_the_medicine_hold_for_its_prescription():
    drug = DRUG | {"meta": {"security": [{"system": "http://hl7.org/fhir/v3/ActCode",
                                          "code": "HIV"}]}}  # fmt: skip
    made = _only(mapped(drug, prescription()), "MedicationRequest")
    assert "HIV" in {one["code"] for one in made["meta"]["security"]}


PROCEDURE = {
    "url": f"{UK}VaccinationProcedure-1",
    "valueCodeableConcept": {
        "coding": [
            {"system": "http://read.info/readv2", "code": "65M1.", "display": "MMR vaccn."},
            {"system": SNOMED, "code": "38598009", "display": "MMR vaccination"},
        ]
    },
}
UNKNOWN = {"coding": [{"system": "http://hl7.org/fhir/v3/NullFlavor", "code": "UNK"}]}


def test_an_unknown_vaccine_is_read_by_what_was_done():
    made = _only(mapped(given(vaccineCode=UNKNOWN, extension=[PROCEDURE])), "Immunization")
    assert made["vaccineCode"]["text"] == "MMR vaccination"
    assert made["vaccineCode"]["coding"][0]["system"] == (
        "http://terminology.hl7.org/CodeSystem/v3-NullFlavor"
    )
    (done,) = made["extension"]
    assert done["url"].endswith("/Extension-UKCore-VaccinationProcedure")
    assert done["valueCodeableConcept"]["coding"][1]["code"] == "38598009"
    made = _only(mapped(given(extension=[PROCEDURE])), "Immunization")
    assert made["vaccineCode"] == {"text": "Influenza vaccine"}


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({}, "completed"),
        ({"notGiven": True}, "not-done"),
        ({"notGiven": True, "status": "entered-in-error"}, "entered-in-error"),
    ],
)
def test_what_was_not_given_never_reads_as_given(sent, status):
    reason = {"reasonNotGiven": [{"text": "Unwell today"}]}
    made = _only(mapped(given(explanation=reason, **sent)), "Immunization")
    assert made["status"] == status
    assert made["statusReason"] == {"text": "Unwell today"}


def test_a_day_that_is_not_told_is_not_invented():
    dated = _only(mapped(given(date="2026-10-01")), "Immunization")
    assert (dated["occurrenceDateTime"], "occurrenceString" in dated) == ("2026-10-01", False)
    undated = _only(mapped(given()), "Immunization")
    assert undated["occurrenceString"] == "The day is not in the record"
    assert undated["patient"]["reference"].startswith("urn:source:Patient:")


@pytest.mark.parametrize(
    ("protocol", "number", "note"),
    [
        ({"doseSequence": 2, "seriesDoses": 3, "series": "Primary",
          "targetDisease": [{"text": "Measles"}]}, 2, []),
        ({"description": "Catch-up", "doseStatus": {"text": "Counts"}}, None, ["Catch-up; Counts"]),
        ({"doseSequence": 0}, None, []),
        ({"doseSequence": True}, None, []),
        ({"doseSequence": "second"}, None, []),
        ({"doseSequence": 1, "seriesDoses": "some"}, None, []),
        ({"doseSequence": "2", "seriesDoses": "3", "series": "Primary",
          "targetDisease": [{"text": "Measles"}]}, 2, []),
    ],
)  # fmt: skip
def test_which_dose_it_was(protocol, number, note):
    outcome = mapped(given(vaccinationProtocol=[protocol]))
    made = _only(outcome, "Immunization")
    unreadable = number is None and "doseSequence" in protocol
    assert bool(issues(outcome, "invalid-number")) is unreadable
    applied = made.get("protocolApplied", [{}])[0]
    assert applied.get("doseNumberPositiveInt") == number
    assert [one["text"] for one in made.get("note", [])] == note
    if number:
        assert applied["targetDisease"] == [{"text": "Measles"}]
        assert (applied["series"], applied["seriesDosesPositiveInt"]) == ("Primary", 3)


def test_who_gave_it_and_whoever_is_not_there_leaves_with_a_word():
    nurse = {"resourceType": "Practitioner", "id": "n", "name": [{"text": "Nurse Osei"}]}
    role = {"coding": [{"system": "http://hl7.org/fhir/v2/0443", "code": "AP"}]}
    several = [
        {"role": role, "actor": {"reference": "Practitioner/n"}},
        {"actor": {"reference": "Practitioner/gone"}},
    ]
    outcome = mapped(nurse, given(practitioner=several))
    (made,) = _only(outcome, "Immunization")["performer"]
    assert made["actor"]["display"] == "Nurse Osei"
    assert made["function"]["coding"][0]["system"].endswith("v2-0443")
    assert issues(outcome, "dangling-reference")


def test_both_are_carried_from_uk_core_too():
    request = r4("MedicationRequest", "r", status="active", intent="order",
                 medicationCodeableConcept={"text": "Furosemide"})  # fmt: skip
    vaccine = {
        "resourceType": "Immunization",
        "id": "i",
        "status": "completed",
        "patient": {"reference": "Patient/ada-1"},
        "vaccineCode": {"text": "Influenza vaccine"},
        "occurrenceDateTime": "2026-10-01",
    }
    mark = r4("Goal", "g", lifecycleStatus="active", description={"text": "Walk"})
    outcome = mapped_r4(r4_bundle(request, vaccine, mark))
    shelves = {
        one.type: {c["code"] for c in one.resource["meta"]["security"]
                   if c["system"] == systems.ACCESS_CATEGORY}
        for one in outcome.resources
    }  # fmt: skip
    assert shelves["MedicationRequest"] == {"medicines"}
    assert shelves["Immunization"] == {"observations"}
    assert _only(outcome, "Immunization")["patient"]["reference"].startswith("urn:source:Patient:")
