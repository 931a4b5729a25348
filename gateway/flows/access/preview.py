"""Before a Consent is saved: who would gain and lose sight of what.

    may it be saved? -> saved, in a transaction -> the facts after it -> undone -> record -> answer

Rule    Who may save it may try it, and is refused as the saving would be. What is told rests on
        nothing but items and Consents that the caller sees: whom else the person is known to, what
        is hidden and what other Consents say changes no byte. So each organisation that the
        Consents name, the caller's own, and any other stand here as if they cared for the person.
Errors  As gateway.flows.writing.write_record; TooCostlyError; AuditUnavailableError.
Source  docs/adr/0048-a-preview-rests-on-what-its-caller-sees.md
"""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from consent.policy import Policy
from consent.proxies import is_proxy_consent
from consent.rule import ActorKind, ConsentRule
from consent.terms import (
    BEGINNING,
    FOREVER,
    Action,
    CallerKind,
    Labels,
    Permission,
    PersonFacts,
    ProxyAuthority,
    Relationship,
    RelationshipKind,
)
from gateway.audit.events import Event, Outcome
from gateway.errors import Fault, GatewayError, TooCostlyError, UnprocessableError
from gateway.flows.access.preview_effects import Change, World, asker, change_for, together
from gateway.flows.access.preview_situations import ANYBODY, OTHERS
from gateway.flows.asking.access_log import entry_of
from gateway.flows.asking.alerts import record_owing
from gateway.flows.asking.sight import Sight, seen
from gateway.flows.site.site import Asking, Site
from gateway.flows.writing.write_record import check_allowed, tried
from gateway.flows.writing.write_steps import Write
from gateway.flows.writing.write_types import check_resource, person_named, read_resource
from gateway.store.access import facts
from gateway.store.access.held import Held
from gateway.store.database.engine import Connection
from gateway.store.record.item_labels import Labelled, labelled

_KIND: Final = "Consent"
_QUERY: Final = "preview"
_SUPPOSED_OF: Final = "whoever cares for the person and may view the record"
_OF_PROXY: Final = "who acts for the person is not tried first: what a proxy sees is policy"
MOST_ROWS: Final = 5_000
_MOST_ACTORS: Final = 20
"""Organisations and users that the Consents may name."""
_EVIDENCE: Final = "supposed"


@dataclass(frozen=True, slots=True)
class _Look:
    """The person at one moment: the facts, how the caller sees them, and the rows of that."""

    held: Held
    sight: Sight
    rows: list[Labelled]

    @property
    def ids(self) -> frozenset[str]:
        """What the caller sees."""
        return frozenset(one.labels.resource_id for one in self.rows)


@dataclass(frozen=True, slots=True)
class _Known:
    """What an answer may rest on: rows, Consents and links that the caller sees."""

    rows: tuple[Labels, ...]
    ids: frozenset[str]
    consents: frozenset[str]
    person_id: str


async def preview(site: Site, asking: Asking, body: bytes, match: int | None) -> dict[str, Any]:
    """What saving this Consent would change. One with an id changes the one that stands."""
    resource = read_resource(body, _KIND)
    action = Action.UPDATE if "id" in resource else Action.CREATE
    await check_allowed(site, asking, action, _KIND)
    check_resource(resource)
    if is_proxy_consent(resource):
        raise UnprocessableError([Fault("not-supported", "Consent.policyRule", _OF_PROXY)])
    write = Write(action, _KIND, str(resource.get("id", "")), body=resource, match=match)
    named = person_named(resource).removeprefix(f"{site.base_url}/fhir/R4/")

    async def look(conn: Connection) -> _Look | None:
        return await _look(conn, site, asking, named)

    before, after = await tried(site, asking, write, look)
    if before is None or after is None:  # the writing is refused about nobody
        raise GatewayError
    if len(before.rows) > MOST_ROWS:
        raise TooCostlyError
    changes = await _changes(site.policy, asking, before, after)
    entry = replace(
        entry_of(site, asking, Event.DECISION, before.sight, [], _QUERY),
        outcome=Outcome.SERVED,
        resources=_told_of(before, changes.values()),
    )
    await record_owing(site.store, before.sight.allowed.obligations, entry)
    return {"supposed": _SUPPOSED_OF, "changes": together(changes)}


async def _look(conn: Connection, site: Site, asking: Asking, patient_id: str) -> _Look | None:
    whom = await facts.whom(conn, "Patient", patient_id)
    held = await facts.held_of(conn, site.store.vault, site.known, [whom] if whom else [])
    sights = await seen(conn, site, asking, held.values(), Action.READ)
    if not sights or sights[0].allowed.is_nothing:
        return None
    rows = await labelled(conn, sights[0].group, MOST_ROWS + 1)
    return _Look(sights[0].held, sights[0], rows)


async def _changes(
    policy: Policy, asking: Asking, before: _Look, after: _Look
) -> dict[tuple[str, str, str], Change]:
    """By organisation, user and role; empty for any organisation, and for any user."""
    then = {name for name, _ in before.held.consents}
    new = frozenset(name for name, _ in after.held.consents if name not in then)
    known = _Known(tuple(_rows_told(before)), before.ids, before.ids | new, before.sight.person_id)
    was, will = (_supposed(look, known) for look in (before, after))
    at = max([asking.at, *(rule.root.start for rule in {*will.consents} - {*was.consents})])
    found: dict[tuple[str, str, str], Change] = {}
    for org, user in _named_in((*was.consents, *will.consents), asking.caller.org):
        before_it, after_it = (_cared_for(one, policy, org, user or ANYBODY) for one in (was, will))
        for role in policy.roles.values():
            await asyncio.sleep(0)  # let others on between two of many
            if role.kind is CallerKind.PATIENT or (role.kind is CallerKind.PROXY and org != OTHERS):
                continue
            caller = asker(role, user or ANYBODY, org, known.person_id)
            change = change_for(caller, before_it, after_it, known.rows, at)
            found["" if org == OTHERS else org, user, role.id] = change
    return found


def _rows_told(look: _Look) -> Iterator[Labels]:
    """The rows as far as the caller knows what they bear: not the reason of an instruction, nor
    whose it is of a person whose whereabouts are masked. A person is one Patient."""
    allowed = look.sight.allowed
    named = allowed.names_organisations
    for _, row in look.rows:
        if row.resource_type == "Provenance":
            continue  # it is shown by what it speaks of, which is here
        if allowed.reduction is not None and allowed.reduction.applies(row):
            continue
        told = row if named else replace(row, source_org="", author="", feed="")
        is_person = row.resource_type == "Patient"
        yield replace(told, resource_id=look.sight.subject.person_id) if is_person else told


def _rules(look: _Look, known: _Known) -> tuple[ConsentRule, ...]:
    """The Consents that the caller sees, or sent."""
    pairs = zip(look.held.facts.consents, look.held.consents, strict=False)  # who acts follows
    return tuple(rule for rule, (name, _) in pairs if name in known.consents)


def _named_in(rules: Iterable[ConsentRule], own_org: str) -> list[tuple[str, str]]:
    """Organisations and users to ask for: those named, the caller's, any other. Errors:
    TooCostlyError."""
    named = {
        actor
        for rule in rules
        for part in (rule.root, *rule.nested)
        for actor in part.askers
        if actor.kind is not ActorKind.ROLE
    }
    if len(named) > _MOST_ACTORS:
        raise TooCostlyError
    orgs = {one.value for one in named if one.kind is ActorKind.ORGANISATION}
    users = {one.value for one in named if one.kind is ActorKind.PERSON}
    places = sorted(orgs | ({own_org} if own_org else set()))
    return [(OTHERS, ""), *((org, "") for org in places), *((OTHERS, one) for one in sorted(users))]


def _supposed(look: _Look, known: _Known) -> PersonFacts:
    """The person as far as the caller sees them, cared for by nobody."""
    links = {
        name: tuple(part & known.ids for part in both) if name in known.ids else ((), ())
        for name, both in (look.held.facts.links or {}).items()
    }
    return PersonFacts(
        person_id=known.person_id,
        consents=_rules(look, known),
        links={name: (frozenset(forth), frozenset(back)) for name, (forth, back) in links.items()},
    )


def _cared_for(person: PersonFacts, policy: Policy, org: str, user: str) -> World:
    """The person as somebody there who cares for them would find them."""
    kind, lasting = RelationshipKind.CASELOAD, (BEGINNING, FOREVER, _EVIDENCE)
    basis = next((one for one, below in policy.proxy_bases.items() if below is None), "")
    cared_for = replace(
        person,
        relationships=(Relationship(kind, org, None, *lasting),),
        permissions=(Permission(org, user, *lasting),),
        proxies=(ProxyAuthority(user, basis, True, *lasting),),
    )
    return World(cared_for, policy)


def _told_of(look: _Look, changes: Iterable[Change]) -> tuple[tuple[str, str, int], ...]:
    """The stored versions that the answer names."""
    named = {row.resource_id for change in changes for row in (*change.loses, *change.gains)}
    subject = look.sight.subject
    return tuple(
        (row.resource_type, row.resource_id, version)
        for version, row in look.rows
        if (subject.person_id if row.resource_type == "Patient" else row.resource_id) in named
    )
