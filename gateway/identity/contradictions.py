"""Who of those that share a number contradicts whom, and who of them links.

In      What is said of birth dates, of first names and sex, and which organisations say it.
Out     What those say that link.
Rule    First names that differ contradict. So does the other sex, unless a first name is the same:
        a slip in a code is likelier then. Who contradicts nobody goes with the others. Of those
        who do, the ones that fit one another are a side; the side that most organisations
        say links, if more say it than any other and nothing within it contradicts; else nobody
        does.
Source  docs/adr/0031-what-stands-on-a-person.md.
Pure    Any order gives the same.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from gateway.identity.names import Called, Fit, from_marks


@dataclass(frozen=True, slots=True)
class Said:
    """What records that are one say of first names and of sex."""

    marks: frozenset[str]
    sexes: frozenset[str]


def said_by(claims: Iterable[tuple[str, str]]) -> Said:
    """The marks and the sexes of several records, where they say any."""
    pairs = list(claims)
    marks = frozenset(marks for marks, _ in pairs if marks)
    return Said(marks, frozenset(sex for _, sex in pairs if sex))


def agreed_date(said: Iterable[tuple[str, str]]) -> str | None:
    """The birth date that more organisations say than any other, given who says which; None when
    there is no such."""
    counts = Counter(date for date, _ in set(said)).most_common(2)
    if not counts or (len(counts) > 1 and counts[0][1] == counts[1][1]):
        return None
    return counts[0][0]


def agreeing(said: Mapping[Said, Collection[str]]) -> Collection[Said]:
    """What those say that link with one another, given which organisations say what."""
    against = _against(list(said)) if len(said) > 1 else frozenset()
    if not against:
        return said.keys()
    torn = frozenset().union(*against)
    sides = _sides(torn, against)
    sizes = [len({org for one in side for org in said[one]}) for side in sides]
    most = max(sizes)
    largest = sides[sizes.index(most)]
    if sizes.count(most) > 1 or any(pair <= largest for pair in against):
        return ()
    return (said.keys() - torn) | largest


def _against(said: Sequence[Said]) -> frozenset[frozenset[Said]]:
    """The pairs that contradict each other."""
    named = [(one, _called(one.marks)) for one in said]
    return frozenset(
        frozenset({one, other})
        for (one, name), (other, another) in combinations(named, 2)
        if _contradicts(name.fit(another), one, other)
    )


def _contradicts(fit: Fit, one: Said, other: Said) -> bool:
    other_sex = bool(one.sexes and other.sexes) and one.sexes.isdisjoint(other.sexes)
    return fit is Fit.DIFFERS or (other_sex and fit is not Fit.SAME)


def _called(marks: Iterable[str]) -> Called:
    called = Called()
    for one in marks:
        called |= from_marks(one)
    return called


def _sides(torn: Iterable[Said], against: Collection[frozenset[Said]]) -> list[frozenset[Said]]:
    """Those who contradict somebody, parted into groups that fit one another, or hang together
    by somebody who fits both."""
    sides: list[frozenset[Said]] = []
    for one in torn:
        fitting = [side for side in sides if any({one, other} not in against for other in side)]
        sides = [side for side in sides if side not in fitting]
        sides.append(frozenset({one}).union(*fitting))
    return sides
