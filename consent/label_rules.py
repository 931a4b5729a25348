"""What labels an item: its feed's own words, rules, a site's reference sets, and who decided.

In      the parsed rules (consent/label_rules.toml); what the feed said of an item (LabelParts); the
        names of the reference sets a code of it is in; what a governance lead decided of it.
Out     the labels it bears.
Rule    A feed and a rule only raise. A decision may lower, and only what was said when it was made:
        what is said later raises again. A hard stop and a label we cannot read are never lowered.
        What nobody labelled is restricted and waits; of the person's own words, the agreed plan
        and the next steps nothing waits to be shown to the person.
Errors  PolicyError naming the first entry that is missing or wrong.
Source  consent/label_rules.toml; docs/labels.md is printed from it for the governance board.
Pure    No file is opened here.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Final, Self

from consent.labels import (
    CONFIDENTIALITIES,
    HOLDS,
    LEGAL,
    SENSITIVITIES,
    UNKNOWN_CATEGORY,
    UNKNOWN_SENSITIVITY,
    WAITING,
    LabelParts,
    mask_of,
)
from consent.policy_reading import PolicyError, Table
from consent.terms import CATEGORIES

_PENDING: Final = HOLDS["PENDING"]
_REVIEW: Final = HOLDS["REVIEW"]


@dataclass(frozen=True, slots=True)
class Marks:
    """Labels without a shelf: what a rule adds, or what a decision is about."""

    confidentiality: int = 0
    sensitivities: int = 0
    holds: int = 0
    legal: int = 0

    @classmethod
    def of(cls, parts: LabelParts) -> Self:
        """The marks of an item's labels."""
        return cls(parts.confidentiality, parts.sensitivities, parts.holds, parts.legal)

    def __or__(self, other: "Marks") -> "Marks":
        return Marks(
            max(self.confidentiality, other.confidentiality),
            self.sensitivities | other.sensitivities,
            self.holds | other.holds,
            self.legal | other.legal,
        )

    def alone(self) -> LabelParts:
        """These marks on no shelf."""
        return self._at(UNKNOWN_CATEGORY)

    def on(self, parts: LabelParts) -> LabelParts:
        """The item's labels with these marks in place of its own."""
        return self._at(parts.category)

    def _at(self, category: str) -> LabelParts:
        marks = self.confidentiality, self.sensitivities, self.holds, self.legal
        return LabelParts(category, *marks)


@dataclass(frozen=True, slots=True)
class Decision:
    """What a governance lead saw of an item's labels, and what they are to be."""

    seen: Marks
    chosen: Marks

    def applied(self, said: Marks) -> Marks:
        """What was chosen, and what is said beyond what was seen."""
        seen, chosen = self.seen, self.chosen
        level = said.confidentiality
        return Marks(
            max(level if level > seen.confidentiality else 0, chosen.confidentiality),
            chosen.sensitivities
            | said.sensitivities & ~seen.sensitivities
            | said.sensitivities & UNKNOWN_SENSITIVITY,
            chosen.holds | said.holds & ~seen.holds,
            chosen.legal | said.legal,
        )


@dataclass(frozen=True, slots=True)
class SetRule:
    """A reference set by the name a site loads it under, and what a code of it brings."""

    name: str
    title: str
    marks: Marks


@dataclass(frozen=True, slots=True)
class SourceRule:
    """What a shelf of one feed bears."""

    feed: str
    categories: frozenset[str]
    marks: Marks
    why: str


@dataclass(frozen=True, slots=True)
class LabelRules:
    """Every rule, complete, with its version and the hash of its content."""

    version: str
    hash: str
    sets: Mapping[str, SetRule]
    sources: tuple[SourceRule, ...]
    own_words: frozenset[str]

    @classmethod
    def parse(cls, document: Mapping[str, object]) -> "LabelRules":
        """The rules of a parsed document. Errors: PolicyError."""
        top = Table(document, "")
        top.only({"version", "own_words", "sets", "sources"})
        sets = top.table("sets")
        sources = document.get("sources", [])
        if not isinstance(sources, list):
            raise PolicyError("sources", "a list of tables is needed")
        return cls(
            version=top.text("version"),
            hash=sha256(json.dumps(document, sort_keys=True).encode()).hexdigest(),
            sets={name: _set_rule(name, sets.table(name)) for name in sets.names()},
            sources=tuple(
                _source_rule(Table(one, f"sources[{place}]")) for place, one in enumerate(sources)
            ),
            own_words=frozenset(top.words("own_words", CATEGORIES)),
        )

    def labelled(
        self,
        said: LabelParts,
        feed: str = "",
        brought: Iterable[Marks] = (),
        decision: Decision | None = None,
    ) -> LabelParts:
        """The labels an item bears: `brought` is what its codes bring."""
        marks = Marks.of(said)
        for one in (*self._of_source(said.category, feed), *brought):
            marks |= one
        if said.category in self.own_words and marks.holds & _PENDING:
            marks = replace(marks, holds=marks.holds & ~_PENDING | _REVIEW)
        if decision is not None:
            marks = decision.applied(marks)
        return marks.on(said)

    def _of_source(self, category: str, feed: str) -> Iterable[Marks]:
        return (
            rule.marks for rule in self.sources if rule.feed == feed and category in rule.categories
        )


def decided(
    said: LabelParts, borne: LabelParts, level: str, add: Collection[str], remove: Collection[str]
) -> Decision:
    """A decision on the labels an item bears, of which feed and rules said some; it waits no
    longer. Errors: PolicyError."""
    known = [*SENSITIVITIES, *(code for code, bit in HOLDS.items() if not bit & WAITING)]
    for code in (*add, *remove):
        if code not in known:
            raise PolicyError("label", f"one of {', '.join(known)} is needed")
    if level and level not in CONFIDENTIALITIES:
        raise PolicyError("level", f"one of {', '.join(CONFIDENTIALITIES)} is needed")
    chosen = Marks(
        int(CONFIDENTIALITIES[level]) if level else borne.confidentiality,
        _changed(borne.sensitivities, SENSITIVITIES, add, remove),
        _changed(borne.holds, HOLDS, add, remove) & ~WAITING,
        borne.legal,
    )
    return Decision(Marks.of(said) | Marks.of(borne), chosen)


def _changed(
    mask: int, registry: Mapping[str, int], add: Iterable[str], remove: Iterable[str]
) -> int:
    gone = mask_of((code for code in remove if code in registry), registry)
    return mask & ~gone | mask_of((code for code in add if code in registry), registry)


def _set_rule(name: str, table: Table) -> SetRule:
    table.only({"title", "level", "sensitivities", "holds", "legal"})
    return SetRule(name, table.text("title"), _marks(table))


def _source_rule(table: Table) -> SourceRule:
    table.only({"feed", "categories", "why", "level", "sensitivities", "holds", "legal"})
    categories = frozenset(table.words("categories", CATEGORIES))
    return SourceRule(table.text("feed"), categories, _marks(table), table.text("why"))


def _marks(table: Table) -> Marks:
    def mask(name: str, registry: Mapping[str, int]) -> int:
        named = table.words(name, registry) if name in table.names() else ()
        return mask_of(named, registry)

    return Marks(
        int(CONFIDENTIALITIES[table.choice("level", CONFIDENTIALITIES)]),
        mask("sensitivities", SENSITIVITIES),
        mask("holds", HOLDS),
        mask("legal", LEGAL),
    )
