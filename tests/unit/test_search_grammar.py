"""The grammar of a search: what it holds parses and prints again; all else is a faulty request."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.api.search.search_grammar import (
    MOST_STEPS,
    Name,
    Reference,
    Reverse,
    Token,
    alternatives,
    escaped,
    parse_date,
    parse_name,
    parse_reference,
    parse_token,
    unescaped,
)
from gateway.errors import FaultyRequestError

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
BASE = "https://gateway.example/fhir/R4"
DAY = 86_400_000_000

words = st.from_regex(r"\A[A-Za-z][A-Za-z0-9-]{0,10}\Z")
plain = st.builds(Name, words, words | st.just(""))
names = st.recursive(
    plain,
    lambda rest: (
        st.builds(Name, words, words | st.just(""), rest) | st.builds(Reverse, words, words, rest)
    ),
    max_leaves=1,
)
values = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF), max_size=30).filter(
    str.isprintable
)
systems = st.none() | values


def _steps(name: Name | Reverse) -> int:
    return 1 + _steps(name.rest) if name.rest else 0


@given(names)
def test_a_name_prints_as_what_parses_to_it(name):
    if _steps(name) <= MOST_STEPS:
        assert parse_name(str(name)) == name
    else:
        with pytest.raises(FaultyRequestError):
            parse_name(str(name))


@given(systems, values)
def test_a_token_prints_as_what_parses_to_it(system, code):
    token = Token(system, code)
    if code or system:
        (text,) = alternatives("x", str(token))
        assert parse_token("x", text) == token


@given(st.lists(values.filter(bool), min_size=1, max_size=5))
def test_values_that_are_escaped_come_apart_as_they_were(several):
    found = alternatives("x", ",".join(map(escaped, several)))
    assert [unescaped(one) for one in found] == several


@given(words, st.from_regex(r"\A[A-Za-z0-9.-]{1,20}\Z"))
def test_a_reference_prints_as_what_parses_to_it(kind, resource_id):
    reference = Reference(kind, resource_id)
    assert parse_reference(str(reference), BASE) == reference
    assert parse_reference(f"{BASE}/{reference}", BASE) == reference
    assert parse_reference(resource_id, BASE) == Reference("", resource_id)
    assert parse_reference(f"https://other.example/{reference}", BASE) == Reference("", "")


@given(st.text(max_size=40))
def test_whatever_comes_is_parsed_or_refused_without_being_repeated(text):
    for parse in (
        parse_name,
        lambda one: alternatives("x", one),
        lambda one: parse_token("x", one),
        lambda one: parse_date("x", one, AT),
        lambda one: parse_reference(one, BASE),
    ):
        try:
            parse(text)
        except FaultyRequestError as error:
            (only,) = error.faults
            assert only.path == text or len(text) < 3 or text not in only.text


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("2026", 365 * DAY),
        ("2026-02", 28 * DAY),
        ("2026-03-29", DAY - 3_600_000_000),
        ("2026-01-10T09:30", 60_000_000),
        ("2026-01-10T09:30:00", 1_000_000),
        ("2026-01-10T09:30:00Z", 1_000_000),
        ("2026-01-10T09:30:00.5+01:00", 100_000),
        ("2026-01-10T09:30:00.123456789Z", 1),
    ],
)
def test_a_date_covers_what_its_precision_says(text, length):
    for prefix in ("", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb"):
        span = parse_date("x", prefix + text, AT)
        assert (span.prefix, span.high - span.low) == (prefix or "eq", length)


def test_about_is_a_tenth_of_how_far_it_is_from_now():
    near, far = (parse_date("x", f"ap{one}", AT) for one in ("2026-11-20", "2016-11-20"))
    assert near.high - near.low < 2 * DAY
    assert 700 * DAY < far.high - far.low < 760 * DAY


@pytest.mark.parametrize(
    "text",
    ["", "x", "2026-01-10T09", "2026-13", "2026-02-30", "xx2026", "GE2026", "0000", "2026-1-1",
     "2026-01-10T25:00Z", "2026-01-10T09:30:00+99:00", "0001-01-01T00:00:00+14:00", "ap0001"],
)  # fmt: skip
def test_what_is_no_date_is_refused(text):
    with pytest.raises(FaultyRequestError):
        parse_date("x", text, AT)


@pytest.mark.parametrize(
    "text", ["", ".", "a.", ".a", "a:", "a::b", "_has:A:b", "_has:A::c", "a b", "a.b.c.d", "é"]
)
def test_what_is_no_name_is_refused(text):
    with pytest.raises(FaultyRequestError):
        parse_name(text)
