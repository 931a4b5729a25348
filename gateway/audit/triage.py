"""Misuse triage: an access that what is held explains needs nobody's look; the rest is scored.

    access -> explanations from facts held -> rules on what is left -> points, each with its reason

In      Accesses: one user's looks at one person on one day; what is held about the pair; how the
        user usually works; what is known of the user as a person, where that is switched on.
Out     Suspicions, the most suspicious first. A reason is a code; nothing names anybody.
Rule    Who is named on the person's own team, who wrote in the plan, and who acts for somebody is
        explained. A tie of the organisation (registration, referral, caseload, an encounter near
        that day) explains it too, but for what a tie of work never explains: the own record, next
        of kin, the own address, the own name at the own postcode, a colleague. The own name in the
        same area is then a coincidence. An encounter of which no day near is stated (no dates at
        all, or open since long ago) explains loosely: a look without any sign is nobody's time, but
        a sign counts, as breaking the glass does, and beside it stands what speaks for the user.
        A claim on somebody whose record the organisation holds weighs less than one on a stranger.
        Who looks in a day at more people than usual, many of whom nothing explains, is browsing.
        A user is asked once about a day, and about a person. Points add up; each rule and its
        points are the table.
Source  Explanation-based auditing (Fabbri and LeFevre, 2011 and 2013).
Pure    Values in, values out.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from consent.periods import BEGINNING, FOREVER
from consent.terms import Relationship, RelationshipKind
from consent.users import one_form
from gateway.audit.habits import Access, Habits

ENCOUNTER_WITHIN: Final = timedelta(days=7)
FAILED_TRACES: Final = 5
"""Looks in a day that found nobody."""
DORMANT_DAYS: Final = 90
OPEN_FOR: Final = timedelta(days=31)
"""An encounter without an end goes on for so long: a monthly return has named the end by then."""
_DAY: Final = range(7, 20)
_OWN_TIMES: Final = 3.0
_SPREADS: Final = 6.0
_LEAST_VOLUME: Final = 10
MANY: Final = 10
"""People in a day whom nothing explains."""


class Why(StrEnum):
    """A reason to look at an access."""

    OWN_RECORD = "own-record"
    SAME_ADDRESS = "same-address"
    NEXT_OF_KIN = "next-of-kin"
    SURNAME_AND_POSTCODE = "same-surname-and-postcode"
    SURNAME_AND_AREA = "same-surname-and-area"
    COLLEAGUE = "colleague"
    NO_TIE = "nothing-explains-it"
    LOOSE_TIE = "only-an-undated-or-old-encounter"
    BREAK_GLASS = "break-glass-without-encounter"
    SELF_CLAIM = "self-claim-never-confirmed"
    CLAIM_ON_HELD = "self-claim-on-a-record-held-here"
    BROWSING = "many-people-whom-nothing-explains"
    RESTRICTED = "restricted-person"
    AFTER_DEATH = "after-death"
    AFTER_END = "after-the-tie-ended"
    FAILED_TRACES = "many-failed-traces"
    VOLUME = "more-people-than-usual"
    OUT_OF_HOURS = "out-of-hours"
    DORMANT = "dormant-account"


POINTS: Final[Mapping[Why, int]] = {
    Why.OWN_RECORD: 100,
    Why.SAME_ADDRESS: 70,
    Why.NEXT_OF_KIN: 70,
    Why.SURNAME_AND_POSTCODE: 60,
    Why.BREAK_GLASS: 50,
    Why.SURNAME_AND_AREA: 45,
    Why.COLLEAGUE: 45,
    Why.SELF_CLAIM: 40,
    Why.AFTER_DEATH: 30,
    Why.BROWSING: 30,
    Why.RESTRICTED: 30,
    Why.CLAIM_ON_HELD: 25,
    Why.FAILED_TRACES: 25,
    Why.VOLUME: 25,
    Why.AFTER_END: 20,
    Why.NO_TIE: 20,
    Why.DORMANT: 20,
    Why.LOOSE_TIE: 10,
    Why.OUT_OF_HOURS: 10,
}
"""What each reason weighs. A loose tie is half of none: it takes a sign beside it."""
LEAST: Final = 40
"""Fewer points are nobody's time."""


@dataclass(frozen=True, slots=True)
class PersonKnown:
    """What is held about somebody who was looked at."""

    ties: tuple[Relationship, ...] = ()
    encounters: tuple[tuple[str, datetime, datetime], ...] = ()
    """Organisation, start and end of each."""
    writers: frozenset[str] = frozenset()
    """Users who wrote in the record."""
    restricted: bool = False
    deceased: bool = False
    families: frozenset[str] = field(default=frozenset(), repr=False)
    districts: frozenset[str] = field(default=frozenset(), repr=False)
    postcodes: frozenset[str] = field(default=frozenset(), repr=False)
    addresses: frozenset[str] = field(default=frozenset(), repr=False)


@dataclass(frozen=True, slots=True)
class StaffKnown:
    """A user as a person, where the deployment switched that on; ids are of people."""

    org: str
    person_id: str = ""
    kin: frozenset[str] = frozenset()
    family: str = field(default="", repr=False)
    district: str = field(default="", repr=False)
    postcode: str = field(default="", repr=False)
    address: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Suspicion:
    """An access that somebody should ask about, with every reason."""

    access: Access
    points: int
    why: tuple[Why, ...]


def triage(
    accesses: Sequence[Access],
    people: Mapping[str, PersonKnown],
    staff: Mapping[str, StaffKnown],
    habits: Habits,
) -> list[Suspicion]:
    """Who should be asked, the most suspicious first."""
    colleagues = {one.person_id: one.org for one in staff.values() if one.person_id}
    nobody, found = PersonKnown(), []
    explained = [explanation(one, people.get(one.person_id, nobody)) for one in accesses]
    strange = Counter(_day(one) for one, why in zip(accesses, explained, strict=True) if not why)
    for access, explains in zip(accesses, explained, strict=True):
        known = people.get(access.person_id, nobody)
        personal = _personal(access, known, staff.get(one_form(access.user_id)), colleagues)
        why = set(_why(access, explains, known, personal, habits))
        if Why.VOLUME in why and strange[_day(access)] >= MANY:
            why.add(Why.BROWSING)
        points = sum(POINTS[one] for one in why)
        if points >= LEAST:
            found.append(Suspicion(access, points, tuple(sorted(why, key=_weight))))
    ordered = sorted(found, key=lambda one: (-one.points, one.access.number))
    kept: list[Suspicion] = []
    asked: set[tuple[str, str | date]] = set()
    for one in ordered:  # who browses, or comes back, is asked once, about the worst of it
        person, day = (one.access.user_id, one.access.person_id), _day(one.access)
        if asked.isdisjoint((person, day)):
            kept.append(one)
            asked.update((person, day))
    return kept


def explanation(access: Access, known: PersonKnown) -> str:
    """What explains the access: `named`, `organisation`, `loose`, or nothing."""
    if access.acting_for or access.user_id in known.writers:
        return "named"
    ties = [tie for tie in known.ties if tie.org == access.org and _holds(tie, access.at)]
    if any(tie.user_id == access.user_id and _is_work(tie) for tie in ties):
        return "named"
    met = [_covers(access, *span) for org, *span in known.encounters if org == access.org]
    if any(tie.user_id is None and _is_work(tie) for tie in ties) or "firmly" in met:
        return "organisation"
    return "loose" if "loosely" in met else ""


def _why(
    access: Access, explained: str, known: PersonKnown, personal: set[Why], habits: Habits
) -> Collection[Why]:
    if explained == "named":
        return personal & {Why.OWN_RECORD}
    if explained == "organisation":
        return personal - {Why.SURNAME_AND_AREA}
    if explained:
        return personal | {Why.LOOSE_TIE} | ({Why.BREAK_GLASS} if access.break_glass else set())
    return personal | {Why.NO_TIE} | _of_the_case(access, known) | _of_the_user(access, habits)


def _personal(
    access: Access,
    known: PersonKnown,
    user: StaffKnown | None,
    colleagues: Mapping[str, str],
) -> set[Why]:
    found = set()
    if user is not None:
        own = bool(user.person_id) and user.person_id == access.person_id
        namesake = not own and user.family in known.families
        near = namesake and user.postcode in known.postcodes
        holding = (
            (Why.OWN_RECORD, own),
            (Why.NEXT_OF_KIN, access.person_id in user.kin),
            (Why.SAME_ADDRESS, not own and user.address in known.addresses),
            (Why.SURNAME_AND_POSTCODE, near),
            (Why.SURNAME_AND_AREA, namesake and not near and user.district in known.districts),
        )
        found = {why for why, holds in holding if holds}
    if Why.OWN_RECORD not in found and colleagues.get(access.person_id) == access.org:
        found.add(Why.COLLEAGUE)
    return found


def _of_the_case(access: Access, known: PersonKnown) -> set[Why]:
    ended = any(
        tie.org == access.org and _is_work(tie) and tie.end <= access.at for tie in known.ties
    )
    claimed = "relationship-self-claim" in access.reasons
    held = any(
        tie.org == access.org and tie.kind is RelationshipKind.RECORD_HOLDER for tie in known.ties
    )
    holding = (
        (Why.BREAK_GLASS, access.break_glass),
        (Why.SELF_CLAIM, claimed and not held),
        (Why.CLAIM_ON_HELD, claimed and held),
        (Why.RESTRICTED, known.restricted),
        (Why.AFTER_DEATH, known.deceased),
        (Why.AFTER_END, ended),
    )
    return {why for why, holds in holding if holds}


def _of_the_user(access: Access, habits: Habits) -> set[Why]:
    day = _day(access)
    number = habits.per_day.get(day, 0)
    middle, spread = habits.role.get(access.role, (0.0, 0.0))
    above_role = number > middle + _SPREADS * max(spread, 1.0)
    above_own = number > _OWN_TIMES * habits.own.get(access.user_id, number)
    many = number >= _LEAST_VOLUME and (above_role or above_own)
    holding = (
        (Why.VOLUME, many),
        (Why.FAILED_TRACES, habits.failed.get(day, 0) >= FAILED_TRACES),
        (Why.OUT_OF_HOURS, access.at.hour not in _DAY),
        (Why.DORMANT, habits.idle.get(day, 0) > DORMANT_DAYS),
    )
    return {why for why, holds in holding if holds}


def _day(access: Access) -> tuple[str, date]:
    return access.user_id, access.at.date()


def _covers(access: Access, start: datetime, end: datetime) -> str:
    """Whether an encounter was near that moment: `firmly`, by the days that it states; `loosely`,
    for all that is known; or not."""
    soon, lately = access.at + ENCOUNTER_WITHIN, access.at - ENCOUNTER_WITHIN
    if start > soon or end <= lately:
        return ""
    is_young = start > BEGINNING and access.at - OPEN_FOR < start
    return "firmly" if end < FOREVER or is_young else "loosely"


def _is_work(tie: Relationship) -> bool:
    """Whether it is a tie of work: neither what somebody claimed, nor that a record is held."""
    return tie.kind not in (RelationshipKind.SELF_CLAIM, RelationshipKind.RECORD_HOLDER)


def _holds(tie: Relationship, at: datetime) -> bool:
    return tie.start <= at < tie.end


def _weight(why: Why) -> tuple[int, str]:
    return -POINTS[why], why
