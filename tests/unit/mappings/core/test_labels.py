"""What a resource's own codes reveal is labelled, wherever in it they stand."""

import pytest

from mappings.core.model import systems
from mappings.core.shaping import labels


def _coded(system, code):
    return {"coding": [{"system": system, "code": code}]}


@pytest.mark.parametrize(
    ("resource", "sensitivities"),
    [
        ({"code": _coded(systems.SNOMED_CT, "86406008")}, {"HIV"}),
        ({"reasonCode": [_coded(systems.SNOMED_CT, "371772001")]}, {"SDV"}),
        ({"component": [{"code": _coded(systems.ICD_10, "F20.0")}]}, {"PSY"}),
        ({"code": _coded(systems.ICD_10, "b24")}, {"HIV"}),
        ({"code": _coded(systems.ICD_10, "F32")}, set()),
        ({"code": _coded(systems.ICD_10, "")}, set()),
        ({"code": _coded("urn:other", "86406008")}, set()),
        ({"code": {"coding": [{"system": 1, "code": "x"}, "x"], "text": "HIV"}}, set()),
        ({"code": {"coding": "x"}}, set()),
        ({"meta": {"tag": [_coded(systems.SNOMED_CT, "86406008")]}}, set()),
        (
            {"a": _coded(systems.SNOMED_CT, "86406008"), "b": _coded(systems.ICD_10, "A51")},
            {"HIV", "STD"},
        ),
    ],
)
def test_codes_reveal(resource, sensitivities):
    found = labels.of_content(resource)
    codes = {coding["code"] for coding in found if coding["system"] == systems.ACT_CODE}
    assert codes == sensitivities
    assert labels.levels(found) == (["R"] if sensitivities else [])


def test_the_strictest_level_stands_and_an_unknown_one_is_the_strictest():
    def level(code):
        return {"system": systems.CONFIDENTIALITY, "code": code}

    assert labels.highest(["N", "R", "N"]) == "R"
    assert labels.levels([level("N"), level("L"), {"system": "urn:x", "code": "V"}]) == [
        "N",
        "V",
    ]


@pytest.mark.parametrize(
    ("resource", "shelf"),
    [
        ({"resourceType": "AllergyIntolerance"}, "safety"),
        ({"resourceType": "Flag", "category": [_coded(systems.SAFETY, "moving")]}, "safety"),
        ({"resourceType": "Observation", "code": _coded(systems.SNOMED_CT, "450476008")}, "safety"),
        (
            {"resourceType": "Observation", "code": _coded(systems.SNOMED_CT, "38341003")},
            "problems",
        ),
        ({"resourceType": "Condition", "code": _coded(systems.SNOMED_CT, "450476008")}, "problems"),
        (
            {
                "resourceType": "Consent",
                "scope": _coded(systems.CONSENT_SCOPE, "adr"),
                "category": [
                    _coded("http://terminology.hl7.org/CodeSystem/consentcategorycodes", "dnr")
                ],
            },
            "safety",
        ),
        ({"resourceType": "Consent", "scope": _coded(systems.CONSENT_SCOPE, "adr")}, "problems"),
    ],
)
def test_what_instructs_stands_with_the_safety_set_whoever_says_it(resource, shelf):
    assert labels.shelf(resource, "problems") == shelf


@pytest.mark.parametrize(
    ("rules", "other"),
    [
        ("SENSITIVE_CODES", {(systems.SNOMED_CT, "86406008"): "STD"}),
        ("ICD_10_RANGES", (("A50", "A64", "HIV"),)),
        ("RESUSCITATION", frozenset({(systems.SNOMED_CT, "450475007")})),
        ("DECISION", frozenset({(systems.CONSENT_SCOPE, "adr")})),
        ("INSTRUCTING", frozenset({"Flag"})),
    ],
)
def test_the_version_is_of_every_rule(rules, other, monkeypatch):
    versions = labels.version.__wrapped__
    was = versions()
    assert len(was) == 8
    assert versions() == was
    monkeypatch.setattr(labels, rules, other)
    assert versions() != was
