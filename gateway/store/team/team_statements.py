"""What a row holds of a team's edits besides the body that is shown.

In      Statements of members of a team; the source's body; what a row seals.
Out     All of it as three lines of JSON: the body that is shown, the source's, the statements.
Rule    A row without edits seals the one line, and is read as it always was.
Source  docs/adr/0045-an-edit-lies-over-what-a-feed-states.md.
Pure    Values in, values out.
"""

from collections.abc import Mapping
from dataclasses import astuple, dataclass
from functools import lru_cache
from typing import Any, Final

from consent.filter import Clause, Node, Not
from gateway.store.clear import precise
from gateway.store.clear.columns import references
from gateway.store.labels.labelling import TEAM

EDITED: Final = "both"
"""The origin of a row in which a team's edits lie over what a feed states."""
Group = dict[str, Any]
"""An element with all that belongs to it, by name; empty where it is not there."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What one edit says of one element, or of one entry of it."""

    org: str
    author: str
    request_id: str
    at: int
    element: str
    is_entry: bool
    was: Any
    """What stood there: the source's element, or the entry that is replaced."""
    now: Any
    is_sources: bool = True
    """Of an entry that is replaced: whether the source states it."""


@dataclass(frozen=True, slots=True)
class Beside:
    """What a row holds besides the body that is shown."""

    source: dict[str, Any]
    statements: tuple[Statement, ...]
    since: Mapping[str, int]
    """When the source's word on an element came."""

    def sealed(self, shown: Mapping[str, Any]) -> bytes:
        """All of it, in three lines."""
        kept = [[astuple(one) for one in self.statements], self.since]
        return b"\n".join(map(precise.dumps, (shown, self.source, kept)))


def shown_part(plain: bytes) -> bytes:
    """The body that is shown, of what a row seals."""
    return plain.partition(b"\n")[0]


def source_part(plain: bytes) -> bytes:
    """The body as its source states it, of what a row seals."""
    shown, _, apart = plain.partition(b"\n")
    return apart.partition(b"\n")[0] if apart else shown


def beside_in(plain: bytes) -> Beside:
    """What stands besides the body that is shown, of what a row seals."""
    shown, _, apart = plain.partition(b"\n")
    source, _, kept = apart.partition(b"\n")
    if not kept:
        return Beside(precise.loads(shown), (), {})
    listed, since = precise.loads(kept)
    return Beside(
        precise.loads(source) if source else {}, tuple(Statement(*one) for one in listed), since
    )


def withdrawn(plain: bytes) -> bytes:
    """What a row seals once its source has taken the resource back: the edits alone."""
    kept = plain.rpartition(b"\n")[2]
    return b"\n\n" + kept


def refs_in(beside: Beside, shown: Mapping[str, Any]) -> list[str]:
    """Everything that the body, the source's or a statement refers to."""
    said = [[one.was, one.now] for one in beside.statements]
    return list(dict.fromkeys(references([shown, beside.source, said])))


@lru_cache(maxsize=4096)
def tells_apart(grants: tuple[Node, ...], denies: tuple[Node, ...]) -> bool:
    """Whether under these an edit may be hidden though the row that it lies over is shown: what is
    found by values then leaves out every edited row, whoever edited it."""
    asked = [one for one in denies if not _is_of_feeds(one)]
    return any(map(_is_of_some, asked)) or all(map(_is_of_some, grants))


def _is_of_feeds(node: Node) -> bool:
    """Whether it is about feeds alone, of which a team's edit is none."""
    return isinstance(node, Clause) and node.feeds is not None and TEAM not in node.feeds


def _is_of_some(node: Node) -> bool:
    """Whether it asks who sent a row, or when it is of."""
    if isinstance(node, Clause):
        asked = (node.source_orgs, node.authors, node.feeds, node.overlaps, node.contained_in)
        return any(one is not None for one in asked)
    if isinstance(node, Not):
        return _is_of_some(node.part)
    return any(map(_is_of_some, node.parts))
