"""Labels: what is stated, and what is implied by leaving something out."""

import pytest

from consent.labels import (
    CATEGORY_SYSTEM,
    CONFIDENTIALITY_SYSTEM,
    HOLD_SYSTEM,
    HOLDS,
    LEGAL,
    LEGAL_SYSTEM,
    SENSITIVITIES,
    SENSITIVITY_SYSTEM,
    UNKNOWN_SENSITIVITY,
    LabelParts,
    labels_of,
)
from consent.terms import CATEGORIES
from mappings.core.model import systems
from mappings.core.shaping.labels import ICD_10_RANGES, SENSITIVE_CODES
from mappings.terms.access import Category

NORMAL = {"system": CONFIDENTIALITY_SYSTEM, "code": "N"}
PLAN = {"system": CATEGORY_SYSTEM, "code": "care-plan"}


def coding(system, code):
    return {"system": system, "code": code}


def test_stated_labels_are_read():
    stated = [
        PLAN,
        coding(CONFIDENTIALITY_SYSTEM, "R"),
        coding(SENSITIVITY_SYSTEM, "PSY"),
        coding(SENSITIVITY_SYSTEM, "HIV"),
        coding(SENSITIVITY_SYSTEM, "NOPAT"),
        coding(HOLD_SYSTEM, "SAFEG"),
        coding(LEGAL_SYSTEM, "GRA"),
        coding("urn:another", "whatever"),
    ]
    both = SENSITIVITIES["PSY"] | SENSITIVITIES["HIV"]
    held = HOLDS["NOPAT"] | HOLDS["SAFEG"]
    assert labels_of(stated) == LabelParts("care-plan", 2, both, held, LEGAL["GRA"])


def test_unlabelled_is_restricted_pending_and_of_no_category():
    assert labels_of([]) == LabelParts("unknown", 2, 0, HOLDS["PENDING"], 0)


def test_the_highest_of_several_levels_counts():
    stated = [coding(CONFIDENTIALITY_SYSTEM, code) for code in "NVR"]
    assert labels_of([PLAN, *stated]).confidentiality == 3
    assert labels_of([PLAN, coding(CONFIDENTIALITY_SYSTEM, "U")]).confidentiality == 0


def test_two_categories_are_a_category_nobody_sees():
    assert labels_of([NORMAL, PLAN, coding(CATEGORY_SYSTEM, "finance")]).category == "unknown"


@pytest.mark.parametrize(
    "unreadable",
    [
        coding(SENSITIVITY_SYSTEM, "XYZ"),
        coding(HOLD_SYSTEM, "XYZ"),
        coding(LEGAL_SYSTEM, "XYZ"),
        coding(CATEGORY_SYSTEM, "XYZ"),
        coding(CONFIDENTIALITY_SYSTEM, "L"),
        {"code": "PSY"},
        {"system": SENSITIVITY_SYSTEM},
        "PSY",
        None,
    ],
)
def test_what_cannot_be_read_is_a_sensitivity_nobody_is_granted(unreadable):
    assert labels_of([NORMAL, PLAN, unreadable]).sensitivities & UNKNOWN_SENSITIVITY


def test_an_unknown_level_is_restricted():
    assert labels_of([PLAN, coding(CONFIDENTIALITY_SYSTEM, "L")]).confidentiality == 2


def test_addresses_of_an_earlier_fhir_version_are_the_same_systems():
    former = [
        coding("http://hl7.org/fhir/v3/ActCode", "NOPAT"),
        coding("http://hl7.org/fhir/v3/Confidentiality", "N"),
    ]
    assert labels_of([PLAN, *former]) == LabelParts("care-plan", 1, 0, HOLDS["NOPAT"], 0)


def test_every_bit_is_one_bit_and_used_once():
    for registry in (SENSITIVITIES, HOLDS, LEGAL):
        assert sorted(registry.values()) == [1 << n for n in range(len(registry))]
    assert UNKNOWN_SENSITIVITY not in SENSITIVITIES.values()
    assert len(set(CATEGORIES)) == 19


def test_mappings_and_decisions_use_the_same_words():
    assert tuple(category.value for category in Category) == CATEGORIES
    assert (systems.ACCESS_CATEGORY, systems.HOLD, systems.LEGAL) == (
        CATEGORY_SYSTEM,
        HOLD_SYSTEM,
        LEGAL_SYSTEM,
    )
    assert (systems.CONFIDENTIALITY, systems.ACT_CODE) == (
        CONFIDENTIALITY_SYSTEM,
        SENSITIVITY_SYSTEM,
    )


def test_every_sensitivity_that_mappings_find_has_a_bit():
    found = {*SENSITIVE_CODES.values(), *(code for _, _, code in ICD_10_RANGES)}
    assert found <= set(SENSITIVITIES)


def test_a_category_that_nobody_registered_is_unknown():
    assert labels_of([NORMAL, coding(CATEGORY_SYSTEM, "gossip")]).category == "unknown"


def test_a_code_of_another_system_marks_nothing():
    assert labels_of([NORMAL, PLAN, coding("urn:another", "x")]) == labels_of([NORMAL, PLAN])
