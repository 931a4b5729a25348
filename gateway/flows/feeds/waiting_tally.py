"""What waits, added up one by one: by state, by rule, and by all the rules that one breaks.

In      What waits, the latest first.
Out     Counts, each rule with its latest example: ids, codes, paths and our own words.
Rule    As much is held as there are rules, however much waits.
Pure    The same queue gives the same figures.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from gateway.clock import from_micros
from gateway.store.intake.queue import Waiting, rule_of
from mappings.core.model.outcome import Severity


@dataclass(slots=True)
class WaitingTally:
    """How much waits, and why."""

    states: Counter[str] = field(default_factory=Counter)
    together: Counter[frozenset[str]] = field(default_factory=Counter)
    """How many break just these rules."""
    _rules: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    _texts: dict[tuple[str, str], set[str]] = field(default_factory=dict)

    def add(self, one: Waiting) -> None:
        """Count one more."""
        wrong = {rule_of(i): i for i in one.issues if i.severity is Severity.ERROR}
        self.states[one.state] += 1
        if wrong:
            self.together[frozenset(wrong)] += 1
        at = moment(one.received_at)
        for rule, issue in wrong.items():
            example = {"delivery": one.delivery_id, "item": one.number, "path": issue.path}
            new = {
                "feed": one.feed, "rule": rule, "number": 0, "alone": 0, "text": issue.text,
                "first": at, "last": at, "example": example,
            }  # fmt: skip
            row = self._rules.setdefault((one.feed, rule), new)
            self._texts.setdefault((one.feed, rule), set()).add(issue.text)
            row["number"] += 1
            row["first"] = min(row["first"], at)
            row["last"] = max(row["last"], at)
            row["alone"] += len(wrong) == 1

    def by_rule(self) -> list[dict[str, Any]]:
        """How often each rule was broken, with the latest example; the most frequent first. Where
        it was told in several words, the text is that of the example and says so."""
        rows = [
            row | {"text": one_text(row["text"], self._texts[name])}
            for name, row in self._rules.items()
        ]
        return sorted(rows, key=lambda row: (-row["number"], row["feed"], row["rule"]))


def one_text(example: str, told: Collection[str]) -> str:
    """What stands for everything that was told under one rule: an example says that it is one."""
    return example if len(told) == 1 else f"such as: {example}"


def moment(micros: int | None) -> str | None:
    """A moment of the store as it is told."""
    return None if micros is None else from_micros(micros).isoformat()
