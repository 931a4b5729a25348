"""Rows of alerts: what privacy officers have to look at, until when, and how far they are.

In      A connection.
Out     AlertRow values; nothing sealed is opened here.
"""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import Final

from gateway.store.access.grants import SUSPENSION
from gateway.store.audit import audit_reads
from gateway.store.database.engine import Connection, placeholders

OPEN, ASKED, ESCALATED = "open", "asked", "escalated"
JUSTIFIED, DISMISSED = "justified", "dismissed"
UNSETTLED: Final = (OPEN, ASKED, ESCALATED)
CONCERN: Final = "concern"
OF_SAFEGUARDING: Final = (CONCERN, SUSPENSION)
"""Kinds that privacy officers are not shown."""
_POSTING: Final = "alerts-posted"
_BEFORE: Final = -1
"""Instead of when it was posted: it stood before any was."""


@dataclass(frozen=True, slots=True)
class AlertRow:
    """One alert. Microseconds UTC; `entry` is -1 where the log's entry names the alert."""

    patient_id: str
    alert_id: str
    kind: str
    org: str
    user_id: str
    why: str
    entry: int
    raised_at: int
    due_at: int
    status: str = OPEN
    changed_at: int = 0
    changed_by: str = ""
    told_at: int = 0
    posted_at: int = 0


_COLUMNS: Final = (
    "patient_id, alert_id, kind, org, user_id, why, entry, raised_at, due_at, status, changed_at,"
    " changed_by, told_at, posted_at"
)

_IS_UNSETTLED: Final = "status IN ({})".format(", ".join(f"'{one}'" for one in UNSETTLED))


OF_OTHERS: Final = "kind NOT IN ({})".format(", ".join(f"'{one}'" for one in OF_SAFEGUARDING))
"""What is no privacy officer's is left out."""


async def add(conn: Connection, rows: Sequence[AlertRow]) -> list[AlertRow]:
    """Keep these alerts; those that were not there yet."""
    new = []
    for one in rows:
        added = await conn.execute(
            f"INSERT INTO access_alert ({_COLUMNS}) VALUES ({placeholders(14)})"
            " ON CONFLICT DO NOTHING",
            astuple(one),
        )
        new += [one] if added else []
    return new


async def listed(
    conn: Connection,
    org: str | None,
    count: int,
    kind: str = "",
    *,
    apart: Sequence[str] = (),
    unsettled: bool = True,
) -> list[AlertRow]:
    """Alerts of an organisation's staff (None: of all), of a kind (empty: of each), about nobody of
    those `apart`; what is due first at the top."""
    asked = [("org", org)] if org is not None else []
    asked += [("kind", kind)] if kind else []
    where = [_IS_UNSETTLED] if unsettled else []
    where += [OF_OTHERS]
    where += [f"{name} = ${place}" for place, (name, _) in enumerate(asked, 2)]
    where += [f"patient_id NOT IN ({placeholders(len(apart), len(asked) + 2)})"] if apart else []
    rows = await conn.fetch(
        f"SELECT {_COLUMNS} FROM access_alert WHERE {' AND '.join(where)}"
        " ORDER BY due_at, alert_id LIMIT $1",
        [count, *(value for _, value in asked), *apart],
    )
    return [AlertRow(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Desk:
    """Who sits at the safeguarding desk of an organisation, at a moment."""

    org: str
    user_id: str
    at: int


_OF_DESK: Final = (
    f"SELECT {_COLUMNS} FROM access_alert WHERE org IN ('', $1) AND kind = $4 AND NOT EXISTS"
    " (SELECT 1 FROM access_grant g JOIN source_record s ON s.patient_id = g.patient_id"
    " JOIN source_record o ON o.person_id = s.person_id"
    f" WHERE g.kind = '{SUSPENSION}' AND g.user_id = $2 AND g.org IN ('', $1)"
    " AND g.starts <= $3 AND g.ends > $3 AND (o.patient_id = access_alert.patient_id"
    " OR o.patient_id IN (SELECT m.patient_id FROM access_grant m"
    " WHERE m.grant_id = access_alert.alert_id)))"
)
"""What the desk decides on, and what is nobody's yet; nothing of whom the adviser is suspended
from."""


async def of_desk(
    conn: Connection, desk: Desk, kind: str, count: int, *, settled: bool
) -> list[AlertRow]:
    """What the adviser looks at, what is due first at the top."""
    state = "" if settled else f" AND {_IS_UNSETTLED}"
    rows = await conn.fetch(
        f"{_OF_DESK}{state} ORDER BY due_at, alert_id LIMIT $5",
        (desk.org, desk.user_id, desk.at, kind, count),
    )
    return [AlertRow(*row) for row in rows]


async def one_of_desk(conn: Connection, desk: Desk, kind: str, alert_id: str) -> AlertRow | None:
    """One that the adviser decides on; held until the end of a writing."""
    lock = conn.lock_rows if conn.writes else ""
    rows = await conn.fetch(
        f"{_OF_DESK} AND alert_id = $5{lock}", (desk.org, desk.user_id, desk.at, kind, alert_id)
    )
    return AlertRow(*rows[0]) if rows else None


async def defer(conn: Connection, row: AlertRow, due: int, at: int, who: str) -> None:
    """Let an alert be due then."""
    await conn.execute(
        "UPDATE access_alert SET due_at = $3, changed_at = $4, changed_by = $5"
        " WHERE patient_id = $1 AND alert_id = $2",
        (row.patient_id, row.alert_id, due, at, who),
    )


async def find(conn: Connection, alert_id: str) -> AlertRow | None:
    """The alert of that id; held until the end of a writing."""
    lock = conn.lock_rows if conn.writes else ""
    rows = await conn.fetch(
        f"SELECT {_COLUMNS} FROM access_alert WHERE alert_id = $1{lock}", (alert_id,)
    )
    return AlertRow(*rows[0]) if rows else None


async def move(conn: Connection, row: AlertRow, status: str, at: int, who: str) -> None:
    """Let an alert stand at that status."""
    await conn.execute(
        "UPDATE access_alert SET status = $3, changed_at = $4, changed_by = $5"
        " WHERE patient_id = $1 AND alert_id = $2",
        (row.patient_id, row.alert_id, status, at, who),
    )


async def raise_again(conn: Connection, row: AlertRow) -> None:
    """Let an alert that was settled be as new."""
    await conn.execute(
        "UPDATE access_alert SET status = $3, raised_at = $4, due_at = $5, changed_at = $6,"
        " changed_by = $7, told_at = 0, posted_at = 0 WHERE patient_id = $1 AND alert_id = $2",
        (
            row.patient_id, row.alert_id, OPEN, row.raised_at, row.due_at, row.changed_at,
            row.changed_by,
        ),
    )  # fmt: skip


async def is_waiting(conn: Connection, patient_id: str, kind: str, why: str) -> bool:
    """Whether one of that kind, about that of the person, is not settled."""
    return bool(
        await conn.fetch(
            "SELECT 1 FROM access_alert WHERE patient_id = $1 AND kind = $2 AND why = $3"
            f" AND {_IS_UNSETTLED}",
            (patient_id, kind, why),
        )
    )


async def raised_by(conn: Connection, user_id: str, kind: str, since: int) -> int:
    """How many alerts of a kind a user has raised since then."""
    rows = await conn.fetch(
        "SELECT COUNT(*) FROM access_alert WHERE user_id = $1 AND kind = $2 AND raised_at >= $3",
        (user_id, kind, since),
    )
    return int(rows[0][0])


async def untold(conn: Connection, count: int) -> list[AlertRow]:
    """Alerts whose notice has not gone out yet, the oldest first."""
    rows = await conn.fetch(
        f"SELECT {_COLUMNS} FROM access_alert WHERE told_at = 0 ORDER BY raised_at LIMIT $1",
        (count,),
    )
    return [AlertRow(*row) for row in rows]


async def told(conn: Connection, rows: Sequence[AlertRow], at: int) -> None:
    """Note that the notices of these went out."""
    await conn.executemany(
        "UPDATE access_alert SET told_at = $3 WHERE patient_id = $1 AND alert_id = $2",
        [(one.patient_id, one.alert_id, at) for one in rows],
    )


async def is_posting(conn: Connection) -> bool:
    """Whether notices are posted already."""
    return bool(await conn.fetch("SELECT 1 FROM log_reader WHERE name = $1", (_POSTING,)))


async def begin_posting(conn: Connection) -> None:
    """Note how long the log is as posting begins: what stands by now is not posted."""
    size, _ = await audit_reads.head(conn)
    begun = await conn.execute(
        "INSERT INTO log_reader (name, seq) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        (_POSTING, size),
    )
    if begun:
        await conn.execute("UPDATE access_alert SET posted_at = $1 WHERE posted_at = 0", (_BEFORE,))


async def unposted(
    conn: Connection, count: int, after: tuple[int, str] = (-1, "")
) -> list[AlertRow]:
    """Alerts that nobody has settled and whose notice was not posted, the oldest first; those
    after the one that was raised then and is named so."""
    rows = await conn.fetch(
        f"SELECT {_COLUMNS} FROM access_alert WHERE posted_at = 0 AND {_IS_UNSETTLED}"
        " AND (raised_at, alert_id) > ($2, $3) ORDER BY raised_at, alert_id LIMIT $1",
        (count, *after),
    )
    return [AlertRow(*row) for row in rows]


async def posted(conn: Connection, rows: Sequence[AlertRow], at: int) -> None:
    """Note that the notices of these were posted."""
    await conn.executemany(
        "UPDATE access_alert SET posted_at = $3 WHERE patient_id = $1 AND alert_id = $2",
        [(one.patient_id, one.alert_id, at) for one in rows],
    )
