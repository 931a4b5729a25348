"""Notices of alerts, for privacy officers: a file for each, by reference only.

    alerts whose notice has not gone out -> a file each -> noted, and recorded

Rule    A notice names nobody: alert, kind, organisation, moments, and where to look. A file is
        whole when it can be seen; one that was made and not noted is made again, the same.
Errors  OSError where the folder cannot be written to; AuditUnavailableError.
"""

from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

import orjson

from gateway.audit.entry import Agent, AuditEntry
from gateway.audit.events import Event, Outcome
from gateway.clock import to_micros
from gateway.flows.asking.alerts import Kind, shown
from gateway.store.access import alerts
from gateway.store.access.alerts import AlertRow
from gateway.store.commit.log import append
from gateway.store.commit.units import Store
from gateway.store.database.engine import Connection

_MOST: Final = 200
_TELLER: Final = Agent("notices", "system")


async def tell_alerts(store: Store, folder: Path, base_url: str, at: datetime) -> int:
    """How many notices went out: of all whose had not."""
    number = 0
    while True:
        async with store.engine.reading() as conn:
            found = await alerts.untold(conn, _MOST)
        if not found:
            return number
        for row in found:
            _write(folder, row, base_url, at)
        await store.write(partial(_note, store, found, at))
        number += len(found)


async def _note(store: Store, found: list[AlertRow], at: datetime, conn: Connection) -> None:
    await alerts.told(conn, found, to_micros(at))
    await append(conn, store.vault, [recorded(at, len(found), "folder")])


def notice_of(row: AlertRow, base_url: str, at: datetime) -> dict[str, Any]:
    """What a notice says: of nobody, and where to look."""
    said = shown(row, at)
    notice = {name: said[name] for name in ("alert", "kind", "organisation", "raised", "due")}
    desks = {alerts.CONCERN: f"safeguarding/concerns/{row.alert_id}", Kind.PARTED: "identity/queue"}
    return notice | {"read": f"{base_url}/{desks.get(row.kind, f'ig/alerts/{row.alert_id}')}"}


def recorded(at: datetime, told: int, way: str) -> AuditEntry:
    """The entry of so many notices that went out that way."""
    detail = (("alerts", str(told)), ("way", way))
    return AuditEntry(at, Event.ALERT, Outcome.STORED, _TELLER, detail=detail)


def _write(folder: Path, row: AlertRow, base_url: str, at: datetime) -> None:
    notice = notice_of(row, base_url, at)
    half = folder / f".{row.alert_id}.part"
    half.write_bytes(orjson.dumps(notice, option=orjson.OPT_INDENT_2))
    half.replace(folder / f"{row.alert_id}.json")
