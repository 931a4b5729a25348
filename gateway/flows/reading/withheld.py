"""Whether somebody is told that more is held of a person than they are shown.

In      A Sight of one person, as a search or `$everything` has it.
Out     Yes, where an emergency access would show them more of the person (consent.withheld): the
        same for every page and criterion, and of no item.
Rule    No query is asked where the deployment does not tell it, or nobody like the caller is told.
        An entry of a Bundle has no header to tell it in. Who sees only what their own organisation
        sent is not told: nothing tells them whether others hold something.
"""

from collections.abc import Sequence

from consent.relationship import open_break_glass
from consent.terms import Action, Request
from consent.withheld import beyond
from gateway.flows.asking.sight import Sight, sees_person
from gateway.flows.reading.query import Query
from gateway.flows.site.site import Asking, Site
from gateway.store.database.engine import Connection
from gateway.store.record import reads
from gateway.store.record.reads import Group


async def is_withheld(conn: Connection, site: Site, asking: Asking, sight: Sight | None) -> bool:
    """Whether this caller is to be told so of this person."""
    telling = site.policy.settings.tell_withheld and not asking.in_bundle
    if not telling or sight is None or sight.own_org:
        return False
    caller, facts = asking.caller, sight.held.facts
    opened = open_break_glass(facts.emergencies, caller, asking.at)
    request = Request(Action.SEARCH, caller.purpose, asking.at, opened)
    more = beyond(caller, facts, request, site.policy, sight.allowed)
    if more.is_nothing or not await sees_person(conn, sight):
        return False
    return await reads.is_any(conn, [Group(sight.group.patient_ids, more)], [])


async def is_withheld_of_one(
    conn: Connection, site: Site, asking: Asking, seen: Sequence[Sight], query: Query
) -> bool:
    """The same of a search that names one person, by id; nobody else is among those it is over."""
    named = query.people is not None and len(query.people) == 1
    return named and await is_withheld(conn, site, asking, next(iter(seen), None))
