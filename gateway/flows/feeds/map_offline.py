"""Somebody writing or checking a provider's messages sees what a mapping makes of them.

    unpack -> recognise -> read and map each item -> source, resources, lineage, issues

No database, no keys, nothing kept: the output holds what the file held, and goes to whoever
has the file already.

Errors  NotTheFormatError, TooLargeError.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from gateway.flows.intake.prepare import prepared
from gateway.flows.intake.recognise import Contents, recognised
from gateway.flows.intake.unpack import members_of
from gateway.store.intake.work import Prepared
from gateway.store.keyring.keys import KEY_BYTES, KeyedHasher
from mappings.core.applying.coverage import covered_paths, uncovered
from mappings.core.model.outcome import Issue, Mapped
from mappings.core.model.paths import dotted
from mappings.core.model.rows import Feed, Kind
from mappings.core.released.version import version

LARGEST_BYTES: Final = 256 * 1024 * 1024
_UNKEYED: Final = KeyedHasher((bytes(KEY_BYTES),), bytes(KEY_BYTES))
"""Item hashes only name items in a store; here they are thrown away."""


def map_body(feed: Feed, body: bytes, media_type: str, org: str) -> dict[str, Any]:
    """Everything the feed's mapping makes of one body."""
    contents, items = _items(feed, body, media_type)
    mapped = [_item(one) for one in items]
    return {
        "source": {
            "feed": feed.name,
            "format": contents.name,
            "organisation": org,
            "items": len(mapped),
            "quarantined": sum(one["quarantined"] for one in mapped),
        },
        "items": mapped,
    }


@dataclass(slots=True)
class Seen:
    """What some examples of one kind held."""

    items: int = 0
    quarantined: int = 0
    unread: Counter[str] = field(default_factory=Counter)
    """Fields that no row reads and no reason leaves out."""
    issues: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Code and path of every issue."""


def coverage(feed: Feed, bodies: Iterable[tuple[bytes, str]]) -> Mapping[str, dict[str, Any]]:
    """Each kind: how many fields it covers, and what the examples hold beyond."""
    seen = {name: Seen() for name in feed.kinds}
    for body, media_type in bodies:
        for one in _items(feed, body, media_type)[1]:
            _count(seen.setdefault(one.item.kind, Seen()), one)
    return {name: _covered(feed.kinds.get(name), found) for name, found in seen.items()}


def tables(feed: Feed) -> dict[str, Any]:
    """A feed's kinds, with the rows of each and every field that is left out."""
    return {
        "feed": feed.name,
        "title": feed.title,
        "formats": {one.name: list(one.media_types) for one in feed.formats},
        "kinds": {
            name: {
                "title": kind.title,
                "version": version(kind),
                "targets": [
                    {"type": target.type, "rows": [row.id for row in target.rows]}
                    for target in kind.targets
                ],
                "ignored": dict(kind.ignored),
            }
            for name, kind in feed.kinds.items()
        },
    }


def _items(feed: Feed, body: bytes, media_type: str) -> tuple[Contents, Iterator[Prepared]]:
    members = members_of(body, LARGEST_BYTES)
    contents = recognised(feed, members, media_type)
    return contents, prepared(feed, contents, _UNKEYED)


def _item(one: Prepared) -> dict[str, Any]:
    outcome = one.outcome
    merges = [
        {"record": merge.gone, "with": merge.stays, "holds": merge.holds}
        for merge in outcome.merges
    ]
    return {
        "item": one.item.number,
        "kind": one.item.kind,
        "mapping_version": one.mapping_version,
        "quarantined": outcome.quarantined,
        "source_time": outcome.source_time,
        "resources": [_resource(mapped) for mapped in outcome.resources],
        "issues": [_issue(issue) for issue in outcome.issues],
    } | ({"merges": merges} if merges else {})


def _resource(mapped: Mapped) -> dict[str, Any]:
    return {
        "type": mapped.type,
        "key": mapped.key,
        "resource": mapped.alone(),
        "lineage": [
            {"path": line.path, "source": line.source, "rule": line.rule}
            for line in mapped.lineage_alone()
        ],
    }


def _issue(issue: Issue) -> dict[str, str]:
    return {
        "severity": str(issue.severity),
        "path": issue.path,
        "code": issue.code,
        "text": issue.text,
    }


def _count(seen: Seen, one: Prepared) -> None:
    seen.items += 1
    seen.quarantined += one.outcome.quarantined
    seen.issues.update((issue.code, issue.path) for issue in one.outcome.issues)
    if one.kind is not None:
        seen.unread.update(dotted(steps) for steps in uncovered(one.kind, one.item.facts))
        columns = (issue for issue in one.item.issues if issue.code == "unknown-field")
        seen.unread.update(issue.path for issue in columns)


def _covered(kind: Kind | None, seen: Seen) -> dict[str, Any]:
    return {
        "mapped": kind is not None,
        "version": version(kind) if kind else "",
        "fields_read": len(covered_paths(kind)) - len(kind.ignored) if kind else 0,
        "fields_left_out": len(kind.ignored) if kind else 0,
        "items": seen.items,
        "quarantined": seen.quarantined,
        "unread": dict(sorted(seen.unread.items())),
        "issues": [
            {"code": code, "path": path, "number": number}
            for (code, path), number in sorted(seen.issues.items())
        ],
    }
