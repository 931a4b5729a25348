"""Which of many items still matter to a resource: what each names of it decides, unread.

In      For each item, in source-time order, what it names: kept sealed beside it as it is taken.
Out     The places of those whose fold is the fold of all.
Rule    What a newer item states whole is of no matter in an older one. Entries added to a list
        are. Where nobody says an element, or it was cleared, the oldest default from then on
        stands. Labels are left out: they are of every item, and stand in the resource already.
Pure    Values in, values out.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

import orjson

from gateway.store.record.lineage_union import element_of
from mappings.core.model.outcome import Fold, Mapped, without_cleared_parts

_META: Final = "meta"
_LINE: Final = "line:"
"""Before a line of `meta`: each stands until a newer item has the same."""


class Naming(NamedTuple):
    """What one item names of one resource."""

    replaces: bool
    """It says everything: what came before is of no matter."""
    whole: frozenset[str]
    """Elements that it states, and parts of elements that it completes (`period.end`)."""
    cleared: frozenset[str]
    """Elements that it clears, or may leave empty."""
    added: frozenset[str]
    """Elements that it adds entries to."""
    defaults: frozenset[str]
    """Elements that it has a default for, and does not name."""

    def to_bytes(self) -> bytes:
        """As it is kept."""
        lists = (self.whole, self.cleared, self.added, self.defaults)
        return orjson.dumps([self.replaces, *map(sorted, lists)])


def naming_from(kept: bytes) -> Naming:
    """The same again."""
    replaces, *lists = orjson.loads(kept)
    return Naming(replaces, *map(frozenset, lists))


def naming_of(mapped: Mapped) -> Naming:
    """What an item names, as it was mapped."""
    if mapped.fold is Fold.REPLACE:
        return Naming(replaces=True, whole=_NONE, cleared=_NONE, added=_NONE, defaults=_NONE)
    whole, cleared, added = set[str](), set[str](), set[str]()
    for name, value in mapped.resource.items():
        adds = name in mapped.adds
        if adds and isinstance(value, list):
            added.add(name)
        elif adds and isinstance(value, dict):
            whole |= {f"{name}.{part}" for part in value}
            cleared |= {name} if not value or None in value.values() else _NONE
        else:
            whole.add(name)
            cleared |= {name} if _is_nothing(value) else _NONE
    whole |= {_LINE + line.path for line in mapped.lineage if element_of(line.path) == _META}
    defaults = mapped.defaults.keys() - mapped.resource.keys()
    return Naming(
        replaces=False, whole=frozenset(whole), cleared=frozenset(cleared),
        added=frozenset(added), defaults=frozenset(defaults),
    )  # fmt: skip


def mattering(named: Sequence[Naming]) -> list[int]:
    """The places of those that matter, in order."""
    if not named:
        return []
    needed, covered = {len(named) - 1}, set[str]()
    oldest_default: dict[str, int] = {}
    for place in range(len(named) - 1, -1, -1):
        one = named[place]
        if one.replaces:
            needed.add(place)
            break
        open_still = _not_in(covered, one.whole)
        if open_still or _not_in(covered, one.added):
            needed.add(place)
        for name in one.cleared - covered:
            if name in oldest_default:
                needed.add(oldest_default[name])
        covered.update(open_still)
        oldest_default |= dict.fromkeys(one.defaults, place)
    needed |= {place for name, place in oldest_default.items() if name not in covered}
    return sorted(needed)


def _not_in(covered: set[str], names: Iterable[str]) -> list[str]:
    """Those that nothing newer states, by themselves or with the element that they are part of."""
    return [n for n in names if n not in covered and n.partition(".")[0] not in covered]


def _is_nothing(value: Any) -> bool:
    return value is None or without_cleared_parts(value) == {}


_NONE: Final = frozenset[str]()
