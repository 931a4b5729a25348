"""The forms of a file: tables in a zip, or one FHIR Bundle.

In      Resources as bytes, references that are no longer shown, Tasks; one after the other.
Out     The file, written to a handle.
Rule    Nothing is in a file but what was put in: no count, name or number tells of anything else.
        A text that a spreadsheet would take for a formula begins with an apostrophe; a number or a
        flag stands as it is. Rows wait in files without a name, which end with the process.
"""

import csv
import io
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any, BinaryIO, Final, Protocol

import orjson

from gateway.flows.asking.spreadsheets import cell_text
from gateway.flows.outbound.outbound_profiles import Form

_ALWAYS: Final = (1980, 1, 1, 0, 0, 0)
_PERSON: Final = ("id", "version", "last_updated", "family", "given", "birth_date", "gender",
                  "nhs_number", "postcode", "phone")  # fmt: skip
_NHS: Final = "https://fhir.nhs.uk/Id/nhs-number"
_COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "version": ("meta.versionId",),
    "last_updated": ("meta.lastUpdated",),
    "person": ("subject.reference", "patient.reference", "for.reference",
               "participant.actor.reference", "beneficiary.reference"),
    "status": ("status", "lifecycleStatus", "clinicalStatus.coding.code"),
    "category": ("category.coding.code", "category.text", "category", "type.coding.code"),
    "code_system": ("code.coding.system", "description.coding.system",
                    "vaccineCode.coding.system", "medicationCodeableConcept.coding.system"),
    "code": ("code.coding.code", "description.coding.code", "vaccineCode.coding.code",
             "medicationCodeableConcept.coding.code"),
    "text": ("title", "description.text", "code.text", "code.coding.display", "vaccineCode.text",
             "medicationCodeableConcept.text", "medicationCodeableConcept.coding.display",
             "description", "name", "type.text", "scope.coding.code"),
    "value": ("valueQuantity.value", "valueString", "valueCodeableConcept.text", "valueInteger"),
    "unit": ("valueQuantity.unit",),
    "starts": ("period.start", "startDate", "onsetDateTime", "effectiveDateTime",
               "effectivePeriod.start", "occurrenceDateTime", "performedDateTime", "start",
               "authoredOn", "recordedDate", "dateTime", "date"),
    "ends": ("period.end", "target.dueDate", "effectivePeriod.end", "abatementDateTime", "end"),
    "sent_by": ("meta.source",),
}  # fmt: skip
"""Columns of `items.csv` with where their value is looked for, the first that is there."""
TABLES: Final[dict[str, tuple[str, ...]]] = {
    "people.csv": _PERSON,
    "items.csv": ("type", "id", *_COLUMNS),
    "details.csv": ("item", "path", "value"),
    "no-longer-shown.csv": ("item",),
    "recalls.csv": ("task", "item", "reason", "due", "status"),
}
"""Each table of a zip with its columns. `details.csv` has every element of every item."""


class Written(Protocol):
    """A file while it is written."""

    def show(self, body: bytes) -> None:
        """Put in a resource."""
        ...

    def drop(self, reference: str) -> None:
        """Say that what has this reference is no longer shown."""
        ...

    def recall(self, task: dict[str, Any]) -> None:
        """Put in a Task."""
        ...

    def finish(self, out: BinaryIO) -> None:
        """Write the whole file."""
        ...


def begin(form: Form, folder: Path) -> Written:
    """A new file of that form; what waits is kept in that folder."""
    return Tables(folder) if form is Form.CSV else Bundle(folder)


class Tables:
    """A zip of CSV tables."""

    def __init__(self, folder: Path) -> None:
        self._open = ExitStack()
        self._files: dict[str, IO[bytes]] = {}
        for name, columns in TABLES.items():
            self._files[name] = self._open.enter_context(_unnamed(folder))
            self._add(name, columns)

    def _add(self, name: str, cells: Sequence[object]) -> None:
        row = io.StringIO(newline="")
        csv.writer(row).writerow([_cell(one) for one in cells])
        self._files[name].write(row.getvalue().encode())

    def show(self, body: bytes) -> None:
        """A row for the resource, and one for each of its elements."""
        resource = orjson.loads(body)
        kind, name = resource["resourceType"], resource["id"]
        if kind == "Patient":
            self._add("people.csv", _person(resource))
        else:
            found = [_first(resource, paths) for paths in _COLUMNS.values()]
            self._add("items.csv", (kind, name, *found))
        for path, value in _leaves(resource, ""):
            self._add("details.csv", (f"{kind}/{name}", path, value))

    def drop(self, reference: str) -> None:
        """A row for what is no longer shown."""
        self._add("no-longer-shown.csv", (reference,))

    def recall(self, task: dict[str, Any]) -> None:
        """A row for each version that the task names."""
        named = [task["focus"], *(one["valueReference"] for one in task.get("input", ()))]
        due, reason = (
            task["restriction"]["period"]["end"],
            _first(task, ("reasonCode.coding.code",)),
        )
        for one in named:
            cells = (task["id"], one["reference"], reason, due, task["status"])
            self._add("recalls.csv", cells)

    def finish(self, out: BinaryIO) -> None:
        """The tables, packed."""
        with self._open, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, file in self._files.items():
                file.seek(0)
                with archive.open(_member(name), "w") as member:
                    shutil.copyfileobj(file, member)


class Bundle:
    """A FHIR Bundle of what to keep (PUT) and what to drop (DELETE), an entry a line."""

    def __init__(self, folder: Path) -> None:
        self._open = ExitStack()
        self._file = self._open.enter_context(_unnamed(folder))
        self._file.write(b'{"resourceType":"Bundle","type":"batch"')
        self._before = b',"entry":[\n'

    def _add(self, entry: bytes) -> None:
        self._file.write(self._before + entry)
        self._before = b",\n"

    def _put(self, resource: dict[str, Any], body: bytes) -> None:
        url = f"{resource['resourceType']}/{resource['id']}"
        request = orjson.dumps({"method": "PUT", "url": url})
        self._add(b'{"resource":' + body + b',"request":' + request + b"}")

    def show(self, body: bytes) -> None:
        """An entry with the resource."""
        self._put(orjson.loads(body), body)

    def drop(self, reference: str) -> None:
        """An entry without one."""
        self._add(orjson.dumps({"request": {"method": "DELETE", "url": reference}}))

    def recall(self, task: dict[str, Any]) -> None:
        """An entry with the Task."""
        self._put(task, orjson.dumps(task))

    def finish(self, out: BinaryIO) -> None:
        """The Bundle, closed."""
        with self._open:
            self._file.write(b"]}\n" if self._before == b",\n" else b"}\n")
            self._file.seek(0)
            shutil.copyfileobj(self._file, out)


def _member(name: str) -> zipfile.ZipInfo:
    """A member that says nothing of when, and unpacks to its owner's eyes alone."""
    info = zipfile.ZipInfo(name, _ALWAYS)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o600 << 16
    return info


def _unnamed(folder: Path) -> IO[bytes]:
    return tempfile.TemporaryFile(dir=folder)


def _cell(value: object) -> str:
    """A number or a flag as FHIR writes it; a text, made safe."""
    if isinstance(value, bool | int | float):
        return orjson.dumps(value).decode()
    return cell_text("" if value is None else str(value))


def _first(resource: dict[str, Any], paths: Sequence[str]) -> object:
    """The first value that stands at one of the paths; of a list its first."""
    for path in paths:
        node: object = resource
        for step in path.split("."):
            node = node[0] if isinstance(node, list) and node else node
            node = node.get(step) if isinstance(node, dict) else None
        node = node[0] if isinstance(node, list) and node else node
        if isinstance(node, str | int | float):
            return node
    return ""


def _person(resource: dict[str, Any]) -> tuple[object, ...]:
    numbers = [o.get("value") for o in resource.get("identifier", ()) if o.get("system") == _NHS]
    paths = ("id", "meta.versionId", "meta.lastUpdated", "name.family", "name.given", "birthDate",
             "gender")  # fmt: skip
    found = [_first(resource, (path,)) for path in paths]
    rest = [_first(resource, (path,)) for path in ("address.postalCode", "telecom.value")]
    return (*found, numbers[0] if numbers else "", *rest)


def _leaves(node: object, path: str) -> Iterator[tuple[str, object]]:
    """Every value of a resource, with its path."""
    if isinstance(node, dict):
        for name, value in node.items():
            yield from _leaves(value, f"{path}.{name}" if path else name)
    elif isinstance(node, list):
        for number, value in enumerate(node):
            yield from _leaves(value, f"{path}[{number}]")
    else:
        yield path, node
