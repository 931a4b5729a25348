"""Two versions of a feed's mapping are compared: their tables, and what both make of examples.

    tables of both -> what differs -> each example mapped by both -> elements that differ

In      Names of kept releases, `now`, or files that were kept; examples; deliveries of the store.
Out     Changes of rows and codes; per example which elements differ, by path and count. Never a
        value, of an example or of anybody.
Rule    Replaying deliveries opens them under the log: who compared, which feed, how many.
Errors  ConfigurationError for a version that there is not.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from gateway.audit.events import Event
from gateway.errors import ConfigurationError, NotTheFormatError
from gateway.flows.asking.search_log import Operator, record
from gateway.flows.feeds.map_offline import LARGEST_BYTES
from gateway.flows.intake.batches import kept_body
from gateway.flows.intake.recognise import recognised
from gateway.flows.intake.unpack import members_of
from gateway.store.commit.units import Store
from gateway.store.intake import deliveries
from gateway.store.keyring.keys import KeyUnavailableError
from mappings.core.applying.apply import map_item, parts_of
from mappings.core.model.outcome import Item, NotThisFormatError, Outcome
from mappings.core.model.rows import Feed, Kind
from mappings.core.released.kept import Tables, tables_of, understood, unpacked
from mappings.core.released.rebuild import rebuilt
from mappings.core.released.table_diff import changes

NOW: Final = "now"
Example = tuple[str, bytes, str]
"""Its name, its bytes, its media type."""


@dataclass(frozen=True, slots=True)
class Version:
    """A feed's mapping at one time, made to work."""

    tables: Tables
    kinds: Mapping[str, Kind]
    left_out: tuple[str, ...] = ()
    """Rows and targets that name a function there is no more: not replayed."""


def releases() -> list[str]:
    """The names of the versions that are kept, and `now`."""
    place = files("mappings").joinpath("kept")
    kept = sorted(one.name for one in place.iterdir()) if place.is_dir() else []
    return [*kept, NOW]


def version_named(feed: Feed, name: str) -> Version:
    """A version of a feed's mapping. Errors: ConfigurationError."""
    if name == NOW:
        return Version(tables_of(feed), feed.kinds)
    tables = _kept(feed, name)
    kinds, left_out = {}, []
    for kind, table in tables.items():
        today = feed.kinds.get(kind)
        if today is not None:
            made = rebuilt(table, today, feed.kinds.values())
            kinds[kind] = made.kind
            left_out += [f"{kind}: {one}" for one in made.left_out]
    return Version(tables, kinds, tuple(left_out))


def _kept(feed: Feed, name: str) -> Tables:
    place = files("mappings").joinpath("kept", name, f"{feed.name}.json.xz")
    if name in releases() and place.is_file():
        return unpacked(place.read_bytes())
    try:
        return understood(json.loads(Path(name).read_text("utf-8")))
    except ValueError:
        text = "not the tables that `mapping show --tables` wrote, or changed since"
        raise ConfigurationError(text) from None
    except OSError:
        known = ", ".join(releases())
        text = f"no such version; there are {known}, and what `mapping show --tables` wrote"
        raise ConfigurationError(text) from None


@dataclass(slots=True)
class Seen:
    """What two versions make of one example."""

    items: int = 0
    differ: int = 0
    elements: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(element, what became of it) -> items."""

    def as_json(self, name: str) -> dict[str, Any]:
        """The example as it is told."""
        return {
            "example": name,
            "items": self.items,
            "differ": self.differ,
            "elements": [
                {"element": element, "change": change, "items": number}
                for (element, change), number in sorted(self.elements.items())
            ],
        }


def compared(feed: Feed, old: Version, new: Version, seen: Mapping[str, Seen]) -> dict[str, Any]:
    """What differs between two versions of a feed; `differs` says whether anything does."""
    told = changes(old.tables, new.tables)
    return {
        "feed": feed.name,
        "differs": bool(told) or any(one.differ for one in seen.values()),
        "changes": [one._asdict() for one in told],
        "not_replayed": sorted({*old.left_out, *new.left_out}),
        "examples": [one.as_json(name) for name, one in seen.items()],
    }


def seen_in(feed: Feed, old: Version, new: Version, examples: Iterable[Example]) -> dict[str, Seen]:
    """What both versions make of each example; one at a time is held."""
    return {name: _seen(feed, old, new, body, media_type) for name, body, media_type in examples}


async def seen_in_store(
    store: Store, feed: Feed, old: Version, new: Version, most: int, operator: Operator
) -> dict[str, Seen]:
    """What both make of the latest deliveries of the feed that can still be opened, under the
    log; one at a time is held."""
    await record(store, operator, Event.REVIEW, ("mapping-diff", feed.name), ("limit", str(most)))
    async with store.engine.reading() as conn:
        names = await deliveries.latest(conn, feed.name, most)
    found: dict[str, Seen] = {}
    for name in names:
        async with store.engine.reading() as conn:
            row = await deliveries.find(conn, name)
        if row is not None:
            with suppress(KeyUnavailableError):
                body = await kept_body(store, row)
                found[name] = _seen(feed, old, new, body, row.media_type)
    return found


def _seen(feed: Feed, old: Version, new: Version, body: bytes, media_type: str) -> Seen:
    seen = Seen()
    try:
        for item in _items(feed, {**old.kinds, **new.kinds}, body, media_type):
            kinds = old.kinds.get(item.kind), new.kinds.get(item.kind)
            if kinds == (None, None):
                continue
            before, after = (_elements(kind, item) for kind in kinds)
            seen.items += 1
            differing = set(_differing(before, after))
            seen.differ += bool(differing)
            seen.elements.update(differing)
    except (NotTheFormatError, NotThisFormatError):
        seen.elements[("", "not the feed's format")] += 1
    return seen


def _items(feed: Feed, kinds: Mapping[str, Kind], body: bytes, media_type: str) -> Iterator[Item]:
    contents = recognised(feed, members_of(body, LARGEST_BYTES), media_type)
    return (part for _, item in contents.items() for part in parts_of(kinds, item))


def _elements(kind: Kind | None, item: Item) -> dict[str, set[str]]:
    """Element -> what it holds, as texts that are compared and shown to nobody."""
    found: dict[str, set[str]] = {}
    if kind is None:
        return found
    outcome = map_item(kind, item)
    found["(quarantined)"] = {str(outcome.quarantined)}
    for issue in outcome.issues:
        found.setdefault(f"(issue {issue.code})", set()).add(issue.path)
    for path, value in _leaves(outcome):
        found.setdefault(path, set()).add(value)
    return found


def _leaves(outcome: Outcome) -> Iterator[tuple[str, str]]:
    for mapped in outcome.resources:
        stack: list[tuple[str, Any]] = [(mapped.type, mapped.alone())]
        while stack:
            path, node = stack.pop()
            if isinstance(node, dict):
                stack += [(f"{path}.{name}", child) for name, child in node.items()]
            elif isinstance(node, list):
                stack += [(path, child) for child in node]
            else:
                yield path, f"{mapped.key} {node!r}"


def _differing(
    before: Mapping[str, set[str]], after: Mapping[str, set[str]]
) -> Iterator[tuple[str, str]]:
    for path in {*before, *after}:
        if before.get(path) != after.get(path):
            change = (
                "added" if path not in before else "removed" if path not in after else "changed"
            )
            yield path, change
