"""The borough's governance works on shredding over HTTP: one of them asks, another confirms.

    role -> look | ask | confirm | withdraw | hold | lift (as at the command line) -> record

Rule    The flows are those of the command line; only who may use them is decided here: roles that
        answer for the whole borough, as a person's records are of many organisations. Nobody asks
        for their own record or confirms that it goes. A look is an alert, as of all the log.
Errors  ForbiddenError for other roles, in the log; those of the flows; FaultyRequestError by field.
"""

from collections.abc import Collection
from datetime import date
from typing import Any

from consent.policy import AuditScope
from consent.terms import CallerKind
from gateway.audit.entry import AuditEntry
from gateway.audit.events import Event, Outcome
from gateway.errors import Fault, FaultyRequestError
from gateway.flows.asking.borough_look import alert_of_look
from gateway.flows.asking.deciding import Decider, officer
from gateway.flows.asking.governance import own_names
from gateway.flows.asking.sent_object import sent_texts
from gateway.flows.identity import shred, shred_hold
from gateway.flows.identity.shred_told import refuse
from gateway.flows.site.site import Asking, Site
from gateway.store.upkeep import shred_requests


async def listed(site: Site, asking: Asking) -> dict[str, Any]:
    """Requests and holds that are open, and how many records were shredded."""
    guardian = await guardian_of(site, asking)
    await alert_of_look(site, asking, "shredding")
    entry = AuditEntry(
        asking.at, Event.REVIEW, Outcome.SERVED, guardian.agent,
        request_id=asking.request_id, detail=(("review", "shredding"),),
    )  # fmt: skip
    await site.store.log.append(entry)
    return await shred_hold.listed(site.store, guardian)


async def ask(site: Site, asking: Asking, body: bytes) -> dict[str, Any]:
    """That all records of a record's person be shredded, for somebody else to confirm."""
    guardian = await guardian_of(site, asking)
    sent = sent_texts(body, "record", "basis", "reason")
    if sent["basis"] not in set(shred.Basis):
        raise FaultyRequestError([Fault("value", "basis", "one of: " + ", ".join(shred.Basis))])
    await _check_others(site, asking, [sent["record"]])
    basis = shred.Basis(sent["basis"])
    return await shred.ask(site.store, guardian, sent["record"], basis, sent["reason"], whole=True)


async def confirm(site: Site, asking: Asking, request_id: str) -> dict[str, Any]:
    """What went."""
    guardian = await guardian_of(site, asking)
    async with site.store.engine.reading() as conn:
        found = await shred_requests.find(conn, request_id)
    if found is not None:
        await _check_others(site, asking, found.records.split())
    return await shred.confirm(site.store, guardian, request_id, site.register)


async def withdraw(site: Site, asking: Asking, request_id: str, body: bytes) -> dict[str, Any]:
    """The request is over: nothing was shredded."""
    guardian = await guardian_of(site, asking)
    reason = sent_texts(body, "reason")["reason"]
    return await shred.withdraw(site.store, guardian, request_id, reason, site.register)


async def hold(site: Site, asking: Asking, body: bytes) -> dict[str, Any]:
    """Nothing of the record's person is shredded until the hold is lifted."""
    guardian = await guardian_of(site, asking)
    sent = sent_texts(body, "record", "review", "reason")
    try:
        day = date.fromisoformat(sent["review"]).isoformat()
    except ValueError:
        raise FaultyRequestError([Fault("value", "review", "a day: 2027-06-30")]) from None
    return await shred_hold.hold(site.store, guardian, sent["record"], day, sent["reason"])


async def lift(site: Site, asking: Asking, hold_id: str, body: bytes) -> dict[str, Any]:
    """The hold is no longer in the way."""
    guardian = await guardian_of(site, asking)
    reason = sent_texts(body, "reason")["reason"]
    return await shred_hold.lift(site.store, guardian, hold_id, reason)


async def guardian_of(site: Site, asking: Asking) -> Decider:
    """Who answers for the whole borough. Errors: ForbiddenError, once it is in the log."""
    caller, role = asking.caller, site.policy.roles.get(asking.caller.role)
    may = caller.kind is CallerKind.STAFF and bool(role and role.audit is AuditScope.BOROUGH)
    return await officer(site, asking, Event.SHRED, may=may)


async def _check_others(site: Site, asking: Asking, records: Collection[str]) -> None:
    """Errors: FaultyRequestError where these are records of whoever asks."""
    async with site.store.engine.reading() as conn:
        own = await own_names(conn, site.store, asking.caller.user_id)
    if set(own) & set(records):
        refuse("record", "nobody decides on their own record: somebody else has to")
