"""What was done, sent as a Procedure of STU3."""

import pytest

from tests.unit.mappings.gp.bundles import SNOMED, issues, mapped, of_type

WHO = {"reference": "Patient/pat-1"}


def procedure(id_="p", **more):
    return {
        "resourceType": "Procedure",
        "id": id_,
        "status": "completed",
        "code": {"coding": [{"system": SNOMED, "code": "225358003", "display": "Wound care"}]},
        "subject": WHO,
        "performedDateTime": "2026-09-01",
    } | more


def _made(**more):
    outcome = mapped(procedure(**more))
    (made,) = of_type(outcome, "Procedure")
    return made, outcome


def test_what_was_done_by_whom_and_when_is_shown():
    nurse = {"resourceType": "Practitioner", "id": "n", "name": [{"text": "Nurse Oak"}]}
    role = {"text": "Tissue viability nurse"}
    done = procedure(
        performer=[{"role": role, "actor": {"reference": "Practitioner/n"}}],
        note=[{"text": "Healing"}],
        bodySite=[{"text": "Left heel"}],
        category={"text": "Wound"},
    )
    outcome = mapped(nurse, done)
    (made,) = of_type(outcome, "Procedure")
    assert made["status"] == "completed"
    assert made["code"]["coding"][0]["code"] == "225358003"
    assert made["performedDateTime"] == "2026-09-01"
    assert made["performer"] == [
        {"function": role, "actor": {"type": "Practitioner", "display": "Nurse Oak"}}
    ]
    assert made["bodySite"] == [{"text": "Left heel"}]
    assert made["category"] == {"text": "Wound"}
    assert made["note"] == [{"text": "Healing"}]
    assert outcome.issues == ()


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ({"notDone": True, "notDoneReason": {"text": "Declined"}}, "not-done"),
        ({"notDone": True, "status": "entered-in-error"}, "entered-in-error"),
        ({"status": "suspended"}, "on-hold"),
        ({"status": "aborted"}, "stopped"),
    ],
)
def test_nothing_that_was_not_done_is_shown_as_done(sent, shown):
    made, outcome = _made(**sent)
    assert made["status"] == shown
    assert made.get("statusReason") == sent.get("notDoneReason")
    assert outcome.issues == ()


def test_a_status_in_no_table_refuses_it_alone():
    outcome = mapped(procedure(status="done"), procedure("q"))
    assert [one["id"] for one in of_type(outcome, "Procedure") if "id" in one] == []
    assert len(of_type(outcome, "Procedure")) == 1
    assert issues(outcome, "unmapped-code") == [("error", "Procedure[0].status")]


def test_it_names_the_consultation_and_what_it_was_done_for_and_others_name_it():
    visit = {"resourceType": "Encounter", "id": "e", "status": "finished", "subject": WHO}
    part = procedure("q", partOf=[{"reference": "Procedure/p"}])
    outcome = mapped(visit, procedure(context={"reference": "Encounter/e"}), part)
    whole, parted = of_type(outcome, "Procedure")
    assert whole["encounter"] == {"reference": "urn:source:Encounter:Encounter/e"}
    assert parted["partOf"] == [{"reference": "urn:source:Procedure:Procedure/p"}]


def test_its_labels_are_those_it_is_sent_with():
    restricted = {"system": "http://hl7.org/fhir/v3/Confidentiality", "code": "R"}
    made, _ = _made(meta={"security": [restricted]})
    assert {one["code"] for one in made["meta"]["security"]} >= {"R", "observations"}


def test_no_element_of_it_goes_unread_in_silence():
    _, outcome = _made(
        focalDevice=[{"manipulated": {"display": "Pump"}}],
        definition=[{"reference": "PlanDefinition/x"}],
        zzUnknown="x",
    )
    assert issues(outcome, "unknown-field") == [("warning", "Procedure[0].zzUnknown")]
