"""An advance directive on the person's entry: PD1-15."""

import pytest

from tests.unit.mappings.hospital.messages import (
    codes_of,
    header,
    made,
    only,
    outcome,
    person,
    segment,
    state,
)


def told(field, kind="ADT^A08", at="20261005090000"):
    return outcome(header(kind, at=at), person(), segment("PD1", {3: "X", 15: field}))


@pytest.mark.parametrize("kind", ["ADT^A01", "ADT^A31", "PPR^PC1", "ORU^R01"])
def test_it_is_a_flag_of_the_safety_shelf(kind):
    flag = only(told("DNACPR^DNACPR~TEP^Escalation plan", kind), "Flag")
    assert flag["status"] == "active"
    assert flag["code"] == {"text": "DNACPR; Escalation plan"}
    assert flag["meta"]["security"][1]["code"] == "safety"


def test_taken_back_it_is_inactive_and_still_says_what_it_was():
    said, gone = told("DNACPR^DNACPR"), told('""', at="20261006090000")
    flag = state([said, gone], "Flag")
    assert (flag["status"], flag["code"]) == ("inactive", {"text": "DNACPR"})
    assert only(gone, "Flag")["code"] == {"text": "Advance directive"}
    assert only(told("^^L"), "Flag")["code"] == {"text": "Advance directive"}


def test_a_message_that_says_nothing_changes_nothing():
    assert made(told(""), "Flag") == []


def test_an_order_says_it_as_a_decision_or_not_at_all():
    result = told("DNACPR^DNACPR", "ORM^O01")
    assert made(result, "Flag") == []
    assert codes_of(result) == set()
