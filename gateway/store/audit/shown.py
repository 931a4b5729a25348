"""Which entries of the log were made from a source record: the log, by whom it is about.

In      A store; the ids of source records.
Out     Numbers and records of entries, oldest first.
Rule    Made from the log by reading it on from where the last reading ended, apart from the
        accesses themselves: it costs them nothing, and can be made again at any time. Entries are
        numbered in the order in which they were committed, so that none is ever passed over.
"""

from collections.abc import AsyncIterator, Collection, Sequence
from functools import partial
from typing import Final

import orjson

from gateway.store.audit import audit_reads
from gateway.store.commit.units import Store
from gateway.store.database.engine import Connection, Engine, placeholders

_READER: Final = "shown"
_AT_ONCE: Final = 2_000


async def catch_up(store: Store) -> int:
    """Read the log to its end; how many entries were read."""
    read = 0
    while True:
        async with store.engine.reading() as conn:
            first = await position(conn)
            size, _ = await audit_reads.head(conn)
            last = min(size, first + _AT_ONCE)
            found = await audit_reads.stretch(conn, first, last)
        if first >= last:
            return read
        rows = [
            (patient_id, seq)
            for seq, record in found
            for patient_id in orjson.loads(record).get("patient_ids", ())
        ]
        await store.write(partial(_note, rows, last))
        read += last - first


async def _note(rows: Sequence[tuple[str, int]], end: int, conn: Connection) -> None:
    """Note them but those of who was shredded meanwhile: nothing of them is listed any more."""
    gone = {row[0] for row in await conn.fetch("SELECT patient_id FROM shredded WHERE refused = 1")}
    await conn.executemany(
        "INSERT INTO shown (patient_id, seq) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        [one for one in rows if one[0] not in gone],
    )
    await conn.execute(
        "INSERT INTO log_reader (name, seq) VALUES ($1, $2) ON CONFLICT (name)"
        " DO UPDATE SET seq = excluded.seq WHERE log_reader.seq < excluded.seq",
        (_READER, end),
    )


async def position(conn: Connection) -> int:
    """The first entry that was not read yet."""
    rows = await conn.fetch("SELECT seq FROM log_reader WHERE name = $1", (_READER,))
    return int(rows[0][0]) if rows else 0


async def shredded(conn: Connection) -> frozenset[str]:
    """Source records of which nothing is listed any more."""
    return frozenset(row[0] for row in await conn.fetch("SELECT patient_id FROM shredded"))


async def listed(engine: Engine) -> AsyncIterator[list[tuple[str, int]]]:
    """All of the list, some at a time: source record and number of an entry."""
    last: tuple[str, int] = ("", -1)
    while True:
        async with engine.reading() as conn:
            rows = await conn.fetch(
                "SELECT patient_id, seq FROM shown WHERE (patient_id, seq) > ($1, $2)"
                " ORDER BY patient_id, seq LIMIT $3",
                (*last, _AT_ONCE),
            )
        if not rows:
            return
        yield [(row[0], row[1]) for row in rows]
        last = (rows[-1][0], rows[-1][1])


_ENTRIES: Final = (
    "SELECT s.seq, a.record FROM (SELECT seq FROM shown WHERE patient_id IN ({wanted})"
    " AND seq > ${after} GROUP BY seq{having} ORDER BY seq LIMIT ${limit}) s"
    " JOIN audit_entry a ON a.seq = s.seq ORDER BY s.seq"
)


async def entries(
    engine: Engine, patient_ids: Collection[str], *, together: bool = False
) -> AsyncIterator[tuple[int, bytes]]:
    """Number and record of each entry that was made from one of these records; `together`, from
    all of them as one person's."""
    wanted = sorted(set(patient_ids))
    if not wanted:
        return
    count = len(wanted)
    having = f" HAVING COUNT(*) = {count}" if together else ""
    sql = _ENTRIES.format(
        wanted=placeholders(count), after=count + 1, limit=count + 2, having=having
    )
    last = -1
    while True:
        async with engine.reading() as conn:
            rows = await conn.fetch(sql, [*wanted, last, _AT_ONCE])
        for seq, record in rows:
            yield seq, bytes(record)
        if len(rows) < _AT_ONCE:
            return
        last = rows[-1][0]
