"""The day a person was born, as their Patients say it, for what a proxy's authority rests on.

In      A connection; people, or source records of one person, for whom somebody may act.
Out     Their birth dates.
Rule    Kept sealed, it is opened for these people alone. Of several the earliest counts, of a year
        or a month its first day: an authority that ends with an age ends no later than it should.
        Where one of the Patients cannot be opened there is none, and no such authority holds; where
        the keys do not open, for nobody of those asked about.
"""

from collections.abc import Sequence
from datetime import date
from typing import Final

import orjson
import structlog

from consent.periods import LONDON, first_moment
from gateway.store.database.engine import Connection, Row, placeholders
from gateway.store.keyring.keys import KeyUnavailableError
from gateway.store.sealed.row_seal import bound_columns, row_aad
from gateway.store.sealed.sealing import UnsealError
from gateway.store.sealed.vault import Vault

_PATIENTS: Final = (
    "SELECT {whose}, r.patient_id, r.resource_id, r.version, r.sealed,"
    f" {bound_columns('r')}"
    " FROM source_record s JOIN resource r ON r.patient_id = s.patient_id"
    " WHERE s.{column} IN ({names}) AND r.resource_type = 'Patient' AND r.deleted = 0"
)
_log = structlog.get_logger()


async def of_people(conn: Connection, vault: Vault, people: Sequence[str]) -> dict[str, date]:
    """When each of these people was born, where it is known."""
    return await _earliest(conn, vault, await _patients(conn, "s.person_id", "person_id", people))


async def of_records(conn: Connection, vault: Vault, records: Sequence[str]) -> date | None:
    """When the person of these source records was born."""
    found = await _earliest(conn, vault, await _patients(conn, "''", "patient_id", records))
    return found.get("")


async def _patients(conn: Connection, whose: str, column: str, names: Sequence[str]) -> list[Row]:
    if not names:
        return []
    sql = _PATIENTS.format(whose=whose, column=column, names=placeholders(len(names)))
    return await conn.fetch(sql, list(names))


async def _earliest(conn: Connection, vault: Vault, patients: Sequence[Row]) -> dict[str, date]:
    """By whose they are: the earliest day of each, none where one of theirs cannot be opened."""
    days: dict[str, list[date]] = {}
    unreadable: set[str] = set()
    try:
        keys = await vault.keys(conn, [row[1] for row in patients])
    except KeyUnavailableError:
        _log.error("birth-date-unreadable")
        return {}
    for whose, patient_id, resource_id, version, sealed, *labels in patients:
        aad = row_aad("Patient", resource_id, version, patient_id, labels)
        try:
            said = orjson.loads(keys.open(patient_id, bytes(sealed), aad)).get("birthDate")
            if said is not None:
                day = first_moment(said).astimezone(LONDON).date()
                days.setdefault(whose, []).append(day)
        except (UnsealError, KeyUnavailableError, ValueError):
            _log.error("birth-date-unreadable")
            unreadable.add(whose)
    return {one: min(held) for one, held in days.items() if one not in unreadable}
