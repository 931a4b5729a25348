"""What a provider is told of a delivery: counts, resources, issues by path.

In      What became of each item, batch by batch.
Out     The answer as JSON (`delivery`, `status`, `duplicate`, `items`, `resources`, `issues`).
Rule    Counts are always whole. Errors come first; a warning stands once for each path and code,
        with how often; of errors, of warnings and of resources `MOST_LISTED` are listed each,
        and a last issue says how many are not.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Final

from gateway.store.intake.work import Applied
from mappings.core.model.outcome import Issue, Severity, error, warning

MOST_LISTED: Final = 1000

DISCARDED: Final = error(
    "",
    "discarded",
    "whoever runs the gateway decided that this is not to be taken; ask them for the reason, and "
    "send it corrected",
)


@dataclass(slots=True)
class Tally:
    """What is known of a delivery so far; adding to it makes a new one."""

    taken: int = 0
    quarantined: int = 0
    discarded: int = 0
    resources: dict[str, int] = field(default_factory=dict)
    errors: list[tuple[int, Issue]] = field(default_factory=list)
    """With the item they are about; they keep out the item, or a part of it."""
    warnings: dict[tuple[str, str], tuple[int, Issue, int]] = field(default_factory=dict)
    """By path and code: the first item, what it was told, how often."""
    more_errors: int = 0
    more_warnings: int = 0
    more_resources: int = 0

    def with_items(self, applied: Iterable[Applied]) -> "Tally":
        """The tally after these items."""
        made = replace(
            self,
            resources=dict(self.resources),
            errors=list(self.errors),
            warnings=dict(self.warnings),
        )
        for one in applied:
            made._add(one)
        return made

    def telling(self, issues: Iterable[Issue]) -> "Tally":
        """The tally with what is to be said of the delivery as a whole."""
        whole = {(issue.path, issue.code): (0, issue, 1) for issue in issues}
        return replace(self, warnings=self.warnings | whole) if whole else self

    def _add(self, one: Applied) -> None:
        self.taken += not one.quarantined and not one.discarded
        self.quarantined += one.quarantined
        self.discarded += one.discarded
        for reference, number in zip(one.references, one.versions, strict=True):
            if reference in self.resources or len(self.resources) < MOST_LISTED:
                self.resources[reference] = number
            else:
                self.more_resources += 1
        for issue in one.issues:
            if issue.severity is Severity.ERROR:
                self._add_error(one.number, issue)
            else:
                self._add_warning(one.number, issue)

    def _add_error(self, number: int, issue: Issue) -> None:
        if len(self.errors) < MOST_LISTED:
            self.errors.append((number, issue))
        else:
            self.more_errors += 1

    def _add_warning(self, number: int, issue: Issue) -> None:
        key = (issue.path, issue.code)
        if key in self.warnings:
            first, told, times = self.warnings[key]
            self.warnings[key] = (first, told, times + 1)
        elif len(self.warnings) < MOST_LISTED:
            self.warnings[key] = (number, issue, 1)
        else:
            self.more_warnings += 1

    @property
    def status(self) -> str:
        """What became of the whole."""
        return status_of(self.taken, self.quarantined, self.discarded, partly=bool(self.errors))

    def answer(self, delivery_id: str) -> dict[str, Any]:
        """The answer of a delivery that was applied."""
        resources = [{"reference": ref, "version": n} for ref, n in self.resources.items()]
        return _answer(delivery_id, self.status) | {
            "items": counts_of(self.taken, self.quarantined, self.discarded),
            "resources": resources,
            "issues": [_told(number, issue) for number, issue in self._issues()],
        }

    def _issues(self) -> Iterable[tuple[int, Issue]]:
        yield from self.errors
        for number, issue, times in self.warnings.values():
            text = issue.text if times == 1 else f"{issue.text} ({times:,} times)"
            yield number, replace(issue, text=text)
        if self.more_errors or self.more_warnings or self.more_resources:
            text = (
                f"not listed: {self.more_errors:,} more errors, {self.more_warnings:,} more "
                f"warnings, {self.more_resources:,} more resource versions"
            )
            yield 0, warning("", "not-listed", text)


def status_of(taken: int, quarantined: int, discarded: int, *, partly: bool) -> str:
    """`taken`, `partly-taken`, `quarantined`, or `discarded` where nothing else is left of it."""
    if not taken and (quarantined or discarded):
        return "quarantined" if quarantined else "discarded"
    return "partly-taken" if quarantined or discarded or partly else "taken"


def counts_of(taken: int, quarantined: int, discarded: int) -> dict[str, int]:
    """The items of an answer; `discarded` stands only where there are any."""
    made = {"taken": taken, "quarantined": quarantined}
    return made | ({"discarded": discarded} if discarded else {})


def discarded(
    answer: dict[str, Any], numbers: Collection[int], parts: Collection[int] = ()
) -> dict[str, Any]:
    """The answer after these quarantined items, and the refused parts of these taken ones, were
    discarded; of neither, where the whole delivery was refused."""
    items = answer["items"]
    left = max(items["quarantined"] - len(numbers), 0)
    gone = items.get("discarded", 0) + len(numbers)
    status = "discarded"
    if numbers or parts:
        status = status_of(items["taken"], left, gone, partly=bool(parts))
    told = [_told(number, DISCARDED) for number in sorted({*numbers, *parts} or {0})]
    room = max(2 * MOST_LISTED - len(answer["issues"]), 0)
    return answer | {
        "status": status,
        "items": counts_of(items["taken"], left, gone),
        "issues": [*answer["issues"], *told[:room]],
    }


def refused(delivery_id: str, reasons: Iterable[Issue]) -> dict[str, Any]:
    """The answer of a delivery that could not be read as the feed's format."""
    return _answer(delivery_id, "refused") | {"issues": [_told(0, one) for one in reasons]}


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


def _told(number: int, issue: Issue) -> dict[str, Any]:
    return {
        "severity": str(issue.severity),
        "item": number,
        "path": issue.path,
        "code": issue.code,
        "text": issue.text,
    }
