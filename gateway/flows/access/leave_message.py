"""Whoever opened a record in an emergency leaves one message for who leads the person's care.

    the grant, theirs and open -> the newest plan they see that names a lead contact, and the
    practice -> does anybody there see it? -> Communication and Tasks, their entry last

Rule    One for each grant, whose id it bears; nobody edits it or takes it away. It goes by what the
        caller is shown, so that nothing hidden changes what becomes of it. It bears the labels of
        the plan, is restricted at least, and is kept from the person and other lay callers: what
        they are told of an emergency is told with who looked, at its time.
Errors  ForbiddenError for a token that writes no Communication; NotFoundError for another's grant
        and one that opens nothing now as for none; FaultyRequestError; AuditUnavailableError.
Source  docs/adr/0072-one-message-from-an-emergency.md.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any, Final

from uuid_utils import uuid7

from consent.labels import HOLDS
from consent.periods import MAX_MICROS, MIN_MICROS
from consent.terms import Action, Confidentiality, Labels
from gateway.audit.events import Event, Outcome
from gateway.clock import instant, to_micros
from gateway.errors import Fault, FaultyRequestError, GatewayError, NotFoundError
from gateway.flows.asking.access_log import entry_of, require_scope
from gateway.flows.asking.alerts import append_owing
from gateway.flows.asking.sent_object import check_words, sent_texts
from gateway.flows.asking.sight import Sight, first_org, sights
from gateway.flows.asking.views import View, targets, view
from gateway.flows.site.service_open import desk_of, parsed
from gateway.flows.site.site import Asking, Site
from gateway.flows.writing.change_notice_words import AUTHOR, News, bodies
from gateway.flows.writing.change_notices import filters_at
from gateway.flows.writing.write_asks import LEFT_IN_EMERGENCY
from gateway.store.access import facts, grants
from gateway.store.clear import precise
from gateway.store.database.engine import Connection
from gateway.store.labels.labelling import TEAM
from gateway.store.record import reads
from gateway.store.record.item_labels import labels_of_item
from gateway.store.record.reads import Criterion
from gateway.store.site import site_data
from gateway.store.writing import team_versions
from gateway.store.writing.team_versions import Hand
from mappings.core.shaping.identifiers import organisation

_QUERY: Final = "emergency-message"
_LONGEST: Final = 2_000
_PLANS: Final = Criterion("r.resource_type = ? AND r.status = ?", ("CarePlan", "active"))
_TOPIC: Final = "A message from somebody who opened this record in an emergency"
_NOBODY: Final = "nobody who leads this person's care is known here"
_SECOND: Final = "there is one already; it is not added to"
_Whom = tuple[Labels, tuple[str, ...]]
"""What the message bears, whose organisation's it is, and the plan that says so."""


async def leave_message(site: Site, asking: Asking, grant_id: str, body: bytes) -> dict[str, Any]:
    """Left: under which id."""
    await require_scope(site, asking, Event.CREATE, Action.CREATE, "Communication")
    text = sent_texts(body, "text")["text"]
    check_words("text", text, site.policy.break_glass.text_at_least, _LONGEST)

    async def unit(conn: Connection) -> GatewayError | None:
        sight = await _opened(conn, site, asking, grant_id)
        refused, names = await _left(conn, site, asking, sight, grant_id, text)
        entry = entry_of(site, asking, Event.CREATE, sight, [], _QUERY)
        outcome = Outcome.NOT_FOUND if sight is None else Outcome.REFUSED
        entry = replace(entry, outcome=outcome if refused else Outcome.STORED)
        kept = tuple((kind, name, 1) for kind, name in names)
        owed = sight.allowed.obligations if sight else ()
        await append_owing(conn, site.store.vault, owed, replace(entry, resources=kept))
        return refused

    refused = await site.store.write(unit)
    if refused is not None:
        raise refused
    return {"message": f"Communication/{grant_id}", "sent": instant(to_micros(asking.at))}


async def _opened(conn: Connection, site: Site, asking: Asking, grant_id: str) -> Sight | None:
    """What the caller is shown of the person because of this grant; None where it opens nothing
    for them now."""
    row = await grants.find(conn, grant_id)
    if row is None or row.kind != grants.BREAK_GLASS:
        return None
    person_id = await facts.person_of(conn, row.patient_id)
    found = await sights(conn, site, asking, [person_id] if person_id else [], Action.READ)
    evidence = grants.evidence_of(grant_id)
    return next((one for one in found if evidence in one.allowed.evidence), None)


async def _left(
    conn: Connection, site: Site, asking: Asking, sight: Sight | None, grant_id: str, text: str
) -> tuple[GatewayError | None, list[tuple[str, str]]]:
    """What was written, by type and id; or why it is refused."""
    if sight is None:
        return NotFoundError(), []
    if await team_versions.standing(conn, grant_id) is not None:
        return FaultyRequestError([Fault("business-rule", "", _SECOND)]), []
    async for labels, about in _those_who_lead(conn, site, sight):
        orgs = dict.fromkeys((labels.source_org, first_org(sight)))
        told = [one for one in orgs if one and _is_seen_at(site, asking, sight, labels, one)]
        if labels.source_org in told:
            by, at = asking.caller.org, asking.at
            news = [News(sight.person_id, by, org, about, None, at, _TOPIC, text) for org in told]
            return None, await _write(conn, site, asking, news, labels, grant_id)
    return FaultyRequestError([Fault("business-rule", "", _NOBODY)]), []


def _is_seen_at(site: Site, asking: Asking, sight: Sight, labels: Labels, org: str) -> bool:
    """Whether a role of the organisation sees what bears these labels."""
    return any(one.allows(labels) for one in filters_at(site, sight.held, org, asking.at))


async def _those_who_lead(conn: Connection, site: Site, sight: Sight) -> AsyncIterator[_Whom]:
    """Whose plans name a lead contact, the newest first; then the practice."""
    plans = [one for one in await _plans(conn, site, sight) if _names_lead(one)]
    for plan in sorted(plans, key=lambda one: one.updated_at, reverse=True):
        _, labels = await labels_of_item(conn, "CarePlan", plan.resource_id)
        yield _borne(labels[0]), (f"CarePlan/{plan.resource_id}",)
    practice = first_org(sight)
    if practice:
        unset = (0, 0, 0, 0, practice, AUTHOR, MIN_MICROS, MAX_MICROS)
        yield _borne(Labels("care-plan", *unset, "CarePlan", "")), ()


async def _plans(conn: Connection, site: Site, sight: Sight) -> list[View]:
    """The active plans, as the caller is shown them."""
    found: list[View] = []
    last = ""
    while rows := await reads.search(conn, site.store.vault, [sight.group], [_PLANS], last):
        seen = await reads.visible(conn, [sight.group], targets(rows))
        found += [view(one, sight.subject, seen) for one in rows]
        last = rows[-1].resource_id
    return found


def _names_lead(plan: View) -> bool:
    """Whether somebody other than the person and the family is named as its lead contact."""
    author = precise.loads(plan.body).get("author") or {}
    kind = author.get("type") or str(author.get("reference", "")).partition("/")[0]
    return bool(author) and kind not in ("Patient", "RelatedPerson")


def _borne(labels: Labels) -> Labels:
    """What a message beside this bears."""
    return replace(
        labels,
        confidentiality=max(labels.confidentiality, Confidentiality.RESTRICTED),
        holds=labels.holds | HOLDS["NOPAT"],
        author=AUTHOR,
        start=MIN_MICROS,
        end=MAX_MICROS,
        resource_type="Task",
        resource_id="",
        feed=TEAM,
    )


async def _write(
    conn: Connection,
    site: Site,
    asking: Asking,
    told: Sequence[News],
    labels: Labels,
    grant_id: str,
) -> list[tuple[str, str]]:
    """The message to all of them, and for each a Task to look at it; types and ids."""
    places = parsed(await site_data.entries(conn))
    bears = (
        labels.category, int(labels.confidentiality), labels.sensitivities, labels.holds,
        labels.legal,
    )  # fmt: skip
    made: list[dict[str, Any]] = []
    for one in told:
        news = replace(one, desk=desk_of(places, one.to, asking.at))
        names = (grant_id, str(uuid7()))
        made += bodies(news, names, (LEFT_IN_EMERGENCY, names[1]), bears)
    message, tasks = made[0], made[1::2]
    message["recipient"] = [organisation(one.to) for one in told]
    at = to_micros(asking.at)
    hand = Hand(labels.source_org, AUTHOR, LEFT_IN_EMERGENCY, asking.request_id, at)
    written = [message, *tasks]
    for body in written:
        await team_versions.write_first(conn, site.store.vault, told[0].person_id, body, hand)
    return [(body["resourceType"], body["id"]) for body in written]
