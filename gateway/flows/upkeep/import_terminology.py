"""A site loads its own reference sets, under the names that label rules know.

    files -> sets, each whole -> known names -> replace, epoch -> record

In      RF2 simple refset snapshots, as text or in a zip; CSV with the columns code and system, and
        set where a file holds several.
Rule    All or nothing: a row that cannot be read refuses everything, and so does a file that
        brings no member of any set. A set replaces its earlier release. The codes themselves are
        nobody's data; they stay at the site.
Errors  FaultyRequestError with the file and line, of a damaged file as of a wrong row.
"""

import csv
import io
import zipfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final

from gateway.audit.entry import AuditEntry
from gateway.audit.events import Event, Outcome
from gateway.clock import instant, to_micros
from gateway.errors import Fault, FaultyRequestError
from gateway.flows.asking.search_log import Operator
from gateway.flows.intake.unpack import DAMAGED
from gateway.store.commit.log import append
from gateway.store.commit.units import Store
from gateway.store.database.engine import Connection
from gateway.store.labels import reference_sets
from gateway.store.labels.labelling import codes_of, shipped_rules
from gateway.store.labels.reference_sets import Loaded
from mappings.core.model.systems import SNOMED_CT

LARGEST_BYTES: Final = 256 * 1024 * 1024
_RF2: Final = ("id", "effectiveTime", "active", "moduleId", "refsetId", "referencedComponentId")


@dataclass(slots=True)
class _Read:
    """A set as files state it."""

    codes: set[tuple[str, str]] = field(default_factory=set)
    dated: str = ""


async def import_files(
    store: Store,
    operator: Operator,
    files: Sequence[tuple[str, bytes]],
    names: Sequence[str],
    release: str,
) -> dict[str, Any]:
    """The sets as they are loaded now, with what each gained and lost."""
    wanted = _names(names)
    found: dict[str, _Read] = {}
    for file, body in files:
        _merge_all(found, _sets_of(file, body, wanted))
    known = shipped_rules().sets
    strange = sorted(set(found) - known.keys())
    if strange:
        text = f"no rule knows this set; the sets are {', '.join(sorted(known))}"
        raise FaultyRequestError([Fault("not-found", "--as", text)])
    at = to_micros(operator.at)
    sets = [
        Loaded(name, release or _release(read), read.dated, at, operator.name, len(read.codes))
        for name, read in sorted(found.items())
    ]

    async def unit(conn: Connection) -> dict[str, Any]:
        told = []
        for one in sets:
            codes = found[one.name].codes
            added, removed = await reference_sets.replace(conn, one, codes)
            told.append(_row(one) | {"added": added, "removed": removed})
        await reference_sets.move_epoch(conn, at)
        await append(conn, store.vault, [_entry(operator, one) for one in told])
        return {"sets": told, "to_relabel": await reference_sets.standing(conn)}

    return await store.write(unit)


async def loaded(store: Store) -> dict[str, Any]:
    """Every set that rules know, what it brings, the release that is loaded, when and by whom."""
    rules = shipped_rules()
    async with store.engine.reading() as conn:
        held = {one.name: one for one in await reference_sets.loaded(conn)}
    rows = []
    for name, rule in sorted(rules.sets.items()):
        one = held.get(name)
        brings = codes_of(rule.marks.alone())
        stated = _row(one) if one else dict.fromkeys(("release", "dated", "members"))
        by = {"loaded": instant(one.loaded_at), "by": one.loaded_by} if one else _NEVER
        rows.append({**stated, **by, "name": name, "title": rule.title, "brings": brings})
    return {"version": rules.version, "sets": rows}


_NEVER: Final = dict.fromkeys(("loaded", "by"))


def _row(one: Loaded) -> dict[str, Any]:
    return {
        "name": one.name,
        "release": one.release,
        "dated": one.dated,
        "members": one.members,
    }


def _entry(operator: Operator, told: Mapping[str, Any]) -> AuditEntry:
    detail = tuple((name, str(told[name])) for name in ("name", "release", "added", "removed"))
    return AuditEntry(
        operator.at, Event.POLICY_CHANGE, Outcome.STORED, operator.agent, detail=detail
    )


def _release(read: _Read) -> str:
    """A release without a name is known by its date, else by its content."""
    text = "\n".join(sorted(f"{system}|{code}" for system, code in read.codes))
    return read.dated or sha256(text.encode()).hexdigest()[:12]


def _names(given: Sequence[str]) -> dict[str, str]:
    """Refset id (empty: whatever a file holds) -> name."""
    made: dict[str, str] = {}
    for one in given:
        left, equals, right = one.strip().partition("=")
        made[left if equals else ""] = right if equals else left
    return made


def _sets_of(file: str, body: bytes, names: Mapping[str, str]) -> dict[str, _Read]:
    """The sets that one file holds."""
    made: dict[str, _Read] = {}
    for member, text in _texts(file, body):
        _take(made, member, text, names)
    if not made:
        raise _refused(file, "required", "holds no active member of a set that is asked for")
    return made


def _texts(file: str, body: bytes) -> Iterator[tuple[str, str]]:
    """The texts a file holds: itself, or the simple refset snapshots of an archive."""
    if not body.startswith(b"PK\x03\x04"):
        yield file, _text(file, body)
        return
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            members = [one for one in archive.infolist() if _is_refset(one.filename)]
            if sum(one.file_size for one in members) > LARGEST_BYTES:
                raise _refused(file, "too-large", "comes to more than 256 MB when unpacked")
            if not members:
                raise _refused(file, "not-found", "holds no simple refset snapshot")
            for one in members:
                yield one.filename, _text(one.filename, archive.read(one))
    except DAMAGED:
        raise _refused(file, "structure", "is no archive that can be read") from None


def _is_refset(name: str) -> bool:
    last = name.rpartition("/")[2]
    return "Refset_Simple" in last and "Snapshot" in last and last.endswith(".txt")


def _text(file: str, body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _refused(file, "structure", "is not UTF-8") from None


def _take(found: dict[str, _Read], file: str, text: str, names: Mapping[str, str]) -> None:
    if not text.strip():
        raise _refused(file, "required", "is empty")
    first = text.partition("\n")[0].rstrip("\r")
    if first.split("\t")[: len(_RF2)] == list(_RF2):
        _take_refset(found, file, text, names)
    else:
        _take_csv(found, file, text, names)


def _take_refset(found: dict[str, _Read], file: str, text: str, names: Mapping[str, str]) -> None:
    """The active members of the refsets that were asked for."""
    held: dict[str, _Read] = {}
    for number, line in enumerate(text.splitlines()[1:], 2):
        cells = line.split("\t")
        if len(cells) < len(_RF2) or not all(_is_number(cells[n]) for n in (1, 2, 4, 5)):
            raise _refused(f"{file} line {number}", "structure", "is no row of a simple refset")
        if cells[2] == "1":
            one = held.setdefault(cells[4], _Read())
            one.codes.add((SNOMED_CT, cells[5]))
            one.dated = max(one.dated, cells[1])
    if "" in names and len(held) > 1:
        text = "holds several refsets: name each as REFSETID=NAME"
        raise _refused(file, "ambiguous", text)
    for refset, read in held.items():
        name = names.get(refset, names.get(""))
        if name is not None:
            _merge(found, name, read.codes, read.dated)


def _is_number(cell: str) -> bool:
    return cell.isascii() and cell.isdigit()


def _take_csv(found: dict[str, _Read], file: str, text: str, names: Mapping[str, str]) -> None:
    rows = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        held = [(rows.line_num, row) for row in rows]
    except csv.Error:
        place = f"{file} line {rows.line_num + 1}"
        raise _refused(place, "structure", "is no CSV that can be read") from None
    if not {"code", "system"} <= set(rows.fieldnames or ()):
        raise _refused(file, "structure", "is neither a simple refset nor CSV with code,system")
    for number, row in held:
        if None in row:
            place = f"{file} line {number}"
            raise _refused(place, "structure", "has more cells than there are columns")
        code, system = ((row[name] or "").strip() for name in ("code", "system"))
        name = (row.get("set") or names.get("") or "").strip()
        if not (code and system and name):
            place = f"{file} line {number}"
            raise _refused(place, "required", "needs a code, its system, and the name of a set")
        _merge(found, name, {(system, code)}, "")


def _merge_all(found: dict[str, _Read], more: Mapping[str, _Read]) -> None:
    for name, read in more.items():
        _merge(found, name, read.codes, read.dated)


def _merge(
    found: dict[str, _Read], name: str, codes: Collection[tuple[str, str]], dated: str
) -> None:
    read = found.setdefault(name, _Read())
    read.codes |= set(codes)
    read.dated = max(read.dated, dated)


def _refused(path: str, code: str, text: str) -> FaultyRequestError:
    return FaultyRequestError([Fault(code, path, text)])
