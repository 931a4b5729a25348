"""The Consents of people as rules and authorities to act, and what rules reach over references.

In      A connection; rows of Consents: person, source record, id, version, sealed.
Out     What each states; for each resource that a rule reaches from, what it is linked to.
Rule    A stored Consent that cannot be read closes the record: what is not understood is never
        half-applied. One that was altered in the database closes that person's record, is noted,
        and keeps nobody from anybody else's.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import orjson
import structlog

from consent.fhir_values import UnsupportedConsentError
from consent.from_fhir import is_privacy_consent
from consent.proxies import NUMBER_SYSTEM, proxy_named, read_stated
from consent.rule import ConsentRule, Provision
from consent.terms import ProxyAuthority
from gateway.store.engine import Connection, Row
from gateway.store.keys import KeyedHasher
from gateway.store.sealing import UnsealError, version_aad
from gateway.store.vault import Vault

Stated = ConsentRule | ProxyAuthority | None
CLOSED: Final = ConsentRule(Provision(permit=False))
"""Stands for a Consent that cannot be read: it denies everything to everyone else."""
_log = structlog.get_logger()


async def rules_of(conn: Connection, vault: Vault, consents: list[Row]) -> dict[str, Stated]:
    """What each Consent says; None where it is not about the sharing of the record."""
    keys = await vault.keys(conn, [row[1] for row in consents])
    found: dict[str, Stated] = {}
    for _, patient_id, resource_id, version, sealed in consents:
        aad = version_aad("resource", "Consent", resource_id, version, patient_id)
        try:
            opened = keys.open(patient_id, bytes(sealed), aad)
        except UnsealError:
            _log.error("consent-unreadable")
            found[resource_id] = CLOSED
        else:
            found[resource_id] = _stated(orjson.loads(opened), resource_id, vault)
    return found


def _stated(body: dict[str, object], resource_id: str, vault: Vault) -> Stated:
    if not is_privacy_consent(body):
        return None
    try:
        stated = read_stated(body, resource_id)
        if isinstance(stated, ProxyAuthority) and proxy_named(body)[0] == NUMBER_SYSTEM:
            return replace(stated, user_id=proxy_by_number(vault.hasher, stated.user_id))
    except UnsupportedConsentError:
        return CLOSED
    return stated


def proxy_by_number(hasher: KeyedHasher, number: str) -> str:
    """The user id of whoever acts for others and is named by this NHS number."""
    return hasher.keyed_uuid("proxy", number)


async def links_of(
    conn: Connection,
    consents: list[Row],
    stated: Mapping[str, Stated],
) -> dict[str, tuple[frozenset[str], frozenset[str]]]:
    """For each resource a Consent reaches from: what it refers to, what refers to it."""
    found: dict[str, tuple[frozenset[str], frozenset[str]]] = {}
    for row in consents:
        rule = stated[row[2]]
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
