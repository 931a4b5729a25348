"""Governance takes away what a search of the log finds: streamed, to a fixed size of the log.

    scope of the role -> the log's size, and how many match -> recorded -> page after page

Rule    Who takes what is in the log before its first byte, with how many entries there are. What is
        written meanwhile is not among them. A lead of an organisation is given what a search shows
        them, and no more. A page is in memory at a time. What a spreadsheet would run as a formula
        is written as text.
Errors  ForbiddenError; AuditUnavailableError. What fails on the way breaks off, and a completion
        entry says so.
"""

import csv
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any, Final

import orjson

from gateway.audit.entry import AuditRecord, decode
from gateway.audit.events import Event, Outcome
from gateway.audit.fhir import Server, to_fhir
from gateway.clock import instant, to_micros
from gateway.flows.asking.review_access import (
    NAME,
    Sought,
    about,
    among,
    entry_of,
    names,
    narrowed,
    own_of,
    record,
    scope_of,
)
from gateway.flows.asking.search_log import row_of
from gateway.flows.asking.spreadsheets import cell_text
from gateway.flows.site.site import Asking, Site
from gateway.store.audit import audit_reads, shown
from gateway.store.audit.audit_reads import Wanted
from gateway.store.database.engine import Connection

_PAGE: Final = 200
_HEADS: Final = (
    "seq", "recorded", "event", "outcome", "reasons", "organisation", "caller", "role", "purpose",
    "person", "shown", "request_id", "delivery",
)  # fmt: skip
_Record = tuple[int, AuditRecord]


@dataclass(frozen=True, slots=True)
class Taken:
    """What is taken away: which entries, and how many there are."""

    site: Site
    asking: Asking
    wanted: Wanted | None
    """None where nothing can match."""
    resource: tuple[str, str] | None
    size: int
    total: int

    async def lines(self) -> AsyncIterator[bytes]:
        """AuditEvents as lines of JSON, with how far it is; the last says how many there were."""
        server, done = Server(NAME, self.site.base_url), 0
        made = instant(to_micros(self.asking.at))
        yield _line("about", made=made, size=self.size, entries=self.total)
        async for page in self._pages():
            yield b"".join(_line("event", event=to_fhir(one, seq, server)) for seq, one in page)
            done += len(page)
            yield _line("progress", entries=done, of=self.total)
        yield _line("end", entries=done)

    async def rows(self) -> AsyncIterator[bytes]:
        """The same as rows of CSV under their heads."""
        yield _csv([_HEADS])
        async for page in self._pages():
            yield _csv([_cells(seq, one) for seq, one in page])

    async def _pages(self) -> AsyncIterator[list[_Record]]:
        if self.wanted is None:
            return
        async for found in _found(self.site, self.wanted, self.resource):
            records = [(seq, decode(stored)) for seq, stored in found]
            if self.wanted.within_org is not None:
                async with self.site.store.engine.reading() as conn:
                    records = await narrowed(conn, self.wanted.within_org, records)
            yield records


async def take(site: Site, asking: Asking, sought: Sought, form: str) -> Taken:
    """What the caller may take; that they do is in the log."""
    scoped = await scope_of(site, asking, sought.wanted)
    if (sought.patients or sought.resource is not None) and not scoped.apart:
        await shown.catch_up(site.store)
    async with site.store.engine.reading() as conn:
        size, _ = await audit_reads.head(conn)
        wanted, person = await _resolved(conn, replace(scoped, before=size), sought)
    total = await _count(site, wanted, sought.resource)
    detail = (("form", form), ("size", str(size)), ("entries", str(total)))
    entry = entry_of(site, asking, Event.AUDIT_EXPORT, Outcome.SERVED, person, detail)
    await record(site.store, entry, own=own_of(wanted) if wanted else "")
    return Taken(site, asking, wanted, sought.resource, size, total)


async def _resolved(conn: Connection, scoped: Wanted, sought: Sought) -> tuple[Wanted | None, str]:
    """Where to look, and the person who is asked about."""
    if sought.resource is not None:
        return await among(conn, scoped, sought.resource), ""
    if not sought.patients:
        return scoped, ""
    return await about(conn, scoped, sought.patients)


async def _count(site: Site, wanted: Wanted | None, resource: tuple[str, str] | None) -> int:
    if wanted is None:
        return 0
    if resource is not None:
        return sum([len(found) async for found in _found(site, wanted, resource)])
    async with site.store.engine.reading() as conn:
        return await audit_reads.total(conn, wanted)


async def _found(
    site: Site, wanted: Wanted, resource: tuple[str, str] | None
) -> AsyncIterator[list[tuple[int, bytes]]]:
    """What matches, newest first, some at a time."""
    while True:
        async with site.store.engine.reading() as conn:
            found = await audit_reads.search(conn, wanted, _PAGE)
        if not found:
            return
        wanted = replace(wanted, before=found[-1][0])
        named = [one for one in found if resource is None or names(one[1], resource)]
        if named:
            yield named


def _line(part: str, **said: Any) -> bytes:
    return orjson.dumps({"part": part, **said}) + b"\n"


def _cells(seq: int, record: AuditRecord) -> list[str]:
    row = row_of(seq, record)
    row["reasons"] = " ".join(row["reasons"])
    row["shown"] = " ".join(
        f"{kind}/{name}/_history/{version}" for kind, name, version in record.entry.resources
    )
    return [cell_text(str(row[head])) for head in _HEADS]


def _csv(rows: list[Any]) -> bytes:
    made = io.StringIO()
    csv.writer(made).writerows(rows)
    return made.getvalue().encode()
