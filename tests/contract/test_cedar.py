"""Cedar, an engine that nobody here wrote, decides drawn worlds as the Filter does."""

from dataclasses import replace
from random import Random

from consent.decision import compile_filter
from tests.contract import cedar
from tests.unit.consent import drawn
from tests.unit.consent.world import policy

WORLDS, SOME_WORLDS = 5_000, 80
ROWS = 8


def test_cedar_allows_what_the_filter_allows(whole):
    shown = hidden = 0
    for number in range(WORLDS if whole else SOME_WORLDS):
        r = Random(number)
        rows = [drawn.row(r) for _ in range(ROWS)]
        world = drawn.world(r)
        world = replace(
            world,
            caller=replace(world.caller, present=()),
            person=replace(world.person, links=world.person.links or {}),
        )
        rules = policy(world.settings)
        allowed = compile_filter(world.caller, world.person, world.request, rules)
        expected = [n for n, row in enumerate(rows) if allowed.allows(row)]
        assert cedar.allowed(world, rules, rows) == expected, number
        shown, hidden = shown + len(expected), hidden + ROWS - len(expected)
    assert shown > hidden / 80
