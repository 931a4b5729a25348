"""How far a goal has come: what measurements tell, and what they do not."""

import itertools

import pytest

from mappings.core.model.codes import Concept
from mappings.core.model.systems import SNOMED_CT
from mappings.plan_document import codes
from mappings.terms.instruments import INSTRUMENTS, RELIABLE_CHANGE, instrument
from mappings.terms.progress import Aimed, Progress, progress
from mappings.terms.scales import SCALES


def _known(name):
    found = instrument(name)
    assert found is not None
    return found


GAS = _known("GAS")
PHQ = _known("PHQ-9")
HONOS = _known("979641000000103")
TOMS = _known("TOMs activity")
ANXIETY = _known("ONS4 anxiety")

TOLD = [
    ("nothing measured", [], Aimed(), None),
    ("a baseline alone", [3], Aimed(target=5), None),
    ("a baseline alone, and due", [3], Aimed(target=5, due="2026-01-01", as_of="2026-02-01"), None),
    ("met once", [3, 5], Aimed(target=5), "achieved"),
    ("passed", [3, 9], Aimed(target=5), "achieved"),
    ("met at two reviews running", [3, 5, 6], Aimed(target=5), "sustaining"),
    ("met, lost, met", [3, 5, 4, 5], Aimed(target=5), "achieved"),
    ("met and lost", [3, 5, 4], Aimed(target=5), "improving"),
    ("met by less", [9, 4], Aimed(target=5), "achieved"),
    ("due, not met", [3, 4], Aimed(target=5, due="2026-01-01", as_of="2026-01-02"), "not-achieved"),
    ("due today", [3, 4], Aimed(target=5, due="2026-01-02", as_of="2026-01-02"), "improving"),
    ("towards", [3, 4], Aimed(target=5), "improving"),
    ("away", [3, 2], Aimed(target=5), "worsening"),
    ("the same", [3, 3], Aimed(target=5), "no-change"),
    ("first and last alone count", [3, 9, 3], Aimed(target=20), "no-change"),
    ("no target and no direction", [3, 4], Aimed(), None),
    ("no target, the same", [3, 3], Aimed(), "no-change"),
    ("the same, to maintain", [3, 3], Aimed(aim="maintain"), "sustaining"),
    ("the same, to slow a loss", [3, 3], Aimed(aim="slow-loss"), "sustaining"),
    ("the same, to regain", [3, 3], Aimed(aim="regain"), "no-change"),
    ("less, to slow a loss above a floor", [100, 90], Aimed(target=60, aim="slow-loss"), None),
    ("below the floor, to slow a loss", [100, 50], Aimed(target=60, aim="slow-loss"), None),
    ("below the floor, to maintain", [100, 50], Aimed(target=60, aim="maintain"), None),
    (
        "kept above what an instrument calls worse",
        [3, 4],
        Aimed(target=5, instrument=ANXIETY, aim="maintain"),
        "achieved",
    ),
    ("less than the least change", [19, 14], Aimed(instrument=PHQ), "no-change"),
    ("just the least change", [19, 13], Aimed(instrument=PHQ), "improving"),
    ("worse by the least change", [3, 9], Aimed(instrument=PHQ), "worsening"),
    ("within chance, to maintain", [9, 12], Aimed(instrument=PHQ, aim="maintain"), "sustaining"),
    ("anxiety is better when lower", [7, 3], Aimed(target=3, instrument=ANXIETY), "achieved"),
    ("less anxious", [7, 3], Aimed(instrument=ANXIETY), "improving"),
    ("more anxious", [3, 4], Aimed(instrument=ANXIETY), "worsening"),
    ("less satisfied", [7, 3], Aimed(instrument=_known("ONS4 satisfaction")), "worsening"),
    ("no least change published", [7, 3], Aimed(instrument=TOMS), None),
    ("no least change published, the same", [7, 7], Aimed(instrument=TOMS), "no-change"),
    ("not known is no measurement", [4, 9], Aimed(instrument=HONOS), None),
    ("not known at the end", [2, 2, 9], Aimed(instrument=HONOS), "no-change"),
    ("attainment as expected", [-2, 0], Aimed(instrument=GAS), "achieved"),
    ("attainment whatever the plan says", [-2, 0], Aimed(target=2, instrument=GAS), "achieved"),
    ("attainment a step on", [-2, -1], Aimed(instrument=GAS), "improving"),
    ("attainment as it was", [-1, -1], Aimed(instrument=GAS), "no-change"),
    ("attainment a step back", [-1, -2], Aimed(instrument=GAS), "worsening"),
    ("half a point", [2.5, 3], Aimed(target=3, instrument=TOMS), "achieved"),
]


@pytest.mark.parametrize(
    ("values", "aimed", "told"), [c[1:] for c in TOLD], ids=[c[0] for c in TOLD]
)
def test_what_measurements_tell(values, aimed, told):
    assert progress(values, aimed) == told


def test_more_is_never_worse_where_more_is_better():
    """The higher the last score, the further along, for every instrument with a least change."""
    order = [Progress.WORSENING, Progress.NO_CHANGE, Progress.IMPROVING, Progress.ACHIEVED]
    for one in (GAS, PHQ, ANXIETY):
        step = 1 if one.better == "higher" else -1
        lasts = range(int(one.low), int(one.high) + 1)[::step]
        for first in lasts:
            told = [progress([first, last], Aimed(instrument=one)) for last in lasts]
            ranks = [order.index(each) for each in told if each is not None]
            assert len(ranks) == len(told)
            assert ranks == sorted(ranks)


def test_every_answer_is_a_word_a_plan_could_have_stated():
    stated = {one.code for one in codes.PROGRESS.rows.values() if isinstance(one, Concept)}
    assert {str(one) for one in Progress} <= stated


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_an_instrument_has_a_range_and_a_direction_that_is_one(name):
    one = _known(name.upper())
    assert one == INSTRUMENTS[name]
    assert one.low < one.high
    assert one.better in ("higher", "lower")
    assert one.met_at is None or one.low <= one.met_at <= one.high


def test_two_codes_of_one_series_are_one_instrument():
    assert _known("506701000000100").concept == PHQ.concept
    assert _known("720433000").concept.system == SNOMED_CT
    assert instrument("a scale of our own") is None


def test_least_changes_are_of_scales_with_a_direction():
    for code in RELIABLE_CHANGE:
        scale = SCALES[code]
        assert scale.better
        assert 0 < RELIABLE_CHANGE[code] < scale.high - scale.low


def test_versions_of_an_instrument_are_told_apart():
    both = [_known(f"Barthel {most}") for most in (20, 100)]
    assert len({one.concept.code for one in both}) == 2
    assert [one.high for one in both] == [20, 100]
    pairs = itertools.combinations(INSTRUMENTS.values(), 2)
    assert all(a.concept != b.concept for a, b in pairs)
