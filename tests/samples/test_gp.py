"""Real GP Connect bundles: which map, which are quarantined and why; nothing raises or leaks."""

import copy
import json
import time
from functools import cache
from pathlib import Path

import pytest

from mappings.core.apply import map_item
from mappings.core.fhir import NotFhirError, to_stu3
from mappings.core.validate import validate
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
        ("Patient.identifier", "names-nobody")
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
def test_a_single_resource_is_not_mapped_yet(folder, name):
    assert [item.kind in FEED.kinds for item in items(folder / f"{name}.json")] == [False]


@pytest.mark.parametrize("name", sorted(REFUSALS))
def test_an_error_is_not_a_record(folder, name):
    made = outcome(folder / f"{name}.json")
    assert made.quarantined
    first = made.issues[0]
    assert first.code == "not-a-record"
    assert first.path == "OperationOutcome.issue[0].details.coding[0].code"


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


def test_the_largest_record_takes_under_a_third_of_a_second_of_one_core(folder):
    body = (folder / "gpc_structured_full_livermore_palliative.json").read_bytes()
    took = []
    for _ in range(3):
        start = time.process_time()
        (item,) = FEED.formats[0].read({"": body})
        map_item(FEED.kinds[item.kind], item)
        took.append(time.process_time() - start)
    assert min(took) < 0.3
