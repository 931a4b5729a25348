"""Source records that wait for somebody to say whose they are, and whom they may be.

Out     Records in the states to review; for each, others that share a number, a birth date or a
        statement with it; what their Patients say, for comparison.
Rule    A Patient is opened here to be compared, and nothing of it leaves but Traits, which no
        answer, log line or repr shows. Only records of other people are candidates, and nobody
        whom an operator told apart: a decision that no longer holds is to be made afresh.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Final

from gateway.identity.linking import NEEDS_REVIEW, LinkState
from gateway.identity.statements import Verdict, standing
from gateway.identity.weights import Traits, traits
from gateway.store.database.engine import Connection, placeholders
from gateway.store.identity import source_records, statements
from gateway.store.identity.patients import patients_of
from gateway.store.identity.source_records import Record, is_usable
from gateway.store.sealed.vault import Vault

_CHUNK: Final = 300
Pair = tuple[str, str]


async def waiting(
    conn: Connection, limit: int, wanted: Collection[LinkState] = NEEDS_REVIEW
) -> dict[str, Record]:
    """Records in states to review, the latest first."""
    states = sorted(map(str, wanted))
    rows = await conn.fetch(
        "SELECT patient_id FROM source_record"
        f" WHERE link_state IN ({placeholders(len(states), 2)})"
        " ORDER BY created_at DESC, patient_id LIMIT $1",
        [limit, *states],
    )
    return await _chunked(conn, "patient_id", [row[0] for row in rows])


async def candidates(
    conn: Connection, held: Mapping[str, Record]
) -> tuple[dict[str, Record], dict[Pair, bool]]:
    """Records that may be of the same person as one that waits; the pairs, each with whether
    they are to be looked at however unlike: they share a number, or their source merged them."""
    said = standing([one.statement for one in await statements.about(conn, held)] if held else [])
    stated = _partners(one.pair for one in said)
    apart = _partners(one.pair for one in said if one.decided and one.verdict is Verdict.DIFFERENT)
    found = dict(held) | await _chunked(conn, "patient_id", stated.keys() - held.keys())
    for column in ("nhs_hash", "birth_hash"):
        wanted = {getattr(record, column) for record in held.values()}
        found |= await _chunked(conn, column, filter(is_usable, wanted))
    by_number, by_birth = _sharing(found, "nhs_hash"), _sharing(found, "birth_hash")
    pairs: dict[Pair, bool] = {}
    for one, record in held.items():
        to_see = by_number[record.nhs_hash] | (stated[one] & found.keys())
        for other in (to_see | by_birth[record.birth_hash]) - apart[one]:
            is_turned = other in held and other < one
            if not is_turned and record.person_id != found[other].person_id:
                pairs[one, other] = other in to_see
    return found, pairs


def _partners(pairs: Iterable[frozenset[str]]) -> defaultdict[str, set[str]]:
    """Each record with those it is named with."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for pair in pairs:
        for one in pair:
            found[one] |= pair - {one}
    return found


def _sharing(records: Mapping[str, Record], column: str) -> defaultdict[str, set[str]]:
    """The records of each value that two records can share."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for patient_id, record in records.items():
        if is_usable(value := getattr(record, column)):
            found[value].add(patient_id)
    return found


async def traits_of(
    conn: Connection, vault: Vault, patient_ids: Collection[str]
) -> dict[str, Traits]:
    """What each of these records' Patient says that can be compared."""
    return {
        patient_id: traits(patient)
        for patient_id, patient in await patients_of(conn, vault, patient_ids)
    }


async def _chunked(conn: Connection, column: str, values: Iterable[str]) -> dict[str, Record]:
    wanted = list(values)
    found: dict[str, Record] = {}
    for start in range(0, len(wanted), _CHUNK):
        found |= await source_records.records(conn, column, wanted[start : start + _CHUNK])
    return found
