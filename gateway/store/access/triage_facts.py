"""What misuse triage knows of people: encounters, and how they are named, for comparing alone.

In      A connection; the ids of their source records.
Out     Values to compare with; nothing of it is shown to anybody.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from consent.terms import Reason, RelationshipKind
from gateway.audit.entry import decode
from gateway.clock import from_micros
from gateway.store.clear.ties import span
from gateway.store.database.engine import Connection, placeholders
from gateway.store.identity.patients import patients_of
from gateway.store.labels.labelling import TEAM
from gateway.store.sealed.vault import Vault

_CHUNK: Final = 400
_CLAIMED: Final = Reason(f"relationship-{RelationshipKind.SELF_CLAIM}")
Encounter = tuple[str, datetime, datetime]


@dataclass(slots=True)
class Named:
    """How a person's sources name them and where they live, folded to be compared."""

    families: set[str] = field(default_factory=set, repr=False)
    districts: set[str] = field(default_factory=set, repr=False)
    postcodes: set[str] = field(default_factory=set, repr=False)
    addresses: set[str] = field(default_factory=set, repr=False)


async def encounters(
    conn: Connection, patient_ids: Collection[str]
) -> dict[str, tuple[Encounter, ...]]:
    """Encounters, episodes, appointments and referrals of each source record, as feeds state them:
    what somebody writes over REST explains nothing that they look at."""
    found: dict[str, list[Encounter]] = {}
    for some in _chunks(patient_ids):
        rows = await conn.fetch(
            "SELECT patient_id, source_org, starts, ends FROM resource"
            f" WHERE patient_id IN ({placeholders(len(some))}) AND deleted = 0 AND resource_type IN"
            " ('Encounter', 'EpisodeOfCare', 'Appointment', 'ServiceRequest')"
            f" AND feed <> ${len(some) + 1}",
            [*some, TEAM],
        )
        for patient_id, org, starts, ends in rows:
            found.setdefault(patient_id, []).append((org, *span(starts, ends)))
    return {name: tuple(those) for name, those in found.items()}


async def named(conn: Connection, vault: Vault, patient_ids: Collection[str]) -> dict[str, Named]:
    """How each source record names the person."""
    found: dict[str, Named] = {}
    for patient_id, patient in await patients_of(conn, vault, patient_ids):
        _add(found.setdefault(patient_id, Named()), patient)
    return found


def _add(one: Named, patient: Mapping[str, Any]) -> None:
    one.families |= {folded(name.get("family", "")) for name in patient.get("name", [])} - {""}
    for address in patient.get("address", []):
        postcode, lines = address.get("postalCode", ""), address.get("line", [])
        one.districts |= {district(postcode)} - {""}
        one.postcodes |= {whole(postcode)} - {""}
        if lines and postcode:
            one.addresses.add(house(lines[0], postcode))


def folded(text: str) -> str:
    """A name as it is compared."""
    return " ".join(text.casefold().split())


def district(postcode: str) -> str:
    """The first half of a postcode."""
    said = folded(postcode).replace(" ", "")
    return said[:-3] if len(said) > 4 else said


def whole(postcode: str) -> str:
    """A postcode as it is compared; empty where only its first half is given."""
    said = folded(postcode).replace(" ", "")
    return said if len(said) > 4 else ""


def house(line: str, postcode: str) -> str:
    """An address as it is compared; empty where it is not whole."""
    return f"{folded(line)}|{folded(postcode).replace(' ', '')}" if line and postcode else ""


async def last_seen(conn: Connection, users: Collection[str], before: int) -> dict[str, datetime]:
    """Each user's last entry before that moment."""
    found: dict[str, datetime] = {}
    for some in _chunks(users):
        rows = await conn.fetch(
            "SELECT user_id, MAX(recorded_at) FROM audit_entry WHERE recorded_at < $1"
            f" AND user_id IN ({placeholders(len(some), 2)}) GROUP BY user_id",
            [before, *some],
        )
        found |= {row[0]: from_micros(row[1]) for row in rows}
    return found


async def people_seen(conn: Connection, start: int, end: int) -> dict[str, int]:
    """How many people each user was shown something of between two moments."""
    rows = await conn.fetch(
        "SELECT user_id, COUNT(DISTINCT person_id) FROM audit_entry WHERE recorded_at >= $1"
        " AND recorded_at < $2 AND outcome = 'served' AND person_id <> ''"
        " AND event NOT IN ('audit-view', 'alert') GROUP BY user_id",
        (start, end),
    )
    return {row[0]: int(row[1]) for row in rows}


async def writers(
    conn: Connection, patient_ids: Collection[str], start: int, end: int
) -> dict[str, set[str]]:
    """Who wrote in the record of each of these people, by the id that the log names them by; not
    on a relationship that they claimed themselves."""
    found: dict[str, set[str]] = {}
    for some in _chunks(patient_ids):
        rows = await conn.fetch(
            "SELECT person_id, user_id, record FROM audit_entry"
            f" WHERE person_id IN ({placeholders(len(some), 3)}) AND event IN ('create', 'update')"
            " AND outcome = 'stored' AND recorded_at >= $1 AND recorded_at < $2",
            [start, end, *some],
        )
        for person_id, user_id, record in rows:
            those = found.setdefault(person_id, set())
            if user_id not in those and _CLAIMED not in decode(record).entry.reasons:
                those.add(user_id)
    return found


def _chunks(names: Collection[str]) -> list[list[str]]:
    every = sorted(set(names))
    return [every[start : start + _CHUNK] for start in range(0, len(every), _CHUNK)]
