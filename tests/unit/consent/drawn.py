"""Whole worlds drawn by a number: who asks, of whom, what, why, when, under which settings.

In      a Random; the same number draws the same world everywhere.
Rule    Everything that a decision may know is drawn, and few values of each, so that they meet.
        Of its consents some are those of strangers.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from random import Random

from consent.feeds import Feature, SwitchedOff
from consent.from_fhir import read_consent
from consent.labels import HOLDS, LEGAL, SENSITIVITIES, UNKNOWN_SENSITIVITY
from consent.periods import BEGINNING, FOREVER, MAX_MICROS, MIN_MICROS, to_micros
from consent.policy import AccessSettings, ConsentDefault, PermissionToView
from consent.rule import ConsentRule, DataReference, Meaning, Provision
from consent.terms import (
    CATEGORIES,
    Action,
    BreakGlass,
    Caller,
    ClosedFeed,
    HomeVisit,
    Labels,
    Pds,
    Permission,
    PersonFacts,
    Present,
    ProxyAuthority,
    Purpose,
    Relationship,
    RelationshipKind,
    Request,
    Suspension,
)
from tests.unit.consent import strangers
from tests.unit.consent.world import (
    COUNCIL,
    HOSPITAL,
    LONG_AGO,
    NOW,
    PRACTICE,
    TRUST,
    break_glass,
    caller,
    in_role,
    org,
    policy,
    proxy,
    request,
    somebody,
)

ROLES = (
    *("gp", "hospital-doctor", "social-worker", "home-care", "mental-health-nurse"),
    *("receptionist", "circle-member", "safeguarding-adviser", "clinical-safety-officer"),
    *("governance-lead", "provider", "patient", "proxy", "amhp", "community-nurse"),
)
SCOPES = ("user/*.rs", "user/*.cruds", "user/CarePlan.rs", "user/Goal.r", "user/Goal.rs?x=1")
_NEAR = (BEGINNING, LONG_AGO, NOW - timedelta(hours=1), NOW, NOW + timedelta(hours=1), FOREVER)
_THEN = datetime(2022, 6, 1, tzinfo=UTC)
_DATES = (MIN_MICROS, to_micros(LONG_AGO), to_micros(_THEN), to_micros(NOW), MAX_MICROS)
_PLACES = (PRACTICE, COUNCIL, HOSPITAL, TRUST, "OTHER")
_FEEDS = ("gp", "hospital")
_IDS = ("a", "b", "c")
TYPES = ("CarePlan", "Goal", "DocumentReference", "Consent")
_STRANGERS = tuple(read_consent(one.consent) for one in strangers.READ)
_VIEWS = (Action.READ, Action.SEARCH, Action.HISTORY)


@dataclass(frozen=True)
class World:
    """One question, with everything that it may depend on."""

    caller: Caller
    person: PersonFacts
    request: Request
    settings: AccessSettings


def world(r: Random) -> World:
    """One of them."""
    who = _caller(r)
    purpose = r.choices((who.purpose, Purpose.BREAK_GLASS, Purpose.RESEARCH), (40, 1, 1))[0]
    action = r.choice(_VIEWS) if r.random() < 0.85 else r.choice(tuple(Action))
    opened = _emergency(r, who) if r.random() < 0.4 else None
    settings = AccessSettings(
        permission=r.choice(tuple(PermissionToView)),
        default=r.choices(tuple(ConsentDefault), (3, 1))[0],
        break_glass_overrides_dissent=r.random() < 0.7,
    )
    return World(who, _person(r, who), request(action, purpose, NOW, break_glass=opened), settings)


def row(r: Random) -> Labels:
    """A stored row's labels; now and then of a Consent that reads like most of them."""
    found = _row(r)
    if r.random() < 0.9:
        return found
    return replace(found, category="consent", resource_type="Consent", sensitivities=0, legal=0)


def _row(r: Random) -> Labels:
    marks = (*SENSITIVITIES.values(), UNKNOWN_SENSITIVITY)
    start = r.choice(_DATES[:-1])
    return Labels(
        category=r.choice((*CATEGORIES, "safety", "care-plan", "unknown")),
        confidentiality=r.choices((0, 1, 2, 3), (1, 4, 3, 1))[0],
        sensitivities=_mask(r, marks, (5, 4, 1)),
        holds=_mask(r, tuple(HOLDS.values()), (8, 1, 1)),
        legal=_mask(r, tuple(LEGAL.values()), (20, 1, 0)),
        source_org=r.choice(_PLACES),
        author=r.choice(("", "u-gp", "u-x")),
        start=start,
        end=r.choice([edge for edge in _DATES[1:] if edge > start]),
        resource_type=r.choice(TYPES),
        resource_id=r.choice(_IDS),
        feed=r.choice(("", *_FEEDS)),
    )


def _mask(r: Random, bits: tuple[int, ...], weights: tuple[int, int, int]) -> int:
    mask = 0
    for _ in range(r.choices((0, 1, 2), weights)[0]):
        mask |= r.choice(bits)
    return mask


def _some(r: Random, *values: str) -> frozenset[str]:
    return frozenset({r.choice(values)}) if r.random() < 0.25 else frozenset()


def _caller(r: Random) -> Caller:
    role = policy().roles[r.choice(ROLES)]
    theirs = sorted(role.purposes - {Purpose.BREAK_GLASS})
    changes: dict = {
        "purpose": r.choice(theirs if r.random() < 0.95 else tuple(Purpose)),
        "scopes": frozenset({r.choice(SCOPES)}) if r.random() < 0.2 else frozenset(),
    }
    if role.kind in ("patient", "proxy"):
        changes["org"] = ""
    if r.random() < 0.03:
        changes["patient"] = "somebody-else"
    if role.kind == "staff" and r.random() < 0.1:
        changes["present"] = tuple(_present(r) for _ in range(r.choice((1, 1, 2))))
    if r.random() < 0.05:
        changes["keeps"] = True
    return caller(role.id, **changes)


def _present(r: Random) -> Present:
    who = caller(r.choice(ROLES))
    return Present(who.role, who.org, who.user_id)


def _emergency(r: Random, who: Caller) -> BreakGlass:
    changes: dict = {"purpose": who.purpose}
    if r.random() < 0.25:
        changes |= r.choice(
            (
                {"user_id": "u-x"},
                {"org": "OTHER"},
                {"role": "emergency"},
                {"person_id": "bob"},
                {"purpose": "ETREAT"},
                {"reason_code": "curiosity"},
                {"text_length": 9},
                {"expires": NOW},
                {"opened": NOW + timedelta(seconds=1)},
                {"opened": NOW - timedelta(hours=2)},
            )
        )
    return break_glass(who, **changes)


def _person(r: Random, who: Caller) -> PersonFacts:
    few = r.choices((0, 1, 2, 3), (3, 3, 2, 1))[0]
    return PersonFacts(
        person_id="alice",
        relationships=tuple(_relationship(r, who) for _ in range(r.choice((1, 2, 3, 0)))),
        consents=tuple(_consent(r) for _ in range(few)),
        permissions=tuple(_permission(r, who) for _ in range(r.choice((0, 0, 1, 2)))),
        opted_out=r.random() < 0.1,
        national_opt_out=r.random() < 0.1,
        pds=r.choices(tuple(Pds), (20, 3, 2, 1))[0],
        birth_date=r.choice((None, date(1950, 2, 28), date(2013, 3, 10), date(2013, 3, 11))),
        deceased=r.random() < 0.05,
        review_from=to_micros(NOW) if r.random() < 0.2 else None,
        proxies=tuple(_proxy(r) for _ in range(r.choice((0, 1, 1, 2)))),
        staff_ids=frozenset({"u-gp"}) if r.random() < 0.03 else frozenset(),
        links=None if r.random() < 0.05 else {"a": (frozenset({"b"}), frozenset({"c"}))},
        closed=tuple(_closed(r) for _ in range(r.choice((0, 0, 0, 1, 2)))),
        off=_off(r) if r.random() < 0.2 else SwitchedOff(),
        suspensions=(_suspension(r, who),) if r.random() < 0.1 else (),
        visits=tuple(_visit(r, who) for _ in range(r.choice((0, 0, 1, 2)))),
    )


def _visit(r: Random, who: Caller) -> HomeVisit:
    beside = r.choice(who.present).org if who.present else "OTHER"
    start = r.choice((*_NEAR, NOW - timedelta(hours=26), NOW + timedelta(minutes=30)))
    hours = r.choice((0, 1, 30))
    end = FOREVER if start == FOREVER or r.random() < 0.3 else start + timedelta(hours=hours)
    return HomeVisit(r.choice((who.org, who.org, beside)), start, end, "v")


def _relationship(r: Random, who: Caller) -> Relationship:
    if who.present and r.random() < 0.5:
        beside = r.choice(who.present)
        start, end = _period(r)
        return Relationship(r.choice(tuple(RelationshipKind)), beside.org, None, start, end, "r")
    place = who.org if r.random() < 0.85 else "OTHER"
    user = r.choices((None, who.user_id, "u-x"), (6, 3, 1))[0]
    start, end = _period(r)
    return Relationship(r.choice(tuple(RelationshipKind)), place, user, start, end, "r")


def _suspension(r: Random, who: Caller) -> Suspension:
    users = (who.user_id, *(one.user_id for one in who.present), "u-x")
    start, end = _period(r)
    return Suspension(r.choice(users), r.choice(("", who.org, "OTHER")), start, end, "s")


def _permission(r: Random, who: Caller) -> Permission:
    start, end = _period(r)
    place, user = r.choice((None, who.org, "OTHER")), r.choice((None, who.user_id, "u-x"))
    return Permission(place, user, start, end, "p")


def _proxy(r: Random) -> ProxyAuthority:
    start, end = _period(r)
    basis = r.choice(
        ("parental-responsibility", "best-interest", "health-and-welfare-attorney", "UNK")
    )
    user = "u-x" if r.random() < 0.1 else "u-proxy"
    return proxy(user, basis, start=start, end=end, accepted=r.random() < 0.9)


def _period(r: Random) -> tuple:
    if r.random() < 0.7:
        return LONG_AGO, FOREVER
    start = r.choice(_NEAR[:-1])
    return start, r.choice([edge for edge in _NEAR if edge > start])


def _closed(r: Random) -> ClosedFeed:
    return ClosedFeed(r.choice(_PLACES), r.choice(_FEEDS), r.random() < 0.5)


def _off(r: Random) -> SwitchedOff:
    feature = r.choice((None, *Feature))
    return SwitchedOff(
        _some(r, *_FEEDS), _some(r, *_PLACES), frozenset({feature} if feature else ())
    )


def _consent(r: Random) -> ConsentRule:
    if r.random() < 0.2:
        return r.choice(_STRANGERS)
    return ConsentRule(
        root=_provision(r, r.random() < 0.45),
        nested=tuple(_provision(r, r.random() < 0.5) for _ in range(r.choice((0, 0, 1, 2)))),
        active=r.random() < 0.9,
        binds_break_glass=r.random() < 0.3,
        conversation=r.random() < 0.3,
        by_team=r.random() < 0.5,
    )


def _provision(r: Random, permit: bool) -> Provision:
    start, end = _period(r) if r.random() < 0.3 else (BEGINNING, FOREVER)
    data_start = r.choice(_DATES[:-1]) if r.random() < 0.2 else MIN_MICROS
    later = [edge for edge in _DATES[1:] if edge > data_start]
    data_end = r.choice(later) if r.random() < 0.3 else MAX_MICROS
    orgs = _some(r, *_PLACES)
    reference = DataReference(r.choice(_IDS), r.choice(tuple(Meaning)[:3]))
    people = [somebody(one) for one in ("u-gp", "u-proxy", "U-gp", "U-proxy")]
    whom = (org(PRACTICE), org(COUNCIL), in_role("gp"), *people)
    return Provision(
        permit=permit,
        start=start,
        end=end,
        askers=r.choice(whom) if r.random() < 0.4 else frozenset(),
        actions=frozenset(r.sample(tuple(Action), 3)) if r.random() < 0.15 else frozenset(),
        purposes=_some(r, "TREAT", "BTG", "ETREAT"),
        categories=frozenset(r.sample(CATEGORIES, 6)) if r.random() < 0.4 else frozenset(),
        confidentiality=r.choice((1, 2)) if r.random() < 0.2 else None,
        sensitivities=r.choice((1, 2, 3)) if r.random() < 0.25 else 0,
        source_orgs=orgs,
        authors=frozenset() if orgs else _some(r, "u-gp", "u-x"),
        resource_types=_some(r, *TYPES),
        references=frozenset({reference}) if r.random() < 0.2 else frozenset(),
        data_start=data_start,
        data_end=data_end,
    )
