"""UK Core resources: carried as sent, keyed by id, refused one by one, consents above all."""

import copy
import itertools
from typing import Any

import pytest

from consent.fhir_values import UnsupportedConsentError
from consent.from_fhir import CATEGORIES, read_consent
from consent.proxies import LEGAL_BASIS_SYSTEM
from mappings.core.model import systems
from tests.unit.mappings.gp.bundles import closings, issues, of_type, taken_consents
from tests.unit.mappings.gp.resources import (
    PERSON,
    PRIVACY,
    WHO,
    bundle,
    goal,
    mapped,
    observed,
    one,
    plan,
    read,
)

ROLES = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"


def keys(outcome):
    return {(one.type, one.key) for one in outcome.resources}


def codes(resource):
    return {coding["code"] for coding in resource["meta"]["security"]}


def test_a_single_resource_and_a_bundle_name_the_person_and_each_other_alike():
    alone = mapped(plan(goal=[{"reference": "Goal/g"}]))
    absolute = {"reference": "https://gp.example/fhir/Patient/ada-1"}
    other = mapped({**goal(), "subject": absolute})
    together = mapped(bundle(plan(goal=[{"reference": "Goal/g"}]), goal()))
    assert alone.person.local_id == other.person.local_id == together.person.local_id == "ada-1"
    (sent,) = of_type(alone, "CarePlan")
    assert sent["goal"] == [{"reference": "urn:source:Goal:Goal/g"}]
    assert keys(alone) | keys(other) <= keys(together)
    assert together.person.registered_practice == "H85001"


def test_a_number_beside_the_reference_is_a_claim():
    number = {"system": systems.NHS_NUMBER, "value": "999 000 0018"}
    outcome = mapped({**goal(), "subject": {"identifier": number, "display": "Ada"}})
    assert outcome.person.local_id is None
    assert outcome.person.nhs_numbers == ("9990000018",)
    assert not outcome.quarantined


@pytest.mark.parametrize(
    "second", [{"reference": "Patient/else"}, {"identifier": {"system": systems.NHS_NUMBER}}]
)
def test_who_is_meant_must_be_one_person(second):
    outcome = mapped(bundle(goal(), {**goal("h"), "subject": second}, person=None))
    named = second.get("reference") == "Patient/else"
    assert outcome.quarantined is named


def test_two_patients_are_nobody():
    outcome = mapped(bundle({**PERSON, "id": "else"}, goal()))
    assert [i.code for i in outcome.issues if str(i.severity) == "error"] == ["names-nobody"]


def test_a_patient_without_an_id_is_known_by_an_identifier():
    person = {name: value for name, value in PERSON.items() if name != "id"}
    person["identifier"] = [*person["identifier"], {"system": "s", "value": "4711"}]
    url = "urn:uuid:5b1f6a0e-6a5c-4f0b-9d7d-1d2b7c0a0001"
    sent = bundle({**goal(), "subject": {"reference": url}}, person=person)
    sent["entry"][0]["fullUrl"] = url
    outcome = mapped(sent)
    assert outcome.person.local_id == "s|4711"
    assert ("Goal", "Goal/g") in keys(outcome)


def test_a_resource_without_an_id_is_keyed_by_its_identifier():
    bare = {name: value for name, value in goal().items() if name != "id"}
    outcome = mapped(bundle({**bare, "identifier": [{"system": "s", "value": "1"}]}, bare))
    assert ("Goal", "s|1") in keys(outcome)
    assert issues(outcome, "no-key") == [("error", "Goal[1]")]


def test_references_become_keys_names_or_nothing():
    role = {"resourceType": "PractitionerRole", "id": "r", "practitioner": {"reference": "#in"}}
    doctor = {
        "resourceType": "Practitioner",
        "id": "d",
        "identifier": [{"system": systems.SDS_USER, "value": "1"}],
        "name": [{"use": "official"}],
    }
    inside = {"resourceType": "Practitioner", "id": "in", "name": [{"text": "Dr In"}]}
    outcome = mapped(
        bundle(
            doctor,
            role,
            observed(
                contained=[inside, "no resource"],
                performer=[
                    {"reference": "Practitioner/d"},
                    {"reference": "#in"},
                    {"reference": "#gone", "display": "Somebody"},
                    {"reference": "PractitionerRole/r"},
                    {"reference": "Organization/o1"},
                    {"reference": "CareTeam/elsewhere"},
                    {"display": "A neighbour"},
                    {"extension": []},
                ],
                focus=[{"reference": "Patient/ada-1"}, {"reference": "Patient/else"}],
            ),
        )
    )
    (made,) = of_type(outcome, "Observation")
    assert [one.get("display") for one in made["performer"]] == [
        None,
        "Dr In",
        "Somebody",
        "Elm Road Surgery",
        None,
        "A neighbour",
    ]
    assert made["performer"][4]["reference"] == "urn:source:CareTeam:CareTeam/elsewhere"
    assert made["focus"] == [{"reference": "urn:source:Patient:ada-1"}]
    assert made["encounter"]["reference"] == "urn:source:Encounter:Encounter/e"
    assert issues(outcome, "dangling-reference") == [("warning", "Observation[0].performer[3]")]
    assert issues(outcome, "other-person") == [("warning", "Observation[0].focus[1]")]


def test_the_general_practitioner_is_of_a_type_that_may_stand_there():
    person = {
        **PERSON,
        "generalPractitioner": [
            {"reference": "Organization/o1"},
            {"reference": "Goal/g"},
            {"reference": "Practitioner/gone"},
            {"display": "Dr Moor"},
            {"type": "Device", "display": "a machine"},
        ],
    }
    outcome = mapped(bundle(goal(), person=person))
    (patient,) = of_type(outcome, "Patient")
    shown = [one["display"] for one in patient["generalPractitioner"]]
    assert shown == ["Elm Road Surgery", "Dr Moor"]
    assert [i.code for i in outcome.issues] == [
        "wrong-target",
        "dangling-reference",
        "wrong-target",
    ]


def test_one_bad_resource_is_refused_and_the_rest_kept():
    outcome = mapped(
        bundle(
            goal("good"),
            {**goal("bad"), "lifecycleStatus": "dreaming"},
            plan(goal=[{"reference": "Goal/good"}, {"reference": "Goal/bad"}]),
            {**goal("listed"), "description": [{"text": "two"}]},
            {**goal("modified"), "note": [{"text": "n", "modifierExtension": [{"url": "u"}]}]},
            {**goal("good"), "lifecycleStatus": "completed"},
            {**goal("other"), "subject": {"reference": "Patient/else"}},
            {**goal("named"), "Norma 9990000077": {"modifierExtension": [{"url": "u"}]}},
        )
    )
    assert not outcome.quarantined
    assert ("Goal", "Goal/good") in keys(outcome)
    (sent,) = of_type(outcome, "CarePlan")
    assert sent["goal"] == [{"reference": "urn:source:Goal:Goal/good"}]
    assert {(i.path, i.code) for i in outcome.issues if str(i.severity) == "error"} == {
        ("Goal[1].lifecycleStatus", "unmapped-code"),
        ("Goal[2].description", "wrong-type"),
        ("Goal[3].note[0].modifierExtension", "unknown-modifier"),
        ("Goal[4].id", "duplicate-id"),
        ("Goal[5].subject", "other-person"),
        ("Goal[6].(a field).modifierExtension", "unknown-modifier"),
    }


def test_a_reference_to_a_refused_resource_leaves_before_the_rest_is_made():
    broken = {**observed("b"), "implicitRules": "https://gp.example/rules"}
    outcome = mapped(bundle(observed("a", hasMember=[{"reference": "Observation/b"}]), broken))
    assert issues(outcome, "refused-target") == [("warning", "Observation[0].hasMember[0]")]


def test_a_goal_is_never_less_restricted_than_its_plan():
    restricted = {"security": [{"system": systems.CONFIDENTIALITY, "code": "R"}]}
    hiv = [{"coding": [{"system": systems.SNOMED_CT, "code": "62479008"}]}]
    sent = plan(goal=[{"reference": "Goal/g"}], meta=restricted, category=hiv)
    outcome = mapped(bundle(sent, goal(), goal("free")))
    held, free = of_type(outcome, "Goal")
    assert {"R", "HIV"} <= codes(held)
    assert {"N"} <= codes(free)


def test_a_document_bears_its_own_labels():
    label = {"coding": [{"system": systems.CONFIDENTIALITY, "code": "V"}]}
    made = one("DocumentReference", status="current", content=[{"attachment": {"title": "t"}}])
    (document,) = of_type(
        mapped(bundle({**made, "date": "2026-01-01T00:00:00Z", "securityLabel": [label]})),
        "DocumentReference",
    )
    assert "V" in codes(document)


NOPAT = {"security": [{"system": "http://hl7.org/fhir/v3/ActCode", "code": "NOPAT"}]}


def test_the_labels_of_a_bundle_hold_for_all_of_it():
    outcome = mapped(bundle(goal(), observed(), plan()) | {"meta": NOPAT})
    assert all("NOPAT" in codes(one.alone()) for one in outcome.resources)


def test_the_labels_of_a_medication_hold_for_what_names_it():
    tablet = {"resourceType": "Medication", "id": "m", "code": {"text": "Tablet"}, "meta": NOPAT}
    named = {"reference": "Medication/m"}
    taken = one("MedicationStatement", status="active", medicationReference=named, statusReason=[])
    (made,) = of_type(mapped(bundle(tablet, taken)), "MedicationStatement")
    assert "NOPAT" in codes(made)


def test_the_medicine_is_taken_from_what_the_statement_names():
    tablet = {"resourceType": "Medication", "id": "m", "code": {"text": "Tablet"}}
    syrup = {"resourceType": "Medication", "id": "s", "code": {"text": "Syrup"}}

    def statement(id_, **more):
        return one("MedicationStatement", id_, status="active", statusReason=[], **more)

    outcome = mapped(
        bundle(
            tablet,
            statement("a", medicationReference={"reference": "Medication/m"}),
            statement("b", medicationReference={"reference": "#s"}, contained=[syrup]),
            statement("c", medicationReference={"display": "Drops"}),
            statement("d", medicationReference={"reference": "Medication/gone"}),
        )
    )
    made = of_type(outcome, "MedicationStatement")
    assert [one.get("medicationCodeableConcept", {}).get("text") for one in made] == [
        "Tablet",
        "Syrup",
        None,
    ]
    assert made[2]["medicationReference"] == {"display": "Drops"}
    assert issues(outcome, "invalid-fhir") == [("error", "MedicationStatement[3]")]


def test_where_somebody_is_does_not_hide_in_an_extension():
    born = {"url": "u", "valueAddress": {"city": "Somewhere"}}
    phone = {"url": "v", "valueContactPoint": {"value": "020 7946 0011"}}
    kept = {"url": "w", "valueString": "kept"}
    person = {**PERSON, "extension": [born, kept]}
    outcome = mapped(bundle(goal(extension=[phone, kept]), person=person))
    for name in ("Patient", "Goal"):
        (made,) = of_type(outcome, name)
        assert made["extension"] == [kept]
    assert issues(outcome, "not-carried") == [
        ("warning", "Goal[0].extension[0]"),
        ("warning", "Patient.extension[0]"),
    ]


def test_what_is_never_stored_and_what_refuses_sharing_count_in_r4_too():
    def coded(id_, code):
        concept = {"coding": [{"system": systems.SNOMED_CT, "code": code}]}
        return observed(id_, code=concept, effectiveDateTime="2026-01-01")

    outcome = mapped(bundle(coded("a", "38628009"), coded("b", "416409005")))
    assert len(of_type(outcome, "Observation")) == 1
    (refusal,) = of_type(outcome, "Consent")
    assert refusal["status"] == "active"
    assert refusal["provision"]["type"] == "deny"


def test_a_type_that_is_not_carried_is_said():
    outcome = mapped(bundle(goal(), {"resourceType": "Coverage", "id": "c"}))
    assert issues(outcome, "unknown-field") == [("warning", "Coverage")]


def test_times_of_a_bundle_are_its_own_then_its_timestamp_then_what_was_recorded():
    recorded = observed(issued="2026-01-01T10:00:00Z")
    assert mapped(bundle(recorded)).source_time == "2026-01-01T10:00:00.000000Z"
    timed = bundle(recorded, timestamp="2026-02-01T10:00:00Z")
    assert mapped(timed).source_time == "2026-02-01T10:00:00.000000Z"
    timed["meta"] = {"lastUpdated": "2026-03-01T10:00:00Z"}
    assert mapped(timed).source_time == "2026-03-01T10:00:00.000000Z"


def test_a_role_that_names_its_holder_alone_is_that_holder():
    gmc = {"system": "https://fhir.hl7.org.uk/Id/gmc-number", "value": "9990001"}
    holder = {"identifier": gmc, "display": "Dr Asha Verne"}
    role = one("PractitionerRole", id="role", practitioner=holder)
    asked = observed(performer=[{"reference": "PractitionerRole/role"}])
    outcome = mapped(bundle(asked, role))
    (sent,) = of_type(outcome, "Observation")
    assert sent["performer"] == [{"type": "Practitioner", **holder}]
    empty = one("PractitionerRole", id="role", practitioner={"identifier": {"value": "7"}})
    (bare,) = of_type(mapped(bundle(asked, empty)), "Observation")
    assert "performer" not in bare


@pytest.mark.parametrize("beside", [{}, {"type": "Practitioner"}])
def test_a_reference_that_names_nothing_leaves_and_its_type_with_it(beside):
    gone = {"reference": "https://gp.example/fhir/Practitioner/9", **beside}
    outcome = mapped(observed(performer=[gone]))
    (sent,) = of_type(outcome, "Observation")
    assert "performer" not in sent
    assert "dangling-reference" in {issue.code for issue in outcome.issues}


def test_releases_are_told_apart():
    def kind(resource):
        return read(resource)[0].kind

    assert kind(one("CareTeam")) == "uk-core-r4"
    assert kind(one("CareTeam", context={"reference": "Encounter/e"})) == "gp-connect-structured"
    assert kind(one("Goal", status="proposed")) == "gp-connect-structured"
    assert kind(one("Condition", clinicalStatus="active")) == "gp-connect-structured"
    assert kind(one("Condition", clinicalStatus={"text": "active"})) == "uk-core-r4"
    core = {"profile": [7, "https://fhir.hl7.org.uk/StructureDefinition/UKCore-CareTeam"]}
    assert kind(bundle(one("CareTeam", meta=core))) == "uk-core-r4"
    old = {"profile": ["https://fhir.nhs.uk/STU3/StructureDefinition/CareConnect-CareTeam-1"]}
    assert kind(one("CareTeam", meta=old)) == "gp-connect-structured"
    assert kind(bundle(one("CareTeam", meta="odd"))) == "gp-connect-structured"
    assert kind({"resourceType": "Bundle", "entry": [{"resource": {}}]}) == "gp-connect-structured"
    course = one("MedicationRequest", courseOfTherapyType={"text": "acute"}, category=[{}])
    assert kind(bundle(course)) == "uk-core-r4"
    assert kind(bundle(one("Immunization", occurrenceDateTime="2026-01-01"))) == "uk-core-r4"
    odd = one("DocumentReference", indexed="2026-01-01T10:00:00Z")
    assert kind(bundle(one("ServiceRequest"), odd, odd)) == "uk-core-r4"
    both = bundle(one("ServiceRequest"), one("ReferralRequest"), odd)
    assert kind(both) == "gp-connect-structured"


ON = "2026-05-01T10:00:00Z"
CONSENT: dict[str, Any] = {
    "resourceType": "Consent",
    "id": "c",
    "status": "active",
    "scope": PRIVACY,
    "category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}],
    "patient": WHO,
    "dateTime": "2026-04-01T10:00:00Z",
    "performer": [WHO],
    "policy": [{"uri": "https://gp.example/policy"}],
    "provision": {"type": "deny"},
}
ACTOR = {
    "role": {"coding": [{"system": ROLES, "code": "IRCP"}]},
    "reference": {"identifier": {"system": systems.ODS, "value": "RAX"}},
}
STAFF = {"identifier": {"system": systems.SDS_USER, "value": "1"}}
TREATMENT = {"coding": [{"system": PRIVACY["coding"][0]["system"], "code": "treatment"}]}
HOLDER = {"coding": [{"system": ROLES, "code": "CST"}]}
PARENT = {"system": LEGAL_BASIS_SYSTEM, "code": "parental-responsibility"}
MOTHER = {"identifier": {"system": systems.NHS_NUMBER, "value": "9990000158"}}
NESTED = {"type": "permit", "actor": [{**ACTOR, "reference": STAFF}]}
WITHIN: list[dict[str, Any]] = [
    {},
    {"provision": {"type": "permit", "period": {"start": "2026-01-01"}, "actor": [ACTOR]}},
    {"provision": {"type": "permit", "period": {"end": "9999-12-31"}}},
    {"provision": {"type": "deny", "provision": [NESTED]}},
    {"provision": {"type": "deny", "actor": [{**ACTOR, "role": HOLDER}]}},
    {"status": "inactive"},
    *({"category": [{"coding": [{"system": s, "code": c}]}]} for s, c in sorted(CATEGORIES)),
]


def _actor_that(**over):
    """The same actor, named by an identifier that is over."""
    reference: Any = ACTOR["reference"]
    return {**ACTOR, "reference": {"identifier": reference["identifier"] | over}}


BEYOND: list[tuple[dict[str, Any], str]] = [
    ({"provision": None}, "provision"),
    ({"provision": {"purpose": [{"system": "s", "code": "TREAT"}]}}, "provision"),
    (
        {"provision": {"type": "deny", "provision": [{**NESTED, "provision": [NESTED]}]}},
        "provision",
    ),
    ({"provision": {"type": "deny", "provision": ["words"]}}, "provision"),
    ({"provision": {"type": "deny", "actor": [{**ACTOR, "role": {}}]}}, "provision"),
    ({"provision": {"type": "deny", "actor": [{"reference": STAFF}]}}, "provision"),
    (
        {"provision": {"type": "deny", "actor": [{"role": HOLDER, "reference": STAFF}]}},
        "provision",
    ),
    ({"provision": {"type": "deny", "actor": [{**ACTOR, "reference": WHO}]}}, "provision"),
    *(
        ({"provision": {"type": "deny", "actor": [_actor_that(**over)]}}, "provision")
        for over in ({"use": "old"}, {"period": {"end": "2020-01-01"}})
    ),
    ({"performer": [{"display": "Ada"}]}, "performer"),
    ({"performer": None}, "performer"),
    ({"policy": None}, "policy"),
    ({"policy": [{"authority": "https://gp.example"}]}, "policy"),
    ({"dateTime": None}, "dateTime"),
    ({"scope": {"coding": [*PRIVACY["coding"], {"system": "s", "code": "c"}]}}, "scope"),
    ({"policyRule": {"text": "opt out"}}, "policyRule"),
    ({"policyRule": {"coding": [PARENT]}, "performer": [MOTHER]}, "policyRule"),
    ({"Norma 9990000077": "a name that may be a value"}, "(a field)"),
]


def _consent(change):
    made = copy.deepcopy(CONSENT) | change
    return {name: value for name, value in made.items() if value is not None}


@pytest.mark.parametrize("change", WITHIN)
def test_a_consent_within_the_profile_is_taken_and_can_be_computed(change):
    outcome = mapped(bundle(_consent(change)))
    assert not outcome.quarantined
    (taken,) = taken_consents(outcome)
    assert closings(outcome) == [False]
    read_consent({**taken, "patient": {"reference": "Patient/1"}})


@pytest.mark.parametrize(("change", "where"), BEYOND)
def test_a_consent_beyond_the_profile_closes_what_the_practice_holds_while_it_is_in_force(
    change, where
):
    outcome = mapped(bundle(_consent(change), goal(), timestamp=ON))
    assert not outcome.quarantined
    assert (closings(outcome), taken_consents(outcome)) == ([True], [])
    assert of_type(outcome, "Goal") != []
    found = {i.path for i in outcome.issues if i.code == "consent-not-computable"}
    assert found == {f"Consent[0].{where}"}
    assert issues(outcome, "consent-needs-reading") == [("error", "Consent[0]")]


@pytest.mark.parametrize(("change", "where"), BEYOND)
def test_one_that_is_not_in_force_is_refused_alone(change, where):
    outcome = mapped(bundle(_consent(change | {"status": "inactive"}), goal(), timestamp=ON))
    assert not outcome.quarantined
    assert (closings(outcome), taken_consents(outcome)) == ([False], [])
    assert of_type(outcome, "Goal") != []


@pytest.mark.parametrize(
    ("change", "closes"),
    [
        ({"dateTime": "in spring"}, True),
        ({"status": "signed"}, True),
        ({"id": None}, True),
        ({"modifierExtension": [{"url": "u", "valueBoolean": True}]}, True),
        ({"performer": WHO}, True),
        ({"status": "draft", "performer": WHO}, False),
        ({"patient": {"reference": "Patient/else"}}, False),
        ({"scope": TREATMENT, "performer": WHO}, False),
        ({"scope": {"text": "Sharing of my record"}}, True),
        ({"scope": {"coding": [{"system": "https://gp.example", "code": "sharing"}]}}, True),
        ({"scope": {"coding": ["words"]}}, True),
    ],
)
def test_a_consent_that_is_refused_for_any_reason_closes_what_the_practice_holds(change, closes):
    outcome = mapped(bundle(_consent(change), goal(), timestamp=ON))
    assert any(closings(outcome)) is closes
    assert all(not one.get("provision") for one in taken_consents(outcome))
    assert of_type(outcome, "Goal") != []
    assert (issues(outcome, "consent-needs-reading") != []) is closes


def test_whatever_is_taken_can_be_computed():
    """Changes in pairs: nothing that the decision could not read slips through."""
    pairs = itertools.combinations([*WITHIN, *(change for change, _ in BEYOND)], 2)
    taken = 0
    for one_change, other in pairs:
        for made in of_type(mapped(bundle(_consent(one_change | other), timestamp=ON)), "Consent"):
            taken += 1
            try:
                read_consent({**made, "patient": {"reference": "Patient/1"}})
            except UnsupportedConsentError as refused:
                raise AssertionError((one_change, other)) from refused
    assert taken > 5


def test_a_consent_to_a_treatment_decides_nothing_and_is_carried():
    outcome = mapped(bundle(_consent({"scope": TREATMENT, "provision": None}), goal()))
    assert len(of_type(outcome, "Consent")) == 1


def test_a_report_keeps_its_conclusion_and_leads_to_its_results():
    said = {"code": {"text": "Blood count"}, "conclusion": "No sign of anaemia."}
    results = [{"reference": "Observation/o"}]
    report = one("DiagnosticReport", "d", status="final", result=results, **said)
    made = {r.type: r.resource for r in mapped(bundle(observed(), report)).resources}
    assert made["DiagnosticReport"]["conclusion"] == "No sign of anaemia."
    (result,) = made["DiagnosticReport"]["result"]
    assert result["reference"].startswith("urn:source:Observation:")
