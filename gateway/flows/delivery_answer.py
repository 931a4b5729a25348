"""What a provider is told of a delivery: counts, resources, issues by path.

In      What became of each item, batch by batch.
Out     The answer as JSON (`delivery`, `status`, `duplicate`, `items`, `resources`, `issues`).
Rule    Counts are always whole; resources and issues are listed up to `MOST_LISTED`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Final

from gateway.store.apply import Applied
from mappings.core.outcome import Severity

MOST_LISTED: Final = 1000


@dataclass(frozen=True, slots=True)
class Tally:
    """What is known of a delivery so far; adding to it makes a new one."""

    taken: int = 0
    quarantined: int = 0
    faulty: bool = False
    """Some part was refused with an error."""
    resources: dict[str, int] = field(default_factory=dict)
    issues: tuple[dict[str, Any], ...] = ()

    def with_items(self, applied: Iterable[Applied]) -> "Tally":
        """The tally after these items."""
        tally = self
        for one in applied:
            tally = tally._with(one)
        return tally

    def _with(self, one: Applied) -> "Tally":
        resources, issues = self.resources, self.issues
        if len(resources) < MOST_LISTED:
            resources = resources | dict(zip(one.references, one.versions, strict=True))
        if len(issues) < MOST_LISTED:
            issues = (*issues, *_issues(one))
        return replace(
            self,
            taken=self.taken + (not one.quarantined),
            quarantined=self.quarantined + one.quarantined,
            faulty=self.faulty or any(i.severity is Severity.ERROR for i in one.issues),
            resources=resources,
            issues=issues,
        )

    @property
    def status(self) -> str:
        """`taken`, `partly-taken` or `quarantined`."""
        if self.quarantined and not self.taken:
            return "quarantined"
        return "partly-taken" if self.quarantined or self.faulty else "taken"

    def answer(self, delivery_id: str) -> dict[str, Any]:
        """The answer of a delivery that was applied."""
        listed = list(self.resources.items())[:MOST_LISTED]
        return _answer(delivery_id, self.status) | {
            "items": {"taken": self.taken, "quarantined": self.quarantined},
            "resources": [{"reference": ref, "version": number} for ref, number in listed],
            "issues": list(self.issues[:MOST_LISTED]),
        }


def accepted(delivery_id: str) -> dict[str, Any]:
    """The answer of a delivery that is kept, and applied later."""
    return _answer(delivery_id, "accepted")


def _answer(delivery_id: str, status: str) -> dict[str, Any]:
    return {
        "delivery": delivery_id,
        "status": status,
        "duplicate": False,
        "items": {"taken": 0, "quarantined": 0},
        "resources": [],
        "issues": [],
    }


def _issues(one: Applied) -> list[dict[str, Any]]:
    return [
        {
            "severity": str(issue.severity),
            "item": one.number,
            "path": issue.path,
            "code": issue.code,
            "text": issue.text,
        }
        for issue in one.issues
    ]
