"""Laws of every world: what is added to refuse never shows more, and order means nothing."""

from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from consent.decision import compile_filter
from consent.feeds import Feature, SwitchedOff
from consent.labels import SENSITIVITIES
from consent.periods import MIN_MICROS
from consent.policy import AccessSettings, ConsentDefault, PermissionToView
from consent.rule import ConsentRule, Provision
from consent.terms import FOREVER, ClosedFeed, Pds, Permission, Present, RelationshipKind
from tests.sampling import examples
from tests.unit.consent import drawn
from tests.unit.consent.world import LONG_AGO, PRACTICE, person, policy, relationship
from tests.unit.consent.worlds import choices, consents, people, provisions, rows, shown, who


@settings(max_examples=examples(120), deadline=None)
@given(who, people, choices, st.booleans(), provisions, rows)
def test_a_further_deny_never_shows_more(asking, about, setting, emergency, part, row):
    denial = ConsentRule(replace(part, permit=False))
    more = replace(about, consents=(*about.consents, denial))
    if not shown(asking, about, setting, emergency).allows(row):
        assert not shown(asking, more, setting, emergency).allows(row)


@settings(max_examples=examples(120), deadline=None)
@given(who, people, choices, rows, st.sampled_from(sorted(SENSITIVITIES.values())))
def test_a_further_label_never_shows_more_where_no_consent_permits(
    asking, about, setting, row, bit
):
    denials = tuple(c for c in about.consents if not c.root.permit and not c.nested)
    closed = shown(asking, replace(about, consents=denials), setting)
    if not closed.allows(row):
        for marked in (
            replace(row, sensitivities=row.sensitivities | bit),
            replace(row, confidentiality=3),
            replace(row, legal=1),
        ):
            assert not closed.allows(marked)


@settings(max_examples=examples(300), deadline=None)
@given(
    who,
    st.lists(st.sampled_from(RelationshipKind), min_size=1, max_size=3),
    st.sampled_from(PermissionToView),
    st.booleans(),
    st.booleans(),
    rows,
)
def test_a_relationship_less_never_shows_more(asking, kinds, asked, given_, emergency, row):
    held = tuple(relationship(asking.org, kind) for kind in kinds)
    permission = Permission(asking.org, None, LONG_AGO, FOREVER, "p")
    about = person(relationships=held, permissions=(permission,) if given_ else ())
    setting = AccessSettings(permission=asked)
    if not shown(asking, about, setting, emergency).allows(row):
        less = replace(about, relationships=held[1:])
        assert not shown(asking, less, setting, emergency).allows(row)


@settings(max_examples=examples(120), deadline=None)
@given(who, people, choices, st.booleans(), st.randoms(use_true_random=False))
def test_order_and_repetition_of_consents_change_nothing(asking, about, setting, emergency, random):
    shuffled = list(about.consents) * 2
    random.shuffle(shuffled)
    again = replace(about, consents=tuple(shuffled))
    one = shown(asking, about, setting, emergency)
    two = shown(asking, again, setting, emergency)
    assert one.hash == two.hash


@settings(max_examples=examples(300), deadline=None)
@given(who, people, choices, st.booleans(), consents, st.data(), rows)
def test_what_keeps_a_rule_never_shows_more(asking, about, setting, emergency, rule, data, row):
    fewer = [one for one in rule.nested if not one.permit or data.draw(st.booleans())]
    denials = data.draw(st.lists(provisions, max_size=2))
    kept = replace(
        rule,
        nested=(*fewer, *(replace(one, permit=False) for one in denials)),
        binds_break_glass=rule.binds_break_glass or data.draw(st.booleans()),
        conversation=rule.conversation or data.draw(st.booleans()),
    )
    assert kept.keeps(rule)
    before, after = (replace(about, consents=(*about.consents, one)) for one in (rule, kept))
    if not shown(asking, before, setting, emergency).allows(row):
        assert not shown(asking, after, setting, emergency).allows(row)


@settings(max_examples=examples(300), deadline=None)
@given(who, people, st.booleans(), consents, rows)
def test_what_takes_nothing_away_hides_nothing(asking, about, emergency, rule, row):
    harmless = replace(rule, root=Provision(permit=True, askers=rule.root.askers), nested=())
    assert not harmless.takes_away
    more = replace(about, consents=(*about.consents, harmless))
    if shown(asking, about, AccessSettings(), emergency).allows(row):
        assert shown(asking, more, AccessSettings(), emergency).allows(row)


@settings(max_examples=examples(120), deadline=None)
@given(who, st.lists(provisions, min_size=2, max_size=4), provisions, rows)
def test_a_further_permit_never_narrows_those_that_limit_already(asking, parts, extra, row):
    limits = tuple(ConsentRule(replace(part, permit=True)) for part in parts)
    speaks = replace(parts[0], permit=True, askers=frozenset(), purposes=frozenset())
    limits = (*limits, ConsentRule(speaks))
    before = shown(asking, person(*limits), AccessSettings())
    more = (*limits, ConsentRule(replace(extra, permit=True)))
    if before.allows(row):
        assert shown(asking, person(*more), AccessSettings()).allows(row)


@settings(max_examples=examples(300), deadline=None)
@given(who, people, people, choices, st.booleans(), rows)
def test_what_may_be_anothers_never_shows_more(asking, about, other, setting, emergency, row):
    doubtful = tuple(replace(one, narrows_only=True) for one in other.consents)
    more = replace(about, consents=(*about.consents, *doubtful))
    if not shown(asking, about, setting, emergency).allows(row):
        assert not shown(asking, more, setting, emergency).allows(row)


@settings(max_examples=examples(300), deadline=None)
@given(who, people, st.booleans(), rows)
def test_what_may_be_anothers_takes_away_what_it_would(asking, about, emergency, row):
    """One consent alone, where none is needed, leaves the same either way."""
    for one in about.consents:
        certain, doubtful = (
            replace(about, consents=(said,)) for said in (one, replace(one, narrows_only=True))
        )
        left = (
            shown(asking, each, AccessSettings(), emergency).allows(row)
            for each in (certain, doubtful)
        )
        assert next(left) == next(left)


@settings(max_examples=examples(120), deadline=None)
@given(who, people, choices, rows)
def test_break_glass_never_passes_its_cap(asking, about, setting, row):
    opened = shown(asking, about, setting, emergency=True)
    usual = shown(asking, about, setting)
    if opened.allows(row) and not usual.allows(row):
        role = policy().roles[asking.role]
        assert role.break_glass
        assert row.confidentiality <= 2 or row.source_org == asking.org
        assert row.category in role.view.own | policy().break_glass.categories


@settings(max_examples=examples(120), deadline=None)
@given(who, people, rows)
def test_explicit_consent_never_shows_more_than_implied(asking, about, row):
    implied = shown(asking, about, AccessSettings())
    explicit = shown(asking, about, AccessSettings(default=ConsentDefault.EXPLICIT))
    if not implied.allows(row):
        assert not explicit.allows(row)


def _tighter(world: drawn.World, draw: Random) -> Iterator[drawn.World]:
    """The world with one thing more that only refuses, or one ground less."""
    who, about = world.caller, world.person
    denial = ConsentRule(Provision(False, sensitivities=draw.choice((0, 1, 2))), (), True, True)
    tighter: tuple[dict[str, Any], ...] = (
        {"consents": (*about.consents, denial)},
        {"relationships": about.relationships[1:]},
        {"permissions": about.permissions[1:]},
        {"proxies": about.proxies[1:]},
        {"opted_out": True},
        {"pds": about.pds if about.pds is Pds.REDACTED else Pds.VERY_RESTRICTED},
        {"pds": Pds.REDACTED},
        {"staff_ids": about.staff_ids | {who.user_id}},
        {"closed": (*about.closed, ClosedFeed(PRACTICE, "gp"))},
        {"off": SwitchedOff(features=about.off.features | {draw.choice(tuple(Feature))})},
        {"review_from": MIN_MICROS},
        {"deceased": True},
        {"birth_date": None},
        {"links": None},
    )
    for facts in tighter:
        if "off" not in facts or not (about.off.feeds or about.off.senders):
            yield replace(world, person=replace(about, **facts))
    yield replace(world, caller=replace(who, scopes=frozenset({"user/Goal.rs?x=1"})))
    beside = Present(draw.choice(drawn.ROLES), who.org, "u-x")
    yield replace(world, caller=replace(who, present=(*who.present, beside)))
    yield replace(world, settings=replace(world.settings, default=ConsentDefault.EXPLICIT))
    yield replace(world, settings=replace(world.settings, permission=PermissionToView.RECORDED))


def _shown(world: drawn.World):
    return compile_filter(world.caller, world.person, world.request, policy(world.settings))


def test_in_no_world_does_a_refusal_more_or_a_ground_less_show_more(whole):
    for number in range(10_000 if whole else 150):
        draw = Random(number)
        world, held = drawn.world(draw), [drawn.row(draw) for _ in range(8)]
        before = _shown(world)
        hidden = [row for row in held if not before.allows(row)]
        for tighter in _tighter(world, draw):
            after = _shown(tighter)
            assert not any(after.allows(row) for row in hidden), (number, tighter)


def test_in_no_world_does_a_higher_label_show_more(whole):
    for number in range(20_000 if whole else 400):
        draw = Random(number)
        world, row = drawn.world(draw), drawn.row(draw)
        shown = _shown(world)
        if not shown.allows(row):
            for level in range(row.confidentiality, 4):
                assert not shown.allows(replace(row, confidentiality=level)), number
            assert not shown.allows(replace(row, legal=row.legal | 1)), number
            assert not shown.allows(replace(row, holds=row.holds | 1)), number


def test_s68_in_no_world_do_order_and_repetition_change_the_filter(whole):
    for number in range(10_000 if whole else 300):
        draw = Random(number)
        world = drawn.world(draw)
        facts: dict[str, Any] = {}
        for name in ("consents", "relationships", "permissions", "proxies", "closed"):
            several = list(getattr(world.person, name)) * 2
            draw.shuffle(several)
            facts[name] = tuple(several)
        again = replace(world, person=replace(world.person, **facts))
        assert _shown(world).hash == _shown(again).hash, number
