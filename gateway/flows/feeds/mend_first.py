"""What would mend most: which rules to see to first, by how many items that lets in.

In      How many of what waits break just which rules; what each rule says.
Out     At most five steps, each the rules to mend together, how many items it lets in that the
        steps before did not, and how many there are with these.
Rule    An item comes in when all its rules are mended. So a step is a set of rules that some item
        breaks, and the best step is the one that lets in most for each rule it asks for.
Pure    The same queue gives the same steps.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

_MOST: Final = 5
_Rules = frozenset[str]


def mend_first(left: Counter[_Rules], texts: Mapping[str, str]) -> list[dict[str, Any]]:
    """The steps, the best first, of how many break just which rules; `texts` says what each is."""
    steps: list[dict[str, Any]] = []
    together = 0
    while left and len(steps) < _MOST:
        best = min(left, key=lambda rules: (-_lets_in(rules, left) / len(rules), sorted(rules)))
        number = _lets_in(best, left)
        together += number
        step = {"rules": sorted(best), "would_take": number, "together": together}
        steps.append(step | {"texts": [texts[rule] for rule in sorted(best)]})
        left = _without(best, left)
    return steps


def _lets_in(rules: _Rules, left: Counter[_Rules]) -> int:
    return sum(number for broken, number in left.items() if broken <= rules)


def _without(mended: _Rules, left: Counter[_Rules]) -> Counter[_Rules]:
    """What is still broken, and by how many."""
    rest = Counter[_Rules]()
    for broken, number in left.items():
        if broken - mended:
            rest[broken - mended] += number
    return rest
