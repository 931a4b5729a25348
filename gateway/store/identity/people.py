"""Source records and the people they belong to, kept in step with what sources claim.

In      What an item says of whom it is about (PersonClaim), with its place in the order; what
        items and operators say of pairs of records.
Out     Source records; links recomputed for everything that hangs together by a number or a
        statement with what is touched.
Rule    Two writings that claim one number, or name one record, go one after the other: neither
        decides from half of the set.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from types import MappingProxyType
from typing import Final

from gateway.identity.linking import links
from gateway.identity.sayings import from_text
from gateway.identity.statements import Statement, merged_by
from gateway.store.database.engine import BusyError, Connection
from gateway.store.identity import people_said, person_facts, source_records, statements
from gateway.store.identity.source_records import Record, claim_of, is_renamed, is_usable
from gateway.store.identity.statements import Stated
from gateway.store.sealed import key_state
from gateway.store.sealed.vault import Vault
from mappings.core.model.outcome import PersonClaim

_LOCKS: Final = (
    "WITH generation (held) AS MATERIALIZED (SELECT pg_advisory_xact_lock_shared($2::bigint))"
    " SELECT held, pg_advisory_xact_lock(k) FROM generation"
    " LEFT JOIN unnest($1::bigint[]) AS keys (k) ON TRUE"
)
"""Of the generation first, and where there are no keys too: whoever raises it waits for nobody that
waits for them."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """Source records after their claims were taken in."""

    before: Collection[str]
    """Those that were there before."""
    people: Mapping[str, str]
    """Source record -> person."""
    refused: Collection[str] = ()
    """Those that were shredded and may not come again; then nothing was taken in of any."""


async def claim(
    conn: Connection,
    vault: Vault,
    fresh: Mapping[str, Record],
    claims: Mapping[str, Sequence[tuple[PersonClaim, str]]],
    said: Collection[Stated] = (),
) -> Claimed:
    """Take claims in, by source record, and what is said of pairs of records.

    `fresh` holds each record as it is when nothing is known of it yet.
    """
    if not claims:
        return Claimed((), {})
    hasher = vault.hasher
    claims = {patient_id: _each_once(made) for patient_id, made in claims.items()}
    seen = await source_records.records(conn, "patient_id", fresh)
    numbers, generation = {record.nhs_hash for record in seen.values()}, hasher.generation
    numbers |= {people_said.number_of(one, hasher) for made in claims.values() for one, _ in made}
    named = _named(one.statement for one in said)
    await _one_at_a_time(conn, numbers, named | (fresh.keys() - seen.keys()))
    held = seen
    if seen and conn.lock_rows:
        held = await source_records.records(conn, "patient_id", seen, locked=True)
    if refused := await vault.refused(conn, fresh, generation):
        return Claimed((), {}, refused)
    if not {record.nhs_hash for record in held.values() if record.nhs_hash} <= numbers:
        raise BusyError("a source record changed its number meanwhile")
    now = {patient_id: held.get(patient_id, record) for patient_id, record in fresh.items()}
    for patient_id, made in claims.items():
        for one, order in made:
            now[patient_id] = people_said.with_claim(now[patient_id], one, order, hasher)
    await statements.add(conn, said)
    people = await _save(conn, held, now, named, merged_by(one.statement for one in said))
    words = (
        person_facts.words_of(patient_id, one, order, fresh[patient_id].created_at)
        for patient_id, made in claims.items()
        for one, order in made
    )
    await person_facts.take(conn, chain.from_iterable(words))
    return Claimed(held.keys(), people)


def _each_once(made: Sequence[tuple[PersonClaim, str]]) -> list[tuple[PersonClaim, str]]:
    """What is claimed alike of one person once, where it was claimed last: the newest counts."""
    last: dict[PersonClaim, str] = {}
    for one, order in made:
        last[one] = max(order, last.get(one, order))
    return list(last.items())


async def decide(conn: Connection, decision: Stated) -> None:
    """Take in what an operator says of two records, on what is said of both by now, and link anew
    what it touches."""
    said = decision.statement
    named = said.pair
    await _one_at_a_time(conn, (), named)
    both = await _locked(conn, "patient_id", named)
    one, other = (from_text(both[name].said_hash) for name in (said.patient_id, said.other_id))
    made = replace(decision, statement=replace(said, seen=(one, other)))
    await statements.add(conn, [made])
    await _save(conn, {}, {}, named)


async def take_back(conn: Connection, item_ids: Collection[str]) -> None:
    """Forget what these items said of pairs of records, and link anew what that touches."""
    said = await statements.said_by(conn, item_ids) if item_ids else []
    if not said:
        return
    named = _named(one.statement for one in said)
    await _one_at_a_time(conn, (), named)
    await statements.remove(conn, said)
    await _save(conn, {}, {}, named)


async def relink(conn: Connection, patient_ids: Collection[str]) -> None:
    """Link these records anew: others that they were linked with are gone."""
    await _one_at_a_time(conn, (), patient_ids)
    await _save(conn, {}, {}, patient_ids)


async def _one_at_a_time(
    conn: Connection, numbers: Collection[str], patient_ids: Collection[str] = ()
) -> None:
    """Wait for writings that claim these numbers or name these records, and for one that makes
    all hashes again; keep others waiting."""
    wanted = {*filter(is_usable, numbers), *patient_ids}
    if conn.lock_rows:
        keys = sorted({int(one.replace("-", "")[:15], 16) for one in wanted})
        await conn.fetch(_LOCKS, (keys, key_state.LOCK))


async def _save(
    conn: Connection,
    held: Mapping[str, Record],
    now: Mapping[str, Record],
    named: Collection[str],
    merged: Mapping[str, Collection[str]] = MappingProxyType({}),
) -> dict[str, str]:
    """Write new and changed source records, and link anew all that hangs together with them and
    with those `named`, of which some are `merged` by what is new; the person of each."""
    moved = {p: record for p, record in now.items() if not _same_to_others(held.get(p), record)}
    before = [held[patient_id] for patient_id in moved.keys() & held.keys()]
    numbers = {record.nhs_hash for record in (*moved.values(), *before)}
    others, said, crowded = await _hanging_together(conn, moved, {*moved, *named}, numbers, merged)
    stored = {**others, **held}
    made = {**stored, **now}
    claims = [claim_of(made[patient_id]) for patient_id in {*others, *moved}]
    linked = links(claims, said, crowded)
    for patient_id, link in linked.items():
        made[patient_id] = replace(
            made[patient_id],
            person_id=link.person_id,
            link_state=str(link.state),
            number_counts=int(link.number_counts),
        )
    await source_records.insert(conn, [r for p, r in made.items() if p not in stored])
    changed = [r for p, r in sorted(made.items()) if p in stored and stored[p] != r]
    await source_records.update(conn, changed)
    return {patient_id: made[patient_id].person_id for patient_id in now}


async def _hanging_together(
    conn: Connection,
    moved: Mapping[str, Record],
    patient_ids: Collection[str],
    numbers: Collection[str],
    merged: Mapping[str, Collection[str]],
) -> tuple[dict[str, Record], list[Statement], set[str]]:
    """All stored records that share a number or a statement with these, and so on; what is said of
    them; and who of them is merged with too many. Locked, so that nobody changes them meanwhile."""
    found: dict[str, Record] = {}
    said: dict[tuple[str, str, str], Statement] = {}
    crowded: set[str] = set()
    asked_ids, asked_numbers = set(patient_ids), {*filter(is_usable, numbers)}
    new_ids, new_numbers = set(asked_ids), set(asked_numbers)
    while new_ids or new_numbers:
        stated, many = await statements.linking(conn, new_ids, merged)
        crowded |= many
        said |= {one.key: one.statement for one in stated}
        wanted = (new_ids | _named(one.statement for one in stated)) - found.keys() - moved.keys()
        more = await _locked(conn, "nhs_hash", new_numbers)
        more |= await _locked(conn, "patient_id", wanted - more.keys())
        found |= more
        new_ids = {*more, *wanted} - asked_ids
        new_numbers = {one.nhs_hash for one in more.values() if is_usable(one.nhs_hash)}
        new_numbers -= asked_numbers
        asked_ids |= new_ids
        asked_numbers |= new_numbers
        if new_numbers:
            await _one_at_a_time(conn, new_numbers)
    return found, list(said.values()), crowded


async def _locked(conn: Connection, column: str, values: Collection[str]) -> dict[str, Record]:
    if not values:
        return {}
    return await source_records.records(conn, column, values, locked=True)


def _named(said: Iterable[Statement]) -> set[str]:
    return {patient_id for one in said for patient_id in one.pair}


def _same_to_others(before: Record | None, now: Record) -> bool:
    """Whether nothing changed that decides on links or on who may see what."""
    return before is not None and _claims(before) == _claims(now)


def _claims(record: Record) -> tuple[str, ...]:
    return (
        *(record.nhs_hash, record.birth_hash, record.practice, record.practices),
        *(record.called_hash, record.sex),
        *(record.trace, str(record.nameless), str(is_renamed(record)), record.said_hash),
    )
