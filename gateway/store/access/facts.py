"""The facts a decision is made on, for one person or for a caseload, in a few queries.

In      A connection; person ids.
Out     PersonFacts by person: relationships, permissions, consents, flags; and the source
        records that make up each person.
Rule    A change holds from the next request. What was read is kept under the person's epoch,
        which the database itself moves with every row facts are made of; the epoch is read
        first, so that a change between it and the facts can only make them be read again.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from typing import Final, TypeVar

from consent.feeds import ClosedFeed, SwitchedOff
from consent.periods import first_moment
from consent.rule import ConsentRule
from consent.terms import Caller, Pds, Permission, PersonFacts, ProxyAuthority
from gateway.clock import to_micros
from gateway.identity.person_facts import NO, YES, Fact, deaths_decided, standing
from gateway.store.access import grants
from gateway.store.access.consent_rules import Spoken, links_of, rules_of, with_senders
from gateway.store.access.held import Held, HeldCache, Whom
from gateway.store.clear import home_visits
from gateway.store.clear.ties import practices_of, relationships, span
from gateway.store.database.engine import Connection, Row, after_commit, placeholders
from gateway.store.identity import births, person_facts, together
from gateway.store.record.reads import is_id
from gateway.store.sealed import key_state
from gateway.store.sealed.row_seal import bound_columns
from gateway.store.sealed.staff_book import StaffBook
from gateway.store.sealed.vault import Vault
from gateway.store.site import feed_standing, site_data

_CHUNK: Final = 500
_WHOM: Final = (
    "SELECT s.person_id, p.epoch + (SELECT epoch FROM site_epoch), {keys}"
    " FROM {start} JOIN person p ON p.person_id = s.person_id JOIN key_state k ON k.id = 1"
    " WHERE {key} = $1"
)
_BY_RECORD: Final = _WHOM.format(
    keys=key_state.COLUMNS, start="source_record s", key="s.patient_id"
)
_BY_RESOURCE: Final = _WHOM.format(
    keys=key_state.COLUMNS,
    start="resource_owner o JOIN source_record s ON s.patient_id = o.patient_id",
    key="o.resource_id",
)


async def whom(conn: Connection, resource_type: str, resource_id: str) -> Whom | None:
    """The person a resource is about; that of a source record for a Patient."""
    if not is_id(resource_id):
        return None
    sql = _BY_RECORD if resource_type == "Patient" else _BY_RESOURCE
    found = _with_keys(conn, await conn.fetch(sql, (resource_id,)))
    return found[0] if found else None


def _with_keys(conn: Connection, rows: list[Row]) -> list[Whom]:
    """People, as rows that say how keys stand besides."""
    if rows:
        key_state.note(conn, rows[0][2:])
    return [Whom(row[0], row[1]) for row in rows]


async def person_of(conn: Connection, patient_id: str) -> str | None:
    """The person a source record (or a person's own id) belongs to."""
    found = await whom(conn, "Patient", patient_id)
    return found.person_id if found else None


async def persons_by_number(conn: Connection, hashes: Collection[str]) -> list[str]:
    """Everyone whose source records claim the number (any of its keyed hashes), and for whom it
    counts: not for a record that follows another by decision or was told apart."""
    rows = await conn.fetch(
        "SELECT DISTINCT person_id FROM source_record"
        f" WHERE nhs_hash IN ({placeholders(len(hashes))}) AND number_counts = 1"
        " ORDER BY person_id",
        list(hashes),
    )
    return [row[0] for row in rows]


async def caseload_of(conn: Connection, caller: Caller, at: datetime, limit: int) -> list[str]:
    """People this caller's organisation, or the caller, has any tie to at that moment; at most
    `limit`."""
    rows = await conn.fetch(
        "SELECT s.person_id FROM source_record s WHERE s.source_org = $1"
        " UNION SELECT s.person_id FROM caseload c"
        " JOIN source_record s ON s.patient_id = c.patient_id"
        " WHERE c.org = $1 AND c.user_id IN ('', $2) AND c.starts <= $4 AND c.ends > $4"
        " UNION SELECT s.person_id FROM access_grant g"
        " JOIN source_record s ON s.patient_id = g.patient_id"
        " WHERE g.org = $1 AND g.user_id = $2 AND g.starts <= $4 AND g.ends > $4"
        f" AND g.kind <> '{grants.SUSPENSION}'"
        " ORDER BY 1 LIMIT $3",
        (caller.org, caller.user_id, limit, to_micros(at)),
    )
    return [row[0] for row in rows]


async def facts_about(
    conn: Connection, vault: Vault, cache: HeldCache, persons: Collection[str]
) -> dict[str, Held]:
    """The facts about each of these people that are known here."""
    found: dict[str, Held] = {}
    wanted = sorted(set(persons))
    for start in range(0, len(wanted), _CHUNK):
        people = await epochs_of(conn, wanted[start : start + _CHUNK])
        found |= await held_of(conn, vault, cache, people)
    return found


async def epochs_of(conn: Connection, persons: Collection[str]) -> list[Whom]:
    """These people with the epochs that their facts stand at now."""
    rows = await conn.fetch(
        f"SELECT p.person_id, p.epoch + (SELECT epoch FROM site_epoch), {key_state.COLUMNS}"
        " FROM person p JOIN key_state k ON k.id = 1"
        f" WHERE p.person_id IN ({placeholders(len(persons))})",
        list(persons),
    )
    return _with_keys(conn, rows)


async def held_of(
    conn: Connection, vault: Vault, cache: HeldCache, people: Collection[Whom]
) -> dict[str, Held]:
    """The facts about these people, of whom the epoch was read a moment ago."""
    found: dict[str, Held] = {}
    unknown: dict[str, int] = {}
    for one in people:
        held = cache.find(one.person_id, one.epoch)
        if held is None:
            unknown[one.person_id] = one.epoch
        else:
            found[one.person_id] = held
    if unknown:
        for held in (await _facts(conn, vault, unknown)).values():
            found[held.facts.person_id] = held
            if held.facts.links or held.facts.proxies:  # no epoch moves with these
                continue
            if conn.writes:
                after_commit(conn, partial(cache.keep, held))
            else:
                cache.keep(held)
    return found


_SOURCES: Final = (
    "SELECT s.person_id, s.patient_id, s.source_org, s.feed, s.practice, s.practice_claim,"
    " CASE WHEN s.number_counts = 1 THEN s.nhs_hash ELSE '' END, s.practices FROM source_record s"
    " WHERE s.person_id IN ({people}) ORDER BY s.patient_id"
)
_CASELOAD: Final = (
    "SELECT s.person_id, c.kind, c.org, c.user_id, c.starts, c.ends, c.entry_id"
    " FROM source_record s JOIN caseload c ON c.patient_id = s.patient_id"
    f" WHERE s.person_id IN ({{people}}) AND NOT {together.uncertain(together.TEAM, 'c')}"
    " ORDER BY c.entry_id"
)
_PERMISSIONS: Final = (
    "SELECT s.person_id, q.org, q.user_id, q.starts, q.ends, q.permission_id"
    " FROM source_record s JOIN permission q ON q.patient_id = s.patient_id"
    f" WHERE s.person_id IN ({{people}}) AND NOT {together.uncertain(together.PERMISSION, 'q')}"
    " ORDER BY q.permission_id"
)
_CONSENTS: Final = (
    "SELECT s.person_id, r.patient_id, r.resource_id, r.version, r.sealed,"
    f" CASE WHEN {together.uncertain(together.CONSENT, 'r')} THEN 1 ELSE 0 END,"
    f" {bound_columns('r')}"
    " FROM source_record s JOIN resource r ON r.patient_id = s.patient_id"
    " WHERE s.person_id IN ({people}) AND r.resource_type = 'Consent' AND r.deleted = 0"
    f" UNION {together.BINDING} ORDER BY 3, 4"
)


async def _facts(conn: Connection, vault: Vault, epochs: Mapping[str, int]) -> dict[str, Held]:
    vault.go_by(await key_state.noted(conn))  # whose number is a user's is told by every index key

    async def of_people(sql: str) -> list[Row]:
        return await conn.fetch(sql.format(people=placeholders(len(epochs))), list(epochs))

    sources = _by_person(await of_people(_SOURCES))
    caseload = _by_person(await of_people(_CASELOAD))
    permissions = _by_person(await of_people(_PERMISSIONS))
    visits = _by_person(await of_people(home_visits.OF_PEOPLE))
    rules = await rules_of(conn, vault, await of_people(_CONSENTS))
    links = await links_of(conn, rules)
    words = await person_facts.said_of(conn, list(epochs))
    closed = await feed_standing.closed(conn)
    switched = await site_data.switched_off(conn)
    said = defaultdict[str, list[Spoken]](list)
    for spoken in rules:
        said[spoken[0][0]].append(spoken)
    born = await births.of_people(conn, vault, people_acted_for(rules))
    found = {
        person_id: held_from(
            Whom(person_id, epochs[person_id]),
            rows,
            caseload.get(person_id, []),
            permissions.get(person_id, []),
            visits.get(person_id, []),
            said.get(person_id, []),
            born.get(person_id),
            links,
            standing(words.get(person_id, ())),
            closed,
            switched,
            vault.staff,
        )
        for person_id, rows in sources.items()
    }
    opened = await grants.with_grants(conn, {one: held.facts for one, held in found.items()})
    for one, said_of_it in words.items():
        found[one] = replace(found[one], deaths=deaths_decided(said_of_it))
    return found | {one: replace(found[one], facts=facts) for one, facts in opened.items()}


def people_acted_for(consents: Iterable[Spoken]) -> list[str]:
    """People for whom a Consent says that somebody acts: only their birth dates are opened."""
    return sorted({row[0] for row, stated in consents if isinstance(stated, ProxyAuthority)})


def _by_person(rows: Iterable[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(row)
    return found


def _permission(row: Row) -> Permission:
    return Permission(row[1] or None, row[2] or None, *span(row[3], row[4]), row[5])


def _review_from(value: str) -> int | None:
    return None if value == NO else to_micros(first_moment(value))


def _off(
    sources: list[Row], closed: tuple[ClosedFeed, ...], switched: Mapping[str, SwitchedOff]
) -> SwitchedOff:
    practices = practices_of(sources, closed) if switched else ()
    return site_data.joined([switched[one] for one in practices if one in switched])


_Said = TypeVar("_Said")


def _of_kind(spoken: list[Spoken], kind: type[_Said]) -> list[tuple[Row, _Said]]:
    return [(row, said) for row, said in spoken if isinstance(said, kind)]


def held_from(
    person: Whom,
    sources: list[Row],
    caseload: list[Row],
    permissions: list[Row],
    visits: list[Row],
    consents: list[Spoken],
    birth_date: date | None,
    links: Mapping[str, tuple[frozenset[str], frozenset[str]]],
    flags: Mapping[Fact, str],
    closed: tuple[ClosedFeed, ...],
    switched: Mapping[str, SwitchedOff],
    staff: StaffBook,
) -> Held:
    """The person that these rows are."""
    off = _off(sources, closed, switched)
    rules, proxies = _of_kind(consents, ConsentRule), _of_kind(consents, ProxyAuthority)
    facts = PersonFacts(
        person_id=person.person_id,
        relationships=tuple(relationships(sources, caseload, closed, off.feeds)),
        permissions=tuple(map(_permission, permissions)),
        visits=tuple(home_visits.of_rows(visits, closed, off.feeds)),
        consents=tuple(with_senders(rule, sources) for _, rule in rules),
        opted_out=flags.get(Fact.OPTED_OUT) == YES,
        pds=Pds(flags.get(Fact.PDS, Pds.UNRESTRICTED)),
        birth_date=birth_date,
        deceased=flags.get(Fact.DECEASED) == YES,
        review_from=_review_from(flags.get(Fact.REVIEW, NO)),
        proxies=tuple(proxy for _, proxy in proxies),
        staff_ids=staff.users_of(row[6] for row in sources),
        links=links,
        closed=closed,
        off=off,
    )
    return Held(
        facts,
        {row[1]: row[2] for row in sources},
        person.epoch,
        tuple((row[2], row[3]) for row, _ in (*rules, *proxies)),
    )
