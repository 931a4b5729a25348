"""Notices of alerts, for privacy officers: a file for each, by reference only.

    alerts whose notice has not gone out -> a file each -> noted, and recorded

Rule    A notice names nobody: alert, kind, organisation, moments, and where to look. A file is
        whole when it can be seen; one that was made and not noted is made again, the same.
Errors  OSError where the folder cannot be written to; AuditUnavailableError.
"""

from datetime import datetime
from pathlib import Path
from typing import Final

import orjson

from gateway.audit.entry import Agent, AuditEntry
from gateway.audit.events import Event, Outcome
from gateway.clock import to_micros
from gateway.flows.alerts import shown
from gateway.store import alerts
from gateway.store.alerts import AlertRow
from gateway.store.engine import Connection
from gateway.store.log import append
from gateway.store.units import Store

_MOST: Final = 200
_TELLER: Final = Agent("notices", "system")


async def tell_alerts(store: Store, folder: Path, base_url: str, at: datetime) -> int:
    """How many notices went out."""
    async with store.engine.reading() as conn:
        found = await alerts.untold(conn, _MOST)
    for row in found:
        _write(folder, row, base_url, at)
    if not found:
        return 0
    detail = (("alerts", str(len(found))),)
    entry = AuditEntry(at, Event.ALERT, Outcome.STORED, _TELLER, detail=detail)

    async def unit(conn: Connection) -> None:
        await alerts.told(conn, found, to_micros(at))
        await append(conn, store.vault, [entry])

    await store.write(unit)
    return len(found)


def _write(folder: Path, row: AlertRow, base_url: str, at: datetime) -> None:
    said = shown(row, at)
    notice = {name: said[name] for name in ("alert", "kind", "organisation", "raised", "due")}
    notice["read"] = f"{base_url}/ig/alerts/{row.alert_id}"
    half = folder / f".{row.alert_id}.part"
    half.write_bytes(orjson.dumps(notice, option=orjson.OPT_INDENT_2))
    half.replace(folder / f"{row.alert_id}.json")
