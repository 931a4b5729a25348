"""What a delivery holds: its files, in groups that each are one format of the feed.

In      The members of the body (name with its path -> bytes), the media type that was said.
Out     Contents: groups in the order of their names, and the files that nobody knows. Its items
        are numbered over all groups; a file that cannot be read is an item with an error.
Errors  NotTheFormatError where no file is recognised; NotThisFormatError before the first item
        where none of those recognised can be read.
Rule    A file is shown by its position in the body: its own name may hold a person's name.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from gateway.errors import Fault, NotTheFormatError
from gateway.flows.intake.workbook import WORKBOOK
from mappings.core.model.outcome import Item, NotThisFormatError, error, warning
from mappings.core.model.rows import Feed, Format

UNKNOWN_FILE: Final = "unknown-file"
"""The kind of an item that is a file nobody knows."""

_HEADINGS: Final = (
    "; of a workbook the first visible sheet is read, whose first row has the template's headings"
)
_NOT_KNOWN: Final = (
    "a file of this archive is in none of this feed's formats; send it as one of them, or leave "
    "it out"
)


@dataclass(frozen=True, slots=True)
class File:
    """One file of a delivery: its position in the body (from 1), its bytes."""

    position: int
    body: bytes

    def unknown(self, text: str = _NOT_KNOWN) -> Item:
        """The item that says so; the bytes stay with the delivery."""
        digest = hashlib.sha256(self.body).hexdigest()
        facts = {"file": self.position, "bytes": len(self.body), "sha256": digest}
        issue = error(f"file {self.position}", "unknown-file", text)
        return Item(UNKNOWN_FILE, 0, facts, (issue,))


@dataclass(frozen=True, slots=True)
class Group:
    """Files that are read together by one format."""

    carrier: Format
    first: File
    members: dict[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Contents:
    """A delivery, taken apart."""

    groups: tuple[Group, ...]
    unknown: tuple[File, ...] = ()
    ignored: int = 0
    """How many empty and hidden files were left out."""

    @property
    def name(self) -> str:
        """The names of its formats."""
        return ", ".join(dict.fromkeys(group.carrier.name for group in self.groups))

    def items(self) -> Iterator[tuple[Format | None, Item]]:
        """Every item with the format it came in; numbers run on over the groups."""
        found = self._items()
        if self.ignored:
            text = f"{self.ignored} empty or hidden file(s) of this archive were left out"
            for carrier, item in found:
                noted = (warning("", "ignored-file", text), *item.issues)
                yield carrier, replace(item, issues=noted)
                break
        yield from found

    def _items(self) -> Iterator[tuple[Format | None, Item]]:
        last = 0
        refused: list[tuple[File, NotThisFormatError]] = []
        for group in self.groups:
            before = last
            try:
                for item in group.carrier.read(group.members):
                    last = max(last, before + item.number)
                    whole = replace(item, number=before + item.number) if before else item
                    yield group.carrier, whole
            except NotThisFormatError as reason:
                refused.append((group.first, reason))
        if refused and len(refused) == len(self.groups):
            raise refused[0][1]
        unread = [file.unknown(reason.text) for file, reason in refused]
        for item in (*unread, *(file.unknown() for file in self.unknown)):
            last += 1
            yield None, replace(item, number=last)


def recognised(feed: Feed, members: Mapping[str, bytes], media_type: str) -> Contents:
    """The members in groups. Errors: NotTheFormatError.

    A format that reads its files together is given those of one folder, or of several folders
    that hold different parts of one whole; any other is given each file alone.
    """
    formats = sorted(feed.formats, key=lambda one: media_type not in one.media_types)
    groups: dict[tuple[str, str], Group] = {}
    unknown: list[File] = []
    ignored = 0
    positions = {name: position for position, name in enumerate(members, 1)}
    for name, body in sorted(members.items()):
        file = File(positions[name], body)
        carrier = None if _is_hidden(name) else _format_of(formats, name, body)
        if carrier is not None:
            place = (carrier.name, name.rpartition("/")[0] if carrier.together else name)
            groups.setdefault(place, Group(carrier, file)).members[name] = body
        elif body and not _is_hidden(name):
            unknown.append(file)
        else:
            ignored += 1
    if not groups:
        text = "not one of this feed's formats: " + ", ".join(f.name for f in feed.formats)
        is_book = any(body.startswith(WORKBOOK) for body in members.values())
        raise NotTheFormatError([Fault("structure", "", text + (_HEADINGS if is_book else ""))])
    return Contents(tuple(_joined(list(groups.values()))), tuple(unknown), ignored)


def _joined(groups: list[Group]) -> list[Group]:
    """Groups of different folders made one, where no part of the whole stands in two of them."""
    found: list[Group] = []
    for carrier in dict.fromkeys(group.carrier for group in groups):
        mine = [group for group in groups if group.carrier is carrier]
        part_of = carrier.part_of
        parts = [{part_of(name) for name in group.members} for group in mine] if part_of else []
        if parts and sum(map(len, parts)) == len(set().union(*parts)):
            members = {name: body for group in mine for name, body in group.members.items()}
            mine = [Group(carrier, mine[0].first, members)]
        found += mine
    return found


def _format_of(formats: list[Format], name: str, body: bytes) -> Format | None:
    return next((one for one in formats if one.recognises({name: body})), None)


def _is_hidden(name: str) -> bool:
    """What operating systems put beside files, such as `.DS_Store` and `__MACOSX/...`."""
    return any(part.startswith((".", "__MACOSX")) for part in name.split("/"))
