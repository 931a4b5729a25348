"""A decision stands exactly as long as `constant_span` says."""

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from consent.constancy import constant_span
from consent.decision import compile_filter
from consent.rule import ConsentRule
from consent.terms import BEGINNING, FOREVER, Permission, RelationshipKind, Request
from tests.sampling import examples
from tests.unit.consent.world import (
    NOW,
    PRACTICE,
    caller,
    person,
    policy,
    relationship,
    request,
    visit,
)
from tests.unit.consent.worlds import provisions, who

HOUR = timedelta(hours=1)
VISITS = policy().home_access
moments = st.integers(-4, 4).map(lambda hours: NOW + hours * HOUR)
periods = st.tuples(st.one_of(st.just(BEGINNING), moments), st.one_of(st.just(FOREVER), moments))


kinds = st.lists(st.sampled_from(RelationshipKind), max_size=3)


@st.composite
def dated_rules(draw):
    def dated():
        start, end = draw(periods)
        return replace(draw(provisions), start=start, end=end)

    return ConsentRule(root=dated(), nested=tuple(dated() for _ in range(draw(st.integers(0, 2)))))


@st.composite
def dated_people(draw):
    def held(kind):
        start, end = draw(periods)
        return relationship(PRACTICE, kind, start=start, end=end)

    start, end = draw(periods)
    permission = Permission(PRACTICE, None, start, end, "p")
    visits = [visit("HC001", *draw(periods)) for _ in range(draw(st.integers(0, 2)))]
    return person(
        visits=tuple(visits),
        relationships=(relationship("HC001"), *map(held, draw(kinds))),
        permissions=draw(st.sampled_from([(), (permission,)])),
        consents=tuple(draw(st.lists(dated_rules(), max_size=3))),
    )


def decided(asking, about, at: datetime):
    asked: Request = request(at=at)
    made = compile_filter(asking, about, asked, policy())
    return made.hash, made.reasons, made.evidence


@settings(max_examples=examples(400), deadline=None)
@given(who, dated_people(), moments, moments)
def test_within_the_span_nothing_changes(asking, about, at, other):
    first, last = constant_span(about, at, VISITS)
    assert first <= at < last
    if first <= other < last:
        assert decided(asking, about, at) == decided(asking, about, other)


def test_the_span_ends_where_a_relationship_does():
    kind = RelationshipKind.CASELOAD
    about = person(relationships=(relationship(PRACTICE, kind, start=NOW, end=NOW + HOUR),))
    assert constant_span(about, NOW, VISITS) == (NOW, NOW + HOUR)
    assert constant_span(about, NOW + HOUR, VISITS)[0] == NOW + HOUR
    gp = caller("gp")
    assert decided(gp, about, NOW) != decided(gp, about, NOW + HOUR)
