"""An operator sees how the feeds stand, and what waits for somebody to mend it.

    what waits -> of what is meant -> by rule, and message by message

Out     Ids, codes, counts and issues by path: nothing of any person.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.clock import from_micros
from gateway.identity.linking import NEEDS_REVIEW
from gateway.store.database.engine import Connection, Engine
from gateway.store.intake import queue
from gateway.store.intake.queue import Waiting, rule_of
from gateway.store.upkeep import operations
from gateway.store.upkeep.operations import Count, ReviewItem
from mappings.core.model.outcome import Severity
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
            "last_received": _moment(
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


async def chosen(conn: Connection, choice: Choice) -> list[Waiting]:
    """What waits, of what is meant; the latest first."""
    in_part = [
        name
        for feed in choice.feeds.values()
        for name, kind in feed.kinds.items()
        if kind.keeps_rest
    ]
    found = await queue.waiting(conn, sorted(choice.feeds), choice.org, in_part)
    return [one for one in found if choice.means(one)]


async def errors(
    engine: Engine, feeds: Mapping[str, Feed], limit: int, org: str = ""
) -> dict[str, Any]:
    """What waits in those feeds: by rule, then message by message; and the records of people
    nobody could link."""
    async with engine.reading() as conn:
        held = await chosen(conn, Choice(feeds, org))
        unlinked = await operations.reviews(conn, sorted(feeds), org, sorted(_REVIEW), limit)
    return {
        "rules": by_rule(held),
        "waiting": len(held),
        "quarantined": [_waiting(one) for one in held[:limit]],
        "review": [_review(item) for item in unlinked],
    }


def by_rule(held: Iterable[Waiting]) -> list[dict[str, Any]]:
    """How often each rule was broken, with the latest example; the most frequent first. Where
    it was told in several words, the text is that of the example and says so."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    texts: dict[tuple[str, str], set[str]] = {}
    for one in held:
        wrong = {rule_of(i): i for i in one.issues if i.severity is Severity.ERROR}
        for rule, issue in wrong.items():
            new = {
                "feed": one.feed,
                "rule": rule,
                "number": 0,
                "alone": 0,
                "text": issue.text,
                "first": _moment(one.received_at),
                "last": _moment(one.received_at),
                "example": {
                    "delivery": one.delivery_id,
                    "item": one.number,
                    "path": issue.path,
                },
            }
            row = found.setdefault((one.feed, rule), new)
            texts.setdefault((one.feed, rule), set()).add(issue.text)
            row["number"] += 1
            row["first"] = min(row["first"], _moment(one.received_at))
            row["last"] = max(row["last"], _moment(one.received_at))
            row["alone"] += len(wrong) == 1
    for name, row in found.items():
        row["text"] = one_text(row["text"], texts[name])
    return sorted(found.values(), key=lambda row: (-row["number"], row["feed"], row["rule"]))


def one_text(example: str, told: Collection[str]) -> str:
    """What stands for everything that was told under one rule: an example says that it is one."""
    return example if len(told) == 1 else f"such as: {example}"


def _waiting(one: Waiting) -> dict[str, Any]:
    return {
        "feed": one.feed,
        "kind": one.kind,
        "organisation": one.source_org,
        "delivery": one.delivery_id,
        "item": one.number,
        "item_id": one.item_id,
        "state": one.state,
        "received": _moment(one.received_at),
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
        "received": _moment(item.created_at),
    }


def _by_state(counts: list[Count], feed: str) -> dict[str, int]:
    return {count.state: count.number for count in counts if count.feed == feed}


def _moment(micros: int | None) -> str | None:
    return None if micros is None else from_micros(micros).isoformat()
