"""What was measured of a goal: its series, how far it has come, and what contradicts itself.

In      A goal of a plan document, as sent.
Out     The progress that its measurements tell, with the place of the last of them; issues.
Rule    Only what measures the same thing on the same scale, or in the same unit, is compared; a
        unit is never converted. Nothing measured before the baseline is progress from it, and
        nothing is told of a day after the document was written. What a worker states stands;
        figures that say the opposite are a contradiction, and are for the sender to settle.
Source  mappings/terms/progress.py.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from mappings.core.model.codes import Concept
from mappings.core.model.outcome import Facts, Issue, error, warning
from mappings.core.model.paths import Found, Scope
from mappings.plan_document import codes
from mappings.plan_document.rows.facts import day, entries, folded, number, part, text
from mappings.terms.instruments import Instrument, instrument
from mappings.terms.progress import Aimed, Progress, progress


@dataclass(frozen=True, slots=True)
class Point:
    """One measurement: where it stands in the goal, its day, its value."""

    steps: tuple[str | int, ...]
    on: str
    value: float
    what: tuple[str, ...]
    """What was measured, as it is compared."""


def points(goal: dict[str, Any]) -> list[Point]:
    """The measurements with a day and a value, the baseline first, then by day."""
    found = [_point(("baseline",), part(goal, "baseline"))]
    reviews = goal.get("reviews")
    for index, review in enumerate(reviews if isinstance(reviews, list) else ()):
        found.append(_point(("reviews", index), review))
    first = [one for one in found[:1] if one]
    return first + sorted((one for one in found[1:] if one), key=lambda one: one.on)


def _point(steps: tuple[str | int, ...], measure: Any) -> Point | None:
    if not isinstance(measure, dict):
        return None
    on, value = day(measure.get("on")), number(measure.get("value"))
    if on is None or value is None:
        return None
    return Point(steps, on, value, _what(measure))


def _what(measure: dict[str, Any]) -> tuple[str, ...]:
    scale = scale_of(measure)
    if scale is not None:
        return (scale.concept.system, scale.concept.code)
    named = folded(measure.get("scale"))
    return (named, folded(measure.get("measure")), folded(measure.get("unit")))


def scale_of(measure: dict[str, Any]) -> Instrument | None:
    """The scale a measurement names, where it is known."""
    named = text(measure.get("scale"))
    return instrument(named) if named else None


def told(goal: dict[str, Any], written: Any) -> tuple[Progress, Point] | None:
    """How far the goal has come by its measurements, and the last of them."""
    every, as_of = points(goal), day(written) or ""
    series = [one for one in every if one.what == every[0].what and one.on >= every[0].on]
    if len(series) < 2 or series[-1].on > as_of:
        return None
    first = part(goal, "baseline") if series[0].steps == ("baseline",) else _review(goal, series[0])
    if text(first.get("scale")) and scale_of(first) is None:
        return None
    target = part(goal, "target")
    aim = codes.AIM.find(str(goal.get("aim")))
    aimed = Aimed(
        target=number(target.get("value")) if _is_same(first, target) else None,
        due=day(target.get("by_date")) or "",
        as_of=as_of,
        aim=aim.code if isinstance(aim, Concept) else "",
        instrument=scale_of(first),
    )
    found = progress([one.value for one in series], aimed)
    return (found, series[-1]) if found else None


def _review(goal: dict[str, Any], point: Point) -> dict[str, Any]:
    found: dict[str, Any] = goal["reviews"][point.steps[-1]]
    return found


def _is_same(first: dict[str, Any], target: dict[str, Any]) -> bool:
    """Whether a target speaks of the same thing in the same unit; what it leaves out is same."""
    measure, unit = target.get("measure"), target.get("unit")
    return (not measure or folded(measure) == folded(first.get("measure"))) and (
        not unit or folded(unit) == folded(first.get("unit"))
    )


def worked_out(scope: Scope) -> Iterator[Found]:
    """The progress the measurements tell, where the document states none."""
    goal = scope.element
    found = None if goal.get("progress") else told(goal, scope.facts.get("written_at"))
    if found:
        yield Found((*scope.here.steps, *found[1].steps), str(found[0]))


_OPPOSITE: Final = {
    "improving": {Progress.WORSENING},
    "worsening": {Progress.IMPROVING, Progress.ACHIEVED},
    "achieved": {Progress.WORSENING},
    "sustaining": {Progress.WORSENING},
    "not-achieved": {Progress.ACHIEVED, Progress.SUSTAINING},
}
"""What is stated -> what the figures cannot say beside it."""


def contradictions(facts: Facts) -> Iterator[Issue]:
    """Figures outside their scale, two figures of one day, progress the figures deny, units."""
    for index, goal in enumerate(entries(facts, "goals")):
        here = f"goals[{index}]"
        yield from _of_scales(goal, here)
        yield from _of_one_day(goal, here)
        yield from _of_units(goal, here)
        stated = codes.PROGRESS.find(str(goal.get("progress")))
        found = told(goal, facts.get("written_at"))
        if isinstance(stated, Concept) and found and found[0] in _OPPOSITE.get(stated.code, ()):
            yield error(f"{here}.progress", "contradiction", _DENIED)


def _measures(goal: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "baseline", part(goal, "baseline")
    reviews = goal.get("reviews")
    for index, review in enumerate(reviews if isinstance(reviews, list) else ()):
        if isinstance(review, dict):
            yield f"reviews[{index}]", review


def _of_scales(goal: dict[str, Any], here: str) -> Iterator[Issue]:
    for name, measure in _measures(goal):
        scale, value = scale_of(measure), number(measure.get("value"))
        if scale is None and text(measure.get("scale")):
            yield warning(f"{here}.{name}.scale", "unknown-scale", _UNKNOWN_SCALE)
        elif scale and value is not None and not _is_of(scale, value):
            yield error(f"{here}.{name}.value", "out-of-range", _OUT_OF_RANGE)


def _is_of(scale: Instrument, value: float) -> bool:
    return value == scale.not_known or scale.low <= value <= scale.high


def _of_one_day(goal: dict[str, Any], here: str) -> Iterator[Issue]:
    said: dict[tuple[str, ...], float] = {}
    for one in points(goal):
        before = said.setdefault((one.on, *one.what), one.value)
        if before != one.value:
            path = here + "".join(f"[{s}]" if isinstance(s, int) else f".{s}" for s in one.steps)
            yield error(f"{path}.value", "contradiction", _TWO_FIGURES)


def _of_units(goal: dict[str, Any], here: str) -> Iterator[Issue]:
    """A unit other than the baseline's, or one that stands without a value."""
    first = part(goal, "baseline")
    others = [*_measures(goal), ("target", part(goal, "target"))]
    for name, measure in others:
        unit, value = text(measure.get("unit")), number(measure.get("value"))
        if unit and value is None:
            yield warning(f"{here}.{name}.unit", "unit-alone", _UNIT_ALONE)
        elif unit and first.get("unit") and folded(unit) != folded(first.get("unit")):
            named = measure.get("measure")
            if not named or folded(named) == folded(first.get("measure")):
                yield warning(f"{here}.{name}.unit", "unit-differs", _UNIT_DIFFERS)


_DENIED: Final = (
    "the goal's own measurements say the opposite; correct the progress or the measurement"
)
_TWO_FIGURES: Final = "another value than was measured on the same day; send the one that is right"
_OUT_OF_RANGE: Final = "outside the range of this scale and version; correct the score or the scale"
_UNKNOWN_SCALE: Final = "this scale is not in the table of scales; its range was not checked"
_UNIT_ALONE: Final = "a unit without a value; kept with the delivery"
_UNIT_DIFFERS: Final = (
    "another unit than the baseline's: nothing is converted, and the two are not compared"
)
