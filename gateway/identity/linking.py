"""Which source records are one person: computed from the whole set, never from arrival order.

    what operators decided -> what sources merged -> number and birth date

In      Claims of source records and what is said of pairs of them: everything that hangs together
        by a number or a statement, whatever its state.
Out     For each record, the person it belongs to and why.
Rule    A layer joins what the layer before left apart, and never joins two that an operator told
        apart. What one source merged holds where nothing in it contradicts: one usable number
        and one birth date at most, and nobody in it merged with very many (a placeholder's record);
        else none of it holds, and it waits for review. Then units
        with one usable number link where birth dates agree, a first name is said, or nothing sent
        of them bears one, and neither names nor sex contradict
        (gateway.identity.contradictions); where they do, the group that most organisations agree on
        links if more do than on every other: one counts once, whatever it sends. A record that an
        operator put with another follows that one: its own number no longer counts. One that was
        taken out of a group links by decisions and merges alone. A decision that what was said
        since contradicts no longer holds, and who waits for that, or bears a local id that was used
        again, is joined by nothing but another (gateway.identity.holding). A person bears the id of
        the earliest-created record.
Source  Design decision D4; docs/adr/0007, 0023, 0044, 0062, 0081.
Pure    Any order of claims and statements gives the same links.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from gateway.identity.contradictions import Said, agreed_date, agreeing, said_by
from gateway.identity.groups import connected, joined
from gateway.identity.holding import held
from gateway.identity.names import Fit, from_marks
from gateway.identity.sayings import Sayings
from gateway.identity.statements import Statement, Verdict, standing


class LinkState(StrEnum):
    """How a source record stands to others."""

    LINKED = "linked"
    ALONE = "alone"
    """A usable number that no other record shares yet."""
    NO_NUMBER = "no-number"
    UNUSABLE_NUMBER = "unusable-number"
    NUMBER_CONFLICT = "number-conflict"
    UNTRACED_NUMBER = "untraced-number"
    """Its source looked the number up, and it did not fit the person."""
    NO_BIRTH_DATE = "no-birth-date"
    DATE_CONFLICT = "date-conflict"
    NAME_CONFLICT = "name-conflict"
    """Number and birth date agree, and first names or sex do not: a twin, or a stolen number; or
    its source calls somebody otherwise since, without a number: a local id that is used again."""
    NAMELESS = "nameless"
    """A number and a birth date, and nothing beside them that says whose they are."""
    MERGE_CONFLICT = "merge-conflict"
    """Its source merged it with a record that has another number or birth date, that an operator
    told apart, or that it merged with very many: not followed."""
    TOLD_APART = "told-apart"
    """An operator took it out of those who share its number."""
    SAYS_OTHERWISE = "says-otherwise"
    """Its local id was used for several people; or what an operator decided on is said no more."""


NEEDS_REVIEW: Final = frozenset(
    {
        LinkState.UNUSABLE_NUMBER,
        LinkState.UNTRACED_NUMBER,
        LinkState.NUMBER_CONFLICT,
        LinkState.NO_BIRTH_DATE,
        LinkState.DATE_CONFLICT,
        LinkState.NAME_CONFLICT,
        LinkState.NAMELESS,
        LinkState.MERGE_CONFLICT,
        LinkState.SAYS_OTHERWISE,
    }
)
"""States a person at the source, or at the gateway, has to look at."""


_FIT: Final = (Fit.SAME, Fit.NEAR)
_OF_SEVERAL: Final = (LinkState.NUMBER_CONFLICT, LinkState.SAYS_OTHERWISE)


@dataclass(frozen=True, slots=True)
class Claim:
    """What one source record says of whom it is about."""

    patient_id: str
    created_at: int
    nhs_hash: str
    """Keyed hash of a usable number; empty without one."""
    birth_hash: str
    unlinkable: LinkState | None = None
    """Why this record cannot be linked by number whatever others say."""
    serves: bool = False
    """Its id serves as a person's already: between records made at one moment it stays so."""
    called: str = ""
    """Marks of its first names (`names.marks_of`)."""
    sex: str = ""
    vouched: bool = False
    """Its number links it without a first name: nothing that its source sends of it bears one
    (docs/adr/0044)."""
    sayings: Sayings = frozenset()
    """All that was ever said of whom it is about."""
    org: str = field(kw_only=True)
    """Whose record it is."""


@dataclass(frozen=True, slots=True)
class Link:
    """Whom a source record belongs to, and how it came to that."""

    person_id: str
    state: LinkState
    number_counts: bool = True
    """False: it has none that can link, follows another by decision, or was told apart. Nobody is
    found by its number."""


@dataclass(frozen=True, slots=True)
class _Unit:
    """Records that are one by what was decided and merged, and what they say together."""

    records: frozenset[str]
    number: str
    birth: str
    reason: LinkState | None
    """Why it does not link by number."""
    called: Said
    orgs: frozenset[str]
    """Who says so."""
    nameless: bool
    """Nothing says whose number and date these are."""


def links(
    claims: Iterable[Claim],
    statements: Iterable[Statement] = (),
    crowded: Collection[str] = (),
) -> Mapping[str, Link]:
    """The link of every record, given all that hang together with it; no merge with a `crowded`
    record is followed (more than statements.MOST_MERGED were merged with it)."""
    said = standing(statements)
    holds, waits, known = _reconsidered(said, {claim.patient_id: claim for claim in claims})
    apart = {(s.patient_id, s.other_id) for s in said if s.verdict is Verdict.DIFFERENT}
    merges = {s.pair for s in said if not s.decided and s.verdict is Verdict.SAME}
    by_source = {pair for pair in merges if pair.isdisjoint(crowded)}
    single = connected({*known, *(one for s in said for one in s.pair)}, ())
    decided, unheld = joined(single, [s.pair for s in holds], lambda g: not _any_within(g, apart))
    follows = {s.patient_id for s in holds if s.other_id in decided[s.patient_id]}
    # a group of which everybody follows somebody, as in a circle, would have nobody to speak
    follows -= {one for group in {*decided.values()} if group <= follows for one in group}
    speaking = {p: claim for p, claim in known.items() if p not in follows}

    def agrees(group: frozenset[str]) -> bool:
        return _agree(_of(speaking, group)) and not _any_within(group, apart)

    merged, unfollowed = joined(decided, by_source, agrees)
    refused = unheld.union(unfollowed, crowded, *(merges - by_source))
    units = [_unit(known.keys() & group, _of(speaking, group)) for group in {*merged.values()}]
    states = _by_number(units, apart)
    linking = (unit.records for unit in units if unit.records)
    together = connected(known, [*linking, *_sharing(units, states)])
    bearers = {group: min(_of(known, group), key=_by_age) for group in {*together.values()}}
    made: dict[str, Link] = {}
    for unit in units:
        for patient_id in unit.records:
            group = together[patient_id]
            state = _state(unit, states, len(group))
            state = LinkState.MERGE_CONFLICT if patient_id in refused else state
            state = LinkState.SAYS_OTHERWISE if patient_id in waits else state
            counts = patient_id not in follows and state is not LinkState.TOLD_APART
            counts = counts and known[patient_id].unlinkable is None
            made[patient_id] = Link(bearers[group].patient_id, state, counts)
    return made


def _reconsidered(
    said: Iterable[Statement], claims: Mapping[str, Claim]
) -> tuple[list[Statement], set[str], dict[str, Claim]]:
    """The decisions to join records that hold; who waits, which no number links."""

    def alike(one: str, other: str) -> bool:
        fits = from_marks(claims[one].called).fit(from_marks(claims[other].called))
        return claims[one].nhs_hash == claims[other].nhs_hash != "" and fits in _FIT

    decisions = [s for s in said if s.decided and s.verdict is Verdict.SAME]
    holds, waits = held(decisions, {p: c.sayings for p, c in claims.items()}, alike)
    others = {p: replace(claims[p], unlinkable=LinkState.SAYS_OTHERWISE) for p in waits}
    return holds, waits, {**claims, **others}


def _of(claims: Mapping[str, Claim], group: Iterable[str]) -> list[Claim]:
    return [claims[one] for one in group if one in claims]


def _any_within(group: frozenset[str], pairs: Iterable[tuple[str, str]]) -> bool:
    return any(one in group and other in group for one, other in pairs)


def _agree(claims: Iterable[Claim]) -> bool:
    """Whether nothing that records say contradicts that they are one person."""
    numbers, births, doubtful = _said_by(claims)
    return not doubtful and len(numbers) <= 1 and len(births) <= 1


def _said_by(claims: Iterable[Claim]) -> tuple[set[str], set[str], bool]:
    """The usable numbers and the birth dates; whether one record is of several people."""
    numbers, births, doubtful = set(), set(), False
    for claim in claims:
        numbers |= {claim.nhs_hash} if claim.nhs_hash and claim.unlinkable is None else set()
        births |= {claim.birth_hash} if claim.birth_hash else set()
        doubtful |= claim.unlinkable in _OF_SEVERAL
    return numbers, births, doubtful


def _unit(records: Iterable[str], claims: Collection[Claim]) -> _Unit:
    """What records say as one. One of which nothing is known yet says nothing."""
    numbers, births, doubtful = _said_by(claims)
    reason = None
    if any(claim.unlinkable is LinkState.SAYS_OTHERWISE for claim in claims):
        reason = LinkState.SAYS_OTHERWISE
    elif doubtful or len(numbers) > 1:
        reason = LinkState.NUMBER_CONFLICT
    elif not numbers:
        said = {c.unlinkable for c in claims}
        wrong = (
            LinkState.NAME_CONFLICT,
            LinkState.UNTRACED_NUMBER,
            LinkState.UNUSABLE_NUMBER,
        )
        reason = next((one for one in wrong if one in said), LinkState.NO_NUMBER)
    elif len(births) != 1:
        reason = LinkState.DATE_CONFLICT if births else LinkState.NO_BIRTH_DATE
    number, birth = min(numbers, default=""), min(births, default="")
    called = said_by((claim.called, claim.sex) for claim in claims)
    nameless = not (called.marks or all(claim.vouched for claim in claims))
    orgs = frozenset(claim.org for claim in claims)
    return _Unit(frozenset(records), number, birth, reason, called, orgs, nameless)


def _by_number(
    units: Iterable[_Unit], apart: Collection[tuple[str, str]]
) -> dict[frozenset[str], LinkState]:
    """How each unit that says one number and one date stands to the others that say it."""
    sharing: dict[str, list[_Unit]] = {}
    for unit in units:
        if unit.reason is None:
            sharing.setdefault(unit.number, []).append(unit)
    states: dict[frozenset[str], LinkState] = {}
    for group in sharing.values():
        everybody = frozenset().union(*(unit.records for unit in group))
        out = {one for one, other in apart if one in everybody and other in everybody}
        inside = [unit for unit in group if out.isdisjoint(unit.records)]
        able = [unit for unit in inside if not unit.nameless]
        agreed = agreed_date((unit.birth, org) for unit in able for org in unit.orgs)
        alike = [unit for unit in able if unit.birth == agreed]
        saying: dict[Said, set[str]] = {}
        for unit in alike:
            saying.setdefault(unit.called, set()).update(unit.orgs)
        one_person = agreeing(saying)
        states |= dict.fromkeys((unit.records for unit in group), LinkState.TOLD_APART)
        states |= dict.fromkeys((unit.records for unit in inside), LinkState.NAMELESS)
        states |= dict.fromkeys((unit.records for unit in able), LinkState.DATE_CONFLICT)
        for unit in alike:
            linked = unit.called in one_person
            states[unit.records] = LinkState.LINKED if linked else LinkState.NAME_CONFLICT
    return states


def _sharing(
    units: Iterable[_Unit], states: Mapping[frozenset[str], LinkState]
) -> Iterable[set[str]]:
    """The records of each number that link by it."""
    linking: dict[str, set[str]] = {}
    for unit in units:
        if states.get(unit.records) is LinkState.LINKED:
            linking.setdefault(unit.number, set()).update(unit.records)
    return linking.values()


def _state(unit: _Unit, states: Mapping[frozenset[str], LinkState], together: int) -> LinkState:
    state = unit.reason or states[unit.records]
    if state is LinkState.LINKED and together == 1:
        return LinkState.ALONE
    return LinkState.LINKED if state is LinkState.NO_NUMBER and together > 1 else state


def _by_age(claim: Claim) -> tuple[int, bool, str]:
    return claim.created_at, not claim.serves, claim.patient_id
