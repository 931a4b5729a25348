"""Which resources may stand otherwise once the files of a scope are judged anew.

In      A connection in a writing; the rules; the files of the scope, as they were and are judged.
Out     Places. A few too many do no harm.
"""

from collections.abc import Collection, Mapping, Sequence

from gateway.store.absences import absence_reach
from gateway.store.absences.absence_judging import APPLIED, SEVERAL, Filed, Judged
from gateway.store.clear.columns import Place
from gateway.store.database.engine import Connection
from mappings.core.model.snapshots import Snapshot


async def reached(
    conn: Connection,
    rules: Snapshot,
    new: str,
    held: Sequence[tuple[Filed, str, Mapping[str, bool]]],
    made: Mapping[str, Judged],
) -> set[Place]:
    """What may stand otherwise: told by tables that count no more or again, missed by the new
    file, or aged by a file that is applied, or no longer is."""
    places: set[Place] = set()
    changed = {new}
    for filed, state, counts in held:
        key, now = filed.snapshot_id, made[filed.snapshot_id]
        gone = [n for n, it in now.counts.items() if not it and (counts[n] or key == new)]
        places |= await absence_reach.replaced(conn, key, gone)
        if any(it and not counts[name] for name, it in now.counts.items()):
            places |= await absence_reach.all_told(conn, key)
        if (state in (APPLIED, SEVERAL)) != now.applies:
            changed.add(key)
    if len(held) > 1:
        places |= await absence_reach.missed(conn, new)
    if rules.rolling:
        ordered = sorted((filed for filed, _, _ in held), key=lambda one: one.order)
        for key in _from_the_first(ordered, changed):
            places |= await absence_reach.begun_in_april(conn, key)
        for key in _before(ordered, made, changed):
            places |= await absence_reach.aging(conn, key)
    return places


def _from_the_first(ordered: Sequence[Filed], changed: Collection[str]) -> list[str]:
    """The first file that changed, and all after it: a service may have begun long before."""
    keys = [one.snapshot_id for one in ordered]
    return keys[min(keys.index(key) for key in changed) :]


def _before(
    ordered: Sequence[Filed], made: Mapping[str, Judged], changed: Collection[str]
) -> set[str]:
    """Of each changed file those before it up to one that is applied, with its period; and itself,
    where another period follows."""
    found = set(changed)
    for place, one in enumerate(ordered):
        if one.snapshot_id not in changed:
            continue
        until = ""
        for earlier in reversed(ordered[:place]):
            if until and earlier.ends != until:
                break
            found.add(earlier.snapshot_id)
            if made[earlier.snapshot_id].applies and earlier.ends != one.ends:
                until = earlier.ends
    return found & {one.snapshot_id for one in ordered if one.ends < ordered[-1].ends}
