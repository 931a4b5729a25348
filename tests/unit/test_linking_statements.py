"""Merges of a source and decisions of an operator: what they link, and what they never link."""

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.identity.linking import Claim, LinkState, links
from gateway.identity.names import marks_of
from gateway.identity.statements import Statement, Verdict, standing

IDS = "abcdef"
VERDICTS = st.sampled_from(list(Verdict))


def claim(name, number="n", born="d", at=0, unlinkable=None):
    return Claim(name, at, number, born, unlinkable, vouched=True, org=name)


def bare(name, at=0):
    return claim(name, "", "", at, LinkState.NO_NUMBER)


def merge(gone, stays, at=1, verdict=Verdict.SAME):
    return Statement(gone, stays, verdict, (f"t{at}", f"{gone}{stays}"))


def decision(record, other, verdict=Verdict.SAME, at=1):
    return Statement(record, other, verdict, (f"t{at}", f"{record}{other}"), decided=True)


def groups(made):
    found: dict[str, set[str]] = {}
    for name, link in made.items():
        found.setdefault(link.person_id, set()).add(name)
    return {frozenset(group) for group in found.values()}


def people(*texts):
    return {frozenset(text) for text in texts}


@st.composite
def _claims(draw):
    names = draw(st.lists(st.sampled_from(IDS), unique=True, min_size=1))
    made = []
    for name in names:
        number, born = draw(st.sampled_from(["n", "m", ""])), draw(st.sampled_from(["d", "e", ""]))
        reason = None if number else draw(
            st.sampled_from(
                [LinkState.NO_NUMBER, LinkState.UNUSABLE_NUMBER, LinkState.NUMBER_CONFLICT]
            )
        )  # fmt: skip
        made.append(claim(name, number, born, draw(st.integers(0, 2)), reason))
    return made


@st.composite
def _statements(draw):
    said = draw(
        st.lists(
            st.tuples(
                st.sampled_from(IDS), st.sampled_from(IDS), VERDICTS, st.integers(0, 3),
                st.booleans(),
            ),
            max_size=7,
        )
    )  # fmt: skip
    made = []
    for number, (one, other, verdict, at, decided) in enumerate(said):
        kept = Verdict.SAME if not decided and verdict is Verdict.DIFFERENT else verdict
        made.append(Statement(one, other, kept, (f"t{at}", f"h{number}"), decided))
    return made


@given(_claims(), _statements(), st.randoms())
def test_any_order_of_claims_and_statements_gives_the_same_links(claims, said, random):
    mixed, shuffled = list(claims), [*said, *said[:2]]
    random.shuffle(mixed)
    random.shuffle(shuffled)
    assert links(mixed, shuffled) == links(claims, said)


@given(_claims(), _statements())
def test_who_was_told_apart_is_never_one_person(claims, said):
    made = links(claims, said)
    for one in standing(said):
        if one.verdict is Verdict.DIFFERENT and {one.patient_id, one.other_id} <= made.keys():
            assert made[one.patient_id].person_id != made[one.other_id].person_id


@given(_claims(), _statements())
def test_without_a_decision_no_person_has_two_numbers_or_two_birth_dates(claims, said):
    said = [one for one in said if not one.decided]
    known = {claim.patient_id: claim for claim in claims}
    for group in groups(links(claims, said)):
        assert len({known[one].nhs_hash for one in group} - {""}) <= 1
        assert len({known[one].birth_hash for one in group} - {""}) <= 1


@given(_claims(), _statements())
def test_a_person_is_one_of_their_own_records_the_earliest(claims, said):
    made = links(claims, said)
    known = {claim.patient_id: claim for claim in claims}
    assert made.keys() == known.keys()
    for group in groups(made):
        bearer = {made[one].person_id for one in group}
        assert bearer <= group
        first = min(known[one].created_at for one in group)
        assert known[bearer.pop()].created_at == first


@given(_claims(), _statements())
def test_statements_that_are_all_taken_back_leave_nothing(claims, said):
    later = [
        Statement(one.patient_id, one.other_id, Verdict.OPEN, ("u", ""), one.decided)
        for one in said
    ]
    assert links(claims, [*said, *later]) == links(claims)


@pytest.mark.parametrize(
    "said",
    [
        [merge("a", "b"), merge("b", "c", 2)],
        [merge("a", "b", 2), merge("b", "c", 1)],
        [merge("a", "b"), merge("b", "a", 2), merge("c", "b")],
        [merge("a", "x"), merge("x", "b"), merge("c", "x")],
        [merge("a", "b"), merge("b", "c"), merge("c", "a"), merge("a", "a")],
    ],
    ids=["chain", "late link of a chain", "inverse", "by one nobody knows", "circle and self"],
)
def test_whatever_way_round_a_source_merges_they_are_one(said):
    claims = [claim("a", at=2), bare("b", at=1), bare("c")]
    for order in itertools.permutations(said):
        made = links(claims, order)
        assert groups(made) == people("abc")
        assert {link.state for link in made.values()} == {LinkState.LINKED}
        assert {link.person_id for link in made.values()} == {"c"}


@pytest.mark.parametrize("other", [claim("b", "m"), claim("b", born="e")], ids=["number", "date"])
def test_a_merge_that_contradicts_is_not_followed_and_waits(other):
    """Each goes on as what it says itself: here the first is still linked with the practice."""
    claims = [claim("a"), claim("p"), other]
    made = links(claims, [merge("a", "b")])
    assert made["a"].person_id == made["p"].person_id != made["b"].person_id
    assert made["a"].state is made["b"].state is LinkState.MERGE_CONFLICT


def test_a_merge_with_a_record_of_two_numbers_is_not_followed():
    claims = [claim("a"), claim("b", "", "d", 0, LinkState.NUMBER_CONFLICT)]
    assert groups(links(claims, [merge("b", "a")])) == people("a", "b")


def test_a_merge_brings_a_record_without_a_number_to_everybody_with_that_number():
    made = links([claim("p"), claim("a"), bare("b")], [merge("b", "a")])
    assert groups(made) == people("pab")


def test_a_merge_vouches_for_a_number_only_if_each_of_its_records_does():
    """A record that names should stand on lends nothing to one without, and takes nothing."""
    bears_names = Claim("b", 0, "", "", LinkState.NO_NUMBER, org="b")
    said = [merge("b", "a")]
    assert groups(links([claim("p"), claim("a"), bears_names], said)) == people("p", "ab")
    named = replace(bears_names, called=marks_of([["Norma"]], str))
    assert groups(links([claim("p"), claim("a"), named], said)) == people("pab")


def test_several_numbers_of_one_source_count_once_where_dates_differ():
    """One hospital with three numbers for somebody does not outvote two others."""
    own = [replace(claim(name, born="e"), org="hospital") for name in "abc"]
    claims = [*own, claim("p"), claim("q")]
    made = links(claims, [merge("a", "b"), merge("c", "b")])
    assert groups(made) == people("abc", "pq")
    assert made["a"].state is LinkState.DATE_CONFLICT


def test_an_operator_s_merge_holds_against_number_and_date_and_mutes_the_one_that_goes():
    claims = [claim("a", "m", "e"), claim("x", "m", "e"), claim("p"), claim("q")]
    made = links(claims, [decision("a", "p")])
    assert groups(made) == people("apq", "x")
    assert made["x"].state is LinkState.ALONE


def test_one_who_is_taken_out_leaves_the_others_linked():
    claims = [claim(name) for name in "apq"]
    made = links(claims, [decision("a", "p", Verdict.DIFFERENT)])
    assert groups(made) == people("a", "pq")
    assert made["a"].state is LinkState.TOLD_APART


def test_what_was_merged_with_one_who_is_taken_out_goes_with_them():
    claims = [claim("a"), bare("b"), claim("p")]
    said = [merge("b", "a"), decision("a", "p", Verdict.DIFFERENT)]
    assert groups(links(claims, said)) == people("ab", "p")


def test_a_merge_does_not_join_whom_an_operator_told_apart_even_by_a_third():
    claims = [claim("a"), bare("b"), bare("c")]
    said = [merge("a", "b"), merge("b", "c", 9), decision("c", "a", Verdict.DIFFERENT)]
    made = links(claims, said)
    assert groups(made) == people("a", "b", "c")
    assert made["b"].state is LinkState.MERGE_CONFLICT


def test_decisions_that_contradict_each_other_hold_no_more():
    said = [decision("a", "b"), decision("b", "c"), decision("a", "c", Verdict.DIFFERENT)]
    made = links([bare("a"), bare("b"), bare("c")], said)
    assert groups(made) == people("a", "b", "c")
    assert made["b"].state is LinkState.MERGE_CONFLICT


def test_the_newest_decision_stands_and_an_opened_pair_is_as_its_source_says():
    claims, said = [claim("a"), bare("b")], [merge("b", "a")]
    said.append(decision("b", "a", Verdict.DIFFERENT, 2))
    assert groups(links(claims, said)) == people("a", "b")
    said.append(decision("a", "b", Verdict.OPEN, 3))
    assert groups(links(claims, said)) == people("ab")
    said.append(merge("b", "a", 9, Verdict.OPEN))
    assert groups(links(claims, said)) == people("a", "b")


def test_a_thousand_records_of_one_number_are_linked_at_once():
    claims = [claim(f"r{number}") for number in range(2000)]
    assert len(groups(links(claims, [merge("r1", "r2")]))) == 1


def test_a_circle_of_decisions_does_not_silence_everybody():
    claims = [claim("a"), claim("b"), claim("c"), claim("d")]
    said = [decision("a", "b", at=1), decision("b", "c", at=2), decision("c", "a", at=3)]
    assert groups(links(claims, said)) == people("abcd")
