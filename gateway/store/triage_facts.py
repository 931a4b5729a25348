"""What misuse triage knows of people: encounters, and how they are named, for comparing alone.

In      A connection; the ids of their source records.
Out     Values to compare with; nothing of it is shown to anybody.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

import orjson

from gateway.clock import from_micros
from gateway.store.engine import Connection, placeholders
from gateway.store.sealing import version_aad
from gateway.store.ties import span
from gateway.store.vault import Vault

_CHUNK: Final = 400
Encounter = tuple[str, datetime, datetime]


@dataclass(slots=True)
class Named:
    """How a person's sources name them and where they live, folded to be compared."""

    families: set[str] = field(default_factory=set, repr=False)
    districts: set[str] = field(default_factory=set, repr=False)
    addresses: set[str] = field(default_factory=set, repr=False)


async def encounters(
    conn: Connection, patient_ids: Collection[str]
) -> dict[str, tuple[Encounter, ...]]:
    """Encounters, episodes, appointments and referrals of each source record."""
    found: dict[str, list[Encounter]] = {}
    for some in _chunks(patient_ids):
        rows = await conn.fetch(
            "SELECT patient_id, source_org, starts, ends FROM resource"
            f" WHERE patient_id IN ({placeholders(len(some))}) AND deleted = 0 AND resource_type IN"
            " ('Encounter', 'EpisodeOfCare', 'Appointment', 'ServiceRequest')",
            some,
        )
        for patient_id, org, starts, ends in rows:
            found.setdefault(patient_id, []).append((org, *span(starts, ends)))
    return {name: tuple(those) for name, those in found.items()}


async def named(conn: Connection, vault: Vault, patient_ids: Collection[str]) -> dict[str, Named]:
    """How each source record names the person."""
    found: dict[str, Named] = {}
    for some in _chunks(patient_ids):
        rows = await conn.fetch(
            "SELECT patient_id, resource_id, version, sealed FROM resource"
            f" WHERE patient_id IN ({placeholders(len(some))}) AND deleted = 0"
            " AND resource_type = 'Patient'",
            some,
        )
        keys = await vault.keys(conn, [row[0] for row in rows])
        for patient_id, resource_id, version, sealed in rows:
            aad = version_aad("resource", "Patient", resource_id, version, patient_id)
            body = orjson.loads(keys.open(patient_id, bytes(sealed), aad))
            _add(found.setdefault(patient_id, Named()), body)
    return found


def _add(one: Named, patient: Mapping[str, Any]) -> None:
    one.families |= {folded(name.get("family", "")) for name in patient.get("name", [])} - {""}
    for address in patient.get("address", []):
        postcode, lines = address.get("postalCode", ""), address.get("line", [])
        one.districts |= {district(postcode)} - {""}
        if lines and postcode:
            one.addresses.add(house(lines[0], postcode))


def folded(text: str) -> str:
    """A name as it is compared."""
    return " ".join(text.casefold().split())


def district(postcode: str) -> str:
    """The first half of a postcode."""
    whole = folded(postcode).replace(" ", "")
    return whole[:-3] if len(whole) > 4 else whole


def house(line: str, postcode: str) -> str:
    """An address as it is compared; empty where it is not whole."""
    return f"{folded(line)}|{folded(postcode).replace(' ', '')}" if line and postcode else ""


async def last_seen(conn: Connection, users: Collection[str], before: int) -> dict[str, date]:
    """The day of each user's last entry before that moment."""
    found: dict[str, date] = {}
    for some in _chunks(users):
        rows = await conn.fetch(
            "SELECT user_id, MAX(recorded_at) FROM audit_entry WHERE recorded_at < $1"
            f" AND user_id IN ({placeholders(len(some), 2)}) GROUP BY user_id",
            [before, *some],
        )
        found |= {row[0]: from_micros(row[1]).date() for row in rows}
    return found


def _chunks(names: Collection[str]) -> list[list[str]]:
    every = sorted(set(names))
    return [every[start : start + _CHUNK] for start in range(0, len(every), _CHUNK)]
