"""The Merkle tree of RFC 6962: leaf and node hashes, roots, inclusion and consistency proofs.

In      record bytes or leaf hashes, in log order; SHA-256 throughout.
Out     32-byte hashes; a Frontier small enough for one row, from which the tree grows.
Rule    A leaf is SHA-256(0x00 || record), a node SHA-256(0x01 || left || right).
Errors  ValueError for sizes that cannot be; a proof that does not hold is False.
Source  RFC 6962 section 2.1; RFC 9162 section 2.1 for verifying the proofs.
Pure    Values in, values out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Self

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = sha256().digest()
_SIZE_BYTES: Final = 8

Range = tuple[int, int]


def leaf_hash(record: bytes) -> bytes:
    """The leaf of one record."""
    return sha256(b"\x00" + record).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The parent of two subtrees."""
    return sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """The complete subtrees that make up a tree: largest first, one per 1 bit of its size."""

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def append(self, leaf: bytes) -> tuple["Frontier", bytes]:
        """The frontier with one more leaf hash, and the root of that tree."""
        peaks = list(self.peaks)
        root = _push(peaks, self.size, leaf)
        return Frontier(self.size + 1, tuple(peaks)), root

    def extend(self, leaves: Sequence[bytes]) -> tuple["Frontier", tuple[bytes, ...]]:
        """The frontier with all the leaf hashes, and the root after each of them."""
        peaks, first = list(self.peaks), self.size
        roots = [_push(peaks, size, leaf) for size, leaf in enumerate(leaves, start=first)]
        return Frontier(first + len(roots), tuple(peaks)), tuple(roots)

    def root(self) -> bytes:
        """The root of the tree; that of the empty tree is the hash of nothing."""
        if not self.peaks:
            return EMPTY_ROOT
        *rest, root = self.peaks
        for peak in reversed(rest):
            root = node_hash(peak, root)
        return root

    def to_bytes(self) -> bytes:
        """8 bytes size, then the peaks: at most 64 hashes."""
        return self.size.to_bytes(_SIZE_BYTES, "big") + b"".join(self.peaks)

    @classmethod
    def from_bytes(cls, stored: bytes) -> Self:
        """The frontier that to_bytes wrote; ValueError when the lengths do not agree."""
        size, hashes = int.from_bytes(stored[:_SIZE_BYTES], "big"), stored[_SIZE_BYTES:]
        if len(stored) < _SIZE_BYTES or len(hashes) != HASH_BYTES * size.bit_count():
            raise ValueError("not a stored frontier")
        starts = range(0, len(hashes), HASH_BYTES)
        return cls(size, tuple(hashes[start : start + HASH_BYTES] for start in starts))


def _push(peaks: list[bytes], size: int, leaf: bytes) -> bytes:
    """Add a leaf hash to the peaks of a tree of that size; gives the new root."""
    node = leaf
    while size & 1:
        node = sha256(b"\x01" + peaks.pop() + node).digest()
        size >>= 1
    root = node
    for peak in reversed(peaks):
        root = sha256(b"\x01" + peak + root).digest()
    peaks.append(node)
    return root


def tree_root(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes in order, level by level; an odd last node moves up."""
    level = list(leaves)
    while len(level) > 1:
        pairs = zip(level[::2], level[1::2], strict=False)
        above = [sha256(b"\x01" + left + right).digest() for left, right in pairs]
        level = above + level[2 * len(above) :]
    return level[0] if level else EMPTY_ROOT


def inclusion_ranges(index: int, size: int) -> tuple[Range, ...]:
    """Which subtrees, as [start, end) of leaves, prove the leaf at `index` (from 0)."""
    if not 0 <= index < size:
        raise ValueError("the tree has no such leaf")
    ranges: list[Range] = []
    start, end = 0, size
    while end - start > 1:
        split = start + _split(end - start)
        if index < split:
            ranges.append((split, end))
            end = split
        else:
            ranges.append((start, split))
            start = split
    return tuple(reversed(ranges))


def consistency_ranges(first: int, size: int) -> tuple[Range, ...]:
    """Which subtrees prove that the tree of `size` only added to that of its first leaves."""
    if not 0 < first <= size:
        raise ValueError("the tree never had that size")
    ranges: list[Range] = []
    start, end = 0, size
    while end != first:
        split = start + _split(end - start)
        if first <= split:
            ranges.append((split, end))
            end = split
        else:
            ranges.append((start, split))
            start = split
    return (*([(start, end)] if start else []), *reversed(ranges))


def inclusion_proof(leaves: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """The audit path of the leaf at `index` in the tree over all the leaf hashes."""
    ranges = inclusion_ranges(index, len(leaves))
    return tuple(tree_root(leaves[start:end]) for start, end in ranges)


def consistency_proof(leaves: Sequence[bytes], first: int) -> tuple[bytes, ...]:
    """The proof that the tree over all the leaf hashes only added to its first ones."""
    ranges = consistency_ranges(first, len(leaves))
    return tuple(tree_root(leaves[start:end]) for start, end in ranges)


def _split(size: int) -> int:
    """The largest power of two smaller than the size."""
    return 1 << (size - 1).bit_length() - 1


def is_included(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the proof shows the leaf hash at `index` of the tree of that size and root."""
    if not 0 <= index < size:
        return False
    number, last, found = index, size - 1, leaf
    for step in proof:
        if last == 0:
            return False
        if number & 1 or number == last:
            found = node_hash(step, found)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            found = node_hash(found, step)
        number, last = number >> 1, last >> 1
    return last == 0 and found == root


def is_consistent(
    first: int, first_root: bytes, second: int, second_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether the proof shows that the second tree only added leaves to the first."""
    if first == second:
        return not proof and first_root == second_root
    if first == 0:
        return not proof and first_root == EMPTY_ROOT
    if not 0 < first < second:
        return False
    path = list(proof) if first & (first - 1) else [first_root, *proof]
    return bool(path) and _grow(first - 1, second - 1, path) == (first_root, second_root)


def _grow(number: int, last: int, path: Sequence[bytes]) -> tuple[bytes, bytes] | None:
    """The old and the new root that a consistency path leads to; None when it does not fit."""
    while number & 1:
        number, last = number >> 1, last >> 1
    old = new = path[0]
    for step in path[1:]:
        if last == 0:
            return None
        if number & 1 or number == last:
            old, new = node_hash(step, old), node_hash(step, new)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            new = node_hash(new, step)
        number, last = number >> 1, last >> 1
    return (old, new) if last == 0 else None
