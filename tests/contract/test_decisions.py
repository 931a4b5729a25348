"""The compiled filter, its SQL and a reference that never compiles agree on every row.

tests/integration/test_three_forms.py does the same for drawn worlds on both engines; here a world
that differs is made small.
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.contract.reference import reference
from tests.contract.test_filter_sql import database as database  # a fixture
from tests.contract.test_filter_sql import selected
from tests.sampling import examples
from tests.unit.consent.world import break_glass, policy, request
from tests.unit.consent.worlds import choices, people, rows, shown, who


@pytest.mark.parametrize("emergency", [False, True])
@settings(max_examples=examples(300), deadline=None)
@given(
    asking=who,
    about=people,
    setting=choices,
    held=st.lists(rows, min_size=1, max_size=6),
)
def test_s67_decision_sql_and_reference_agree(database, emergency, asking, about, setting, held):
    decided = shown(asking, about, setting, emergency)
    asked = request(break_glass=break_glass(asking) if emergency else None)
    rules = policy(setting)
    expected = [n for n, row in enumerate(held) if reference(asking, about, asked, rules, row)]
    assert [n for n, row in enumerate(held) if decided.allows(row)] == expected
    assert selected(database, decided, held) == expected
