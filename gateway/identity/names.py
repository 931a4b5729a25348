"""Whether two records that share a number and a birth date may be of one person, by first name.

In      What a record calls somebody; a function that turns a word into a keyed token.
Out     Marks, as one text that gives no name away; how the marks of two records fit.
Rule    First names fit where one is the other, a short form or another spelling of it by the table,
        its beginning, or stands among the other's further names. A letter that differs makes
        another name: so are twins called. A family name says nothing here: it changes, and twins
        share it. A name that anybody may bear (Baby, Unknown) says nothing; initials alone neither.
Source  docs/adr/0031-what-stands-on-a-person.md, docs/adr/0044-what-a-number-needs-beside-it.md.
Pure    The same names always give the same.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Self

from gateway.identity.short_forms import FULL_NAMES

_MORE: Final = 2
"""A name is so much longer than a beginning of it: Carol is not taken for Carola."""
TOKEN: Final = 8
"""Letters of a keyed token."""
_BETWEEN: Final = "/"
_TITLES: Final = frozenset(["MR", "MRS", "MS", "MISS", "MASTER", "DR", "REV", "SIR"])
_ANYBODYS: Final = frozenset(
    [
        "BABY",
        "INFANT",
        "NEWBORN",
        "TWIN",
        "TRIPLET",
        "BOY",
        "GIRL",
        "MALE",
        "FEMALE",
        "UNKNOWN",
        "NOT",
        "NK",
        "NONE",
    ]
)
_BEFORE_THE_NAME: Final = frozenset({"SYED", "SYEDA"} | {
    word for word, full in FULL_NAMES.items() if "MOHAMMED" in full
})  # fmt: skip
"""Where another name follows, that one tells brothers apart."""
_LETTERS: Final = re.compile(r"[^\W\d_]+")


class Fit(StrEnum):
    """How the first names of two records fit."""

    SAME = "same"
    NEAR = "near"
    DIFFERS = "differs"
    UNSAID = "unsaid"


@dataclass(frozen=True, slots=True)
class Marks:
    """What tells words apart, hashed: the words and their full names; initials; what may be a
    beginning of them."""

    exact: frozenset[str] = field(default=frozenset(), repr=False)
    initials: frozenset[str] = field(default=frozenset(), repr=False)
    begin: frozenset[str] = field(default=frozenset(), repr=False)

    def __or__(self, other: Self) -> "Marks":
        return Marks(
            self.exact | other.exact, self.initials | other.initials, self.begin | other.begin
        )

    def fit(self, other: Self) -> Fit:
        """How any of these words fits any of the others."""
        if self.exact & other.exact:
            return Fit.SAME
        mine, theirs = self.exact | self.initials, other.exact | other.initials
        near = self.initials & other.initials or mine & other.begin or theirs & self.begin
        return Fit.NEAR if near else Fit.DIFFERS


@dataclass(frozen=True, slots=True)
class Called:
    """What a record calls somebody: first names, and the names that follow them."""

    first: Marks = Marks()
    further: Marks = Marks()

    def __or__(self, other: Self) -> "Called":
        return Called(self.first | other.first, self.further | other.further)

    def fit(self, other: Self) -> Fit:
        """How the first names fit."""
        if self.first == Marks() or other.first == Marks():
            return Fit.UNSAID
        ways = {
            self.first.fit(other.first | other.further),
            other.first.fit(self.first | self.further),
        }
        return next(one for one in Fit if one in ways)


def marks_of(given: Iterable[Collection[str]], token: Callable[[str], str]) -> str:
    """The marks of several names, each the given names in their order; empty where none says
    anything. `from_marks` reads them."""
    first: set[str] = set()
    further: set[str] = set()
    for words in map(_words, given):
        if not words or words[0] in _ANYBODYS:
            continue
        own = [word for word in words if word not in _BEFORE_THE_NAME]
        leading = (own or words)[0]
        first.add(leading)
        further |= set(words) - {leading}
    sets = [sorted(part) for words in (first, further) for part in _parts(words)]
    if all(len(word) == 1 for word in first | further):
        return ""
    return _BETWEEN.join("".join(token(one)[:TOKEN] for one in part) for part in sets)


def marks_again(text: str, again: Callable[[str], str]) -> str:
    """The same marks under another key: `again` gives each token's new one."""
    return _BETWEEN.join(
        "".join(again(part[at : at + TOKEN]) for at in range(0, len(part), TOKEN))
        for part in text.split(_BETWEEN)
    )


def from_marks(text: str) -> Called:
    """What `marks_of` made."""
    if not text:
        return Called()
    parts = [
        frozenset(part[at : at + TOKEN] for at in range(0, len(part), TOKEN))
        for part in text.split(_BETWEEN)
    ]
    return Called(Marks(*parts[:3]), Marks(*parts[3:]))


def _words(given: Collection[str]) -> list[str]:
    text = unicodedata.normalize("NFKD", " ".join(given)).upper()
    plain = "".join(sign for sign in text if not unicodedata.combining(sign))
    found = _LETTERS.findall(plain.replace("'", "").replace("’", ""))
    return [word for word in found if word not in _TITLES]


def _parts(words: Iterable[str]) -> tuple[set[str], set[str], set[str]]:
    exact: set[str] = set()
    initials: set[str] = set()
    begin: set[str] = set()
    for word in words:
        full = FULL_NAMES.get(word, frozenset()) | FULL_NAMES.get(_undoubled(word), frozenset())
        (exact if len(word) > 1 else initials).add(word)
        exact |= {f"{one}." for one in full}
        begin |= {word[:1], *(word[:end] for end in range(2, len(word) - _MORE + 1))}
    return exact, initials, begin


def _undoubled(word: str) -> str:
    """What is left of DANNY or LIZZIE without its ending; the word where it has none."""
    stem = word.removesuffix("Y") if word.endswith("Y") else word.removesuffix("IE")
    return stem[:-1] if stem != word and len(stem) > 3 and stem[-1] == stem[-2] else word
