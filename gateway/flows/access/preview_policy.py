"""Before a policy is taken into use: which roles would gain and lose sight of what.

    record the look -> people, some at a time -> facts -> the decision under each policy -> counts

Rule    The facts, relationships and organisations are the real ones; nothing sealed is opened, and
        nobody is named: organisations, roles, categories, labels, counts, ids of items. Asked on an
        ordinary day, and in each situation of which the policy speaks apart. That something is
        withheld is told of people, never of items: so it is counted. What is masked within items is
        told by its path: no row comes or goes with it.
Errors  AuditUnavailableError.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Final

from consent.policy import Policy, Role
from consent.terms import Caller, CallerKind, Labels, PersonFacts
from gateway.audit.events import Event
from gateway.flows.access.preview_effects import Change, World, asker, change_for, grouped
from gateway.flows.access.preview_situations import (
    ANYBODY,
    OTHERS,
    Situation,
    is_told,
    situations,
)
from gateway.flows.asking.search_log import Operator, record
from gateway.store.access import facts
from gateway.store.access.held import HeldCache
from gateway.store.commit.units import Store
from gateway.store.record.item_labels import WHOLE, labelled, people_after
from gateway.store.record.reads import Group

_MOST_EXAMPLES: Final = 20
"""Items of one kind that are named."""
_AT_ONCE: Final = 100
_EVERY: Final = 10**6
_WHO: Final = frozenset({"version", "hash", "roles"})


@dataclass(slots=True)
class _Told:
    """What one kind of change comes to."""

    people: int = 0
    count: int = 0
    items: list[str] = field(default_factory=list)

    def add(self, names: list[str]) -> None:
        """What changes about one more person."""
        self.people += 1
        self.count += len(names)
        self.items += names[: _MOST_EXAMPLES - len(self.items)]


_Kind = tuple[str, str, str, str, str, tuple[str, ...]]
"""`loses` or `gains`, role, organisation, situation, category, labels."""


async def preview_policy(
    store: Store, operator: Operator, policies: tuple[Policy, Policy], most: int
) -> dict[str, Any]:
    """What changes from the first policy to the second, of at most so many people."""
    before, after = policies
    detail = (("act", "preview-policy"), ("policy", f"{after.version}@{after.hash[:12]}"))
    await record(store, operator, Event.AUDIT_VIEW, *detail)
    roles = [(role, after.roles[role.id]) for role in before.roles.values()]
    if _apart_from_roles(before) == _apart_from_roles(after):
        roles = [(was, will) for was, will in roles if was != will]
    told: dict[_Kind, _Told] = {}
    looked, last, people = 0, "", ["first"]
    while looked < most and roles and people:
        async with store.engine.reading() as conn:
            people = await people_after(conn, last, min(_AT_ONCE, most - looked))
            found = await facts.facts_about(conn, store.vault, HeldCache(), people)
            for _, held in sorted(found.items()):
                sources = tuple(sorted(held.sources))
                rows = [one.labels for one in await labelled(conn, Group(sources, WHOLE), _EVERY)]
                for kind, names in _of_person(held.facts, rows, policies, roles, operator.at):
                    told.setdefault(kind, _Told()).add(names)
        looked, last = looked + len(people), max(people, default=last)
    return {
        "from": _named(before),
        "to": _named(after),
        "roles": [will.id for was, will in roles if was != will],
        "people": looked,
        "elements": list(_elements(before, after)),
        "changes": [_row(kind, one) for kind, one in sorted(told.items())],
    }


def _named(policy: Policy) -> dict[str, str]:
    return {"version": policy.version, "hash": policy.hash}


def _elements(before: Policy, after: Policy) -> Iterator[dict[str, str]]:
    """The elements that would be shown, or left out: of restricted people, and of instructions."""
    for of, was, will in (
        ("restricted-people", before.location_mask, after.location_mask),
        ("instructions", before.reason_mask, after.reason_mask),
    ):
        for path in sorted({*was} ^ {*will}):
            yield {"change": "gains" if path in was else "loses", "of": of, "element": path}


def _apart_from_roles(policy: Policy) -> list[Any]:
    return [getattr(policy, one.name) for one in fields(policy) if one.name not in _WHO]


def _of_person(
    person: PersonFacts,
    rows: Sequence[Labels],
    policies: tuple[Policy, Policy],
    roles: Iterable[tuple[Role, Role]],
    at: datetime,
) -> Iterator[tuple[_Kind, list[str]]]:
    """What changes about one person, by role and organisation."""
    worlds = World(person, policies[0]), World(person, policies[1])
    telling = any(policy.settings.tell_withheld for policy in policies)
    for _, role in roles:
        found: dict[tuple[str, Situation], Change] = {}
        told: dict[tuple[str, str], None] = {}
        for caller in _callers(role, person):
            for situation, before, after in situations(caller, *worlds, at):
                change = change_for(caller, before, after, rows, at)
                place = (caller.org, situation)
                found[place] = found.get(place, Change()).with_more(change)
            then, now = (telling and is_told(caller, world, rows, at) for world in worlds)
            if then != now:
                told["gains" if now else "loses", caller.org] = None
        yield from _named_of(role, found)
        yield from (((way, role.id, org, Situation.TOLD, "", ()), []) for way, org in told)


def _named_of(
    role: Role, found: Mapping[tuple[str, Situation], Change]
) -> Iterator[tuple[_Kind, list[str]]]:
    for (org, situation), change in found.items():
        for way, changed in (("gains", change.gains), ("loses", change.loses)):
            for (category, codes), names in grouped(changed).items():
                yield (way, role.id, org, situation, category, codes), names


def _callers(role: Role, person: PersonFacts) -> Iterator[Caller]:
    """Who in this role may ask about the person: whoever a fact puts in touch with them, and of
    staff a stranger, too."""
    if role.kind is CallerKind.PATIENT:
        yield asker(role, ANYBODY, "", person.person_id)
    elif role.kind is CallerKind.PROXY:
        for user in sorted({one.user_id for one in person.proxies}):
            yield asker(role, user, "", person.person_id)
    else:
        for org, user in sorted({(one.org, one.user_id or "") for one in person.relationships}):
            yield asker(role, user or ANYBODY, org, person.person_id)
        if role.kind is CallerKind.STAFF:
            yield asker(role, ANYBODY, OTHERS, person.person_id)


def _row(kind: _Kind, told: _Told) -> dict[str, Any]:
    way, role, org, situation, category, labels = kind
    return {
        "role": role,
        "organisation": org,
        "situation": str(situation),
        "change": way,
        "category": category,
        "labels": list(labels),
        "people": told.people,
        "items": told.count,
        "examples": told.items,
    }
