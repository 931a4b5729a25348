"""Golden cases: which there are, which every feed must have, and what a case comes to.

In      tests/golden/<feed>/<case>/input/: the files of one delivery.
Out     `written`: the text of expected.json, the same on every machine.
"""

import hashlib
import importlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from mappings.core.applying.apply import map_item, parts_of
from mappings.core.model.outcome import Item, Lineage, Mapped, NotThisFormatError
from mappings.core.model.rows import Feed, Format
from mappings.registry import FEEDS

GOLDEN: Final = Path(__file__).resolve().parent
REQUIRED: Final = (
    "minimal",
    "full",
    "unmapped-code",
    "unmapped-status",
    "restricted",
    "withdrawn",
    "bad-nhs-number",
    "repeat-of-minimal",
)
WITH_LINEAGE: Final = "full"
"""The one case whose expected file holds every line of lineage; the others hold a digest."""

Members = dict[str, bytes]


@dataclass(frozen=True, slots=True)
class Case:
    """One delivery with what it must come to."""

    feed: str
    name: str

    @property
    def folder(self) -> Path:
        return GOLDEN / self.feed / self.name

    @property
    def expected(self) -> Path:
        return self.folder / "expected.json"

    def __str__(self) -> str:
        return f"{self.feed}/{self.name}"


def cases(feeds: Mapping[str, Feed] = FEEDS) -> list[Case]:
    """Every case of these feeds, in the order of their names."""
    return [
        Case(name, folder.name)
        for name in feeds
        for folder in sorted((GOLDEN / name).glob("*/"))
        if (folder / "input").is_dir()
    ]


def feed_named(name: str) -> Feed:
    """A registered feed, or the FEED of the package of that name while it is being written."""
    if name in FEEDS:
        return FEEDS[name]
    feed = importlib.import_module(f"mappings.{name.replace('-', '_')}").FEED
    assert isinstance(feed, Feed)
    return feed


def delivery(source: Path) -> Members:
    """A delivery's members: a file is a plain body, a folder of several files an archive."""
    if source.is_file():
        return {"": source.read_bytes()}
    files = sorted(path for path in source.rglob("*") if path.is_file())
    if len(files) == 1:
        return {"": files[0].read_bytes()}
    return {path.relative_to(source).as_posix(): path.read_bytes() for path in files}


def format_of(feed: Feed, members: Members) -> Format | None:
    """The first format of the feed that knows these members."""
    return next((one for one in feed.formats if one.recognises(members)), None)


def read(feed: Feed, source: Path) -> Iterator[Item]:
    """The items of a delivery; a single file that is nothing as a body is tried by its name."""
    members = delivery(source)
    found = format_of(feed, members)
    if found is None and len(members) == 1:
        files = [source] if source.is_file() else source.rglob("*")
        file = next(path for path in files if path.is_file())
        members = {file.name: file.read_bytes()}
        found = format_of(feed, members)
    if found is None:
        raise NotThisFormatError("", "no format of the feed knows this delivery")
    return found.read(members)


def written(case: Case, feed: Feed) -> str:
    """What expected.json must hold."""
    made = outcome(feed, case.folder / "input", lineage=case.name == WITH_LINEAGE)
    return json.dumps(made, indent=2, ensure_ascii=False) + "\n"


def outcome(feed: Feed, source: Path, *, lineage: bool) -> dict[str, Any]:
    """Everything a delivery comes to, as JSON."""
    try:
        items = [part for item in read(feed, source) for part in parts_of(feed.kinds, item)]
    except NotThisFormatError as refused:
        return {"refused": {"path": refused.path, "text": refused.text}}
    return {"items": [_item(feed, item, lineage=lineage) for item in items]}


def _item(feed: Feed, item: Item, *, lineage: bool) -> dict[str, Any]:
    head: dict[str, Any] = {"kind": item.kind, "number": item.number}
    kind = feed.kinds.get(item.kind)
    if kind is None:
        return head | {"mapped": False, "issues": [_issue(issue) for issue in item.issues]}
    made = map_item(kind, item)
    if made.merges:
        head["merges"] = [[merge.gone, merge.stays, merge.holds] for merge in made.merges]
    return head | {
        "quarantined": made.quarantined,
        "person": {
            "local_id": made.person.local_id,
            "nhs_numbers": list(made.person.nhs_numbers),
            "birth_date": made.person.birth_date,
            "registered_practice": made.person.registered_practice,
        },
        "source_time": made.source_time,
        "issues": [_issue(issue) for issue in made.issues],
        "resources": [_mapped(one, lineage=lineage) for one in made.resources],
    }


def _issue(issue: Any) -> dict[str, str]:
    return {
        "severity": str(issue.severity),
        "path": issue.path,
        "code": issue.code,
        "text": issue.text,
    }


def _mapped(one: Mapped, *, lineage: bool) -> dict[str, Any]:
    lines = [_line(line) for line in one.lineage]
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()[:12]
    shown = lines if lineage else {"count": len(lines), "digest": digest}
    return {
        "type": one.type,
        "key": one.key,
        "fold": str(one.fold),
        "resource": one.resource,
        "lineage": shown,
    }


def _line(line: Lineage) -> str:
    return f"{line.path} <- {line.source or '(constant)'} by {line.rule}"
