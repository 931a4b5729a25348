"""Somebody in the role that decides whose a record is works the queue over HTTP.

    role -> look | decide | state | settle (as at the command line) -> record

Rule    The flows are those of the command line; only who may use them is decided here. Nobody in
        another role learns whether anything waits: they are refused before anything is read.
Errors  ForbiddenError for other roles, in the log; those of the flows; FaultyRequestError by field.
"""

from typing import Any

from consent.terms import CallerKind
from gateway.audit.events import Event
from gateway.errors import Fault, FaultyRequestError
from gateway.flows.asking.deciding import Decider, officer
from gateway.flows.asking.sent_object import sent_texts
from gateway.flows.identity import (
    decide_identity,
    review_identity,
    settle_parted,
    state_person,
)
from gateway.flows.site.site import Asking, Site
from gateway.identity.person_facts import Fact
from gateway.identity.statements import Verdict


async def queue(site: Site, asking: Asking, limit: int) -> dict[str, Any]:
    """Pairs to decide on, the likeliest first; what waits since people were parted."""
    decider = await officer_of(site, asking)
    return await review_identity.work(site.store, decider, limit)


async def history(site: Site, asking: Asking, record: str) -> dict[str, Any]:
    """Everything that was said of one record's person."""
    decider = await officer_of(site, asking)
    return await decide_identity.history(site.store, decider, record)


async def decide(site: Site, asking: Asking, body: bytes) -> dict[str, Any]:
    """One decision on two records."""
    decider = await officer_of(site, asking)
    sent = sent_texts(body, "record", "other", "verdict", "reason", may=("seen",))
    if sent["verdict"] not in set(Verdict):
        raise FaultyRequestError([Fault("value", "verdict", "one of: " + ", ".join(Verdict))])
    said = (sent["record"], sent["other"], Verdict(sent["verdict"]))
    return await decide_identity.decide(site.store, decider, said, sent["reason"], sent["seen"])


async def state(site: Site, asking: Asking, body: bytes) -> dict[str, Any]:
    """One word on the person of a record."""
    decider = await officer_of(site, asking)
    sent = sent_texts(body, "record", "fact", "value", "reason")
    if sent["fact"] not in set(Fact):
        raise FaultyRequestError([Fault("value", "fact", "one of: " + ", ".join(Fact))])
    said = (Fact(sent["fact"]), sent["value"])
    return await state_person.state(site.store, decider, sent["record"], said, sent["reason"])


async def settle(site: Site, asking: Asking, body: bytes) -> dict[str, Any]:
    """What was written of people who are parted is of its own record alone."""
    decider = await officer_of(site, asking)
    sent = sent_texts(body, "name", "reason")
    return await settle_parted.settle(site.store, decider, sent["name"], sent["reason"])


async def officer_of(site: Site, asking: Asking) -> Decider:
    """Who decides whose a record is. Errors: ForbiddenError, once it is in the log."""
    caller = asking.caller
    may = caller.kind is CallerKind.STAFF and caller.role in site.policy.identity_roles
    return await officer(site, asking, Event.REVIEW, may=may)
