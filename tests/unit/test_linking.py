"""Links come from the whole set of source records, never from the order they are given in."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.identity.linking import NEEDS_REVIEW, Claim, LinkState, links

_REASONS = st.sampled_from([None, None, None, LinkState.NUMBER_CONFLICT])


@st.composite
def _claims(draw):
    count = draw(st.integers(0, 7))
    return [
        Claim(
            f"p{number}",
            draw(st.integers(0, 3)),
            "n",
            draw(st.sampled_from(["a", "b", "c", ""])),
            draw(_REASONS),
        )
        for number in range(count)
    ]


@given(_claims(), st.randoms())
def test_any_order_gives_the_same_links(claims, random):
    mixed = list(claims)
    random.shuffle(mixed)
    assert links(mixed) == links(claims)


@given(_claims())
def test_every_record_has_one_link_and_a_person_of_the_group(claims):
    made = links(claims)
    assert made.keys() == {claim.patient_id for claim in claims}
    for patient_id, link in made.items():
        linked = link.state is LinkState.LINKED
        assert linked or link.person_id == patient_id
        assert made[link.person_id].person_id == link.person_id


@given(_claims())
def test_only_records_with_one_birth_date_link_and_the_largest_group_wins(claims):
    made = links(claims)
    able = [c for c in claims if c.unlinkable is None and c.birth_hash]
    sizes = {d: sum(c.birth_hash == d for c in able) for d in {c.birth_hash for c in able}}
    most = max(sizes.values(), default=0)
    largest = [date for date, size in sizes.items() if size == most]
    for claim in claims:
        state = made[claim.patient_id].state
        if claim not in able:
            assert state in NEEDS_REVIEW
        elif largest == [claim.birth_hash]:
            assert state is (LinkState.LINKED if most > 1 else LinkState.ALONE)
        else:
            assert state is LinkState.DATE_CONFLICT


@given(_claims())
def test_a_person_bears_the_id_of_the_earliest_created_record(claims):
    made = links(claims)
    group = [c for c in claims if made[c.patient_id].state is LinkState.LINKED]
    if group:
        first = min(group, key=lambda claim: (claim.created_at, claim.patient_id))
        assert {made[c.patient_id].person_id for c in group} == {first.patient_id}
