"""The generated tables are whole, and are HL7's R4 and nobody's variant of it."""

import re

import pytest

from mappings.core.r4.codes import RESOURCE_TYPES, UNBOUNDED, VALUE_SETS
from mappings.core.r4.elements import PRIMITIVES, PROHIBITED, RESOURCES, TYPES
from mappings.core.r4.invariants import INVARIANTS

ROWS = [(path, row) for path, (_, rows) in TYPES.items() for row in rows]


def codes_of(name):
    return {code for _, codes in VALUE_SETS[name] for code in codes}


def test_every_type_an_element_names_is_there():
    used = {kind for _, row in ROWS for kind in row[1].split()}
    assert used <= set(TYPES) | set(PRIMITIVES) | set(PROHIBITED)
    assert {base for base, _ in TYPES.values()} - {""} <= set(TYPES)
    assert set(RESOURCES) <= set(TYPES)
    assert set(RESOURCES) < RESOURCE_TYPES


def test_every_required_value_set_is_there_and_has_codes():
    used = {row[4] for _, row in ROWS} - {""}
    assert used == set(VALUE_SETS) | set(UNBOUNDED)
    assert all(codes_of(name) for name in VALUE_SETS)


def test_every_target_is_a_resource_type():
    named = {target for _, row in ROWS for target in row[5].split()}
    assert named <= RESOURCE_TYPES
    assert codes_of("resource-types") - {"Resource", "DomainResource"} == RESOURCE_TYPES


def test_every_invariant_stands_at_a_type_or_an_element():
    elements = {f"{path}.{row[0]}" for path, row in ROWS}
    assert {context for _, _, context, _ in INVARIANTS} <= set(TYPES) | elements


@pytest.mark.parametrize("name", PRIMITIVES)
def test_every_regular_expression_compiles(name):
    assert re.compile(PRIMITIVES[name][0]).pattern == PRIMITIVES[name][0]


def test_these_are_the_definitions_of_hl7():
    """Facts of the specification, two of them changed by other publishers of R4."""
    by_path = {f"{path}.{row[0]}": row for path, row in ROWS}
    assert codes_of("request-status") == {
        *("draft", "active", "on-hold", "revoked", "completed", "entered-in-error", "unknown")
    }
    assert by_path["CarePlan.status"] == ("status", "code", 1, 1, "request-status", "", "ms")
    assert by_path["CarePlan.subject"][5] == "Patient Group"
    assert by_path["DetectedIssue.status"][4] == "observation-status"
    assert {row[0] for path, row in ROWS if path == "Meta"} == {
        *("versionId", "lastUpdated", "source", "profile", "security", "tag")
    }
