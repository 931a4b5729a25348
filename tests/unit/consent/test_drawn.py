"""The decision and a plain reference that never compiles agree over drawn worlds.

tests/integration/test_three_forms.py has more of them, and their SQL on both engines.
"""

from random import Random

from consent.decision import compile_filter
from tests.contract.reference import reference
from tests.unit.consent import drawn
from tests.unit.consent.world import policy


def test_decision_and_reference_agree_over_drawn_worlds(whole):
    for number in range(20_000 if whole else 500):
        r = Random(number)
        world, held = drawn.world(r), [drawn.row(r) for _ in range(8)]
        rules = policy(world.settings)
        decided = compile_filter(world.caller, world.person, world.request, rules)
        asked = (world.caller, world.person, world.request, rules)
        expected = [n for n, row in enumerate(held) if reference(*asked, row)]
        assert [n for n, row in enumerate(held) if decided.allows(row)] == expected, number
