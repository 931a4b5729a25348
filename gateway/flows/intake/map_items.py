"""Read and map a delivery's items: what mapping makes of them, before the store keeps anything.

In      The feed, what the delivery holds (recognise.py), when it was received.
Out     Each item with its canonical facts and outcome, one after the other: nothing of a long
        file is held but the item at hand.
Errors  NotTheFormatError before the first item. A fault of a mapping quarantines its item; so
        do more resources than one item may come to.
Rule    Needs no key and no store: map_aside.py runs it in a process of its own.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

import orjson
import structlog

from gateway.errors import Fault, NotTheFormatError
from gateway.flows.intake.recognise import UNKNOWN_FILE, Contents
from mappings.core.applying.apply import map_item, parts_of
from mappings.core.model.dates import utc_text
from mappings.core.model.outcome import (
    Issue,
    Item,
    NotThisFormatError,
    Outcome,
    PersonClaim,
    error,
    has_errors,
    warning,
)
from mappings.core.model.rows import Feed

MOST_RESOURCES: Final = 5000
"""Of one item: applying more in one transaction would keep everybody else waiting."""

AHEAD: Final = timedelta(days=1)
"""So far a source's clock may be ahead: what is said later must not lose to a wrong time."""

_NOT_MAPPED: Final = (
    "this kind of message is not mapped yet; it is kept and will be mapped when it is"
)
_AHEAD_TEXT: Final = (
    "the source's own time of this item is over a day after it arrived; it counts as unstated, "
    "so that it cannot outrank what is said later; correct the sender's clock"
)
_TOO_LARGE_TEXT: Final = (
    f"comes to more than {MOST_RESOURCES:,} resources; send it as several messages"
)
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class MappedItem:
    """One item, the canonical bytes of its facts, and what mapping made of it."""

    item: Item
    facts: bytes
    outcome: Outcome


def mapped(
    feed: Feed, contents: Contents, received: datetime | None = None, after: int = 0
) -> Iterator[MappedItem]:
    """Every item but the first `after`, which are not mapped. A delivery that was not received
    (an offline trial) has no moment."""
    limit = utc_text(received + AHEAD) if received else ""
    try:
        for carrier, item in contents.items():
            parts = tuple(parts_of(feed.kinds, item))
            if len(parts) <= after:
                after -= len(parts)
                continue
            made = [
                _checked(_mapped(feed, part, carrier.kind_at if carrier else ""), limit)
                for part in parts
            ]
            yield from islice(made if len(made) == 1 else _together(made), after, None)
            after = 0
    except NotThisFormatError as reason:
        raise NotTheFormatError([Fault("structure", reason.path, reason.text)]) from None


def _together(parts: Sequence[MappedItem]) -> Iterable[MappedItem]:
    """All the parts of one item; where one is quarantined, each of them."""
    if not any(one.outcome.quarantined for one in parts):
        return parts
    return [replace(one, outcome=kept(one.outcome.issues)) for one in parts]


def _checked(one: MappedItem, limit: str) -> MappedItem:
    """The item, so that taking it harms nothing that is known already or comes later."""
    outcome = one.outcome
    if len(outcome.resources) > MOST_RESOURCES:
        issue = error("", "too-large", _TOO_LARGE_TEXT)
        return replace(one, outcome=kept((*outcome.issues, issue)))
    if limit and outcome.source_time > limit and not outcome.quarantined:
        issues = (*outcome.issues, warning("", "future-time", _AHEAD_TEXT))
        return replace(one, outcome=replace(outcome, source_time="", issues=issues))
    return one


def _mapped(feed: Feed, item: Item, kind_at: str) -> MappedItem:
    """One item, mapped; quarantined where its kind is not mapped yet or a mapping fails."""
    kind = feed.kinds.get(item.kind)
    facts, unfit = _facts_bytes(item)
    if item.kind == UNKNOWN_FILE:
        outcome = kept(item.issues)
    elif kind is None:
        unread = has_errors(item.issues)  # then that is what is wrong
        issues = () if unread else (error(kind_at or item.kind, "kind-not-mapped", _NOT_MAPPED),)
        outcome = kept((*item.issues, *issues))
    elif unfit:
        issue = error("", "unfit-value", "holds a number or text JSON cannot carry")
        outcome = kept((*item.issues, issue))
    else:
        try:
            outcome = map_item(kind, item)
        except Exception as fault:  # noqa: BLE001 - a fault of ours must not lose the item
            _log.error("mapping-failed", feed=feed.name, fault=type(fault).__name__)
            issue = error("", "mapping-failed", "the mapping failed; we were told")
            outcome = kept((*item.issues, issue))
    return MappedItem(item, facts, outcome)


def _facts_bytes(item: Item) -> tuple[bytes, bool]:
    """Canonical bytes, and whether they hold what cannot be read back."""
    try:
        return orjson.dumps(item.facts, option=orjson.OPT_SORT_KEYS), False
    except (TypeError, ValueError):
        return json.dumps(item.facts, sort_keys=True).encode(), True


def kept(issues: tuple[Issue, ...]) -> Outcome:
    """Quarantined: kept, and nothing of it applied."""
    return Outcome(PersonClaim(None), "", (), issues, quarantined=True)
