"""Random worlds for laws: callers, people with consents, rows; small, so as to collide."""

from datetime import timedelta

from hypothesis import strategies as st

from consent.decision import compile_filter
from consent.feeds import Feature, SwitchedOff
from consent.from_fhir import read_consent
from consent.labels import SENSITIVITIES
from consent.periods import BEGINNING, FOREVER, MAX_MICROS, MIN_MICROS, to_micros
from consent.policy import AccessSettings, ConsentDefault
from consent.rule import ConsentRule, Provision
from consent.terms import CATEGORIES, ClosedFeed, Pds, RelationshipKind
from tests.unit.consent.strangers import READ
from tests.unit.consent.world import (
    COUNCIL,
    EVERYBODY,
    LONG_AGO,
    NOW,
    PRACTICE,
    break_glass,
    caller,
    in_role,
    item,
    org,
    person,
    policy,
    relationship,
    request,
    somebody,
    visit,
)

ROLES = (
    "gp",
    "hospital-doctor",
    "social-worker",
    "home-care",
    "mental-health-nurse",
    "provider",
    "amhp",
)
MARKS = tuple(SENSITIVITIES)
askers = st.sampled_from(
    [
        *(frozenset(), org(PRACTICE), org(COUNCIL), in_role("gp")),
        *(somebody("u-gp"), somebody("U-GP")),
    ]
)
edges = st.sampled_from([to_micros(LONG_AGO), to_micros(NOW), MAX_MICROS])
provisions = st.builds(
    Provision,
    permit=st.booleans(),
    askers=askers,
    purposes=st.sampled_from([frozenset(), frozenset({"TREAT"}), frozenset({"BTG"})]),
    categories=st.frozensets(st.sampled_from(CATEGORIES[:6]), max_size=3),
    confidentiality=st.sampled_from([None, 1, 2]),
    sensitivities=st.sampled_from([0, 1, 2, 3]),
    source_orgs=st.sampled_from([frozenset(), frozenset({PRACTICE})]),
    data_end=edges,
)
consents = st.one_of(
    st.builds(
        ConsentRule,
        root=provisions,
        nested=st.lists(provisions, max_size=2).map(tuple),
        binds_break_glass=st.booleans(),
        conversation=st.booleans(),
        by_team=st.booleans(),
    ),
    st.sampled_from([read_consent(one.consent) for one in READ]),
)
choices = st.builds(
    AccessSettings,
    default=st.sampled_from(ConsentDefault),
    break_glass_overrides_dissent=st.booleans(),
)
closed_feeds = st.builds(
    ClosedFeed,
    org=st.sampled_from([PRACTICE, COUNCIL]),
    feed=st.sampled_from(["gp", "hospital"]),
    checked=st.booleans(),
)
switches = st.builds(
    SwitchedOff,
    feeds=st.frozensets(st.sampled_from(["gp", "hospital"]), max_size=1),
    senders=st.frozensets(st.sampled_from([PRACTICE, COUNCIL]), max_size=1),
    features=st.frozensets(st.sampled_from(Feature), max_size=1),
)
HOUR = timedelta(hours=1)
moments = st.sampled_from([BEGINNING, *(NOW + n * HOUR for n in (-30, -3, -1, 0, 1, 2)), FOREVER])
visits = st.builds(visit, st.sampled_from(["HC001", COUNCIL]), start=moments, end=moments)
teams = st.sampled_from([COUNCIL, PRACTICE]).flatmap(
    lambda place: st.builds(
        relationship,
        st.just(place),
        st.sampled_from([RelationshipKind.CARE_TEAM, RelationshipKind.REFERRAL]),
        user_id=st.sampled_from([None, "u-social-worker", "u-other"]),
    )
)
people = st.builds(
    person,
    relationships=st.lists(teams, max_size=1).map(lambda more: (*EVERYBODY, *more)),
    visits=st.lists(visits, max_size=2).map(tuple),
    consents=st.lists(consents, max_size=4).map(tuple),
    opted_out=st.booleans(),
    pds=st.sampled_from([Pds.UNRESTRICTED, Pds.RESTRICTED, Pds.VERY_RESTRICTED]),
    closed=st.lists(closed_feeds, max_size=2).map(tuple),
    off=st.one_of(st.just(SwitchedOff()), switches),
)
rows = st.builds(
    item,
    category=st.sampled_from(CATEGORIES),
    level=st.integers(1, 3),
    sens=st.lists(st.sampled_from(MARKS), max_size=2),
    source_org=st.sampled_from([PRACTICE, COUNCIL, "OTHER"]),
    start=st.sampled_from([MIN_MICROS, to_micros(LONG_AGO), to_micros(NOW)]),
    end=edges,
    feed=st.sampled_from(["", "gp", "hospital"]),
)
who = st.sampled_from([caller(role) for role in ROLES])


def shown(asking, about, setting, emergency=False):
    asked = request(break_glass=break_glass(asking) if emergency else None)
    return compile_filter(asking, about, asked, policy(setting))
