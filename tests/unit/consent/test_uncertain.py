"""A Consent that may be another person's only takes away; a nested deny reaches along links."""

from dataclasses import replace

import pytest

from consent.policy import AccessSettings, ConsentDefault
from consent.rule import DataReference, Meaning, Provision
from consent.terms import Action
from tests.unit.consent.world import (
    PRACTICE,
    break_glass,
    caller,
    item,
    permit,
    person,
    request,
    sees,
)

GP = caller("gp", org=PRACTICE)
PLAN = item("care-plan", resource_id="p-1")
TEAM = frozenset({"team"})
EXPLICIT = AccessSettings(default=ConsentDefault.EXPLICIT)


def uncertain(rule):
    return replace(rule, narrows_only=True)


def test_it_limits_to_what_it_permits_and_permits_nothing():
    assert not sees(GP, person(uncertain(permit(categories=TEAM))), PLAN)
    assert sees(GP, person(uncertain(permit())), PLAN)
    assert not sees(GP, person(uncertain(permit())), PLAN, settings=EXPLICIT)
    assert sees(GP, person(permit()), PLAN, settings=EXPLICIT)


@pytest.mark.parametrize(("rule", "seen"), [(permit(), True), (uncertain(permit()), False)])
def test_in_an_emergency_it_permits_nothing_either(rule, seen):
    opened = request(Action.READ, break_glass=break_glass(GP))
    assert sees(GP, person(rule), PLAN, opened, EXPLICIT) is seen


def test_an_exception_that_denies_reaches_what_is_linked():
    reference = DataReference("e-1", Meaning.RELATED)
    rule = permit(Provision(False, references=frozenset({reference})))
    about = replace(person(rule), links={"e-1": (frozenset({"p-1"}), frozenset({"p-2"}))})
    for name, seen in (("p-1", False), ("p-2", False), ("e-1", False), ("p-3", True)):
        assert sees(GP, about, replace(PLAN, resource_id=name)) is seen
