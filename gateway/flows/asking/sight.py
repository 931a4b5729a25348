"""Who may see what of whom: the people a request is about, each under one Filter.

    person -> facts -> Filter

Errors  TooCostlyError where a search would need too many people or Filters.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from consent.constancy import constant_span
from consent.decision import compile_filter
from consent.filter import Clause, Filter, Not
from consent.policy import Policy
from consent.relationship import open_break_glass
from consent.terms import Action, Caller, CallerKind, Reason, RelationshipKind, Request
from gateway.errors import TooCostlyError
from gateway.flows.asking.views import Subject
from gateway.flows.site.site import Asking, Site
from gateway.store.access import facts
from gateway.store.access.held import Decided, Held
from gateway.store.database.engine import Connection
from gateway.store.record import reads
from gateway.store.record.reads import Criterion, Group

OF_PATIENTS: Final = Criterion("r.resource_type = ?", ("Patient",))
MOST_PEOPLE: Final = 5_000
MOST_TOGETHER: Final = 1_000
"""Decisions for those who look together, one for each of them and each person; none is kept."""
MOST_FILTERS: Final = 200
_MOST_DECIDED: Final = 16


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
        allowed, denies = self.allowed, self.allowed.denies
        if self.own_org:
            denies = (*denies, Not(Clause(source_orgs=frozenset({self.own_org}))))
        subject = Subject(shown_as, ids, allowed.masks, allowed.reduction, denies, self.held.deaths)
        object.__setattr__(self, "subject", subject)

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
    found = await facts.facts_about(conn, site.store.vault, site.known, people)
    return await seen(conn, site, asking, found.values(), action)


async def seen(
    conn: Connection, site: Site, asking: Asking, people: Iterable[Held], action: Action
) -> list[Sight]:
    """What the caller may see of people whose facts are these."""
    caller = asking.caller
    if caller.patient is not None:  # a token may hold an id the person had before a link
        own = await facts.person_of(conn, caller.patient)
        caller = replace(caller, patient=own or caller.patient)
    return [
        _sight(held, _allowed(held, caller, _request(held, asking, action), site.policy), caller)
        for held in people
    ]


def _request(held: Held, asking: Asking, action: Action) -> Request:
    """What is asked, with the emergency access that the caller has open on this person."""
    opened = open_break_glass(held.facts.emergencies, asking.caller, asking.at)
    return Request(action, asking.caller.purpose, asking.at, opened)


def _allowed(held: Held, caller: Caller, request: Request, policy: Policy) -> Filter:
    """The Filter; the one decided before on the same facts where no period ended since."""
    asked = (caller, request.action)
    kept = held.decided.get(asked) if request.break_glass is None else None
    if kept is not None and kept.first <= request.at < kept.last:
        return kept.allowed
    allowed = compile_filter(caller, held.facts, request, policy)
    many = bool(caller.present)  # large, and soon over
    if not many and caller.kind is not CallerKind.PROXY and request.break_glass is None:
        if len(held.decided) >= _MOST_DECIDED:
            held.decided.clear()
        held.decided[asked] = Decided(
            *constant_span(held.facts, request.at, policy.home_access), allowed
        )
    return allowed


def _sight(held: Held, allowed: Filter, caller: Caller) -> Sight:
    own_only = (
        not _OWN_ONLY.isdisjoint(allowed.reasons) and Reason.BREAK_GLASS not in allowed.reasons
    )
    return Sight(held, allowed, caller.org if own_only else "")


_OWN_ONLY: Final = frozenset({Reason.OWN_ITEMS, Reason.RECORD_HOLDER})


async def sees_person(conn: Connection, sight: Sight) -> bool:
    """Whether the person is open to the caller at all: some Patient of theirs passes."""
    return await reads.is_any(conn, [sight.group], [OF_PATIENTS])


async def sight_of(
    conn: Connection,
    site: Site,
    asking: Asking,
    resource_type: str,
    resource_id: str,
    action: Action,
) -> Sight | None:
    """What the caller may see of the person a resource is about."""
    whom = await facts.whom(conn, resource_type, resource_id)
    if whom is None:
        return None
    found = await facts.held_of(conn, site.store.vault, site.known, [whom])
    return next(iter(await seen(conn, site, asking, found.values(), action)), None)


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
    if people is None:
        if found is None:
            found = await facts.caseload_of(conn, asking.caller, asking.at, MOST_PEOPLE + 1)
        _check_many(asking, found)
        return await sights(conn, site, asking, found, Action.SEARCH)
    named = [await facts.whom(conn, "Patient", one) for one in people]
    each = {one.person_id: one for one in named if one}
    whom = [each[one] for one in sorted(each) if found is None or one in found]
    _check_many(asking, whom)
    held = await facts.held_of(conn, site.store.vault, site.known, whom)
    asked = set(people)
    return [
        one
        for one in await seen(conn, site, asking, held.values(), Action.SEARCH)
        if not one.own_org or not asked.isdisjoint(one.subject.patient_ids)
    ]


def _check_many(asking: Asking, people: Collection[object]) -> None:
    """Errors: TooCostlyError for more people than one search decides on."""
    decided = len(people) * (1 + len(asking.caller.present))
    if decided > (MOST_TOGETHER if asking.caller.present else MOST_PEOPLE):
        raise TooCostlyError
