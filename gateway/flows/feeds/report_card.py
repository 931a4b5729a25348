"""How what a provider sends to a feed arrives: its report card.

    whose, which feed -> figures of that organisation alone -> card | for a provider: recorded first

Out     JSON: volumes, freshness, what waits by rule with an example, unmapped codes and warnings
        by how often, identity, trend by week, what would mend most. Counts, times, ids of the
        provider's own deliveries, and paths in its own terms: never a value, nothing of anybody
        else's. How its records stand to those of others is theirs: of identity it is told what
        its own messages lack, and not whether anybody else knows the person.
Rule    A provider system sees the card of its token's organisation, for feeds it may push to.
        Everybody else is refused, and the refusal recorded.
Errors  ForbiddenError, NotFoundError for a feed there is not, AuditUnavailableError.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from statistics import median
from typing import Any, Final

from consent.terms import CallerKind
from gateway.audit.entry import AuditEntry
from gateway.audit.events import Event, Outcome
from gateway.clock import from_micros, to_micros
from gateway.errors import ForbiddenError, NotFoundError
from gateway.flows.feeds.feed_errors import Choice, chosen
from gateway.flows.feeds.mend_first import mend_first
from gateway.flows.feeds.waiting_tally import WaitingTally, one_text
from gateway.flows.site.site import Asking, Site
from gateway.identity.linking import LinkState
from gateway.identity.sayings import from_text, is_one
from gateway.store.database.engine import Engine
from gateway.store.intake import figures
from gateway.store.intake.figures import Alike, Lacking, Sent
from gateway.store.intake.queue import IN_PART, QUARANTINED, REFUSED, rule_of
from mappings.core.model.outcome import Issue, Severity
from mappings.core.model.rows import Feed

DAYS: Final = 28
MOST_DAYS: Final = 366
_UNMAPPED: Final = "unmapped-code"
_REUSED: Final = "reused-local-id"
_OWN_PROBLEMS: Final = {
    str(LinkState.UNUSABLE_NUMBER): "the NHS number is not a valid one, or a placeholder",
    str(LinkState.UNTRACED_NUMBER): "an NHS number that did not fit the person when you had it"
    " traced",
    str(LinkState.NUMBER_CONFLICT): "two different NHS numbers for one person",
    str(LinkState.NO_BIRTH_DATE): "an NHS number without a birth date: it links to nobody",
    str(LinkState.NO_NUMBER): "no NHS number",
    str(LinkState.NAMELESS): "an NHS number without a first name: it links to nobody",
    _REUSED: "several people were sent under one local id: it links to nobody by itself; send each"
    " under an id of their own, and take back under this one what is not of the person it is of",
}
"""What a provider's own messages say or lack, whatever an operator decided since. Other states
tell of others' records."""


async def own_report_card(site: Site, asking: Asking, feed_name: str, days: int) -> dict[str, Any]:
    """The card of the caller's own organisation."""
    feed = await sender_of(site, asking, feed_name)
    card = await report_card(site.store.engine, feed, asking.caller.org, asking.at, days)
    await site.store.log.append(_entry(asking, feed_name, Outcome.SERVED))
    return card


async def sender_of(site: Site, asking: Asking, feed_name: str) -> Feed:
    """The feed, to a provider system that sends it. Errors: NotFoundError; ForbiddenError, once it
    is in the log."""
    caller, feed = asking.caller, site.feeds.get(feed_name)
    if feed is None:
        raise NotFoundError
    may = caller.kind is CallerKind.SYSTEM and caller.role == "provider"
    if not (may and caller.org and feed.name in caller.feeds):
        await site.store.log.append(_entry(asking, feed_name, Outcome.REFUSED))
        raise ForbiddenError
    return feed


def _entry(asking: Asking, feed: str, outcome: Outcome) -> AuditEntry:
    reasons = ("feed-not-granted",) if outcome is Outcome.REFUSED else ()
    return AuditEntry(
        asking.at,
        Event.OPERATION,
        outcome,
        asking.agent,
        request_id=asking.request_id,
        reasons=reasons,
        query=f"report {feed}",
    )


async def report_cards(
    engine: Engine, feed: Feed, org: str, at: datetime, days: int
) -> list[dict[str, Any]]:
    """For an operator: the card of one organisation, or of each that ever sent to the feed."""
    async with engine.reading() as conn:
        orgs = [org] if org else await figures.senders(conn, feed.name)
    return [await report_card(engine, feed, one, at, days) for one in orgs]


async def report_card(
    engine: Engine, feed: Feed, org: str, at: datetime, days: int = DAYS
) -> dict[str, Any]:
    """The card of an organisation for the days up to this moment."""
    since = at - timedelta(days=days)
    sent = Sent(org, feed.name, to_micros(since))
    async with engine.reading() as conn:
        told = await figures.alike(conn, sent)
        deliveries = await figures.deliveries_by_state(conn, sent)
        weeks = await figures.items_by_week(conn, sent)
        said = await figures.times(conn, sent)
        last = await figures.last_received(conn, org, feed.name)
        lacks = await figures.records_lacking(conn, org, feed.name)
        several = await figures.said_of_several(conn, org, feed.name)
    reused = await asyncio.to_thread(_reused, several)
    held = WaitingTally()
    async for one in chosen(engine, Choice({feed.name: feed}, org)):
        held.add(one)
    rules = held.by_rule()
    return {
        "feed": feed.name,
        "organisation": org,
        "from": since.isoformat(),
        "until": at.isoformat(),
        "volumes": {"deliveries": deliveries, "items": _by_state(told)},
        "freshness": _freshness(said, last, at),
        "waiting": {name: held.states[name] for name in (QUARANTINED, IN_PART, REFUSED)},
        "rules": [{name: row[name] for name in row if name != "feed"} for row in rules],
        "unmapped": _told(told, lambda issue: issue.code == _UNMAPPED),
        "warnings": _told(told, _is_other_warning),
        "identity": _identity(lacks, reused),
        "trend": _trend(weeks, since, days),
        "mend_first": mend_first(held.together, {row["rule"]: row["text"] for row in rules}),
    }


def _by_state(told: Iterable[Alike]) -> dict[str, int]:
    found = Counter[str]()
    for one in told:
        found[one.state] += one.number
    return dict(sorted(found.items()))


def _freshness(said: list[tuple[str, int]], last: int | None, at: datetime) -> dict[str, Any]:
    lags = [
        max((from_micros(came) - datetime.fromisoformat(time)).total_seconds() / 3600, 0.0)
        for time, came in said
        if time
    ]
    newest = max((time for time, _ in said), default="")
    return {
        "last_received": None if last is None else from_micros(last).isoformat(),
        "days_since": None if last is None else (at - from_micros(last)).days,
        "newest_said": newest or None,
        "median_hours_behind": round(median(lags), 1) if lags else None,
        "without_a_time": sum(not time for time, _ in said),
    }


def _is_other_warning(issue: Issue) -> bool:
    return issue.severity is Severity.WARNING and issue.code != _UNMAPPED


def _told(told: Iterable[Alike], wanted: Callable[[Issue], bool]) -> list[dict[str, Any]]:
    """What items were told of that sort, by code and field, the most frequent first."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    texts: dict[tuple[str, str], set[str]] = {}
    for one in told:
        for rule, issue in {rule_of(i): i for i in one.issues if wanted(i)}.items():
            new = {
                "code": issue.code,
                "path": rule.partition(":")[2],
                "severity": str(issue.severity),
                "number": 0,
                "text": issue.text,
                "example": {
                    "delivery": one.delivery_id,
                    "item": one.item,
                    "path": issue.path,
                },
            }
            found.setdefault((rule, str(issue.severity)), new)["number"] += one.number
            texts.setdefault((rule, str(issue.severity)), set()).add(issue.text)
    for name, row in found.items():
        row["text"] = one_text(row["text"], texts[name])
    return sorted(found.values(), key=lambda row: (-row["number"], row["path"]))


def _reused(several: Iterable[tuple[str, str, int]]) -> dict[str, Lacking]:
    """The local ids under which more than one person was sent."""
    found = [(delivery, item) for said, delivery, item in several if not is_one(from_text(said))]
    return {_REUSED: Lacking(len(found), *max(found))} if found else {}


def _identity(lacks: dict[str, Lacking], reused: dict[str, Lacking]) -> dict[str, Any]:
    told = {**lacks, **reused}
    problems = [
        {
            "state": state,
            "number": told[state].number,
            "text": text,
            "example": {"delivery": told[state].delivery_id, "item": told[state].item},
        }
        for state, text in _OWN_PROBLEMS.items()
        if state in told
    ]
    return {"records": sum(one.number for one in lacks.values()), "problems": problems}


def _trend(weeks: dict[int, dict[str, int]], since: datetime, days: int) -> dict[str, Any]:
    last = -(-days // 7) - 1
    rows = [
        _week([weeks[n] for n in weeks if min(n, last) == week], since + timedelta(weeks=week))
        for week in range(last + 1)
    ]
    half = len(rows) // 2
    before, after = _share(rows[:half]), _share(rows[half:])
    direction = "too little to say"
    if before is not None and after is not None:
        steps = {True: "worse", False: "better"}
        direction = "steady" if abs(after - before) < 0.01 else steps[after > before]
    return {"direction": direction, "weeks": rows}


def _week(states: Iterable[dict[str, int]], begins: datetime) -> dict[str, Any]:
    items = sum((Counter(one) for one in states), Counter[str]())
    taken = items["taken"]
    return {
        "from": begins.date().isoformat(),
        "taken": taken,
        "not_taken": items.total() - taken,
    }


def _share(rows: Iterable[dict[str, Any]]) -> float | None:
    taken, refused = 0, 0
    for row in rows:
        taken, refused = taken + row["taken"], refused + row["not_taken"]
    return refused / (taken + refused) if taken + refused else None
