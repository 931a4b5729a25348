"""Which of an operator's decisions still hold, and whose records wait because one does not.

In      The decisions that two records are one person's, with what was said of both by then; what
        was said of each record up to now.
Out     The decisions that hold; the records that wait.
Rule    A decision is on what was said by then, and not on whom a local id names next. It holds
        while nothing contradicts that: another number, birth date or first name than any of the two
        had, said of either since. What was said of neither may still be said, once. The record that
        says otherwise waits, and the one that was put with the other: what it says itself was
        judged to be wrong. So does a local id that was used again. A later decision that holds
        settles either.
Source  docs/adr/0062-a-local-id-is-used-again.md.
Pure    Sets of what was said: any order of what arrives gives the same.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from itertools import combinations

from gateway.identity.names import Fit
from gateway.identity.sayings import MANY, Saying, Sayings, fit, is_one
from gateway.identity.statements import Statement

Alike = Callable[[str, str], bool]
"""Whether two records share a number now, and first names that fit."""


def held(
    decisions: Iterable[Statement], sayings: Mapping[str, Sayings], alike: Alike
) -> tuple[list[Statement], set[str]]:
    """The decisions that hold, of those given in their order; who waits."""
    holds: list[Statement] = []
    waits: set[str] = set()
    settled: set[str] = set()
    for one in decisions:
        if against := _against(one, sayings, alike):
            waits |= {one.patient_id, *against}
        else:
            holds.append(one)
            waits -= one.pair
            settled |= one.pair
    again = {patient_id for patient_id, said in sayings.items() if not is_one(said)}
    return holds, (waits | (again - settled)) & sayings.keys()


def _against(one: Statement, sayings: Mapping[str, Sayings], alike: Alike) -> set[str]:
    """Which of its two records say otherwise by now."""
    pair = (one.patient_id, one.other_id)
    before = dict(zip(pair, one.seen, strict=True))
    since = {name: sayings.get(name, frozenset()) - before[name] for name in pair}
    if not any(since.values()):
        return {name for name in pair if MANY in before[name]}
    return {
        name
        for name in pair
        if MANY in sayings.get(name, ())
        or _names_another(before[name], since[name], lambda: alike(*pair))
        or _differs(lambda said: said.number, before, since, name)
        or _differs(lambda said: said.born, before, since, name)
    }


def _differs(
    part: Callable[[Saying], str],
    before: Mapping[str, Sayings],
    since: Mapping[str, Sayings],
    name: str,
) -> bool:
    """Whether the record says a number, or a date, that neither had; or one of two that are new."""
    known, new = _said(part, before.values()), _said(part, since.values())
    own = _said(part, [since[name]]) - known
    return bool(own) and len(known | new) > 1


def _said(part: Callable[[Saying], str], sets: Iterable[Sayings]) -> set[str]:
    return {part(one) for said in sets for one in said} - {""}


def _names_another(before: Sayings, since: Sayings, alike: Callable[[], bool]) -> bool:
    """Whether a first name since fits none that the record had; the first one that it has is known
    to fit by the other's alone."""
    named, new = _called(before), _called(since)
    if named:
        return any(all(_differ(one, other) for other in named) for one in new)
    return bool(new) and not (alike() and not any(_differ(*two) for two in combinations(new, 2)))


def _called(said: Sayings) -> Collection[Saying]:
    return [one for one in said if one.called]


def _differ(one: Saying, other: Saying) -> bool:
    return fit(one, other) is Fit.DIFFERS
