"""What may be told to be withheld: what an emergency of this caller would add, and no more."""

from dataclasses import replace
from random import Random

import pytest

from consent.decision import compile_filter
from consent.policy import AccessSettings
from consent.terms import Action, Labels, Present
from consent.withheld import beyond, is_told
from tests.unit.consent import drawn
from tests.unit.consent.world import break_glass, caller, item, person, policy, request

TELLING = policy(AccessSettings(tell_withheld=True))
DOCTOR = caller("hospital-doctor")


def _told(row: Labels, who=DOCTOR, about=None, asked=None, rules=TELLING) -> bool:
    about, asked = about or person(), asked or request()
    shown = compile_filter(who, about, asked, rules)
    return beyond(who, about, asked, rules, shown).allows(row)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (item(level=2, sens=["HIV"]), True),
        (item(), False),
        (item(level=2, sens=["HIV"], legal=["SEALED"]), False),
        (item(level=3), False),
        (item(sens=["HOMEACCESS"]), False),
        (item(level=2, sens=["HIV"], resource_type="Provenance"), False),
    ],
    ids=["an emergency opens it", "seen", "sealed", "very restricted", "a way in", "Provenance"],
)
def test_told_is_what_an_emergency_would_add(row, told):
    assert _told(row) is told


@pytest.mark.parametrize(
    ("who", "asked", "rules"),
    [
        (DOCTOR, request(), policy()),
        (caller("home-care"), request(), TELLING),
        (replace(DOCTOR, role="nobody"), request(), TELLING),
        (DOCTOR, request(break_glass=break_glass(DOCTOR)), TELLING),
        (replace(DOCTOR, present=(Present("u-2", "gp", "H85001"),)), request(), TELLING),
        (replace(DOCTOR, keeps=True), request(), TELLING),
    ],
    ids=["not signed", "no emergency role", "no role", "open already", "in company", "to keep"],
)
def test_who_is_never_told(who, asked, rules):
    assert not is_told(who, asked, rules)
    assert is_told(DOCTOR, request(), TELLING)
    shown = compile_filter(DOCTOR, person(), request(), TELLING)
    assert beyond(who, person(), asked, rules, shown).is_nothing


def test_of_somebody_of_whom_nothing_is_shown_nothing_is_told():
    hidden = item(level=2, sens=["HIV"])
    assert not _told(hidden, about=person(relationships=()))


def _sight(seen, row: Labels) -> int:
    """0 not shown, 1 shown without its reason, 2 as it is."""
    if not seen.allows(row):
        return 0
    return 1 if seen.reduction is not None and seen.reduction.applies(row) else 2


def test_over_drawn_worlds_it_is_what_the_decision_gives_with_an_emergency_open(whole):
    told = 0
    for number in range(8_000 if whole else 500):
        r = Random(number)
        world, held = drawn.world(r), [drawn.row(r) for _ in range(8)]
        rules = policy(replace(world.settings, tell_withheld=True))
        asked = replace(world.request, action=Action.READ, break_glass=None)
        shown = compile_filter(world.caller, world.person, asked, rules)
        found = beyond(world.caller, world.person, asked, rules, shown)
        emergency = break_glass(
            world.caller, person_id=world.person.person_id, purpose=world.caller.purpose
        )
        opened = compile_filter(
            world.caller, world.person, replace(asked, break_glass=emergency), rules
        )
        may = is_told(world.caller, asked, rules) and not shown.is_nothing
        expected = [
            may and row.resource_type != "Provenance" and _sight(opened, row) > _sight(shown, row)
            for row in held
        ]
        assert [found.allows(row) for row in held] == expected, number
        told += sum(expected)
    assert told
