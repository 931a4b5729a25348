"""What was ever said of whom one source record is about, and whether that may all be one person.

In      Sayings: a number, a birth date and first names, as one item said them together.
Out     Sayings as one text, and whether a local id was used for several people.
Rule    A number, a birth date or a name may be corrected. Where two of the three differ, and
        nothing that was said leads from one to the other, the local id was used again.
Source  docs/adr/0062-a-local-id-is-used-again.md.
Pure    A set of sayings, and no order: what arrives first makes no difference.
"""

from collections.abc import Collection
from itertools import combinations
from typing import Final, NamedTuple

from gateway.identity.groups import connected
from gateway.identity.names import Fit, from_marks

_MOST: Final = 24
_TOO_MANY: Final = "*"
"""What stands for more than can be told: a local id of anybody."""
_PARTS, _WITHIN = ";", ","


class Saying(NamedTuple):
    """The beginnings of two keyed hashes, and marks made for the record; each empty if unsaid."""

    number: str
    """A mark that is no number stands for two at once."""
    born: str
    called: str


Sayings = frozenset[Saying]
MANY: Final = Saying(_TOO_MANY, "", "")
OF_MANY: Final = _WITHIN.join(MANY)
"""How it is kept."""


def with_saying(text: str, saying: Saying) -> str:
    """The sayings as kept, with one more."""
    known = from_text(text)
    if saying in known or MANY in known or not any(saying):
        return text
    return to_text(known | {saying})


def to_text(sayings: Collection[Saying]) -> str:
    """Sayings as they are kept, in one order; of too many just that."""
    made = sorted(sayings) if len(sayings) <= _MOST else [MANY]
    return _PARTS.join(_WITHIN.join(one) for one in made)


def from_text(text: str) -> Sayings:
    """What `to_text` made."""
    return frozenset(Saying(*part.split(_WITHIN)) for part in text.split(_PARTS) if part)


def is_one(sayings: Sayings) -> bool:
    """Whether they may all be of one person."""
    if len(sayings) < 2:
        return MANY not in sayings
    whole = [one for one in sayings if not any(_is_part(one, other) for other in sayings)]
    near = (map(str, pair) for pair in combinations(whole, 2) if _is_corrected(*pair))
    groups = connected(map(str, whole), near)
    return not any(
        groups[str(one)] != groups[str(other)] and _compared(one, other).count(False) > 1
        for one, other in combinations(whole, 2)
    )


def _is_part(one: Saying, other: Saying) -> bool:
    """Whether the other says all of it, and more."""
    return one != other and all(a in ("", b) for a, b in zip(one, other, strict=True))


def _is_corrected(one: Saying, other: Saying) -> bool:
    """Whether no more than one of the three differs where two agree."""
    agree = _compared(one, other)
    return not agree.count(False) or agree.count(True) > 1


def _compared(one: Saying, other: Saying) -> list[bool]:
    """Of number, birth date and name that both say, whether they agree. Two numbers at once say
    nothing."""
    number = one.number and other.number and "!" not in one.number + other.number
    made = [one.number == other.number] if number else []
    made += [one.born == other.born] if one.born and other.born else []
    fits = fit(one, other)
    return made if fits is Fit.UNSAID else [*made, fits is not Fit.DIFFERS]


def fit(one: Saying, other: Saying) -> Fit:
    """How the first names of two sayings of one record fit."""
    return from_marks(one.called).fit(from_marks(other.called))
