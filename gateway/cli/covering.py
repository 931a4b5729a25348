"""What a mapping covers over several files; a file of another format is skipped, and named.

In      A feed; the files somebody gave.
Out     For each kind what `gateway.flows.feeds.map_offline.coverage` says, counted over all files.
Errors  NotTheFormatError where no file given is one of the feed's formats.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from gateway.cli.opening import read_body
from gateway.cli.output import say
from gateway.errors import NotTheFormatError
from gateway.flows.feeds.map_offline import coverage
from mappings.core.model.rows import Feed

Covered = Mapping[str, dict[str, Any]]


def coverage_of(feed: Feed, paths: Iterable[Path]) -> Covered:
    """What the feed's mapping covers, and what these files hold beyond."""
    return _together([coverage(feed, ()), *_each(feed, paths)])


def _each(feed: Feed, paths: Iterable[Path]) -> Iterator[Covered]:
    refused, taken = None, 0
    for path in paths:
        body = read_body(path)
        try:
            one = coverage(feed, [body])
        except NotTheFormatError as other:
            refused = other
            say(f"skipped, not one of this feed's formats: {path}")
        else:
            taken += 1
            yield one
    if refused is not None and not taken:
        raise refused


def _together(parts: Iterable[Covered]) -> Covered:
    made: dict[str, dict[str, Any]] = {}
    for part in parts:
        for kind, one in part.items():
            made[kind] = _added(made[kind], one) if kind in made else one
    return made


def _added(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    issues = _issues(one) + _issues(other)
    return one | {
        "items": one["items"] + other["items"],
        "quarantined": one["quarantined"] + other["quarantined"],
        "unread": dict(sorted((Counter(one["unread"]) + Counter(other["unread"])).items())),
        "issues": [
            {"code": code, "path": path, "number": number}
            for (code, path), number in sorted(issues.items())
        ],
    }


def _issues(one: dict[str, Any]) -> Counter[tuple[str, str]]:
    return Counter({(said["code"], said["path"]): said["number"] for said in one["issues"]})
