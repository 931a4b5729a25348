"""Rows: a mapping as data that a clinician can review, and what a feed and a kind of item are.

A `Row` says which element of a FHIR resource comes from which field of the source (or is a
constant, or comes from a named pure function), through which code table, and why. A `Target` is
one resource made of rows; `each` repeats it. A `Kind` is one sort of item of a feed with its
targets and every field that is left out, with the reason. `core/applying/apply.py` applies them.

Rule    Rows are values: they print as tables, hash to a version and compare between versions.
Errors  A row, target or kind that cannot work raises ValueError when it is made, not when used.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from mappings.core.model import systems
from mappings.core.model.codes import CodeTable
from mappings.core.model.outcome import Facts, Fold, Issue, Item, Merge, PersonClaim
from mappings.core.model.paths import ElementPath, Gather, Scope, SourcePath, Steps, dotted
from mappings.core.model.snapshots import Snapshot

Labels = Callable[[Scope], Iterable[dict[str, str]]]
"""Further security codings for one resource (sensitivities, holds, a higher confidentiality)."""


def is_default_rule(rule: str, element: str) -> bool:
    """Whether this id is that of the default of an element, whatever the target."""
    return rule.endswith(_default(element))


def _default(element: str) -> str:
    return f".default.{element}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Compiled:
    to: ElementPath
    sources: tuple[SourcePath, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One element: where it goes, where it comes from, and why.

    Exactly one of: `value` (a constant), `source` (one path, or several handed to `fn` together,
    absent ones as None), `gather` (a named function; `reads` says which paths), `refers_to` (the
    resources another target of this item made). `rows` builds a nested element for each value
    found. A value that is missing leaves the element out; where it `must` be there, the resource
    is refused.
    """

    id: str
    to: str
    source: str | tuple[str, ...] | None = None
    value: Any = None
    fn: Callable[..., Any] | None = None
    table: CodeTable | None = None
    gather: Gather | None = None
    reads: tuple[str, ...] = ()
    refers_to: str | None = None
    rows: tuple["Row", ...] = ()
    must: bool = False
    why: str = ""
    compiled: _Compiled = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        ways = (self.source, self.value, self.gather, self.refers_to)
        if sum(way is not None for way in ways) != 1:
            raise ValueError(f"row {self.id}: one of source, value, gather, refers_to")
        if self.value is not None and not self.why:
            raise ValueError(f"row {self.id}: a constant says why")
        if isinstance(self.source, tuple) and self.fn is None:
            raise ValueError(f"row {self.id}: several sources need a function")
        texts = (self.source,) if isinstance(self.source, str) else (self.source or ())
        compiled = _Compiled(
            to=ElementPath.parse(self.to), sources=tuple(SourcePath.parse(t) for t in texts)
        )
        object.__setattr__(self, "compiled", compiled)


@dataclass(frozen=True, slots=True, kw_only=True)
class _TargetPaths:
    each: tuple[SourcePath, ...]
    """One path for each scope further in."""
    key: tuple[str | SourcePath, ...]
    """A literal part, or where the part is read."""


@dataclass(frozen=True, slots=True)
class Target:
    """One resource type made from an item, once or for `each` element found.

    `key` are source paths whose values, joined by `|`, name the resource within its source (`=word`
    is a literal part); or a function of the scope. `labels` add to the category and
    confidentiality given here; they may raise, never lower.
    """

    type: str
    rows: tuple[Row, ...]
    category: str | Callable[[Scope], str]
    key: tuple[str, ...] | Callable[[Scope], str | None] = ()
    name: str = ""
    each: str | Gather = "."
    when: Callable[[Scope], bool] | None = None
    confidentiality: str = "N"
    labels: Labels | None = None
    fold: Fold = Fold.REPLACE
    reads: tuple[str, ...] = ()
    """Root paths that `each`, `when`, `key` or `labels` read where they are functions."""
    adds: tuple[str, ...] = ()
    """Fold.MERGE: elements an item adds to: lists are united, periods and parts completed."""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    """What the resource says where no item says it (a required element: `unknown`)."""
    paths: _TargetPaths = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        each = () if callable(self.each) else _list_parts(self.each)
        key = () if callable(self.key) else self.key
        paths = _TargetPaths(
            each=tuple(SourcePath.parse(text) for text in each),
            key=tuple(text[1:] if text.startswith("=") else SourcePath.parse(text) for text in key),
        )
        object.__setattr__(self, "paths", paths)

    @property
    def title(self) -> str:
        """What other targets call it."""
        return self.name or self.type

    def default_rule(self, element: str) -> str:
        """The id under which lineage names the default of an element."""
        return f"{self.title}{_default(element)}"

    def scopes(self, root: Scope) -> list[Scope]:
        """The elements this target is made for."""
        scopes = [root]
        if callable(self.each):
            scopes = [root.inside(found) for found in self.each(root)]
        for path in self.paths.each:
            scopes = [scope.inside(found) for scope in scopes for found in path.find(scope)]
        return [scope for scope in scopes if self.when(scope)] if self.when else scopes

    def key_of(self, scope: Scope, person_key: str) -> str | None:
        """The key within its source and type; None where a part of it is missing."""
        if callable(self.key):
            return self.key(scope)
        if not self.key:
            return person_key
        parts = []
        for path in self.paths.key:
            if isinstance(path, str):
                parts.append(path)
                continue
            found = path.first(scope)
            if found is None or not isinstance(found.value, str | int):
                return None
            parts.append(str(found.value))
        return joined_key(*parts)


def joined_key(*parts: str) -> str:
    """A composite key; a `|` within a part cannot be taken for the one between two."""
    joined = "|".join(parts)
    if len(parts) == 1 or ("%" not in joined and joined.count("|") == len(parts) - 1):
        return joined
    return "|".join(part.replace("%", "%25").replace("|", "%7C") for part in parts)


def _list_parts(text: str) -> list[str]:
    """`needs[].goals[]`: a scope for each need, and inside it one for each goal."""
    if text in ("", "."):
        return []
    parts, head = [], ""
    for piece in text.split("."):
        head = f"{head}.{piece}" if head else piece
        if piece.endswith("]"):
            parts.append(head)
            head = ""
    return parts + ([head] if head else [])


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """One sort of item of a feed: what it becomes and what of it is left out."""

    name: str
    title: str
    targets: tuple[Target, ...]
    ignored: Mapping[str, str]
    """Root path -> why it is not mapped. Everything below the path is meant."""
    person: Callable[[Facts], PersonClaim]
    named_at: str
    """The path at which this kind's senders name the person, for an item that names nobody."""
    time: Callable[[Facts], str]
    """Source time, by which items about one resource are put in order (`dates.ordering_time`)."""
    reads: tuple[str, ...] = ()
    """Root paths that `person`, `time`, `prepare` and `check` read."""
    prepare: Callable[[Facts], Any] | None = None
    """Made once of the whole item, and handed to named functions as `Scope.prepared`."""
    check: Callable[[Any], Iterable[Issue]] | None = None
    """Rules of the whole item; an error quarantines it. It is given the facts, or what `prepare`
    made of them."""
    show: Callable[[Steps], str] = dotted
    """How this feed's senders write a path."""
    is_fhir: bool = False
    """Its senders send FHIR: what of it is none is theirs to correct."""
    keeps_rest: bool = False
    """One resource that cannot be made is refused alone; else the whole item is quarantined."""
    holders: frozenset[str] = frozenset({"Patient"})
    """Types that the rest hangs on: where one of these is refused, so is the whole item."""
    whole: Callable[[Facts], str | None] | None = None
    """Key of the thing this item states completely (a plan): what an older item said of it and
    this one no longer says is withdrawn."""
    lists: Mapping[str, str] = field(default_factory=dict)
    """Resource type -> name of the person's List of them (its key: the person and this name).
    An item that makes this List states it whole: what stands of the type and is not named by
    the item is withdrawn. Every kind that makes the type gives the same name."""
    merges: Callable[[Facts], Iterable[Merge]] | None = None
    """What an item says of two of its source's records of people: `check` has refused whatever
    names fewer or more."""
    parts: Callable[[Item], Iterable[Item]] | None = None
    """The items that such an item really is, itself the first, where it says things of two people.
    All of them are taken, or none."""
    in_part: Callable[[Facts], bool] | None = None
    """Whether an item says itself that it lacks a part of that thing: then it withdraws nothing."""
    is_nameless: bool = field(init=False)
    """Whether it bears no names of people: no row makes one."""

    def __post_init__(self) -> None:
        people = [row.to for one in self.targets if one.type == "Patient" for row in one.rows]
        object.__setattr__(self, "is_nameless", not any(to.startswith("name") for to in people))


@dataclass(frozen=True, slots=True)
class Format:
    """A carrier of items: a media type, how to know it, how to read it."""

    name: str
    media_types: tuple[str, ...]
    recognises: Callable[[Mapping[str, bytes]], bool]
    """Whether these members (name -> bytes; one unnamed member for a plain body) are it."""
    read: Callable[[Mapping[str, bytes]], Iterator[Item]]
    """The items in order. Raises NotThisFormatError before the first item, never later."""
    together: bool = False
    """Whether the files of one folder are read together (tables of a data set), or each alone."""
    kind_at: str = ""
    """Path of the field that says an item's kind; empty where the kind is itself a place."""
    part_of: Callable[[str], str | None] | None = None
    """Which part of a whole a file is by its name (a table): folders that hold different parts
    are read together too."""
    snapshot: Snapshot | None = None
    """What a delivery of this format says by leaving something out; None: nothing."""


@dataclass(frozen=True, slots=True)
class Feed:
    """One sector's feed."""

    name: str
    title: str
    formats: tuple[Format, ...]
    kinds: Mapping[str, Kind]
    """By `Item.kind`. A kind that is not here is kept and quarantined as not mapped yet."""


def local_reference(resource_type: str, key: str) -> str:
    """The reference to a resource of the same source, which the store turns into an id."""
    return f"{LOCAL}{resource_type}:{key}"


LOCAL: Final = "urn:source:"

SUBJECT_ELEMENT: Final[Mapping[str, str]] = {
    "AllergyIntolerance": "patient",
    "Immunization": "patient",
    "Consent": "patient",
    "EpisodeOfCare": "patient",
    "RelatedPerson": "patient",
    "DetectedIssue": "patient",
    "FamilyMemberHistory": "patient",
    "Task": "for",
    "Coverage": "beneficiary",
    "Appointment": "",
    "Patient": "",
    "Provenance": "",
}
"""The element that names the person, where it is not `subject`; empty where there is none."""


def category_coding(category: str) -> dict[str, str]:
    """The security coding of an access category."""
    return {"system": systems.ACCESS_CATEGORY, "code": str(category)}


def confidentiality_coding(code: str) -> dict[str, str]:
    """The security coding of a confidentiality: N, R or V."""
    return {"system": systems.CONFIDENTIALITY, "code": code}
