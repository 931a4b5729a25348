"""Verify a log offline: every leaf, every root, the head and the witnessed checkpoints.

In      entries in order as (seq from 0, record, leaf hash, root after); the head of the store
        as (size, root); checkpoints that outsiders hold, as size -> root.
Out     a Verdict, with the number of the first entry that is not as it was written.
Rule    An entry is wrong when its number is not the next one, its record does not give its
        leaf, or its leaf does not lead to its root. A log that is right in itself but ends
        before the head lost its tail; one that misses a checkpoint was rewritten, and the
        entry named is the first after the last checkpoint that still holds. A checkpoint of
        size 0 says nothing.
Source  RFC 6962 section 2.1.
Pure    Values in, value out; one pass, no list of entries is kept.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gateway.audit.merkle import EMPTY_ROOT, Frontier, leaf_hash

StoredEntry = tuple[int, bytes, bytes, bytes]
Head = tuple[int, bytes]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the log is as it was written; else the first bad entry, and why."""

    ok: bool
    size: int
    root: bytes
    first_bad: int | None = None
    reason: str = ""

    def to_json(self) -> dict[str, object]:
        """The members that `audit verify --json` prints."""
        found: dict[str, object] = {"ok": self.ok, "size": self.size, "root": self.root.hex()}
        return found if self.ok else found | {"first_bad": self.first_bad, "reason": self.reason}


def verify(
    entries: Iterable[StoredEntry],
    head: Head | None = None,
    checkpoints: Mapping[int, bytes] | None = None,
) -> Verdict:
    """The verdict over a whole log, from its first entry on."""
    signed = dict(checkpoints or {})
    frontier, root, held = Frontier(), EMPTY_ROOT, 0
    for seq, record, leaf, root_after in entries:
        size = frontier.size
        grown, new_root = frontier.append(leaf)
        reason = _wrong(size, seq, record, leaf) or ("" if new_root == root_after else "root")
        if reason:
            return Verdict(False, size, root, size, _REASONS[reason])
        frontier, root = grown, new_root
        witnessed = signed.pop(grown.size, None)
        if witnessed is not None and witnessed != root:
            return Verdict(False, grown.size, root, held, _REASONS["rewritten"])
        held = grown.size if witnessed is not None else held
    return _ending(frontier.size, root, held, head, signed)


def _wrong(number: int, seq: int, record: bytes, leaf: bytes) -> str:
    """Which of the checks of one entry alone fails, if any."""
    if seq != number:
        return "missing" if seq > number else "order"
    return "" if leaf_hash(record) == leaf else "record"


def _ending(
    size: int, root: bytes, held: int, head: Head | None, unseen: Mapping[int, bytes]
) -> Verdict:
    """The verdict once every entry is right in itself."""
    longest = max((head[0] if head else 0, *unseen))
    if longest > size:
        return Verdict(False, size, root, size, _REASONS["truncated"])
    if head is not None and head[0] < size:
        return Verdict(False, size, root, head[0], _REASONS["beyond"])
    if head is not None and head[1] != root:
        return Verdict(False, size, root, held, _REASONS["rewritten"])
    return Verdict(True, size, root)


_REASONS = {
    "missing": "the entry of this number was removed",
    "order": "another entry stands where this number should be",
    "record": "the record does not give its leaf hash: it was changed",
    "root": "the root after this entry does not follow: it was changed or moved",
    "truncated": "the log ends before this entry: its tail was removed",
    "beyond": "the log goes on after its head: entries were added beside it",
    "rewritten": "the root is not the one that was signed: the log was rewritten at this entry"
    " or a later one",
}
