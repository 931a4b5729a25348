"""What a search asks of a row, as values, and each of them as an SQL condition.

In      Parameters of the table with what they are to hold; a Statement, that binds values.
Out     SQL over any alias of `resource`; every value travels as a parameter.
Rule    A condition is about what this caller is shown. Every row that it joins passes the Filter.
        Where an element is taken out of what somebody is shown, a condition on it is as if the
        row had none.
Source  docs/adr/0042-a-search-is-over-what-is-shown.md; http://hl7.org/fhir/R4/search.html
Pure    No connection.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from consent.periods import MAX_MICROS, MIN_MICROS
from gateway.store.clear.code_marks import mark_of
from gateway.store.clear.search_index import PLACE_IN_WORDS, WORDS
from gateway.store.clear.search_table import Parameter
from gateway.store.record.spans import Span, in_span, near_span
from gateway.store.record.statement import Statement

STARTS, UPDATED, ID = "starts", "updated_at", "resource_id"


@dataclass(frozen=True, slots=True)
class Order:
    """One column that rows are put in order by."""

    column: str
    falling: bool = False


class Condition(Protocol):
    """One condition of a search."""

    def sql(self, to: Statement, alias: str) -> str:
        """The condition over this alias."""
        ...


@dataclass(frozen=True, slots=True)
class Ids:
    """One of these resources."""

    ids: tuple[str, ...]

    def sql(self, to: Statement, alias: str) -> str:
        """`_id`."""
        return f"{alias}.resource_id IN ({to.bound(self.ids)})"


@dataclass(frozen=True, slots=True)
class OfPeople:
    """Of somebody who is as the caller asked: which question it was."""

    number: int

    def sql(self, to: Statement, alias: str) -> str:
        """Whose the row is."""
        records = to.bound(to.people[self.number])
        return f"{alias}.patient_id IN ({records})" if records else "1 = 0"


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Some of these."""

    ways: tuple[Condition, ...]

    def sql(self, to: Statement, alias: str) -> str:
        """One or another."""
        return f"({' OR '.join(one.sql(to, alias) for one in self.ways)})"


@dataclass(frozen=True, slots=True)
class Nothing:
    """What no row is: a reference to nothing of ours."""

    def sql(self, _to: Statement, _alias: str) -> str:
        """Never."""
        return "1 = 0"


@dataclass(frozen=True, slots=True)
class Codes:
    """Some of these codes stands there; `pieces` as the text holds them, before their last bar."""

    parameter: Parameter
    pieces: tuple[tuple[str, bool], ...]
    """Each with whether it is whole, or the beginning of one."""
    negated: bool = False

    def sql(self, to: Statement, alias: str) -> str:
        """A code of the row, where it is shown."""
        ways = [_holds(to, alias, piece, whole=whole) for piece, whole in self.pieces]
        return to.shown(self.parameter, alias, f"({' OR '.join(ways) or '1 = 0'})", self.negated)


def _holds(to: Statement, alias: str, piece: str, *, whole: bool) -> str:
    """That the codes hold the piece; the row's marks first, for which the index is enough."""
    text = f"{alias}.codes LIKE {to.bind(_like(piece, whole=whole))} ESCAPE '\\'"
    if not (whole and (mark := mark_of(piece))):
        return text
    bits = to.bind(mark)
    return f"(({alias}.code_marks & {bits}) = {bits} AND {text})"


def _like(piece: str, *, whole: bool) -> str:
    return f"%|{escaped_like(piece)}{'|' if whole else ''}%"


def escaped_like(text: str) -> str:
    """Text that LIKE takes for itself, with `ESCAPE '\\'`."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


@dataclass(frozen=True, slots=True)
class Dates:
    """Some date of the parameter is so."""

    parameter: Parameter
    spans: tuple[Span, ...]

    def sql(self, to: Statement, alias: str) -> str:
        """A date of the row, where it is shown."""
        date = to.alias("d")
        near = " OR ".join(near_span(to, alias, one) for one in self.spans)
        ways = " OR ".join(in_span(to, f"{date}.low", f"{date}.high", one) for one in self.spans)
        text = (
            f"(({near}) AND EXISTS (SELECT 1 FROM search_date {date} WHERE {date}.patient_id ="
            f" {alias}.patient_id AND {date}.resource_id = {alias}.resource_id"
            f" AND {date}.name = {to.bind(self.parameter.name)} AND ({ways})))"
        )
        return to.shown(self.parameter, alias, text)


@dataclass(frozen=True, slots=True)
class Updated:
    """The version was written so."""

    spans: tuple[Span, ...]

    def sql(self, to: Statement, alias: str) -> str:
        """`_lastUpdated`."""
        at = f"{alias}.updated_at"
        return f"({' OR '.join(in_span(to, at, f'{at} + 1', one) for one in self.spans)})"


@dataclass(frozen=True, slots=True)
class Refers:
    """Refers by the parameter to one of these, and the caller is shown it."""

    parameter: Parameter
    named: tuple[tuple[str, str], ...]
    """Type (empty: any) and id."""
    people: int | None = None
    """Of a reference to a person: which question it was, for the people it found."""

    def sql(self, to: Statement, alias: str) -> str:
        """A link of the row to what is shown."""
        by_kind: dict[str, tuple[str, ...]] = {}
        for kind, resource_id in self.named:
            by_kind[kind] = (*by_kind.get(kind, ()), resource_id)
        ways = [
            _linked(to, alias, self.parameter, kind, (Ids(ids),)) for kind, ids in by_kind.items()
        ]
        if self.people is not None:
            link = to.alias("l")
            ways.append(
                f"({OfPeople(self.people).sql(to, alias)} AND EXISTS (SELECT 1 FROM search_link"
                f" {link} WHERE {_from(to, link, alias, self.parameter)}"
                f" AND {link}.kind = 'Patient' AND {link}.target = {alias}.patient_id))"
            )
        return to.shown(self.parameter, alias, f"({' OR '.join(ways) or '1 = 0'})")


@dataclass(frozen=True, slots=True)
class Chain:
    """Refers by the parameter to something of this type (empty: any) that is shown, and is so."""

    parameter: Parameter
    kind: str
    inner: tuple[Condition, ...]

    def sql(self, to: Statement, alias: str) -> str:
        """A chained parameter."""
        text = _linked(to, alias, self.parameter, self.kind, self.inner)
        return to.shown(self.parameter, alias, text)


def _linked(
    to: Statement,
    alias: str,
    parameter: Parameter,
    kind: str,
    inner: Sequence[Condition],
    end: str = "",
) -> str:
    link, owner, target = to.alias("l"), to.alias("o"), to.alias("t")
    of_kind = f" AND {target}.resource_type = {to.bind(kind)}" if kind else ""
    more = "".join(f" AND {one.sql(to, target)}" for one in inner)
    return (
        f"EXISTS (SELECT 1 FROM search_link {link}"
        f" JOIN resource_owner {owner} ON {owner}.resource_id = {link}.target"
        f" JOIN resource {target} ON {target}.patient_id = {owner}.patient_id"
        f" AND {target}.resource_id = {owner}.resource_id"
        f" WHERE {_from(to, link, alias, parameter)}{of_kind}"
        f" AND {to.visible(target, kind)}{more}{end})"
    )


_EACH: Final = " LIMIT 1 OFFSET 0"
"""Asked row by row: without it PostgreSQL may collect first whatever links to anything."""


def _from(to: Statement, link: str, alias: str, parameter: Parameter) -> str:
    return (
        f"{link}.patient_id = {alias}.patient_id AND {link}.resource_id = {alias}.resource_id"
        f" AND {link}.name = {to.bind(parameter.name)}"
    )


@dataclass(frozen=True, slots=True)
class Referred:
    """Something of the parameter's type that is shown refers to the row, and is so (`_has`)."""

    parameter: Parameter
    inner: tuple[Condition, ...]

    def sql(self, to: Statement, alias: str) -> str:
        """A reverse chain."""
        link, source = to.alias("l"), to.alias("s")
        more = "".join(f" AND {one.sql(to, source)}" for one in self.inner)
        return (
            f"EXISTS (SELECT 1 FROM search_link {link}"
            f" JOIN resource {source} ON {source}.patient_id = {link}.patient_id"
            f" AND {source}.resource_id = {link}.resource_id"
            f" WHERE {link}.target = {alias}.resource_id"
            f" AND {link}.name = {to.bind(self.parameter.name)}"
            f" AND {source}.resource_type = {to.bind(self.parameter.owner)}"
            f" AND {to.visible(source, self.parameter.owner)}"
            f" AND {to.shown(self.parameter, source, '1 = 1')}{more})"
        )


@dataclass(frozen=True, slots=True)
class Missing:
    """Whether the row has nothing of the parameter."""

    parameter: Parameter
    missing: bool

    def sql(self, to: Statement, alias: str) -> str:
        """`:missing`, as the caller is shown the row."""
        there = to.shown(self.parameter, alias, self._there(to, alias))
        return f"NOT ({there})" if self.missing else there

    def _there(self, to: Statement, alias: str) -> str:
        name = self.parameter.name
        if self.parameter.kind == "date":
            return Dates(self.parameter, (_ALWAYS,)).sql(to, alias)
        if self.parameter.kind == "patient":
            return "1 = 1"
        if self.parameter.kind != "reference":
            pieces = ((f"{name}:", False), (f"{name}=", False))
            return Codes(self.parameter, pieces).sql(to, alias)
        link = to.alias("l")
        linked = _linked(to, alias, self.parameter, "", (), _EACH)
        return (
            f"({linked} OR EXISTS (SELECT 1 FROM search_link"
            f" {link} WHERE {_from(to, link, alias, self.parameter)}"
            f" AND ({link}.target IN ({alias}.patient_id, '{WORDS}') OR"
            f" {link}.target = '{PLACE_IN_WORDS}' AND NOT ({to.masks_places(alias)}))))"
        )


_ALWAYS: Final = Span("ap", MIN_MICROS, MAX_MICROS)
