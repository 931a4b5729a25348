"""Mapped items, ready for the store: under their keyed hashes, with the kind that mapped them.

In      The feed, what the delivery holds (recognise.py), when it was received.
Out     Prepared items, one after the other: nothing of a long file is held but the item at hand.
Errors  Those of map_items.py.
"""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime

from gateway.flows.intake.map_items import MappedItem, mapped
from gateway.flows.intake.recognise import Contents
from gateway.store.intake.work import Prepared
from gateway.store.keyring.keys import KeyedHasher
from mappings.core.model.outcome import Item, Severity
from mappings.core.model.rows import Feed
from mappings.core.released.version import version


def prepared(
    feed: Feed, contents: Contents, hasher: KeyedHasher, received: datetime | None = None
) -> Iterator[Prepared]:
    """Every item, mapped. A delivery that was not received (an offline trial) has no moment."""
    return keyed(feed, mapped(feed, contents, received), hasher)


def keyed(feed: Feed, items: Iterable[MappedItem], hasher: KeyedHasher) -> Iterator[Prepared]:
    """Mapped items as the store takes them."""
    for one in items:
        kind = feed.kinds.get(one.item.kind)
        digest = hashlib.sha256(one.facts).hexdigest()
        yield Prepared(
            one.item,
            hasher.lasting_hash("item", feed.name, one.item.kind, digest, *_faults(one.item)),
            one.facts,
            one.outcome,
            kind,
            version(kind) if kind else "",
        )


def _faults(item: Item) -> list[str]:
    """What reading found wrong beside the facts: a row whose other half was ambiguous in one file
    is not the item it is in a file where it is clear."""
    return sorted(f"{i.path} {i.code}" for i in item.issues if i.severity is Severity.ERROR)
