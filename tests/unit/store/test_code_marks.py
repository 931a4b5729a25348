"""A row's marks hold the bits of each of its codes, and those of few others."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.store.clear.code_marks import mark_of, marks_of
from gateway.store.clear.search_index import indexed, named_code, named_coding
from gateway.store.keyring.keys import KeyedHasher

HASHER = KeyedHasher([b"k" * 32], b"i" * 32)
ELEMENTS = {"code": "code", "category": "category", "body-site": "bodySite"}
"""Parameters that read codings of a Condition, and where they stand."""
NAMES = st.sampled_from(sorted(ELEMENTS))
VALUES = st.text("a:=|\t 1é", max_size=6)
CODINGS = st.lists(st.tuples(NAMES, VALUES, VALUES), max_size=8)


def _text(codings):
    """The codes of a Condition with these, as a version of it keeps them."""
    said: dict[str, dict[str, list[dict[str, str]]]]
    said = {name: {"coding": []} for name in ELEMENTS.values()}
    for name, system, code in codings:
        said[ELEMENTS[name]]["coding"].append({"system": system, "code": code})
    held = {name: one for name, one in said.items() if one["coding"]}
    return indexed({"resourceType": "Condition", **held}, HASHER, []).codes


@given(CODINGS)
def test_whoever_has_a_code_has_its_bits(codings):
    marks = marks_of(_text(codings))
    assert 0 <= marks < 2**63
    for name, system, code in codings:
        for piece in (named_coding(name, system, code), named_code(name, code)):
            bits = mark_of(piece)
            assert marks & bits == bits
            assert -1 & bits == bits, "a row of before has every mark"


def test_a_coding_has_the_bits_of_its_code():
    assert mark_of(named_coding("code", "https://a", "c1")) == mark_of("code:c1") != 0
    assert mark_of("code:c1") != mark_of("category:c1")
    assert mark_of("code:") == mark_of(named_coding("code", "https://a", "")) == 0


def test_few_that_have_not_a_code_have_its_bits():
    marks = [marks_of(_text([("code", "s", str(n)), ("category", "s", "x")])) for n in range(1_000)]
    bits = mark_of("code:7")
    assert marks[7] & bits == bits
    assert sum(one & bits == bits for one in marks) < 20
