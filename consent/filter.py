"""What one caller may see of one person, as a value: a predicate here, a WHERE in the store.

In      clauses over the labels of a stored row, joined by And, Or and Not.
Out     Filter.allows(labels); Filter.hash, the same for the same meaning in any order.
Rule    A row is allowed when some grant matches it and no deny does. No grant: nothing.
        An empty Clause matches every row, an empty And too, an empty Or none.
Pure    Same filter and labels, same answer. gateway/store/clear/filter_sql.py is its twin in SQL;
        a property test holds the two and a plain reference together.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Final, NamedTuple

from consent.terms import Labels, Obligation, Reason

Span = tuple[int, int]


class Clause(NamedTuple):
    """All the set tests hold. None tests nothing; an empty set matches no row.

    `overlaps` and `contained_in` are half-open spans of microseconds. An undated row overlaps
    every span and is contained in none but the endless one: both fail safe.
    """

    categories: frozenset[str] | None = None
    resource_types: frozenset[str] | None = None
    resource_ids: frozenset[str] | None = None
    source_orgs: frozenset[str] | None = None
    feeds: frozenset[str] | None = None
    authors: frozenset[str] | None = None
    confidentiality_max: int | None = None
    confidentiality_min: int | None = None
    sensitivities_within: int | None = None
    sensitivities_any: int | None = None
    holds_any: int | None = None
    legal_any: int | None = None
    overlaps: Span | None = None
    contained_in: Span | None = None

    def matches(self, labels: Labels) -> bool:
        """Whether every test that is set holds for this row."""
        return self._names(labels) and self._marks(labels) and self._dates(labels)

    def _names(self, row: Labels) -> bool:
        return (
            (self.categories is None or row.category in self.categories)
            and (self.resource_types is None or row.resource_type in self.resource_types)
            and (self.resource_ids is None or row.resource_id in self.resource_ids)
            and (self.source_orgs is None or row.source_org in self.source_orgs)
            and (self.feeds is None or row.feed in self.feeds)
            and (self.authors is None or row.author in self.authors)
        )

    def _marks(self, row: Labels) -> bool:
        top, least = self.confidentiality_max, self.confidentiality_min
        within, some = self.sensitivities_within, self.sensitivities_any
        return (
            (top is None or row.confidentiality <= top)
            and (least is None or row.confidentiality >= least)
            and (within is None or row.sensitivities & ~within == 0)
            and (some is None or row.sensitivities & some != 0)
            and (self.holds_any is None or row.holds & self.holds_any != 0)
            and (self.legal_any is None or row.legal & self.legal_any != 0)
        )

    def _dates(self, row: Labels) -> bool:
        if self.overlaps is not None:
            start, end = self.overlaps
            if not (row.start < end and (row.end > start or row.start >= start)):
                return False
        if self.contained_in is not None:
            start, end = self.contained_in
            return start <= row.start and row.start < end and row.end <= end
        return True


@dataclass(frozen=True, slots=True)
class And:
    """Every part matches."""

    parts: tuple["Node", ...]

    def matches(self, labels: Labels) -> bool:
        """Whether every part matches this row."""
        return all(part.matches(labels) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Or:
    """Some part matches."""

    parts: tuple["Node", ...]

    def matches(self, labels: Labels) -> bool:
        """Whether some part matches this row."""
        return any(part.matches(labels) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not match. Safe, because no column of a row is ever NULL."""

    part: "Node"

    def matches(self, labels: Labels) -> bool:
        """Whether the part does not match this row."""
        return not self.part.matches(labels)


Node = Clause | And | Or | Not

EVERYTHING: Final = Clause()
_TESTS: Final = tuple(f"{name}=" for name in Clause._fields)


@dataclass(frozen=True, slots=True)
class Reduction:
    """What is shown without its reason: the instruction of the safety set, where the labels of
    its reason are more than the caller may see. `whole`: the grants that show a row as it is."""

    categories: frozenset[str]
    whole: tuple[Node, ...]
    masks: tuple[str, ...]

    def applies(self, labels: Labels) -> bool:
        """Whether this row is shown without its reason."""
        return labels.category in self.categories and not any(
            grant.matches(labels) for grant in self.whole
        )


@dataclass(frozen=True, slots=True)
class Filter:
    """Grants and denies over rows, what to mask, what else to do, and why.

    Two filters with one `hash` show the same rows in the same way; reasons and evidence differ
    from caller to caller and are not part of it.
    """

    grants: tuple[Node, ...]
    denies: tuple[Node, ...] = ()
    masks: tuple[str, ...] = ()
    obligations: tuple[Obligation, ...] = ()
    reasons: tuple[Reason, ...] = ()
    evidence: tuple[str, ...] = ()
    reduction: Reduction | None = None

    @classmethod
    def nothing(cls, *reasons: Reason, obligations: tuple[Obligation, ...] = ()) -> "Filter":
        """The filter that shows no row at all, and why."""
        return cls(grants=(), reasons=reasons, obligations=obligations)

    @property
    def is_nothing(self) -> bool:
        """Whether no row can ever pass."""
        return not self.grants

    @property
    def names_organisations(self) -> bool:
        """Whether an organisation may be named beside the rows; not of whom the whereabouts are
        masked: a practice tells where somebody lives."""
        return not any(mask.endswith(".@Organization") for mask in self.masks)

    @property
    def hash(self) -> str:
        """SHA-256 of the canonical form; order and repetition make no difference."""
        return _hash(self.grants, self.denies, self.masks, self.obligations, self.reduction)

    def allows(self, labels: Labels) -> bool:
        """Whether the caller may see the row with these labels."""
        return any(grant.matches(labels) for grant in self.grants) and not any(
            deny.matches(labels) for deny in self.denies
        )


@lru_cache(maxsize=4096)
def _hash(
    grants: tuple[Node, ...],
    denies: tuple[Node, ...],
    masks: tuple[str, ...],
    obligations: tuple[Obligation, ...],
    reduction: Reduction | None,
) -> str:
    whole = canonical(Or(reduction.whole)) if reduction else ""
    text = "|".join(
        (
            canonical(Or(grants)),
            canonical(Or(denies)),
            ",".join(sorted(set(masks))),
            ",".join(sorted(set(obligations))),
            whole,
        )
    )
    return sha256(text.encode()).hexdigest()


def canonical(node: Node) -> str:
    """One text for one meaning: parts sorted, repetitions dropped, values quoted."""
    match node:
        case Clause():
            tests = zip(_TESTS, node, strict=True)
            stated = [name + _text(value) for name, value in tests if value is not None]
            return f"clause({';'.join(stated)})"
        case And(parts):
            return f"and({','.join(sorted({canonical(part) for part in parts}))})"
        case Or(parts):
            return f"or({','.join(sorted({canonical(part) for part in parts}))})"
        case _:
            return f"not({canonical(node.part)})"


def unique(nodes: Iterable[Node]) -> tuple[Node, ...]:
    """The nodes, each once; their order means nothing, and the hash does not follow it."""
    return tuple(dict.fromkeys(nodes))


def _text(value: object) -> str:
    if isinstance(value, frozenset):
        return repr(sorted(value))
    return repr(value)
