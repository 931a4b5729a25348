"""The labels that an item bears: what its feed said, and what rules and reference sets add.

In      A connection; bodies of items with the labels their feed said.
Out     Labelling: the rules of this version with the site's reference sets, as they are now.
Rule    What a feed said stands in the sealed body and only rises. What rules, sets and decisions
        make of it stands in the clear columns, with the version of the rules, which dates are
        read by as well.
Source  docs/adr/0029-labels-are-kept-apart-from-what-a-feed-said.md.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from typing import Any, Final

from consent.label_rules import Decision, LabelRules, Marks
from consent.labels import (
    CATEGORY_SYSTEM,
    CONFIDENTIALITIES,
    CONFIDENTIALITY_SYSTEM,
    HOLD_SYSTEM,
    HOLDS,
    LEGAL,
    LEGAL_SYSTEM,
    SENSITIVITY_CODES,
    UNKNOWN_CATEGORY,
    UNKNOWN_SENSITIVITY,
    LabelParts,
    labels_of,
)
from gateway.store.clear import columns, precise
from gateway.store.clear.columns import Columns
from gateway.store.database.engine import Connection
from gateway.store.labels.label_union import security, set_security
from mappings.core.shaping import labels as content

Code = tuple[str, str]
"""System and code."""
TEAM: Final = "team"
"""Stands for a feed where a member of the team wrote over REST."""


@cache
def shipped_rules() -> LabelRules:
    """The rules that ship with this version."""
    text = files("consent").joinpath("label_rules.toml").read_text(encoding="utf-8")
    return LabelRules.parse(tomllib.loads(text))


@dataclass(frozen=True, slots=True)
class Labelling:
    """The rules and the site's sets at one moment."""

    version: str
    rules: LabelRules
    sets: Mapping[Code, Marks]

    def labels(
        self,
        body: Mapping[str, Any],
        said: LabelParts,
        feed: str,
        decision: Decision | None = None,
        *,
        fresh: bool = False,
    ) -> LabelParts:
        """The labels an item bears; `fresh`: it was mapped just now, content and all."""
        if not fresh:
            said = replace(said, category=content.shelf(body, said.category))
        brought = () if fresh and not self.sets else self._brought(body, fresh=fresh)
        return self.rules.labelled(said, feed, brought, decision)

    def _brought(self, body: Mapping[str, Any], *, fresh: bool) -> Iterator[Marks]:
        if not fresh:
            revealed = content.of_content(dict(body))
            if revealed:
                yield Marks.of(labels_of(revealed))
        for code in content.codes_in(body) if self.sets else ():
            marks = self.sets.get(code)
            if marks is not None:
                yield marks


@dataclass(frozen=True, slots=True)
class Marking:
    """The labelling of one writing: what is decided is known by source record and resource."""

    labelling: Labelling
    feed: str
    decisions: Mapping[tuple[str, str], Decision]
    _borne: dict[LabelParts, LabelParts] = field(default_factory=dict, init=False)
    """What goes by the labels alone: of what was mapped just now, where no site's sets say more."""

    def marked(
        self, place: tuple[str, str], body: Mapping[str, Any], columns: Columns, *, fresh: bool
    ) -> tuple[Columns, bool]:
        """The columns with the labels the item bears, and whether its body states others."""
        said, decision = columns.labels, self.decisions.get(place)
        alone = fresh and decision is None and not self.labelling.sets
        borne = self._borne.get(said) if alone else None
        if borne is None:
            borne = self.labelling.labels(body, said, self.feed, decision, fresh=fresh)
        if alone:
            self._borne[said] = borne
        return (columns, False) if borne == said else (replace(columns, labels=borne), True)


def with_labels(stored: bytes, labels: Sequence[Any]) -> bytes:
    """The bytes of a version with the labels it bears, which are not those it states; `labels` as
    in `versions.LABELS`."""
    body = precise.loads(stored)
    parts = LabelParts(*labels[:5])
    made = [{"system": system, "code": code} for system, code in _codings(parts)]
    if parts.sensitivities & UNKNOWN_SENSITIVITY:
        made += [one for one in security(body) if _is_unknown(one)]
    set_security(body, made)
    return precise.dumps(body)


def codes_of(parts: LabelParts) -> list[str]:
    """An item's labels as codes, the level first."""
    unknown = ["unreadable"] if parts.sensitivities & UNKNOWN_SENSITIVITY else []
    named = [code for system, code in _codings(parts) if (system, code) != _NO_SHELF]
    return named + unknown


def _codings(parts: LabelParts) -> Iterator[Code]:
    yield CONFIDENTIALITY_SYSTEM, _LEVEL_CODES[parts.confidentiality]
    yield CATEGORY_SYSTEM, parts.category
    masks = (*[parts.sensitivities] * len(SENSITIVITY_CODES), parts.holds, parts.legal)
    for (system, registry), mask in zip(_REGISTRIES, masks, strict=True):
        yield from ((system, code) for code, bit in registry.items() if mask & bit)


_NO_SHELF: Final = (CATEGORY_SYSTEM, UNKNOWN_CATEGORY)
_LEVEL_CODES: Final = {int(level): code for code, level in CONFIDENTIALITIES.items()}
_REGISTRIES: Final = (
    *SENSITIVITY_CODES.items(),
    (HOLD_SYSTEM, HOLDS),
    (LEGAL_SYSTEM, LEGAL),
)


def _is_unknown(coding: dict[str, str]) -> bool:
    return labels_of([coding]).sensitivities == UNKNOWN_SENSITIVITY


class LabelBook:
    """The labelling that holds now, read again when the site's sets have changed."""

    def __init__(self) -> None:
        self._epoch = -1
        self._kept: Labelling | None = None

    async def current(self, conn: Connection, noted: int | None = None) -> Labelling:
        """The rules with the sets as this connection sees them; `noted`: their epoch, where it was
        read a moment ago. What is labelled by sets that change meanwhile says so, and is labelled
        anew."""
        epoch = noted
        if epoch is None:
            (epoch,) = (await conn.fetch("SELECT epoch FROM label_epoch"))[0]
        if self._kept is None or epoch != self._epoch:
            self._kept, self._epoch = await _read(conn, int(epoch)), epoch
        return self._kept


async def _read(conn: Connection, epoch: int) -> Labelling:
    rules = shipped_rules()
    rows = await conn.fetch("SELECT name, system, code FROM reference_set_member")
    sets: dict[Code, Marks] = {}
    for name, system, code in rows:
        rule = rules.sets.get(name)
        if rule is not None:
            sets[system, code] = sets.get((system, code), Marks()) | rule.marks
    parts = (rules.hash[:8], content.version(), columns.version(), str(epoch))
    return Labelling(".".join(parts), rules, sets)
