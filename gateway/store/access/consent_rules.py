"""The Consents of people as rules and authorities to act, and what rules reach over references.

In      A connection; rows of Consents: person, source record, id, version, sealed, and whether it
        is uncertain that they are that person's (gateway.store.identity.together).
Out     What each states; for each resource that a rule reaches from, what it is linked to.
Rule    A stored Consent that cannot be read closes the record: what is not understood is never
        half-applied. One that was altered in the database closes that person's record, is noted,
        and keeps nobody from anybody else's. One that may be another person's only takes away.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

import orjson
import structlog

from consent.fhir_values import UnsupportedConsentError
from consent.from_fhir import is_privacy_consent
from consent.proxies import NUMBER_SYSTEM, proxy_named, read_stated
from consent.rule import ConsentRule, Provision
from consent.terms import CallerKind, ProxyAuthority
from gateway.store.clear.ties import GP_FEED
from gateway.store.database.engine import Connection, Row
from gateway.store.keyring.keys import KeyUnavailableError
from gateway.store.sealed.row_seal import row_aad
from gateway.store.sealed.sealing import UnsealError
from gateway.store.sealed.staff_book import proxy_by_number
from gateway.store.sealed.vault import Keys, Vault

Stated = ConsentRule | ProxyAuthority | None
Spoken = tuple[Row, Stated]
"""A row of a Consent, and what it states."""
CLOSED: Final = ConsentRule(Provision(permit=False))
"""Stands for a Consent that cannot be read: it denies everything to everyone else."""
TEAM_SOURCE: Final = "urn:care-gateway:team:"
"""Before whoever wrote it over REST: an organisation, or a kind of caller without one."""
_log = structlog.get_logger()


async def rules_of(conn: Connection, vault: Vault, consents: list[Row]) -> list[Spoken]:
    """What each Consent says; None where it is not about the sharing of the record, and where who
    acts for the person may act for another."""
    keys = await vault.keys(conn, [row[1] for row in consents if row[1]])
    found: list[Spoken] = []
    for row in consents:
        said = _opened(row, keys, vault)
        if row[5]:
            said = replace(said, narrows_only=True) if isinstance(said, ConsentRule) else None
        found.append((row, said))
    return found


def _opened(consent: Row, keys: Keys, vault: Vault) -> Stated:
    _, patient_id, resource_id, version, sealed, _, *labels = consent
    if sealed is None:  # the record that it stood on was shredded, and this one was parted from it
        return CLOSED
    aad = row_aad("Consent", resource_id, version, patient_id, labels)
    try:
        opened = keys.open(patient_id, bytes(sealed), aad)
    except (UnsealError, KeyUnavailableError):
        _log.error("consent-unreadable")
        return CLOSED
    return _stated(orjson.loads(opened), resource_id, vault)


def _stated(body: dict[str, Any], resource_id: str, vault: Vault) -> Stated:
    if not is_privacy_consent(body):
        return None
    try:
        stated = read_stated(body, resource_id)
        if isinstance(stated, ProxyAuthority):
            return replace(stated, user_id=user_named(body, vault))
    except UnsupportedConsentError:
        return CLOSED
    return replace(stated, by_team=is_by_team(body))


def is_by_team(consent: Mapping[str, Any]) -> bool:
    """Whether an organisation recorded this version over REST, by its staff (by the policy no
    system writes Consents); the person or who acts for them did not, and no feed sent it."""
    source = str(consent.get("meta", {}).get("source", ""))
    by = source.removeprefix(TEAM_SOURCE)
    return source.startswith(TEAM_SOURCE) and by not in ("", CallerKind.PATIENT, CallerKind.PROXY)


def user_named(consent: Mapping[str, Any], vault: Vault) -> str:
    """The user id of whoever a Consent says acts for the person."""
    system, value = proxy_named(consent)
    return proxy_by_number(vault.hasher, value) if system == NUMBER_SYSTEM else value


def with_senders(rule: ConsentRule, sources: Iterable[Row]) -> ConsentRule:
    """A rule whose denies of what a practice holds, or wrote, are about what others send for it, or
    ever sent, as well: rows bear the sender's code. A permit stays as narrow as it is said."""
    sent = [
        (practice, row[2])
        for row in sources
        if row[3] == GP_FEED
        for practice in row[7].split()
        if practice != row[2]
    ]
    if not sent:
        return rule
    nested = tuple(_with_senders(one, sent) for one in rule.nested)
    return replace(rule, root=_with_senders(rule.root, sent), nested=nested)


def _with_senders(part: Provision, sent: list[tuple[str, str]]) -> Provision:
    if part.permit:
        return part
    holders = part.source_orgs | {org for practice, org in sent if practice in part.source_orgs}
    authors = part.authors | {org for practice, org in sent if practice in part.authors}
    return replace(part, source_orgs=holders, authors=authors)


async def links_of(
    conn: Connection, consents: Iterable[Spoken]
) -> dict[str, tuple[frozenset[str], frozenset[str]]]:
    """For each resource a Consent reaches from: what it refers to, what refers to it."""
    found: dict[str, tuple[frozenset[str], frozenset[str]]] = {}
    for row, rule in consents:
        for resource_id in _reaching(rule) if isinstance(rule, ConsentRule) else ():
            forth = await conn.fetch(
                "SELECT r.refs FROM resource_owner o JOIN resource r"
                " ON r.patient_id = o.patient_id AND r.resource_id = o.resource_id"
                " WHERE o.resource_id = $1",
                (resource_id,),
            )
            back = await conn.fetch(
                "SELECT r.resource_id FROM source_record s JOIN resource r"
                " ON r.patient_id = s.patient_id"
                " WHERE s.person_id = $1 AND r.refs LIKE $2",
                (row[0], f"%/{resource_id}%"),
            )
            ids = forth[0][0].split() if forth else []
            found[resource_id] = (
                frozenset(ref.partition("/")[2] for ref in ids),
                frozenset(found_row[0] for found_row in back),
            )
    return found


def _reaching(rule: ConsentRule) -> set[str]:
    return {
        reference.resource_id for part in (rule.root, *rule.nested) for reference in part.references
    }
