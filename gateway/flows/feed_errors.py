"""An operator sees how the feeds stand, and what waits for somebody to mend it.

Out     Ids, codes, counts and issues by path: nothing of any person.
"""

from collections.abc import Collection, Mapping
from typing import Any

from gateway.clock import from_micros
from gateway.identity.linking import NEEDS_REVIEW
from gateway.store import operations
from gateway.store.engine import Engine
from gateway.store.operations import Count, QuarantinedItem, ReviewItem
from mappings.core.rows import Feed

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


async def errors(
    engine: Engine, feeds: Collection[str], limit: int
) -> dict[str, list[dict[str, Any]]]:
    """What those feeds' quarantine holds, and the records of people nobody could link."""
    async with engine.reading() as conn:
        held = await operations.quarantined(conn, feeds, limit)
        unlinked = await operations.reviews(conn, feeds, sorted(_REVIEW), limit)
    return {
        "quarantined": [_quarantined(item) for item in held],
        "review": [_review(item) for item in unlinked],
    }


def _quarantined(item: QuarantinedItem) -> dict[str, Any]:
    return {
        "feed": item.feed,
        "kind": item.kind,
        "organisation": item.source_org,
        "delivery": item.delivery_id,
        "item": item.number,
        "item_id": item.item_id,
        "received": _moment(item.received_at),
        "mapping_version": item.mapping_version,
        "issues": [
            {
                "severity": str(issue.severity),
                "path": issue.path,
                "code": issue.code,
                "text": issue.text,
            }
            for issue in item.issues
        ],
    }


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
