"""A deny is meant for more purposes than a permit of the same name."""

from consent.purposes import meant_by
from consent.terms import Purpose


def test_a_permit_means_what_stands_beneath_it_and_no_more():
    beneath = {Purpose.TREATMENT, Purpose.COORDINATION, Purpose.EMERGENCY}
    assert meant_by(Purpose.TREATMENT, permit=True) == beneath
    more = {Purpose.CARE_MANAGEMENT, Purpose.BREAK_GLASS}
    assert meant_by(Purpose.TREATMENT, permit=False) == beneath | more
