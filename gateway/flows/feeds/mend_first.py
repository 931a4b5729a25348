"""What would mend most: which rules to see to first, by how many items that lets in.

In      What waits, each with the rules it breaks.
Out     At most five steps, each the rules to mend together, how many items it lets in that the
        steps before did not, and how many there are with these.
Rule    An item comes in when all its rules are mended. So a step is a set of rules that some item
        breaks, and the best step is the one that lets in most for each rule it asks for.
Pure    The same queue gives the same steps.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

from gateway.flows.feeds.feed_errors import one_text
from gateway.store.intake.queue import Waiting, rule_of
from mappings.core.model.outcome import Severity

_MOST: Final = 5
_Rules = frozenset[str]


def mend_first(held: Iterable[Waiting]) -> list[dict[str, Any]]:
    """The steps, the best first."""
    waiting = list(held)
    left = Counter(rules for one in waiting if (rules := one.rules()))
    texts: dict[str, dict[str, None]] = {}
    for issue in (issue for one in waiting for issue in one.issues):
        if issue.severity is Severity.ERROR:
            texts.setdefault(rule_of(issue), {})[issue.text] = None
    steps: list[dict[str, Any]] = []
    together = 0
    while left and len(steps) < _MOST:
        best = min(left, key=lambda rules: (-_lets_in(rules, left) / len(rules), sorted(rules)))
        number = _lets_in(best, left)
        together += number
        step = {"rules": sorted(best), "would_take": number, "together": together}
        told = [one_text(next(iter(texts[rule])), texts[rule]) for rule in sorted(best)]
        steps.append(step | {"texts": told})
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
