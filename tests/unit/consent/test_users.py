"""The one form of user ids: what makes nobody another person, and what does."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.users import one_form


@pytest.mark.parametrize(
    "written",
    [
        "sw-1",
        "SW-1",
        "Sw-1",
        " sw-1",
        "sw-1 ",
        "\tsw-1\r\n",
        "\u00a0sw-1\u3000",
        "\u2028sw-1\x85",
        "\uff53\uff57\uff0d\uff11",  # full width
        "\U0001d42c\U0001d430-\U0001d7cf",  # bold, as mathematicians write
        "s\u24e6-1",  # in a circle
        "s\u02b7-1",  # a small letter above the line
        "sw-\u00b9",
    ],
)
def test_case_width_and_blanks_make_nobody_another_person(written):
    assert one_form(written) == "sw-1"


@pytest.mark.parametrize(
    "unseen",
    [
        *("\u00ad", "\u034f", "\u061c", "\u115f", "\u180e", "\u200b", "\u200c", "\u200d"),
        *("\u200e", "\u202e", "\u2060", "\u2066", "\u3164", "\ufe0f", "\ufeff", "\uffa0"),
        *("\x00", "\x7f", "\U000e0041", "\U000e0101"),
    ],
)
def test_what_nobody_sees_makes_nobody_another_person(unseen):
    """A page from which an id is copied adds it, and whoever copies cannot know."""
    for written in (f"{unseen}sw-1", f"s{unseen}w-1", f"sw-1{unseen}", f" {unseen} SW-1"):
        assert one_form(written) == "sw-1", ascii(written)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("jos\u00e9", "jose\u0301"),  # composed or not
        ("\u1e9b\u0323", "\u1e69"),  # marks in another order, a long s
        ("stra\u00dfe", "STRASSE"),
        ("stra\u1e9ee", "strasse"),
        ("\u03c3\u03bf\u03c6\u03cc\u03c2", "\u03a3\u039f\u03a6\u038c\u03a3"),  # a final sigma
        ("\ufb01nch", "FINCH"),
        ("\u212aelvin", "kelvin"),
        ("\u01c6", "\u01c4"),
        ("\u1fb3", "\u1fbc"),
        ("a\u0345\u0301", "\u00c1\u0399"),  # a mark that is a letter when it is large
        ("\u13a0", "\uab70"),
    ],
)
def test_normal_forms_of_one_text_are_one_user(one, other):
    assert one_form(one) == one_form(other)


@pytest.mark.parametrize(
    "other",
    [
        *("sw.1", "sw1", "s.w-1", "sw-1.", "sw_1", "sw--1", "s w-1", "sw-01", "sw-l"),
        "\u0455w-1",  # a letter of another script
        "s\u03c9-1",
        "sw\u20101",  # another hyphen
        "s\u0307w-1",  # a dot above
        "\u015bw-1",
    ],
)
def test_dots_accents_and_look_alikes_make_another_user(other):
    assert one_form(other) != one_form("sw-1")


def test_dotted_and_dotless_letters_are_as_issued():
    assert one_form("I-1") == one_form("i-1")
    assert one_form("\u0131-1") != one_form("i-1")
    assert one_form("\u0130-1") == one_form("i\u0307-1")


@pytest.mark.parametrize("nobody", ["", " ", "\u200b", "\u3164", "\t\ufeff\n"])
def test_nothing_that_is_seen_is_nobody(nobody):
    assert one_form(nobody) == ""


def test_every_letter_is_in_one_form_whatever_its_case():
    """Each character of Unicode, alone: folded, decomposed, and its form once more."""
    for point in range(sys.maxunicode + 1):
        if 0xD800 <= point <= 0xDFFF:
            continue
        form = one_form(chr(point))
        assert one_form(form) == form, hex(point)
        for same in (chr(point).casefold(), unicodedata.normalize("NFKD", chr(point))):
            assert one_form(same) == form, (hex(point), ascii(same))


@given(st.text(max_size=12))
def test_the_form_of_a_form_is_itself_in_any_normal_form(text):
    form = one_form(text)
    assert one_form(form) == form
    for normal in ("NFC", "NFD", "NFKC", "NFKD"):
        assert one_form(unicodedata.normalize(normal, text)) == form
