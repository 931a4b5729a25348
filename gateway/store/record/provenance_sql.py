"""What a search asks of the Provenance of a stored version, as SQL: it is made of the version.

In      Conditions as they are asked of stored rows; aliases of a resource, of one of its versions.
Out     SQL over these aliases; every value travels as a parameter.
Rule    `passing` stands in every statement: a version's Provenance is there where the version
        passes by its own labels and by today's, and where a Provenance with those labels would
        pass too. What it says nothing of, it has not.
Source  docs/adr/0050-provenance-is-made-of-what-is-kept.md.
Pure    No connection.
"""

from dataclasses import dataclass
from typing import Final

from gateway.store.clear.filter_sql import COLUMNS
from gateway.store.record.conditions import (
    AnyOf,
    Chain,
    Codes,
    Condition,
    Dates,
    Ids,
    Missing,
    OfPeople,
    Refers,
    Updated,
    escaped_like,
)
from gateway.store.record.reads import Opened
from gateway.store.record.spans import Span, in_span
from gateway.store.record.statement import Statement
from mappings.core.model import systems

TYPE: Final = "Provenance"
_MOST_DIGITS: Final = 9
_NONE: Final = "1 = 0"
_SAID: Final = ("target", "patient", "recorded", "agent")
"""The parameters that every one of them says something of."""


def name_of(resource_id: str, version: int) -> str:
    """The id of a version's Provenance."""
    return f"{resource_id}.{version}"


def version_named(name: str) -> tuple[str, int] | None:
    """Whose Provenance has this id: a resource's id, and the version's number."""
    resource_id, dot, number = name.rpartition(".")
    known = dot and resource_id and number.isascii() and number.isdigit()
    if not known or number.startswith("0") or len(number) > _MOST_DIGITS:
        return None
    return resource_id, int(number)


def told_version(row: Opened) -> tuple[str, str, int] | None:
    """The version that a row tells of, where it is the Provenance of one."""
    named = version_named(row.resource_id) if row.resource_type == TYPE else None
    return (row.refs[0].partition("/")[0], *named) if named and row.refs else None


def joined(r: str, v: str, p: str) -> str:
    """A resource, one of its versions, and that version as a Provenance would be labelled."""
    return (
        f"resource {r} JOIN resource_version {v} ON {v}.patient_id = {r}.patient_id"
        f" AND {v}.resource_id = {r}.resource_id JOIN ({_AS_PROVENANCE}) {p}"
        f" ON {p}.patient_id = {v}.patient_id AND {p}.resource_id = {v}.resource_id"
        f" AND {p}.version = {v}.version AND {p}.linking = {v}.linking"
    )


_SWAPPED: Final = {"category": "'provenance'", "resource_type": f"'{TYPE}'"}
_AS_PROVENANCE: Final = (
    "SELECT patient_id, version, linking, "
    + ", ".join(f"{_SWAPPED.get(name, name)} AS {name}" for name in COLUMNS)
    + " FROM resource_version"
)


def passing(to: Statement, r: str, v: str, p: str) -> str:
    """That the version may be seen, and told the origin of."""
    return (
        f"{v}.linking = 0 AND {r}.resource_type <> '{TYPE}'"
        f" AND {to.allowed(r)} AND {to.allowed(v)} AND {to.allowed(p)}"
    )


@dataclass(frozen=True, slots=True)
class Agent:
    """By whom, named by identifier: an organisation, or somebody who works in one."""

    stored: Codes
    """The same, of a Provenance that was sent."""
    named: tuple[tuple[str | None, str], ...]
    """System (None: any) and value."""

    def sql(self, to: Statement, alias: str) -> str:
        """Of a Provenance that was sent."""
        return self.stored.sql(to, alias)

    def of_version(self, to: Statement, r: str, v: str) -> str:
        """Of the Provenance of a version: the organisation that sent or wrote it. Where who wrote
        may be kept from the caller, whose row it is stands for all who did."""
        orgs = [value for system, value in self.named if system in (None, systems.ODS)]
        ways = [
            f"CASE WHEN {v}.author_id LIKE 'user::%' THEN {_NONE}"
            f" WHEN {v}.author_id LIKE 'user:%' AND NOT ({to.may_keep_edits(v)})"
            f" THEN {v}.author_id LIKE {to.bind(f'user:{escaped_like(org)}:%')} ESCAPE '\\'"
            f" ELSE {v}.source_org = {to.bind(org)} END"
            for org in orgs
        ]
        return to.shown(self.stored.parameter, r, f"({' OR '.join(ways) or _NONE})")


@dataclass(frozen=True, slots=True)
class HasProvenance:
    """Some version of the row has a Provenance that is so (`_has`)."""

    inner: tuple[Condition, ...]

    def sql(self, to: Statement, alias: str) -> str:
        """A reverse chain; the row itself passes already."""
        r, v, p = to.alias("r"), to.alias("v"), to.alias("p")
        more = "".join(f" AND {meets(to, one, r, v)}" for one in self.inner)
        return (
            f"EXISTS (SELECT 1 FROM {joined(r, v, p)} WHERE {r}.patient_id = {alias}.patient_id"
            f" AND {r}.resource_id = {alias}.resource_id AND {passing(to, r, v, p)}{more})"
        )


def meets(to: Statement, asked: Condition, r: str, v: str) -> str:
    """That the Provenance of a version is as a condition asks."""
    match asked:
        case Agent():
            return asked.of_version(to, r, v)
        case OfPeople():
            return asked.sql(to, r)
        case AnyOf(ways):
            return f"({' OR '.join(meets(to, one, r, v) for one in ways)})"
        case Ids(ids):
            return _ids(to, ids, v)
        case Updated(spans):
            return _recorded(to, spans, v)
        case Dates(parameter, spans) if parameter.name == "recorded":
            return _recorded(to, spans, v)
        case Missing(parameter, missing) if parameter.name == "entity":
            return f"{v}.author_id {'NOT ' if missing else ''}LIKE 'delivery:%'"
        case Missing(parameter, missing):
            return "1 = 1" if missing != (parameter.name in _SAID) else _NONE
        case Refers(parameter, named, people) if parameter.name == "target":
            return _refers(to, named, people, r)
        case Chain(parameter, kind, inner) if parameter.name == "target":
            more = "".join(f" AND {one.sql(to, r)}" for one in inner)
            of_kind = f" AND {r}.resource_type = {to.bind(kind)}" if kind else ""
            return f"({to.visible(r, kind)}{of_kind}{more})"
        case _:
            return _NONE


def _ids(to: Statement, ids: tuple[str, ...], v: str) -> str:
    ways = [
        f"({v}.resource_id = {to.bind(found[0])} AND {v}.version = {to.bind(found[1])})"
        for found in map(version_named, ids)
        if found
    ]
    return f"({' OR '.join(ways) or _NONE})"


def _recorded(to: Statement, spans: tuple[Span, ...], v: str) -> str:
    at = f"{v}.updated_at"
    return f"({' OR '.join(in_span(to, at, f'{at} + 1', one) for one in spans)})"


def _refers(to: Statement, named: tuple[tuple[str, str], ...], people: int | None, r: str) -> str:
    ways = []
    for kind, resource_id in named:
        of_kind = f" AND {r}.resource_type = {to.bind(kind)}" if kind else ""
        ways.append(f"({r}.resource_id = {to.bind(resource_id)}{of_kind})")
    if people is not None:
        ways.append(f"({OfPeople(people).sql(to, r)} AND {r}.resource_type = 'Patient')")
    return f"({' OR '.join(ways) or _NONE})"
