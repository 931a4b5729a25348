"""The judges accept what conforms, refuse what does not, and agree with the validator."""

import json

import pytest

from mappings.core.checking.validate import validate
from mappings.core.r4.invariants import INVARIANTS
from tests.judges.examples import BY_TYPE, GOOD
from tests.judges.fhirpath import READ_AS, SKIPPED
from tests.judges.google.environment import stored_form

PLAN = BY_TYPE["CarePlan"]

# What the UK Core examples themselves get wrong, by file: the reference holds a URL for an id.
NOT_R4 = {"UKCore-Provenance-RARecordConsent-Example.json"}


def without(resource, name):
    return {key: value for key, value in resource.items() if key != name}


BAD = {
    "a wrong code": {**PLAN, "status": "bogus"},
    "a wrong reference target": {**PLAN, "subject": {"reference": "Observation/1"}},
    "a wrong local target": {**PLAN, "subject": {"reference": "urn:source:Task:1"}},
    "no status": without(PLAN, "status"),
    "an unknown element": {**PLAN, "lifecycleStatus": "active"},
    "a quoted boolean": {**BY_TYPE["Patient"], "active": "true"},
    "null": {**PLAN, "status": None},
    "a day that does not exist": {**PLAN, "created": "2026-02-31"},
    "no type": without(PLAN, "resourceType"),
    "an unknown type": {**PLAN, "resourceType": "Carp"},
}
BROKEN = {
    "per-1": {**PLAN, "period": {"start": "2026-02-01", "end": "2026-01-01"}},
    "cpl-3": {
        **PLAN,
        "activity": [{"detail": {"status": "completed"}, "reference": {"reference": "Task/1"}}],
    },
    "ref-1": {**PLAN, "subject": {"reference": "#nobody"}},
    "dom-3": {**PLAN, "goal": []},
    "ext-1": {**PLAN, "extension": [{"url": "https://example.org/a"}]},
    "ele-1": {**PLAN, "extension": [{"url": "a", "valueString": "a"}], "period": {"id": "a"}},
    "gol-1": {**BY_TYPE["Goal"], "target": [{"detailInteger": 200}]},
    "con-4": {**without(BY_TYPE["Condition"], "clinicalStatus")},
    "obs-6": {**BY_TYPE["Observation"], "dataAbsentReason": {"text": "not asked"}},
    "ppc-1": without(BY_TYPE["Consent"], "policyRule"),
    "inv-1": {**BY_TYPE["Task"], "lastModified": "2025-01-05T09:31:00Z"},
    "org-2": {"resourceType": "Organization", "name": "A", "address": [{"use": "home"}]},
    "att-1": {
        **BY_TYPE["DocumentReference"],
        "content": [{"attachment": {"data": "aGVsbG8="}}],
    },
    "bdl-1": {**BY_TYPE["Bundle"], "type": "collection", "entry": []},
}


@pytest.mark.parametrize("resource", GOOD, ids=lambda r: r["resourceType"])
def test_the_invariants_hold_for_what_conforms(broken_invariants, resource):
    assert broken_invariants(resource) == []


@pytest.mark.parametrize("key", BROKEN)
def test_the_invariants_can_break(broken_invariants, key):
    assert key in broken_invariants(BROKEN[key])
    assert validate(BROKEN[key])


def test_judging_leaves_the_resource_as_it_was(broken_invariants):
    before = json.dumps(PLAN)
    broken_invariants(PLAN)
    assert json.dumps(PLAN) == before


def test_every_exception_of_the_fhirpath_judge_is_about_an_official_invariant():
    stated = {(key, context) for key, _, context, _ in INVARIANTS}
    assert set(READ_AS) <= stated
    assert set(SKIPPED) <= {key for key, _ in stated}


def test_google_accepts_what_conforms_and_refuses_what_does_not(google_verdicts):
    verdicts = google_verdicts([*GOOD, *BAD.values()])
    assert [v for v in verdicts[: len(GOOD)] if v] == []
    accepted = [name for name, v in zip(BAD, verdicts[len(GOOD) :], strict=True) if v is None]
    assert accepted == []


@pytest.mark.parametrize("name", BAD)
def test_the_validator_refuses_what_google_refuses(name):
    assert validate(BAD[name])


def test_local_references_are_judged_as_the_store_writes_them():
    stored = stored_form({"a": [{"reference": "urn:source:Patient:7"}, 1, "urn:source:"]})
    assert stored["a"][0]["reference"].startswith("Patient/")
    assert stored["a"][1:] == [1, "urn:source:"]
    assert stored == stored_form({"a": [{"reference": "urn:source:Patient:7"}, 1, "urn:source:"]})


def uk_core(folder):
    """The official examples, less the XML comments that their conversion to JSON kept."""
    files = sorted((folder / "samples/care-planning/ukcore-examples-json").glob("*.json"))
    return {file.name: plain(json.loads(file.read_text(encoding="utf-8"))) for file in files}


def plain(value):
    if isinstance(value, dict):
        kept = {k: plain(v) for k, v in value.items() if k != "fhir_comments"}
        return {k: v for k, v in kept.items() if v not in ({}, None)}
    return [plain(entry) for entry in value] if isinstance(value, list) else value


def test_uk_core_is_accepted_by_all(shared_folder, broken_invariants, google_verdicts):
    examples = uk_core(shared_folder)
    assert len(examples) == 26
    assert {n for n, r in examples.items() if validate(r)} == NOT_R4
    assert {n: keys for n, r in examples.items() if (keys := broken_invariants(r))} == {}
    verdicts = google_verdicts(list(examples.values()))
    assert {n: v for n, v in zip(examples, verdicts, strict=True) if v} == {}
