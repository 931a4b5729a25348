"""Who may see what of whom: the people a request is about, each under one Filter.

    person -> facts -> Filter

Errors  TooCostlyError where a search would need too many people or Filters.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from consent.decision import compile_filter
from consent.filter import Filter
from consent.terms import Action, Caller, Reason, RelationshipKind, Request
from gateway.errors import TooCostlyError
from gateway.flows.site import Asking, Site
from gateway.flows.views import Subject
from gateway.store import facts, reads
from gateway.store.engine import Connection
from gateway.store.facts import Held
from gateway.store.reads import Criterion, Group

OF_PATIENTS: Final = Criterion("r.resource_type = ?", ("Patient",))
MOST_PEOPLE: Final = 5_000
MOST_FILTERS: Final = 200


@dataclass(frozen=True, slots=True)
class Sight:
    """What one caller may see of one person."""

    held: Held
    allowed: Filter
    own_org: str = ""
    """Set where only what this organisation sent may be seen: then nothing tells whether other
    records of the person are held, not even the person's id."""
    subject: Subject = field(init=False)
    """Whose rows these are, for what is shown of them."""

    def __post_init__(self) -> None:
        sources = self.held.sources
        ids = frozenset(p for p, org in sources.items() if not self.own_org or org == self.own_org)
        shown_as = min(ids, default="") if self.own_org else self.person_id
        object.__setattr__(self, "subject", Subject(shown_as, ids, self.allowed.masks))

    @property
    def person_id(self) -> str:
        """The person."""
        return self.held.facts.person_id

    @property
    def group(self) -> Group:
        """Their source records, under the Filter."""
        return Group(tuple(sorted(self.subject.patient_ids)), self.allowed)


async def sights(
    conn: Connection, site: Site, asking: Asking, people: Sequence[str], action: Action
) -> list[Sight]:
    """What the caller may see of each of these people."""
    found = await facts.facts_about(conn, site.store.vault, site.consents, people)
    caller = asking.caller
    if caller.patient is not None:  # a token may hold an id the person had before a link
        own = await facts.person_of(conn, caller.patient)
        caller = replace(caller, patient=own or caller.patient)
    request = Request(action, caller.purpose, asking.at)
    return [
        _sight(held, compile_filter(caller, held.facts, request, site.policy), caller)
        for held in found.values()
    ]


def _sight(held: Held, allowed: Filter, caller: Caller) -> Sight:
    own_only = (
        not _OWN_ONLY.isdisjoint(allowed.reasons) and Reason.BREAK_GLASS not in allowed.reasons
    )
    return Sight(held, allowed, caller.org if own_only else "")


_OWN_ONLY: Final = frozenset({Reason.OWN_ITEMS, Reason.RECORD_HOLDER})


async def sees_person(conn: Connection, sight: Sight) -> bool:
    """Whether the person is open to the caller at all: some Patient of theirs passes."""
    return await reads.total(conn, [sight.group], [OF_PATIENTS]) > 0


async def sight_of(
    conn: Connection,
    site: Site,
    asking: Asking,
    resource_type: str,
    resource_id: str,
    action: Action,
) -> Sight | None:
    """What the caller may see of the person a resource is about."""
    patient_id: str | None = resource_id
    if resource_type != "Patient":
        patient_id = await reads.owner_of(conn, resource_id)
    person_id = await facts.person_of(conn, patient_id) if patient_id else None
    if person_id is None:
        return None
    return next(iter(await sights(conn, site, asking, [person_id], action)), None)


def first_org(sight: Sight) -> str:
    """The practice the person is registered with; empty where none is known."""
    practices = [
        relationship.org
        for relationship in sight.held.facts.relationships
        if relationship.kind is RelationshipKind.REGISTERED_PRACTICE
    ]
    return min(practices, default="")


def groups_of(seen: Sequence[Sight]) -> list[Group]:
    """People whose consents compile to the same Filter, together."""
    by_hash: dict[str, list[Sight]] = {}
    for sight in seen:
        if not sight.allowed.is_nothing:
            by_hash.setdefault(sight.allowed.hash, []).append(sight)
    if len(by_hash) > MOST_FILTERS:
        raise TooCostlyError
    return [
        Group(tuple(p for sight in same for p in sight.group.patient_ids), same[0].allowed)
        for same in by_hash.values()
    ]


async def searched(
    conn: Connection,
    site: Site,
    asking: Asking,
    people: tuple[str, ...] | None,
    numbers: tuple[str, ...],
) -> list[Sight]:
    """Whose records a search is over: those named, the caller's own, or the caller's caseload."""
    if people is None and asking.caller.patient is not None and not numbers:
        people = (asking.caller.patient,)
    found: list[str] | None = None
    if numbers:
        found = await facts.persons_by_number(conn, numbers)
    if people is not None:
        named = [await facts.person_of(conn, one) for one in people]
        found = [one for one in dict.fromkeys(named) if one and (found is None or one in found)]
    if found is None:
        found = await facts.caseload_of(conn, asking.caller, MOST_PEOPLE + 1)
    if len(found) > MOST_PEOPLE:
        raise TooCostlyError
    seen = await sights(conn, site, asking, found, Action.SEARCH)
    if people is None:
        return seen
    asked = set(people)
    return [s for s in seen if not s.own_org or not asked.isdisjoint(s.subject.patient_ids)]
