"""What mapping one item gives: resources with lineage, and issues by path.

Rule    An issue holds a path in the provider's own terms and our own words, never a value.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

Resource = dict[str, Any]
Facts = dict[str, Any]
"""One item in the provider's own words: a JSON tree (objects, arrays, strings, numbers)."""


class Severity(StrEnum):
    """FHIR issue severity, the two this gateway uses."""

    ERROR = "error"
    WARNING = "warning"


class Fold(StrEnum):
    """How several items about one resource make its state, in source-time order."""

    REPLACE = "replace"
    """The newest item says everything."""
    MERGE = "merge"
    """Each item changes only the elements it names (HL7 v2: empty means no change)."""


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing wrong or noteworthy: where, which kind, what would mend it."""

    severity: Severity
    path: str
    code: str
    text: str


class Lineage(NamedTuple):
    """Where one element of a resource came from."""

    path: str
    """FHIR element, such as `target[0].dueDate`."""
    source: str
    """Source field in the provider's terms, such as `PRB[1]-3.2`; empty for a constant."""
    rule: str
    """Id of the row that made it."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """One FHIR R4 resource without id; references are local (`urn:source:Type:key`)."""

    type: str
    key: str
    resource: Resource
    lineage: tuple[Lineage, ...]
    fold: Fold = Fold.REPLACE
    adds: tuple[str, ...] = ()
    """Fold.MERGE: elements this item adds to, rather than states whole (`merging.merged`)."""
    defaults: Resource = field(default_factory=dict)
    """What the resource says where no item said it; already in `resource` under REPLACE."""
    default_lineage: tuple[Lineage, ...] = ()
    """A line for each of `defaults`; already in `lineage` under REPLACE."""

    def alone(self) -> Resource:
        """The whole resource where this item is the only one that speaks of it."""
        said = {name: without_cleared_parts(value) for name, value in self.resource.items()}
        said = {name: value for name, value in said.items() if value not in (None, {})}
        missing = {n: v for n, v in self.defaults.items() if n not in self.resource}
        return said | missing

    def lineage_alone(self) -> tuple[Lineage, ...]:
        """The lines of the whole resource where this item is the only one that speaks of it."""
        missing = (line for line in self.default_lineage if line.path not in self.resource)
        return (*self.lineage, *missing)


def without_cleared_parts(value: Any) -> Any:
    """An object without the parts that are only cleared."""
    if not isinstance(value, dict):
        return value
    return {name: part for name, part in value.items() if part is not None}


def fresh(value: Any) -> Any:
    """A copy of JSON, so that no two resources, and no resource and its facts, share a part."""
    if value.__class__ is str:
        return value
    if isinstance(value, dict):
        return {name: fresh(child) for name, child in value.items()}
    if isinstance(value, list):
        return [fresh(child) for child in value]
    return value


@dataclass(frozen=True, slots=True)
class PersonClaim:
    """Whom an item is about, as its source says it: facts, not conclusions."""

    local_id: str | None
    """The source's own number for the person (with its assigning authority where it has one)."""
    nhs_numbers: tuple[str, ...] = ()
    """Every distinct string sent as an NHS number, spaces removed; validity is decided later."""
    birth_date: str | None = None
    """ISO date, only where it is complete and real."""
    registered_practice: str | None = None
    """ODS code of the GP practice, where this source is the one that registers the person."""
    trace: str = ""
    """How far the number was traced, 01 to 08, where the source says it
    (`identifiers.TRACE_STATUSES`)."""
    protection: str = ""
    """U, R, V or REDACTED, where the source says how far the person's whereabouts are kept."""
    deceased: bool | None = None
    """Whether the person has died, where the source says it."""
    review: str = ""
    """The day from which new entries are reviewed before the person sees them, where the source
    says it (`review_codes`); `no` where it says that they are no more."""
    given: tuple[tuple[str, ...], ...] = field(default=(), repr=False)
    """The given names of each name of the person, in their order (`person_said.called`)."""
    gender: str = ""
    """`male` or `female`, where the source says it."""
    nameless: bool = False
    """Whether items of this kind bear no names of people (a data set)."""


@dataclass(frozen=True, slots=True)
class Merge:
    """What an item says of two of its source's records: both are about one person, or no more."""

    gone: str
    """Key of the record that is put with the other (`apply.person_key`)."""
    stays: str
    holds: bool = True
    """False: what was said of the two before is taken back."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result for one item. Quarantined: nothing of it may be applied."""

    person: PersonClaim
    source_time: str
    """ISO instant in UTC by which items about one resource are ordered; empty if unstated. Digits
    behind it put those of one instant in order, where a source says more (HL7 v2)."""
    resources: tuple[Mapped, ...] = ()
    issues: tuple[Issue, ...] = ()
    quarantined: bool = False
    merges: tuple[Merge, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """One message, bundle or row of a delivery, as read."""

    kind: str
    number: int
    """1-based position in the delivery, as its sender counts."""
    facts: Facts
    issues: tuple[Issue, ...] = field(default=())
    """What reading had to repair or could not read."""


class UnreadableValueError(Exception):
    """A value a named function cannot turn into FHIR; the text is ours and holds no value."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


class NotThisFormatError(Exception):
    """The bytes are not this format at all; the text is ours and holds no value."""

    def __init__(self, path: str, text: str) -> None:
        super().__init__(text)
        self.path = path
        self.text = text


def error(path: str, code: str, text: str) -> Issue:
    """An issue that keeps something from being taken."""
    return Issue(Severity.ERROR, path, code, text)


def warning(path: str, code: str, text: str) -> Issue:
    """An issue that is recorded while the rest is taken."""
    return Issue(Severity.WARNING, path, code, text)


def has_errors(issues: Iterable[Issue]) -> bool:
    """Whether any issue is an error."""
    for issue in issues:  # noqa: SIM110 - asked for each resource; any() costs more than the answer
        if issue.severity is Severity.ERROR:
            return True
    return False
