"""Sources that are pulled, as stored: whose turn it is, how it went, whom to ask for and when.

In      A connection; names of the sources file; moments as microseconds.
Out     Whether a source is ours to pull; the state of each; people who are due, with the NHS
        number their practice knows them by.
Rule    One puller at a time holds a source, until it lets go or its time is over. A number is
        opened here to be put to the person's own practice, and shown to nobody: it is in no
        repr, and is taken only where it is the one the record is linked by.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from consent.terms import Pds
from gateway.identity.person_facts import YES, Fact
from gateway.store.database.engine import Connection, placeholders
from gateway.store.identity import person_facts
from gateway.store.identity.patients import patients_of
from gateway.store.identity.source_records import is_usable
from gateway.store.sealed.vault import Vault
from mappings.core.model import systems
from mappings.core.shaping.identifiers import normalised

_COUNTS: Final = ("taken", "duplicates", "refused", "failed", "waiting")
_STATE: Final = ("next_at", "held_until", "began_at", "ended_at", "outcome", "reason", *_COUNTS)
_CHUNK: Final = 300
_DUE: Final = (
    "SELECT DISTINCT r.person_id, COALESCE(q.failures, 0), COALESCE(q.due_at, 0)"
    " FROM source_record r LEFT JOIN pull_person q ON q.patient_id = r.person_id AND q.source = $1"
    " WHERE r.practice = $2 AND COALESCE(q.due_at, 0) <= $3"
    " AND NOT EXISTS (SELECT 1 FROM source_record o WHERE o.person_id = r.person_id"
    " AND o.practice NOT IN ('', r.practice) AND o.practice_claim > r.practice_claim)"
    " ORDER BY 3, 1"
)


@dataclass(frozen=True, slots=True)
class Ended:
    """How one run of a source ended."""

    outcome: str
    reason: str = ""
    taken: int = 0
    duplicates: int = 0
    refused: int = 0
    failed: int = 0
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class Asked:
    """When a person is due again who was asked for, and how often in a row that failed."""

    patient_id: str
    """The person's own id, which is that of one of their source records."""
    due_at: int
    failures: int


@dataclass(frozen=True, slots=True)
class Due:
    """Somebody whose practice is to be asked."""

    person_id: str
    nhs_number: str = field(repr=False)
    """Empty where it is not clear which is theirs."""
    failures: int


async def hold(
    conn: Connection, name: str, by: str, at: int, until: int, *, forced: bool = False
) -> bool:
    """Whether the source is due (or wanted now) and free, and ours from now on."""
    await conn.execute(
        f"INSERT INTO pull_source (name, held_by, {', '.join(_STATE)})"
        " VALUES ($1, '', 0, 0, 0, 0, '', '', 0, 0, 0, 0, 0) ON CONFLICT DO NOTHING",
        (name,),
    )
    ours = await conn.execute(
        "UPDATE pull_source SET held_by = $2, held_until = $3, began_at = $4"
        " WHERE name = $1 AND held_until <= $4 AND (next_at <= $4 OR $5 = 1)",
        (name, by, until, at, int(forced)),
    )
    return ours == 1


async def keep(conn: Connection, name: str, by: str, until: int) -> bool:
    """Hold on to a source for longer; whether it was still ours."""
    ours = await conn.execute(
        "UPDATE pull_source SET held_until = $3 WHERE name = $1 AND held_by = $2",
        (name, by, until),
    )
    return ours == 1


async def let_go(conn: Connection, name: str, by: str, ended: Ended, at: int, next_at: int) -> None:
    """Note how a run ended, where the source is still ours."""
    counts = [getattr(ended, one) for one in _COUNTS]
    await conn.execute(
        "UPDATE pull_source SET held_by = '', held_until = 0, ended_at = $3, next_at = $4,"
        " outcome = $5, reason = $6, taken = $7, duplicates = $8, refused = $9, failed = $10,"
        " waiting = $11 WHERE name = $1 AND held_by = $2",
        [name, by, at, next_at, ended.outcome, ended.reason, *counts],
    )


async def states(conn: Connection) -> dict[str, dict[str, Any]]:
    """Each source that ever ran, by name."""
    rows = await conn.fetch(f"SELECT name, {', '.join(_STATE)} FROM pull_source ORDER BY name")
    return {row[0]: dict(zip(_STATE, row[1:], strict=True)) for row in rows}


async def due(
    conn: Connection, vault: Vault, source: str, practice: str, at: int, most: int
) -> tuple[list[Due], int]:
    """People registered with a practice whom it is time to ask for, the longest due first; and
    how many more there are.

    A person is of the practice that was named last among all their records. Who opted out, has
    died, or has a record that is redacted is not asked for.
    """
    rows = await conn.fetch(_DUE, (source, practice, at))
    shut: set[str] = set()
    for start in range(0, len(rows), _CHUNK):
        part = [row[0] for row in rows[start : start + _CHUNK]]
        facts = await person_facts.of_people(conn, part)
        shut |= {person_id for person_id, held in facts.items() if _is_shut(held)}
    wanted = [(person_id, failures) for person_id, failures, _ in rows if person_id not in shut]
    numbers = await _numbers(conn, vault, [person_id for person_id, _ in wanted[:most]])
    found = [Due(person_id, numbers.get(person_id, ""), n) for person_id, n in wanted[:most]]
    return found, len(wanted) - len(found)


def _is_shut(facts: Mapping[Fact, str]) -> bool:
    is_hidden = facts.get(Fact.PDS) == Pds.REDACTED
    return is_hidden or YES in (facts.get(Fact.OPTED_OUT), facts.get(Fact.DECEASED))


async def note(conn: Connection, source: str, asked: Asked) -> None:
    """Note how asking for somebody ended."""
    await conn.execute(
        "INSERT INTO pull_person (patient_id, source, due_at, failures) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (patient_id, source) DO UPDATE SET due_at = excluded.due_at,"
        " failures = excluded.failures",
        (asked.patient_id, source, asked.due_at, asked.failures),
    )


async def _numbers(conn: Connection, vault: Vault, person_ids: Sequence[str]) -> dict[str, str]:
    """The NHS number of each of these people whose records agree on one."""
    hashes: dict[str, set[str]] = {}
    held_in: dict[str, tuple[str, str]] = {}
    for start in range(0, len(person_ids), _CHUNK):
        part = person_ids[start : start + _CHUNK]
        for patient_id, person_id, nhs_hash in await conn.fetch(
            "SELECT patient_id, person_id, nhs_hash FROM source_record"
            f" WHERE person_id IN ({placeholders(len(part))})"
            " AND link_state IN ('linked', 'alone') AND number_counts = 1",
            part,
        ):
            if is_usable(nhs_hash):
                hashes.setdefault(person_id, set()).add(nhs_hash)
                held_in[patient_id] = person_id, nhs_hash
    clear = {one: held for one, held in held_in.items() if len(hashes[held[0]]) == 1}
    return await _opened(conn, vault, clear)


async def _opened(
    conn: Connection, vault: Vault, held_in: Mapping[str, tuple[str, str]]
) -> dict[str, str]:
    """Person -> the number that a Patient of theirs holds and that the record is linked by."""
    found: dict[str, str] = {}
    for patient_id, patient in await patients_of(conn, vault, held_in):
        person_id, wanted = held_in[patient_id]
        for one in patient.get("identifier", ()):
            number = normalised(one.get("value", ""))
            known_as = vault.hasher.keyed_hashes("nhs-number", number)
            if one.get("system") == systems.NHS_NUMBER and wanted in known_as:
                found[person_id] = number
    return found
