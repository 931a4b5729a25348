"""Laws of every world: what is added to refuse never shows more, and order means nothing."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from consent.labels import SENSITIVITIES
from consent.policy import AccessSettings, ConsentDefault, PermissionToView
from consent.rule import ConsentRule
from consent.terms import FOREVER, Permission, RelationshipKind
from tests.sampling import examples
from tests.unit.consent.world import LONG_AGO, person, policy, relationship
from tests.unit.consent.worlds import choices, people, provisions, rows, shown, who


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
