"""An operator sees how the feeds stand, and what waits for somebody to mend it.

    what waits -> of what is meant -> by rule, and message by message

Out     Ids, codes, counts and issues by path: nothing of any person.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.flows.feeds.waiting_tally import WaitingTally, moment
from gateway.identity.linking import NEEDS_REVIEW
from gateway.store.database.engine import Engine
from gateway.store.intake import queue
from gateway.store.intake.queue import Waiting, rule_of
from gateway.store.upkeep import operations
from gateway.store.upkeep.operations import Count, ReviewItem
from mappings.core.model.rows import Feed

_REVIEW = frozenset(str(state) for state in NEEDS_REVIEW)


async def feed_states(engine: Engine, feeds: Mapping[str, Feed]) -> list[dict[str, Any]]:
    """Each feed with its deliveries and items by state, and the records to review."""
    async with engine.reading() as conn:
        deliveries = await operations.delivery_counts(conn)
        items = await operations.item_counts(conn)
        records = await operations.record_counts(conn)
    return [
        {
            "feed": name,
            "title": feed.title,
            "kinds": sorted(feed.kinds),
            "deliveries": _by_state(deliveries, name),
            "items": _by_state(items, name),
            "review": sum(
                count.number for count in records if count.feed == name and count.state in _REVIEW
            ),
            "last_received": moment(
                max((count.latest for count in deliveries if count.feed == name), default=None)
            ),
        }
        for name, feed in feeds.items()
    ]


@dataclass(frozen=True, slots=True)
class Choice:
    """Which of what waits is meant: one message, what broke one rule, or all."""

    feeds: Mapping[str, Feed]
    org: str = ""
    message: str = ""
    """The id of a delivery, or of an item."""
    rule: str = ""
    """`code:path`, as `errors` lists it, or a code alone."""

    def covers(self, feed: str, org: str) -> bool:
        """Whether what waits of that feed and organisation can be meant."""
        return feed in self.feeds and self.org in ("", org)

    def means(self, one: Waiting) -> bool:
        """Whether this is meant."""
        if self.message:
            return self.message in (one.delivery_id, one.item_id)
        rules = one.rules()
        return not self.rule or any(self.rule in (rule, _code(rule)) for rule in rules)


async def chosen(engine: Engine, choice: Choice) -> AsyncIterator[Waiting]:
    """What waits, of what is meant, one after the other; the latest first."""
    in_part = [
        name
        for feed in choice.feeds.values()
        for name, kind in feed.kinds.items()
        if kind.keeps_rest
    ]
    async for one in queue.waiting(engine, sorted(choice.feeds), choice.org, in_part):
        if choice.means(one):
            yield one


async def errors(
    engine: Engine, feeds: Mapping[str, Feed], limit: int, org: str = ""
) -> dict[str, Any]:
    """What waits in those feeds: by rule, then message by message; and the records of people
    nobody could link."""
    tally = WaitingTally()
    shown: list[dict[str, Any]] = []
    async for one in chosen(engine, Choice(feeds, org)):
        tally.add(one)
        if len(shown) < limit:
            shown.append(_waiting(one))
    async with engine.reading() as conn:
        unlinked = await operations.reviews(conn, sorted(feeds), org, sorted(_REVIEW), limit)
    return {
        "rules": tally.by_rule(),
        "waiting": tally.states.total(),
        "quarantined": shown,
        "review": [_review(item) for item in unlinked],
    }


def _waiting(one: Waiting) -> dict[str, Any]:
    return {
        "feed": one.feed,
        "kind": one.kind,
        "organisation": one.source_org,
        "delivery": one.delivery_id,
        "item": one.number,
        "item_id": one.item_id,
        "state": one.state,
        "received": moment(one.received_at),
        "mapping_version": one.mapping_version,
        "kept": one.kept,
        "issues": [
            {
                "severity": str(issue.severity),
                "path": issue.path,
                "code": issue.code,
                "text": issue.text,
                "rule": rule_of(issue),
            }
            for issue in one.issues
        ],
    }


def _code(rule: str) -> str:
    return rule.partition(":")[0]


def _review(item: ReviewItem) -> dict[str, Any]:
    return {
        "feed": item.feed,
        "organisation": item.source_org,
        "source_record": item.patient_id,
        "state": item.link_state,
        "received": moment(item.created_at),
    }


def _by_state(counts: list[Count], feed: str) -> dict[str, int]:
    return {count.state: count.number for count in counts if count.feed == feed}
