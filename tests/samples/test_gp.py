"""Real GP Connect bundles: which map, which are quarantined and why; nothing raises or leaks."""

import copy
import json
import time
from functools import cache
from pathlib import Path

import pytest

from mappings.core.applying.apply import map_item
from mappings.core.checking.fhir import NotFhirError, to_r4, to_stu3
from mappings.core.checking.validate import validate
from mappings.gp import FEED
from mappings.gp.assemble.soundness import faults
from mappings.gp.message.shapes import SHAPES

MAPPED = {
    "gpc_consultation_one",
    "gpc_medication_with_statements",
    "gpc_no_effective_time",
    "gpc_obs_related",
    "gpc_structured_bodysite",
    "gpc_structured_contained_allergies",
    "gpc_structured_doc_example",
    "gpc_structured_emis_pwtp7_referrals",
    "gpc_structured_full_gainsford_recall",
    "gpc_structured_full_livermore_palliative",
    "gpc_structured_text_attachment",
    "gpc_structured_tpp_pwtp7_referrals",
    "gpconnect_spec_allergies_response1",
    "gpconnect_spec_allergies_response2",
    "gpconnect_spec_allergies_response3",
    "gpconnect_spec_meds_response",
    "ps_adaptor_pwtp3_output",
}
NAMES_NOBODY = {
    "gpc_blood_pressure",
    "gpc_condition_nonconsultation",
    "gpc_conditions_three",
    "gpc_consultation_lists_all_types",
    "gpc_consultation_related_problem",
    "gpc_consultation_unsupported_resource",
    "gpc_dup_resources",
    "gpc_filing_comments_nopat",
    "gpc_immunization",
    "gpc_observation_uncategorised",
    "gpc_problem_actual_problems",
    "gpc_procedurerequest_diary",
    "gpc_referralrequest_min",
    "gpc_structured_no_patient",
}
SINGLE = {
    "gpc_diagnosticreport_nopat",
    "stu3_base_CarePlan",
    "stu3_base_CareTeam",
    "stu3_base_Condition",
    "stu3_base_Goal",
}
UK_CORE = {
    "ukcore_r4_Bundle-AllergyList",
    "ukcore_r4_CarePlan-WellnessPlan",
    "ukcore_r4_CareTeam-WeightManagementTeam",
    "ukcore_r4_Condition-BleedingFromEar",
    "ukcore_r4_Condition-HipReplacement",
    "ukcore_r4_DocumentReference-CarePlanReportPDF",
    "ukcore_r4_Observation-VitalSigns-BloodPressure",
    "ukcore_r4_Patient-RichardSmith",
}
UK_CORE_HELD = {
    "ukcore_r4_Consent-ForInformationAccess": "consent-needs-reading",
    "ukcore_r4_Provenance-RARecordConsent": "names-nobody",
}
REFUSALS = {
    "err_internal_server",
    "err_invalid_demographic",
    "err_invalid_nhs_number",
    "err_no_relationship",
    "err_patient_not_found",
}
ODS = "https://fhir.nhs.uk/Id/ods-organization-code"
PATIENT = {
    "resourceType": "Patient",
    "id": "p",
    "managingOrganization": {"identifier": {"system": ODS, "value": "H85001"}},
}


@pytest.fixture(scope="module")
def folder(shared_folder):
    found = shared_folder / "samples" / "gp"
    if not found.is_dir():
        pytest.skip("the GP samples are not here")
    return found


@cache
def items(path: Path):
    return tuple(FEED.formats[0].read({"": path.read_bytes()}))


@cache
def outcome(path: Path):
    (item,) = items(path)
    return map_item(FEED.kinds[item.kind], item)


def of_type(made, name):
    return [one.resource for one in made.resources if one.type == name]


def test_every_json_file_of_the_folder_is_judged_here(folder):
    files = {path.stem for path in folder.glob("*.json")}
    assert files == MAPPED | NAMES_NOBODY | SINGLE | REFUSALS


@pytest.mark.parametrize("name", sorted(MAPPED))
def test_a_record_about_somebody_maps_although_its_number_is_a_placeholder(folder, name):
    made = outcome(folder / f"{name}.json")
    assert not made.quarantined
    assert len(of_type(made, "Patient")) == 1
    assert [i for i in made.issues if str(i.severity) == "error"] == []
    assert all(validate(one.resource) == () for one in made.resources)


@pytest.mark.parametrize("name", sorted(MAPPED))
def test_no_field_is_unknown_and_no_reference_is_left_dangling(folder, name):
    made = outcome(folder / f"{name}.json")
    assert [i.path for i in made.issues if i.code == "unknown-field"] == []
    there = {f"urn:source:{one.type}:{one.key}" for one in made.resources}
    for one in made.resources:
        assert set(references(one.resource)) <= there, one.type


def references(node):
    if isinstance(node, dict):
        if str(node.get("reference")).startswith("urn:source:"):
            yield node["reference"]
        for child in node.values():
            yield from references(child)
    elif isinstance(node, list):
        for child in node:
            yield from references(child)


@pytest.mark.parametrize("name", sorted(NAMES_NOBODY))
def test_a_bundle_without_a_patient_names_nobody(folder, name):
    made = outcome(folder / f"{name}.json")
    assert made.quarantined
    assert made.resources == ()
    assert [(i.path, i.code) for i in made.issues if str(i.severity) == "error"] == [
        ("Patient", "names-nobody")
    ]


@pytest.mark.parametrize("name", sorted(NAMES_NOBODY))
def test_the_same_bundle_with_a_patient_maps(folder, name):
    """What these files show is mapped, once somebody is named."""
    sent = json.loads((folder / f"{name}.json").read_bytes())
    person = copy.deepcopy(PATIENT)
    for entry in sent["entry"]:
        for element in ("subject", "patient"):
            entry["resource"].pop(element, None)
    sent["entry"].insert(0, {"resource": person})
    (item,) = FEED.formats[0].read({"": json.dumps(sent).encode()})
    made = map_item(FEED.kinds[item.kind], item)
    assert not made.quarantined
    there = {f"urn:source:{one.type}:{one.key}" for one in made.resources}
    assert all(set(references(one.resource)) <= there for one in made.resources)


@pytest.mark.parametrize("name", sorted(SINGLE))
def test_a_single_resource_names_nobody_and_maps_beside_its_patient(folder, name):
    path = folder / f"{name}.json"
    assert [i.code for i in outcome(path).issues] == ["names-nobody"]
    sent = json.loads(path.read_bytes())
    sent.pop("subject")
    both = {"resourceType": "Bundle", "entry": [{"resource": PATIENT}, {"resource": sent}]}
    (item,) = FEED.formats[0].read({"": json.dumps(both).encode()})
    made = map_item(FEED.kinds[item.kind], item)
    assert [i.path for i in made.issues if str(i.severity) == "error"] == []
    assert len(of_type(made, sent["resourceType"])) == 1


def test_every_xml_file_of_the_folder_is_judged_here(folder):
    assert {path.stem for path in folder.glob("*.xml")} == UK_CORE | set(UK_CORE_HELD)


@pytest.mark.parametrize("name", sorted(UK_CORE))
def test_a_uk_core_example_is_carried_as_it_was_sent(folder, name):
    made = outcome(folder / f"{name}.xml")
    assert not made.quarantined
    assert {i.code for i in made.issues} <= {"dangling-reference"}
    for one in made.resources:
        assert validate(one.resource) == ()
        to_r4({**one.resource, "text": None} | {"resourceType": one.type})


@pytest.mark.parametrize(("name", "code"), sorted(UK_CORE_HELD.items()))
def test_a_uk_core_example_that_cannot_be_applied_is_held_back(folder, name, code):
    made = outcome(folder / f"{name}.xml")
    assert made.quarantined
    assert code in {i.code for i in made.issues}


def test_the_examples_of_the_profiles_read_alike_as_xml_and_as_json(shared_folder):
    """Their JSON was made from their XML by fhir.resources; only its spelling of UTC differs."""
    examples = shared_folder / "samples" / "care-planning"
    if not examples.is_dir():
        pytest.skip("the UK Core examples are not here")
    alike = 0
    for path in sorted((examples / "ukcore-examples-json").glob("UKCore-*.json")):
        other = examples / "ukcore-examples-xml" / f"{path.stem}.xml"
        (as_json,), (as_xml,) = items(path), items(other)
        assert as_json.kind == as_xml.kind == "uk-core-r4", path.stem
        both = [map_item(FEED.kinds[one.kind], one) for one in (as_json, as_xml)]
        first, second = (
            [(o.type, o.key, plain(o.resource)) for o in one.resources] for one in both
        )
        assert first == second, path.stem
        alike += len(first)
    assert alike > 15


def plain(node):
    """The resource with one spelling of times, and without comments."""
    if isinstance(node, dict):
        return {name: plain(child) for name, child in node.items() if name != "fhir_comments"}
    if isinstance(node, list):
        return [plain(child) for child in node]
    same = isinstance(node, str) and "T" in node
    return node.replace("+00:00", "Z").replace(".000Z", "Z") if same else node


@pytest.mark.parametrize("name", sorted(REFUSALS))
def test_an_error_is_not_a_record(folder, name):
    made = outcome(folder / f"{name}.json")
    assert made.quarantined
    first = made.issues[0]
    assert first.code == "not-a-record"
    assert first.path == "OperationOutcome.issue[0].details.coding[0].code"


def test_the_palliative_record_keeps_preferences_warnings_and_consultations(folder):
    made = outcome(folder / "gpc_structured_full_livermore_palliative.json")
    assert {one["category"][0]["text"] for one in of_type(made, "Goal")} == {"Patient preference"}
    ranks = sorted(one["note"][0]["text"][-12:] for one in of_type(made, "Goal"))
    assert len(ranks) == 3
    flags = {one["code"]["coding"][0]["code"] for one in of_type(made, "Flag")}
    assert flags == {"confidential-items", "data-in-transit"}
    assert len(of_type(made, "List")) == 26
    about = [one for one in of_type(made, "Encounter") if "diagnosis" in one]
    assert len(about) == 2


def test_the_palliative_record_gives_two_plans_and_a_withdrawn_refusal(folder):
    made = outcome(folder / "gpc_structured_full_livermore_palliative.json")
    plans = {one["title"]: one for one in of_type(made, "CarePlan")}
    assert set(plans) == {"Personalised care and support plan", "End of life care plan"}
    assert len(plans["Personalised care and support plan"]["activity"]) == 11
    (review,) = plans["End of life care plan"]["activity"]
    assert review["progress"][0]["text"].startswith("Overdue")
    (consent,) = of_type(made, "Consent")
    assert consent["status"] == "inactive"
    assert sorted({i.code for i in made.issues}) == [
        "incomplete-at-source",
        "needs-reading",
        "not-stored",
        "other-scope",
        "unusable-nhs-number",
    ]


def test_an_old_recall_is_kept_and_flagged(folder):
    made = outcome(folder / "gpc_structured_full_gainsford_recall.json")
    (plan,) = of_type(made, "CarePlan")
    assert plan["title"] == "Planned care in the GP record"
    assert len(plan["activity"]) == 2
    assert any("Overdue" in str(activity) for activity in plan["activity"])


def test_emis_and_tpp_give_equal_plans(folder):
    """The pair differs in the person's name, birth date and address, and in nothing else."""
    emis, tpp = (
        outcome(folder / f"gpc_structured_{system}_pwtp7_referrals.json")
        for system in ("emis", "tpp")
    )
    for name in {one.type for one in (*emis.resources, *tpp.resources)} - {"Patient"}:
        assert of_type(emis, name) == of_type(tpp, name), name
    assert [one.key for one in emis.resources] == [one.key for one in tpp.resources]


def test_ended_allergies_inside_a_list_are_resolved(folder):
    made = outcome(folder / "gpc_structured_contained_allergies.json")
    ended = of_type(made, "AllergyIntolerance")
    assert [one["clinicalStatus"]["coding"][0]["code"] for one in ended] == ["resolved"] * 2


@pytest.mark.parametrize("name", sorted(MAPPED | NAMES_NOBODY | REFUSALS))
def test_no_issue_holds_what_was_sent(folder, name):
    path = folder / f"{name}.json"
    words = {w for w in strings(json.loads(path.read_bytes())) if len(w) > 12}
    told = " ".join(f"{i.path} {i.text}" for i in outcome(path).issues)
    assert [word for word in words if word in told] == []


def strings(node):
    if isinstance(node, dict):
        for name, child in node.items():
            if name != "resourceType":
                yield from strings(child)
    elif isinstance(node, list):
        for child in node:
            yield from strings(child)
    elif isinstance(node, str):
        yield node


@pytest.mark.parametrize("name", sorted(MAPPED | NAMES_NOBODY))
def test_what_the_stu3_library_takes_is_not_refused_for_its_shape(folder, name):
    """fhir.resources is the oracle: our own shapes ask for nothing that STU3 does not."""
    (item,) = items(folder / f"{name}.json")
    for section, held in item.facts.items():
        if section not in SHAPES:
            continue
        for one in held if isinstance(held, list) else [held]:
            try:
                to_stu3(one)
            except NotFhirError:
                continue
            assert [i.path for i in faults(section, one) if i.code == "wrong-type"] == []


@pytest.mark.soak
def test_the_largest_record_takes_under_a_third_of_a_second_of_one_core(folder):
    body = (folder / "gpc_structured_full_livermore_palliative.json").read_bytes()
    took = []
    for _ in range(3):
        start = time.process_time()
        (item,) = FEED.formats[0].read({"": body})
        map_item(FEED.kinds[item.kind], item)
        took.append(time.process_time() - start)
    assert min(took) < 0.3
