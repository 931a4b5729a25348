"""What the walk-through found: plain values, and the JSON that `demo --once --json` prints.

Out     Findings; `as_json` has exactly the fields of the documented interface.
Source  docs/cli.md (demo).
Pure    Yes.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(slots=True)
class FeedCount:
    """Items of one feed: taken, quarantined, and what was reported of them."""

    taken: int = 0
    quarantined: int = 0
    deliveries: int = 0
    issues: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """(severity, code, the path without its numbers) -> how often."""
    review: Counter[str] = field(default_factory=Counter)
    """Why records of people were not linked -> how many."""


@dataclass(frozen=True, slots=True)
class View:
    """One record as one role is shown it."""

    role: str
    by_type: dict[str, int]
    why_less: str

    @property
    def total(self) -> int:
        """How many resources."""
        return sum(self.by_type.values())


@dataclass(frozen=True, slots=True)
class Origin:
    """Where one element of a resource came from."""

    path: str
    source_field: str
    rule: str
    delivery: str


@dataclass(frozen=True, slots=True)
class Look:
    """One line of the audit trail, as a governance lead reads it."""

    when: str
    what: str
    who: str
    role: str
    org: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Integrity:
    """The verdict on the log."""

    size: int
    root: str
    verified: bool


@dataclass(slots=True)
class Findings:
    """Everything the walk-through shows."""

    people: int
    feeds: dict[str, FeedCount] = field(default_factory=dict)
    teams: int = 0
    permissions: int = 0
    views: list[View] = field(default_factory=list)
    before: int = 0
    after: int = 0
    refused_status: int = 0
    refused_words: str = ""
    refused_like_missing: bool = False
    goal: str = ""
    """The words of the goal that is traced to its source."""
    lineage: list[Origin] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)
    """The whole borough's trail, newest first."""
    looks_of_one: int = 0
    """How many of these one organisation's lead may see."""
    integrity: Integrity = field(default_factory=lambda: Integrity(0, "", False))

    def count(self, feed: str, answer: Json) -> None:
        """Add what the gateway answered to one delivery."""
        counted = self.feeds.setdefault(feed, FeedCount())
        items = answer.get("items", {})
        counted.deliveries += 1
        counted.taken += items.get("taken", 0)
        counted.quarantined += items.get("quarantined", 0)
        for issue in answer.get("issues", ()):
            key = (issue["severity"], issue["code"], without_numbers(issue["path"]))
            counted.issues[key] += 1

    @property
    def faults(self) -> tuple[str, ...]:
        """Why the walk-through did not show what it must; nothing when it did."""
        sizes = [view.total for view in self.views]
        checks = (
            ("a record was shown to nobody", bool(sizes) and min(sizes) > 0),
            ("every role was shown the same", len(set(sizes)) == len(sizes)),
            ("the dissent changed nothing", self.after < self.before),
            ("a stranger was not refused", self.refused_status == 404),
            ("a refused look can be told from a missing person", self.refused_like_missing),
            ("no element of the goal has a source", any(one.source_field for one in self.lineage)),
            ("nobody's look is in the audit trail", bool(self.looks)),
            ("a refused look does not say whom to ring", " ring " in self.refused_words),
            ("the refused look is not in the audit trail", _has_refusal(self.looks)),
            ("one organisation sees every look", 0 < self.looks_of_one < len(self.looks)),
            ("the log is not as it was written", self.integrity.verified),
        )
        return tuple(text for text, holds in checks if not holds)

    def as_json(self) -> Json:
        """The documented JSON."""
        return {
            "people": self.people,
            "feeds": {
                name: {"taken": one.taken, "quarantined": one.quarantined}
                for name, one in self.feeds.items()
            },
            "views": [
                {
                    "role": view.role,
                    "total": view.total,
                    "by_type": view.by_type,
                    "why_less": view.why_less,
                }
                for view in self.views
            ],
            "dissent": {"before": self.before, "after": self.after},
            "refused": {"status": self.refused_status},
            "lineage": [
                {
                    "path": one.path,
                    "source_field": one.source_field,
                    "rule": one.rule,
                    "delivery": one.delivery,
                }
                for one in self.lineage
            ],
            "audit": {
                "size": self.integrity.size,
                "root": self.integrity.root,
                "verified": self.integrity.verified,
            },
        }


def _has_refusal(looks: Sequence[Look]) -> bool:
    return any(look.outcome == "refused" for look in looks)


def counted(resources: Sequence[Json]) -> dict[str, int]:
    """How many of each type, most first."""
    types = Counter(str(one.get("resourceType")) for one in resources)
    return dict(sorted(types.items(), key=lambda entry: (-entry[1], entry[0])))


def without_numbers(path: str) -> str:
    """A path with its positions taken out, so that like issues count together."""
    return "".join(part.partition("]")[2] if i else part for i, part in enumerate(path.split("[")))
