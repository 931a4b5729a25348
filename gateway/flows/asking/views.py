"""What leaves: stored bytes made into what this caller may see of them.

In      Opened rows, the subject they belong to, the ids the caller may see.
Out     FHIR JSON bytes. Untouched where nothing is hidden or masked; parsed and cut where
        something is.
Rule    A reference to what the caller may not see goes whole: reference, display, identifier. A
        dangling reference goes too, so that hidden and missing look alike; what FHIR needs there
        goes with the element around it (store.clear.cutting). The person's id stands in place
        of every source's; another person's is a reference like any other. A Provenance that was
        sent is shown only where all it speaks of is; a version's own, where the version is.
Pure    No database.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, NamedTuple

import orjson

from consent.filter import Node, Reduction
from gateway.flows.asking.deaths import ELEMENTS as DEATH
from gateway.flows.asking.deaths import death_told
from gateway.flows.asking.edits_seen import as_seen
from gateway.flows.asking.reducing import reduced
from gateway.store.clear import precise
from gateway.store.clear.cutting import Cut, cut, is_masked
from gateway.store.record.provenance_sql import TYPE as PROVENANCE
from gateway.store.record.provenance_sql import told_version
from gateway.store.record.reads import Met, Opened, Outline

_PATIENT: Final = "Patient/"


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose rows these are: the person, their ids at every source, what is masked."""

    person_id: str
    patient_ids: frozenset[str] = frozenset()
    masks: tuple[str, ...] = ()
    reduction: Reduction | None = None
    denies: tuple[Node, ...] = ()
    """Whose edits of what a feed states are not for this caller."""
    deaths: Mapping[str, bool] = field(default_factory=dict)
    """Source record -> what an operator says: whether the person died. It stands before what that
    record says, for who is shown the record."""

    is_composed: bool = field(init=False)
    """Whether some row may name the person by another id than theirs."""

    def __post_init__(self) -> None:
        composed = len(self.patient_ids) > 1 or self.person_id not in self.patient_ids
        object.__setattr__(self, "is_composed", composed)


class View(NamedTuple):
    """One resource as served."""

    resource_type: str
    resource_id: str
    version: int
    updated_at: int
    body: bytes
    settled: bool = False
    """Whether the version has looked like this to the caller since it was written: then 304."""
    parts: tuple[tuple[str, str, int], ...] = ()
    """The stored versions it was made from: what the log names."""
    person_id: str = ""
    orgs: frozenset[str] = frozenset()
    """Whose data it is: the organisations that sent it."""
    made: Cut | None = None
    """What was cut, where something was."""
    linking: int = 0
    """Which linking of the version this is; of the first stored version, where of several."""
    is_sources: bool = False
    """Whether the edits of a team that lie over it are not all told to the caller."""
    marks: int = 0
    """The sensitivities that it is labelled with: the log tells of a way into a home."""

    @property
    def moved(self) -> Mapping[str, str] | None:
        """Where something was cut: path as stored -> path as served, of all that is left."""
        return self.made.moved if self.made else None


def targets(rows: Sequence[Opened | Outline]) -> set[str]:
    """Ids of everything the rows refer to, people apart."""
    return {
        reference.partition("/")[2]
        for row in rows
        for reference in row.refs
        if not reference.startswith(_PATIENT)
    }


def is_shown(row: Opened | Outline, seen: Collection[str]) -> bool:
    """Whether a row that passed the Filter may be shown with what the caller sees beside it."""
    return row.resource_type != "Provenance" or all(one in seen for one in targets([row]))


def view(row: Opened, subject: Subject, seen: Collection[str]) -> View:
    """One row as this caller may see it."""
    return _made(row, subject, hidden_in(row, subject, seen))


def hidden_in(row: Opened, subject: Subject, seen: Collection[str]) -> list[str]:
    """What the row refers to and the caller may not see."""
    return [one for one in _judged(row) if not _is_open(one, subject, seen)]


def _judged(row: Opened) -> Sequence[str]:
    """Which links of a row are judged by what stands now. The Provenance of a version, made for who
    may see that version, names it also where the resource was withdrawn since."""
    return () if told_version(row) else row.refs


def settled(
    made: View, row: Opened, earlier: Sequence[Opened], met: Mapping[str, Met], subject: Subject
) -> View:
    """The view, with whether the version ever looked otherwise to this caller.

    It did where a resource that it links to, or once linked to, and that the caller may see, came
    or was withdrawn since; or where an earlier linking looks otherwise. Nothing hidden counts.
    """
    if any(one.since > row.updated_at for one in met.values()):
        return made
    seen = {name for name, one in met.items() if one.stands}
    same = all(view(one, subject, seen).body == made.body for one in earlier)
    return made._replace(settled=same)


def views(
    rows: Sequence[Opened], subjects: Mapping[str, Subject], seen: Collection[str]
) -> list[View]:
    """Rows as this caller may see them; `subjects` by source record."""
    open_to: dict[str, set[str]] = {}
    made = []
    for row in rows:
        subject = subjects[row.patient_id]
        known = open_to.setdefault(subject.person_id, set())
        hidden: list[str] = []
        for reference in _judged(row):
            if reference not in known:
                if _is_open(reference, subject, seen):
                    known.add(reference)
                else:
                    hidden.append(reference)
        made.append(_made(row, subject, hidden))
    return made


def _made(row: Opened, subject: Subject, hidden: Sequence[str]) -> View:
    _, resource_id, kind, version, linking, updated_at, org, _, body, _, apart, marks = row
    made, is_sources = None, False
    if apart or hidden or subject.is_composed or _is_cut(row, subject):
        body, made, is_sources = _changed(row, subject, hidden)
    told = told_version(row) if kind == PROVENANCE else None
    part = told or (kind, resource_id, version)
    return View._make((
        kind, resource_id, version, updated_at, body, False, (part,), subject.person_id,
        _only(org), made, linking, is_sources, marks,
    ))  # fmt: skip


def _is_cut(row: Opened, subject: Subject) -> bool:
    """Whether rows like this may have less in them for this caller, whatever they refer to."""
    reduction = subject.reduction
    if reduction is not None and row.category in reduction.categories:
        return True
    return bool(subject.masks) and is_masked(row.resource_type, subject.masks)


def _changed(
    row: Opened, subject: Subject, hidden: Sequence[str]
) -> tuple[bytes, Cut | None, bool]:
    """The bytes as this caller may see them; what was cut; whether edits of a team are left out."""
    made: Cut | None = None
    reduction, edited = subject.reduction, row
    if row.apart:
        whole = reduction is None or row.category not in reduction.categories
        whole = whole and not is_masked(row.resource_type, subject.masks)
        row = as_seen(row, subject.denies, tell=whole)
    body: bytes = row.body
    if reduction is not None and row.category in reduction.categories:
        made = reduced(row, reduction, hidden, subject.masks)
    if made is None and (hidden or is_masked(row.resource_type, subject.masks)):
        made = cut(precise.loads(body), set(hidden), subject.masks)
        made = made if made.changed else None
    if made:
        body = precise.dumps(made.resource)
    if subject.is_composed:
        body = _named_as_person(body, row.refs, subject)
    return body, made, row is not edited


@lru_cache(maxsize=1024)
def _only(org: str) -> frozenset[str]:
    return frozenset((org,))


def _named_as_person(body: bytes, refs: Sequence[str], subject: Subject) -> bytes:
    """The bytes with the person's id in place of every source's."""
    for reference in refs:
        patient_id = reference.removeprefix(_PATIENT)
        if patient_id in subject.patient_ids and patient_id != subject.person_id:
            body = body.replace(
                f'"{reference}"'.encode(), f'"{_PATIENT}{subject.person_id}"'.encode()
            )
    return body


def _is_open(reference: str, subject: Subject, seen: Collection[str]) -> bool:
    kind, _, resource_id = reference.partition("/")
    if kind == "Patient":
        return resource_id in subject.patient_ids or resource_id == subject.person_id
    return resource_id in seen


def deletion(row: Opened, subject: Subject) -> View:
    """The version that says a resource was withdrawn; it has no content."""
    return View(
        row.resource_type, row.resource_id, row.version, row.updated_at, b"",
        person_id=subject.person_id,
    )  # fmt: skip


def patient_view(rows: Sequence[Opened], subject: Subject, first_org: str) -> View:
    """One Patient for the person, from what each source that may be seen says of them.

    The registering practice leads; others add what it lacks, and their identifiers. It shows no
    link, so that one that is not composed is settled where no operator speaks of a death.
    """
    ordered = sorted(rows, key=lambda row: (row.source_org != first_org, row.patient_id))
    parsed = [orjson.loads(row.body) for row in ordered]
    words = [subject.deaths.get(row.patient_id) for row in ordered]
    version = sum(row.version for row in rows)
    merged: dict[str, Any] = {"resourceType": "Patient", "id": subject.person_id}
    merged["meta"] = {
        "versionId": str(version),
        "lastUpdated": max(one["meta"]["lastUpdated"] for one in parsed),
        "security": _union([one["meta"].get("security", []) for one in parsed]),
    }
    for one in parsed:
        for name, value in one.items():
            if name == "identifier":
                merged[name] = _each_once(merged.get(name, []), value)
            elif name not in merged and name not in DEATH:
                merged[name] = value
    merged |= death_told(zip(parsed, words, strict=True))
    refs = {reference for row in rows for reference in row.refs}
    hidden = {reference for reference in refs if not _is_open(reference, subject, ())}
    made = cut(merged, hidden, subject.masks)
    parts = tuple((row.resource_type, row.resource_id, row.version) for row in ordered)
    return View(
        "Patient", subject.person_id, version, max(row.updated_at for row in rows),
        orjson.dumps(made.resource), words == [None], parts, subject.person_id,
        frozenset(row.source_org for row in rows), made if made.changed else None,
        ordered[0].linking,
    )  # fmt: skip


def replaced_patient(old_id: str, survivor: View) -> View:
    """The answer under a source's id that is not the person's: look there instead."""
    link = {"other": {"reference": f"{_PATIENT}{survivor.person_id}"}, "type": "replaced-by"}
    meta = orjson.loads(survivor.body)["meta"]
    body = {
        "resourceType": "Patient",
        "id": old_id,
        "meta": {name: meta[name] for name in ("versionId", "lastUpdated")},
        "active": False,
        "link": [link],
    }
    return View(
        "Patient", old_id, survivor.version, survivor.updated_at, orjson.dumps(body), False,
        survivor.parts, survivor.person_id, survivor.orgs,
    )  # fmt: skip


def _each_once(led: list[dict[str, Any]], added: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Identifiers of several sources: what one says of a number adds what those before it lack."""
    found: dict[tuple[object, ...], dict[str, Any]] = {}
    for one in (*led, *added):
        named = (one.get("system"), one.get("value"))
        key = named if all(named) else (orjson.dumps(one, option=orjson.OPT_SORT_KEYS),)
        found[key] = one | found.get(key, {})
    return list(found.values())


def _union(lists: Sequence[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    found: dict[bytes, dict[str, Any]] = {}
    for one in lists:
        for value in one:
            found.setdefault(orjson.dumps(value, option=orjson.OPT_SORT_KEYS), value)
    return list(found.values())
