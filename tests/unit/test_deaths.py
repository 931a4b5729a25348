"""What the one Patient says of a death, where several records and an operator speak of it."""

import pytest

from gateway.flows.asking.deaths import death_told

DAY = {"deceasedDateTime": "2026-01-02"}
LATER = {"deceasedDateTime": "2026-01-03"}
YES, NO = {"deceasedBoolean": True}, {"deceasedBoolean": False}
NOTHING: dict = {}


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ([(NOTHING, None)], NOTHING),
        ([(NO, None)], NO),
        ([(NO, None), (YES, None)], YES),
        ([(YES, None), (NO, None)], YES),
        ([(YES, None), (DAY, None)], DAY),
        ([(LATER, None), (DAY, None)], LATER),
        ([(NOTHING, True)], YES),
        ([(NO, True)], YES),
        ([(DAY, True)], DAY),
        ([(DAY, False)], NO),
        ([(NOTHING, False)], NOTHING),
        ([(DAY, False), (YES, None)], YES),
        ([(NO, None), (NOTHING, True)], YES),
    ],
)
def test_of_one_record_the_operators_word_stands_and_of_several_the_strictest(said, told):
    others = [({"birthDate": "1943", **one}, word) for one, word in said]
    assert death_told(others) == told


def test_what_goes_with_a_day_is_told_with_it():
    more = {**DAY, "_deceasedDateTime": {"extension": []}}
    assert death_told([(NO, None), (more, None)]) == more
