"""How far a goal has come, from what was measured: the one place that works it out.

In      Measurements of one thing in one unit, a target, what the goal is for, and two days.
Out     An achievement code of FHIR R4 (goal-achievement), or None where nothing can be told.
Rule    Target met: achieved; met at two reviews running: sustaining. Due and not met:
        not-achieved. Else the first and the last measurement are compared: by at least the
        instrument's least change they improve or worsen, within it there is no change. No
        change is what a goal to maintain is for: sustaining; which way is better such a goal's
        target does not say, only an instrument. A score that means "not known" is no
        measurement. A single measurement tells nothing.
Source  Boroughs' needs (goals to maintain); NHS England's paired scores; FHIR R4 goal-achievement.
Pure    Nothing here asks what day it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from mappings.terms.instruments import Instrument

KEEPING: Final = frozenset({"maintain", "slow-loss"})
"""Aims for which no change is success."""


class Progress(StrEnum):
    """FHIR R4 goal-achievement, as far as measurements tell it."""

    ACHIEVED = "achieved"
    SUSTAINING = "sustaining"
    NOT_ACHIEVED = "not-achieved"
    IMPROVING = "improving"
    WORSENING = "worsening"
    NO_CHANGE = "no-change"


@dataclass(frozen=True, slots=True)
class Aimed:
    """What a goal wants of its measurements."""

    target: float | None = None
    due: str = ""
    """Day, or empty."""
    as_of: str = ""
    """The day on which it is asked."""
    aim: str = ""
    """A code of the goal aims, or empty."""
    instrument: Instrument | None = None


def progress(values: Sequence[float], aimed: Aimed) -> Progress | None:
    """From measurements in the order of their days, the first of them the baseline."""
    known = [value for value in values if not _is_unknown(value, aimed.instrument)]
    if len(known) < 2:
        return None
    target = aimed.target
    if aimed.instrument is not None and aimed.instrument.met_at is not None:
        target = aimed.instrument.met_at
    better = _better(known[0], target, aimed)
    if target is not None and better:
        met = [_reached(value, target, better) for value in known[1:]]
        if met[-1]:
            return Progress.SUSTAINING if met[-2:] == [True, True] else Progress.ACHIEVED
        if aimed.due and aimed.due < aimed.as_of:
            return Progress.NOT_ACHIEVED
    return _moved(known[-1] - known[0], better, aimed)


def _moved(change: float, better: int, aimed: Aimed) -> Progress | None:
    least = _least(aimed.instrument)
    if change == 0 or (least is not None and abs(change) < least):
        return Progress.SUSTAINING if aimed.aim in KEEPING else Progress.NO_CHANGE
    if least is None or not better:
        return None
    return Progress.IMPROVING if change * better > 0 else Progress.WORSENING


def _least(instrument: Instrument | None) -> float | None:
    """The least change that counts: for a plain measure, such as metres, any."""
    return 0 if instrument is None else instrument.change


def _better(first: float, target: float | None, aimed: Aimed) -> int:
    """1 where more is better, -1 where less is, 0 where nothing says.

    The target of a goal to keep what there is may be the least that is to be kept: that it lies
    below the baseline does not make less better.
    """
    if aimed.instrument is not None and aimed.instrument.better:
        return 1 if aimed.instrument.better == "higher" else -1
    if target is None or target == first or aimed.aim in KEEPING:
        return 0
    return 1 if target > first else -1


def _reached(value: float, target: float, better: int) -> bool:
    return (value - target) * better >= 0


def _is_unknown(value: float, instrument: Instrument | None) -> bool:
    return instrument is not None and instrument.not_known == value
