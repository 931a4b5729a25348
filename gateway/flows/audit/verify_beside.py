"""What stands beside the log's entries says what they say.

    list of whose records each entry shows | roots of subtrees | signed checkpoints | how long
    others say that the log is -> what is wrong, by number of an entry

Rule    Entries are verified by themselves; here the rest is held to them. A checkpoint names the
        entry after the last one that holds. Who was shredded is on no list any more. What is
        added while this runs is not looked at.
"""

from array import array
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

from gateway.audit.checkpoint import (
    CheckpointError,
    LogKey,
    RetiredKeyError,
    check_alone,
    verify_by,
)
from gateway.audit.merkle import tree_root
from gateway.audit.tiles import LEVELS, WIDTH, complete
from gateway.store.audit import published, shown
from gateway.store.audit.published import Published
from gateway.store.database.engine import Engine

_MARK: Final = 2**64 - 1
_AT_ONCE: Final = 64
_LISTED: Final = "the list of whose records it shows does not say what the record says"
_SUBTREE: Final = "the stored root of the subtree that begins here does not follow from it"
_CUT: Final = (
    "the log ends before this entry, and something stored knows of more: its tail was removed"
)
_UNSIGNED: Final = "the checkpoint of {size} entries that is stored is not as it was signed"
_REWRITTEN: Final = (
    "the stored checkpoint of {size} entries has another root: the log was rewritten"
)
_RETIRED: Final = "the stored checkpoint of {size} entries is signed by a key of other sizes"
_MISSING: Final = "the checkpoint of {size} entries, which a witness has, is not stored any more"


class Flaw(NamedTuple):
    """What is wrong, and from which entry on."""

    number: int
    reason: str


@dataclass(slots=True)
class Listed:
    """Entries by number, each marked by whose records it shows: once as its record says, once as
    the list does, so that nothing is left where both agree."""

    marks: "array[int]"
    gone: frozenset[str]

    def note_all(self, patient_ids: Iterable[str], number: int) -> None:
        """Mark an entry."""
        if 0 <= number < len(self.marks):
            for one in set(patient_ids) - self.gone:
                self.marks[number] ^= hash(one) & _MARK

    def first(self) -> int | None:
        """The first entry of which they do not agree."""
        return next((number for number, mark in enumerate(self.marks) if mark), None)


async def begin_list(engine: Engine, size: int) -> Listed:
    """Nothing marked yet, for as far as the list is made."""
    async with engine.reading() as conn:
        reached, gone = await shown.position(conn), await shown.shredded(conn)
    return Listed(array("Q", bytes(8 * min(max(reached, 0), size))), gone)


async def list_flaws(engine: Engine, listed: Listed) -> list[Flaw]:
    """The first entry of which the list says otherwise than the records, which marked it so far."""
    async for rows in shown.listed(engine):
        for patient_id, number in rows:
            listed.note_all((patient_id,), number)
    first = listed.first()
    return [Flaw(first, _LISTED)] if first is not None else []


async def is_outdated(engine: Engine, listed: Listed) -> bool:
    """Whether somebody was shredded since it was begun, whom the list names no more."""
    async with engine.reading() as conn:
        return await shown.shredded(conn) != listed.gone


async def flaws(engine: Engine, size: int, keys: Collection[LogKey]) -> list[Flaw]:
    """What is wrong beside the entries of a log of that size, which are right in themselves."""
    async with engine.reading() as conn:
        known = await published.known_of(conn)
    found = [Flaw(size, _CUT)] if known.longest > known.size else []
    found += [Flaw(known.read, _LISTED)] if known.listed > known.read else []
    for level in range(1, LEVELS):
        wanted = max(known.subtrees.get(level, 0), complete(level, known.signed))
        found += await _subtrees(engine, level, wanted)
    return found + await _checkpoints(engine, known, keys)


async def _subtrees(engine: Engine, level: int, wanted: int) -> list[Flaw]:
    """The first root of a level that does not follow from the level below, if any."""
    for start in range(0, wanted, _AT_ONCE):
        end = min(start + _AT_ONCE, wanted)
        async with engine.reading() as conn:
            stored = await published.subtrees(conn, level, start, end)
            below = await published.hashes(conn, level - 1, start * WIDTH, end * WIDTH)
        for number in range(start, end):
            place = (number - start) * WIDTH
            if stored.get(number) != tree_root(below[place : place + WIDTH]):
                return [Flaw(number * WIDTH**level, _SUBTREE)]
    return []


async def _checkpoints(
    engine: Engine, known: published.Known, keys: Collection[LogKey]
) -> list[Flaw]:
    """The first stored checkpoint that is not what was signed over this log, if any."""
    held, missing = 0, set(known.witnessed)
    async for rows in published.checkpoints(engine):
        for made, root in rows:
            missing.discard(made.size)
            flaw = _wrong_with(made, root, keys)
            if flaw:
                return [Flaw(held, flaw.format(size=made.size))]
            held = made.size
    lost = min(missing, default=None)
    return [Flaw(lost, _MISSING.format(size=lost))] if lost is not None else []


def _wrong_with(made: Published, root: bytes | None, keys: Collection[LogKey]) -> str:
    """What is wrong with a stored checkpoint, at whose size the log has that root, if anything."""
    name = made.note.partition("\n")[0]
    try:
        check_alone(made.note)
        signed = verify_by([key.verifier(name) for key in keys], made.note)
    except RetiredKeyError:
        return _RETIRED
    except CheckpointError:
        return _UNSIGNED
    if signed.size != made.size:
        return _UNSIGNED
    return _REWRITTEN if root not in (None, signed.root) else ""
