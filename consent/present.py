"""What several people who look together may see: what each of them may see alone.

In      Filters of one person's record, each for one of those who are present.
Out     One Filter: a row has to be granted to everybody and denied to nobody.
Rule    One who may see nothing leaves nothing. A row is shown whole where everybody may see it
        whole, and as the instruction alone where somebody may see only that. Whoever sees what
        their own organisation sent keeps out what anybody else wrote over it.
Source  docs/policy.md; docs/adr/0057-those-who-look-together.md.
Pure    Values in, value out.
"""

from typing import Final

from consent.filter import And, Clause, Filter, Node, Not, Or, Reduction, unique
from consent.terms import Reason

_OWN_ONLY: Final = frozenset({Reason.OWN_ITEMS, Reason.RECORD_HOLDER})


def together(own: Filter, other: Filter, org: str) -> Filter:
    """What the caller may see beside somebody of that organisation; it is their access, and so are
    its obligations."""
    if own.is_nothing or other.is_nothing:
        return Filter.nothing(*own.reasons, Reason.PRESENT, obligations=own.obligations)
    return Filter(
        grants=_both(own.grants, other.grants),
        denies=unique((*own.denies, *other.denies, *_of_others(other, org))),
        masks=unique_words(own.masks, other.masks),
        obligations=own.obligations,
        reasons=tuple(dict.fromkeys((*own.reasons, Reason.PRESENT))),
        evidence=unique_words(own.evidence, other.evidence),
        reduction=_reduction(own, other),
    )


def _both(own: tuple[Node, ...], other: tuple[Node, ...]) -> tuple[Node, ...]:
    """What both grant; people of one role in one organisation are one to it."""
    match own:
        case (And(parts),):
            return (And(unique((*parts, Or(other)))),)
        case _:
            return (And(unique((Or(own), Or(other)))),)


def unique_words(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    """Both, each word once."""
    return tuple(dict.fromkeys((*first, *second)))


def _of_others(other: Filter, org: str) -> tuple[Node, ...]:
    """Where they see their own organisation's alone: everything else, edits of a row too."""
    if _OWN_ONLY.isdisjoint(other.reasons):
        return ()
    return (Not(Clause(source_orgs=frozenset({org}))),)


def _reduction(own: Filter, other: Filter) -> Reduction | None:
    """An instruction keeps its reason where everybody may see that."""
    found = [one.reduction for one in (own, other) if one.reduction is not None]
    if not found:
        return None
    whole, others = (one.reduction.whole if one.reduction else one.grants for one in (own, other))
    return Reduction(
        frozenset().union(*(one.categories for one in found)),
        _both(whole, others),
        unique_words(found[0].masks, found[-1].masks),
    )
