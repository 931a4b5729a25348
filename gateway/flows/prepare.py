"""Read and map a delivery's items, ready for the store.

In      The feed, the format that was recognised, the members of the body.
Out     Prepared items, one after the other: nothing of a long file is held but the item at hand.
Errors  NotTheFormatError before the first item. A fault of a mapping quarantines its item.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping

import orjson
import structlog

from gateway.errors import Fault, NotTheFormatError
from gateway.store.apply import Prepared
from gateway.store.keys import KeyedHasher
from mappings.core.apply import map_item
from mappings.core.outcome import (
    Item,
    NotThisFormatError,
    Outcome,
    PersonClaim,
    Severity,
    error,
)
from mappings.core.rows import Feed, Format
from mappings.core.version import version

_log = structlog.get_logger()


def recognised(feed: Feed, members: Mapping[str, bytes], media_type: str) -> Format:
    """The format of this feed that the members are in. Errors: NotTheFormatError."""
    by_type = [f for f in feed.formats if media_type in f.media_types]
    for candidate in (*by_type, *feed.formats):
        if candidate.recognises(members):
            return candidate
    text = "not one of this feed's formats: " + ", ".join(f.name for f in feed.formats)
    raise NotTheFormatError([Fault("structure", "", text)])


def prepared(
    feed: Feed, carrier: Format, members: Mapping[str, bytes], hasher: KeyedHasher
) -> Iterator[Prepared]:
    """Every item, mapped."""
    try:
        for item in carrier.read(members):
            yield prepare(feed, item, hasher)
    except NotThisFormatError as reason:
        raise NotTheFormatError([Fault("structure", reason.path, reason.text)]) from None


def prepare(feed: Feed, item: Item, hasher: KeyedHasher) -> Prepared:
    """One item, mapped; quarantined where its kind is not mapped yet or a mapping fails."""
    kind = feed.kinds.get(item.kind)
    facts, unfit = _facts_bytes(item)
    digest = hashlib.sha256(facts).hexdigest()
    item_hash = hasher.keyed_hash("item", feed.name, item.kind, digest, *_faults(item))
    if kind is None:
        outcome = _quarantined(item, "kind-not-mapped", "kind not mapped yet; kept for later")
    elif unfit:
        outcome = _quarantined(item, "unfit-value", "holds a number or text JSON cannot carry")
    else:
        try:
            outcome = map_item(kind, item)
        except Exception as fault:  # noqa: BLE001 - a fault of ours must not lose the item
            _log.error("mapping-failed", feed=feed.name, fault=type(fault).__name__)
            outcome = _quarantined(item, "mapping-failed", "the mapping failed; we were told")
    return Prepared(item, item_hash, facts, outcome, kind, version(kind) if kind else "")


def _faults(item: Item) -> list[str]:
    """What reading found wrong beside the facts: a row whose other half was ambiguous in one file
    is not the item it is in a file where it is clear."""
    return sorted(f"{i.path} {i.code}" for i in item.issues if i.severity is Severity.ERROR)


def _facts_bytes(item: Item) -> tuple[bytes, bool]:
    """Canonical bytes, and whether they hold what cannot be read back."""
    try:
        return orjson.dumps(item.facts, option=orjson.OPT_SORT_KEYS), False
    except (TypeError, ValueError):
        return json.dumps(item.facts, sort_keys=True).encode(), True


def _quarantined(item: Item, code: str, text: str) -> Outcome:
    issues = (*item.issues, error("", code, text))
    return Outcome(PersonClaim(None), "", (), issues, quarantined=True)
