"""The day a person was born, as their Patients say it, for what a proxy's authority rests on.

In      A connection; people, or source records of one person, for whom somebody may act.
Out     Their birth dates.
Rule    Kept sealed, it is opened for these people alone. Of several the earliest counts, of a year
        or a month its first day: an authority that ends with an age ends no later than it should.
        Where one of the Patients cannot be opened there is none, and no such authority holds.
"""

from collections.abc import Sequence
from datetime import date
from typing import Final

import orjson
import structlog

from consent.periods import LONDON, first_moment
from gateway.store.engine import Connection, Row, placeholders
from gateway.store.keys import KeyUnavailableError
from gateway.store.sealing import UnsealError, version_aad
from gateway.store.vault import Vault

_PATIENTS: Final = (
    "SELECT s.person_id, r.patient_id, r.resource_id, r.version, r.sealed"
    " FROM source_record s JOIN resource r ON r.patient_id = s.patient_id"
    " WHERE s.{column} IN ({names}) AND r.resource_type = 'Patient' AND r.deleted = 0"
)
_log = structlog.get_logger()


async def of_people(conn: Connection, vault: Vault, people: Sequence[str]) -> dict[str, date]:
    """When each of these people was born, where it is known."""
    patients: dict[str, list[Row]] = {}
    for row in await _patients(conn, "person_id", people):
        patients.setdefault(row[0], []).append(row)
    found = {one: await _earliest(conn, vault, rows) for one, rows in patients.items()}
    return {one: day for one, day in found.items() if day is not None}


async def of_records(conn: Connection, vault: Vault, records: Sequence[str]) -> date | None:
    """When the person of these source records was born."""
    return await _earliest(conn, vault, await _patients(conn, "patient_id", records))


async def _patients(conn: Connection, column: str, names: Sequence[str]) -> list[Row]:
    if not names:
        return []
    sql = _PATIENTS.format(column=column, names=placeholders(len(names)))
    return await conn.fetch(sql, list(names))


async def _earliest(conn: Connection, vault: Vault, patients: Sequence[Row]) -> date | None:
    keys = await vault.keys(conn, [row[1] for row in patients])
    days = []
    for _, patient_id, resource_id, version, sealed in patients:
        aad = version_aad("resource", "Patient", resource_id, version, patient_id)
        try:
            said = orjson.loads(keys.open(patient_id, bytes(sealed), aad)).get("birthDate")
            if said is not None:
                days.append(first_moment(said).astimezone(LONDON).date())
        except (UnsealError, KeyUnavailableError, ValueError):
            _log.error("birth-date-unreadable")
            return None
    return min(days, default=None)
