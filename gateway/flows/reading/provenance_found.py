"""Provenance that a search finds: what was sent, and what is made of stored versions, as one.

In      Everybody a search is over, each under their Filter; what is asked.
Out     Rows in one order, from after a place; exact totals; what goes with the versions shown.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from consent.terms import Caller
from gateway.flows.asking.sight import Sight, groups_of
from gateway.flows.asking.views import View, view
from gateway.flows.reading import provenance
from gateway.flows.reading.people_found import People, is_told_of_staff
from gateway.flows.reading.query import PERSON, Include
from gateway.flows.site.site import Site
from gateway.store.database.engine import Connection
from gateway.store.record import finding
from gateway.store.record import provenance as written
from gateway.store.record.conditions import ID, Ids
from gateway.store.record.finding import Asked, Found, Place, Slice
from gateway.store.record.provenance import Written
from gateway.store.record.provenance_sql import TYPE, version_named
from gateway.store.record.reads import Group, Opened

_OF_PERSON: Final = ("target", "patient")


async def page(
    people: People,
    asked_of: Sequence[Sight],
    asked: Asked,
    after: Place | None,
    count: int,
    *,
    counted: bool = False,
) -> Slice:
    """Rows of both, in order; counted where that is asked for."""
    conn, vault, groups = people.conn, people.site.store.vault, groups_of(asked_of)
    part = await finding.page(conn, vault, groups, asked, after, count, counted=counted)
    if asked.types != (TYPE,):
        return part
    several = await written.page(conn, vault, groups, asked, after, count)
    found = [*part.found, *(Found(_row(people, one), one.place) for one in several)]
    number = part.total
    if number is not None:
        all_read = not after and len(several) < count
        number += len(several) if all_read else await written.total(conn, groups, asked)
    return Slice(_in_order(found, asked)[:count], number)


def _in_order(found: list[Found], asked: Asked) -> list[Found]:
    keys = [one for one in asked.order if one.column != ID]
    by_id = next((one.falling for one in asked.order if one.column == ID), False)
    found.sort(key=lambda one: _place_of(one.place.resource_id), reverse=by_id)
    for number, one in reversed(list(enumerate(keys))):
        found.sort(key=partial(_value, number), reverse=one.falling)
    return found


def _value(number: int, found: Found) -> int | str:
    return found.place.values[number]


def _place_of(name: str) -> tuple[str, int]:
    return version_named(name) or (name, 0)


async def total(conn: Connection, groups: Sequence[Group], asked: Asked) -> int:
    """How many there are of both, exactly."""
    found = await finding.total(conn, groups, asked)
    return found + (await written.total(conn, groups, asked) if asked.types == (TYPE,) else 0)


async def of_shown(
    people: People, rows: Mapping[str, Opened], persons: Mapping[str, Sight], asked: Include
) -> list[Opened]:
    """Of the very versions that are shown; of a person those of what each source says."""
    conn, vault, groups = people.conn, people.site.store.vault, groups_of(people.seen)
    shown: list[Opened] = []
    if asked.parameter.name == "target":
        kinds = {row.resource_type for row in rows.values()} - {TYPE}
        kinds &= {asked.target} if asked.target else kinds
        shown = [row for row in rows.values() if row.resource_type in kinds]
    if persons and asked.parameter.name in _OF_PERSON and asked.target in ("", PERSON):
        shown += await people.rows(list(persons.values()))
    return [_row(people, one) for one in await written.of_rows(conn, vault, groups, shown)]


def owner_named(resource_type: str, name: str) -> str:
    """The resource that tells whose a resource is: of a version's Provenance the version's."""
    told = version_named(name) if resource_type == TYPE else None
    return told[0] if told else name


async def told_view(
    conn: Connection, site: Site, caller: Caller, sight: Sight, name: str
) -> View | None:
    """The Provenance of a version as the caller may see it, by its id."""
    asked = Asked((TYPE,), (Ids((name,)),))
    several = await written.page(conn, site.store.vault, [sight.group], asked, None, 1)
    if not several:
        return None
    (one,) = several
    told = provenance.row_of(one, sight.subject, names_staff=is_told_of_staff(site, caller))
    return view(told, sight.subject, ())


def _row(people: People, one: Written) -> Opened:
    subject = people.owner[one.row.patient_id].subject
    return provenance.row_of(one, subject, names_staff=people.names_staff)
