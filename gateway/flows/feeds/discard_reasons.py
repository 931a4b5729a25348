"""Why something was discarded: the words of the operator, opened again for governance.

    how far the role sees -> entries of discards -> the look is recorded -> the reason of one

Rule    A lead of an organisation reads of what that organisation sent; the borough's governance of
        all. Who reads a reason, and which, is in the log before it is opened.
Errors  ForbiddenError; NotFoundError for an entry that is none of these, or another's;
        AuditUnavailableError.
"""

from dataclasses import replace
from typing import Any

from gateway.audit.entry import AuditRecord, decode
from gateway.audit.events import Event, Outcome
from gateway.errors import NotFoundError
from gateway.flows.asking.governance import Looker, looker_of
from gateway.flows.site.site import Asking, Site
from gateway.store.audit import audit_opening, audit_reads
from gateway.store.audit.audit_reads import Wanted
from gateway.store.keyring.keys import KeyUnavailableError

QUERY = "discards"


async def discards(site: Site, asking: Asking, count: int) -> list[dict[str, Any]]:
    """The latest discards, without their reasons."""
    looker = await looker_of(site, asking, QUERY)
    async with site.store.engine.reading() as conn:
        found = await audit_reads.search(conn, _wanted(looker), count)
    await _record(site, looker, Outcome.SERVED, "")
    return [_row(number, decode(record)) for number, record in found]


async def reason(site: Site, asking: Asking, number: int) -> dict[str, Any]:
    """One discard with its reason; the reason is null where its key is gone."""
    looker = await looker_of(site, asking, QUERY)
    async with site.store.engine.reading() as conn:
        wanted = replace(_wanted(looker), before=number + 1)
        found = [one for one in await audit_reads.search(conn, wanted, 1) if one[0] == number]
    await _record(site, looker, Outcome.SERVED if found else Outcome.NOT_FOUND, str(number))
    if not found:
        raise NotFoundError
    record = decode(found[0][1])
    async with site.store.engine.reading() as conn:
        try:
            words = (await audit_opening.opened(conn, site.store.vault, record)).free_text
        except KeyUnavailableError:
            words = None
    return _row(number, record) | {"reason": words}


def _wanted(looker: Looker) -> Wanted:
    return Wanted(events=(str(Event.DISCARD),), within_org=looker.within_org)


async def _record(site: Site, looker: Looker, outcome: Outcome, opened: str) -> None:
    entry = looker.entry(Event.AUDIT_VIEW, outcome, QUERY)
    detail = (("reason-of", opened),) if opened else ()
    await site.store.log.append(replace(entry, detail=detail))


def _row(number: int, record: AuditRecord) -> dict[str, Any]:
    entry, detail = record.entry, dict(record.entry.detail)
    return {
        "number": number,
        "recorded": entry.recorded.isoformat(),
        "by": entry.agent.user_id,
        "feed": entry.query,
        "organisation": detail.get("owners", ""),
        "delivery": entry.delivery_id,
        "items": int(detail.get("items", "0")),
        "rules": list(entry.reasons),
    }
