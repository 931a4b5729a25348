"""Links come from the whole set of source records, never from the order they are given in."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from gateway.identity.linking import NEEDS_REVIEW, Claim, LinkState, links
from gateway.identity.names import marks_of
from gateway.identity.statements import Statement, Verdict

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
            vouched=True,
            org=f"o{number}",
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


def _marks(name):
    return marks_of([name.split()], lambda word: f"{word:_<8}"[:8])


def _called(*names):
    """Claims of one number and date, each `name` or `name sex`; `*` of a kind without names."""
    made = []
    for place, text in enumerate(names):
        name, _, sex = text.partition(" ")
        marks = "" if name == "*" else _marks(name)
        made.append(
            Claim(
                f"p{place}", place, "n", "a", None, False, marks, sex, name == "*", org=f"o{place}"
            )
        )
    return made


def _states(*names):
    made = links(_called(*names))
    return [str(made[f"p{place}"].state) for place in range(len(names))]


def test_a_twin_with_the_number_of_the_other_is_linked_with_nobody():
    assert _states("Emma", "Oliver") == ["name-conflict", "name-conflict"]
    assert _states("Emma", "Oliver", "Emma") == ["linked", "name-conflict", "linked"]


def test_twins_whose_names_are_a_letter_apart_are_linked_with_nobody():
    for pair in (
        ("Aisling", "Aisline"),
        ("Jayden", "Jaylen"),
        ("Harry", "Harvey"),
        ("Ella", "Ela"),
    ):
        assert _states(*pair) == ["name-conflict"] * 2
    assert _states("Aisling", "Aisline", "Aisling")[1] == "name-conflict"


def test_a_kind_without_names_goes_with_the_largest_side_and_waits_at_a_tie():
    assert _states("Emma", "Oliver", "Emma", "*") == ["linked", "name-conflict", "linked", "linked"]
    assert _states("Emma", "Oliver", "*") == ["name-conflict"] * 3
    assert _states("Emma", "*") == ["linked", "linked"]
    assert _states("*", "*") == ["linked", "linked"]


def test_a_number_and_a_date_without_a_name_link_with_nobody():
    for nobody in ("", "J", "Baby", "Unknown"):
        assert _states("James", nobody) == ["alone", "nameless"]
        assert _states("*", nobody, nobody) == ["alone", "nameless", "nameless"]


def test_a_nameless_record_decides_nothing_about_those_who_say_who_they_are():
    said = [
        Claim("p0", 0, "n", "a", called=_marks("Emma"), org="o0"),
        *(Claim(f"p{place}", place, "n", "b", org=f"o{place}") for place in (1, 2)),
    ]
    made = links(said)
    assert [str(made[one.patient_id].state) for one in said] == ["alone", "nameless", "nameless"]


def test_a_nameless_record_that_was_told_apart_finds_nobody_by_its_number():
    apart = Statement("p1", "p0", Verdict.DIFFERENT, ("t", "1"), decided=True)
    made = links(_called("Emma", ""), [apart])
    assert made["p1"].state is LinkState.TOLD_APART
    assert not made["p1"].number_counts


def test_a_beginning_that_fits_two_who_differ_makes_them_no_side():
    assert _states("Joseph", "Joanna", "Jo") == ["name-conflict"] * 3
    assert _states("Joseph", "Joanna", "Jo", "Joseph")[:2] == ["linked", "name-conflict"]
    six = ("Joseph", "Joanna", "Jo female", "Jo male", "Joseph", "Joanna")
    assert _states(*six) == ["name-conflict"] * 6


def test_the_other_sex_keeps_apart_unless_a_first_name_is_the_same():
    assert _states("Alex male", "Alex female") == ["linked", "linked"]
    assert _states("Al male", "Alice female") == ["name-conflict", "name-conflict"]
    assert _states("* male", "* female") == ["name-conflict", "name-conflict"]
    assert _states("Al male", "Alan male", "Alan") == ["linked"] * 3


_SAID = st.tuples(
    st.sampled_from(["", "*", "J", "Jo", "Joseph", "Joanna", "Bob", "Robert", "Emma"]),
    st.sampled_from(["", "male", "female"]),
)


@given(st.lists(_SAID, max_size=7), st.randoms())
def test_names_and_sex_give_one_set_of_links_in_any_order(said, random):
    claims = _called(*(" ".join(one) for one in said))
    mixed = list(claims)
    random.shuffle(mixed)
    made = links(claims)
    assert links(mixed) == made
    linked = [one for one in claims if made[one.patient_id].state is LinkState.LINKED]
    for one in linked:
        for other in linked:
            pair = links([one, other])
            assert all(link.state is not LinkState.NAME_CONFLICT for link in pair.values())


def test_one_organisation_with_three_local_ids_does_not_outvote_two_others():
    orgs = ("council", "council", "council", "practice", "trust")
    dates = [
        Claim(f"p{n}", n, "n", "ba"[n > 2], called=_marks("Emma"), org=org)
        for n, org in enumerate(orgs)
    ]
    names = [
        replace(one, birth_hash="a", called=_marks(name))
        for one, name in zip(dates, ("Bob", "Robert", "Bob", "Emma", "Emma"), strict=True)
    ]
    for claims, conflict in ((dates, "date-conflict"), (names, "name-conflict")):
        made = links(claims)
        states = [str(made[claim.patient_id].state) for claim in claims]
        assert states == [conflict] * 3 + ["linked"] * 2
    tied = links(dates[:4])
    assert {str(link.state) for link in tied.values()} == {"date-conflict"}
