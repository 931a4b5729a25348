"""What waits since people were parted is told to who decides on identity: an alert each.

    what waits -> an alert by reference, once -> as it is settled, or they are one again: justified

Out     What waits, with its owner, and since when that was told.
Rule    An alert names nobody. Its organisation is whose words it is about. Looked at each day by
        the worker, and whenever somebody looks at the queue or settles something.
Errors  AuditUnavailableError.
Source  docs/adr/0063-what-was-written-of-people-who-are-parted.md.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from gateway.audit.entry import Agent, AuditEntry
from gateway.audit.events import Event, Outcome
from gateway.clock import to_micros
from gateway.flows.asking.alerts import Kind, raise_alert, shown
from gateway.store.access import alerts
from gateway.store.access.alerts import AlertRow
from gateway.store.commit.units import Store
from gateway.store.database.engine import Connection
from gateway.store.identity import together
from gateway.store.identity.together import Waiting

_MOST: Final = 100_000


async def tell_parted(store: Store, at: datetime) -> list[dict[str, Any]]:
    """Everything that waits, what was told first at the top."""
    async with store.engine.reading() as conn:
        waits, told = await _standing(conn, store)
    if _over(waits, told) or _new(waits, told):
        waits, told = await store.write(lambda conn: _tell(conn, store, at))
    return [
        asdict(waits[row.alert_id])
        | {name: shown(row, at)[name] for name in ("alert", "raised", "due", "overdue")}
        for row in sorted(told.values(), key=lambda row: (row.raised_at, row.alert_id))
        if row.alert_id in waits
    ]


async def _standing(
    conn: Connection, store: Store
) -> tuple[dict[str, Waiting], dict[str, AlertRow]]:
    """What waits, and every alert there ever was of such, by the alert's id."""
    hasher = store.vault.hasher
    waits = {
        hasher.keyed_uuid("alert", Kind.PARTED, one.name, str(one.version)): one
        for one in await together.waiting(conn)
    }
    rows = await alerts.listed(conn, None, _MOST, Kind.PARTED, unsettled=False)
    return waits, {row.alert_id: row for row in rows}


def _over(waits: Collection[str], told: Mapping[str, AlertRow]) -> list[AlertRow]:
    """Alerts that are open of what waits no longer."""
    return [
        row for name, row in told.items() if name not in waits and row.status in alerts.UNSETTLED
    ]


def _new(waits: Iterable[str], told: Mapping[str, AlertRow]) -> list[str]:
    """What waits and was not told; or again, since it was over."""
    return [name for name in waits if name not in told or _is_over(told[name])]


def _is_over(row: AlertRow) -> bool:
    """Whether nobody settled it: it no longer waited."""
    return row.status == alerts.JUSTIFIED and not row.changed_by


async def _tell(
    conn: Connection, store: Store, at: datetime
) -> tuple[dict[str, Waiting], dict[str, AlertRow]]:
    waits, told = await _standing(conn, store)
    for row in _over(waits, told):
        await alerts.move(conn, row, alerts.JUSTIFIED, to_micros(at), "")
    for name in _new(waits, told):
        one = waits[name]
        entry = AuditEntry(
            at, Event.ALERT, Outcome.STORED, Agent("identity", "system", org=one.owner),
            patient_ids=one.records, detail=((one.kind, one.name), ("version", str(one.version))),
        )  # fmt: skip
        row = await raise_alert(conn, store.vault, Kind.PARTED, entry, alert_id=name)
        if name in told:
            await alerts.raise_again(conn, row)
        told[name] = row
    return waits, told
