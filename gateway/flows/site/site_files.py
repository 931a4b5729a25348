"""The files of a site, read and checked as a whole.

    files -> rows -> entries, each checked -> names and references among them -> the site

In      TOML files with `[borough]`, `[[locality]]`, `[[practice]]`, `[[mdt]]`, `[[organisation]]`,
        `[[service]]`, `[[practitioner]]` and `[[post]]`, each file with `reviewed` (who looked, and
        when) above them; CSV files of what their names begin with, `practitioners` or `posts`, and
        else of services, with the same fields as columns and `reviewed`, lists parted by
        semicolons.
Out     A SiteRead: every entry, and the hash of the files.
Errors  FaultyRequestError with every fault, by file, row and key. No value is repeated.
"""

import csv
import io
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final

from pydantic import ValidationError

from gateway.errors import Fault, FaultyRequestError
from gateway.flows.site.site_entries import (
    KINDS,
    Borough,
    Kind,
    Locality,
    Mdt,
    Post,
    Practice,
    Practitioner,
    Service,
    name_of,
)
from gateway.flows.site.site_entries import Organisation as Org
from gateway.flows.site.site_fhir import TYPES, kinds_of
from mappings.terms.support import ORGANISATION_KINDS, SITE_SERVICE_KINDS

LARGEST_BYTES: Final = 8 * 1024 * 1024
_LISTS: Final = ("localities", "hours", "closed", "methods", "services")
_OF_FILES: Final = {"practitioners": "practitioner", "posts": "post"}
"""What the name of a CSV file begins with -> what it holds; any other holds services."""


@dataclass(frozen=True, slots=True)
class SiteRead:
    """A site as its files state it."""

    entries: Mapping[tuple[str, str], Kind]
    hash: str
    reviewed: tuple[str, ...]


@dataclass(slots=True)
class _Reading:
    faults: list[Fault] = field(default_factory=list)
    entries: dict[tuple[str, str], Kind] = field(default_factory=dict)
    places: dict[tuple[str, str], str] = field(default_factory=dict)
    reviewed: list[str] = field(default_factory=list)

    def say(self, place: str, key: str, text: str) -> None:
        self.faults.append(Fault("invalid", f"{place}: {key}" if key else place, text))


def read_site(files: Sequence[tuple[str, bytes]], feeds: Collection[str]) -> SiteRead:
    """The site that these files state. Errors: FaultyRequestError."""
    reading = _Reading()
    for name, body in sorted(files):
        if len(body) > LARGEST_BYTES:
            reading.say(name, "", "is too large")
        elif name.endswith(".csv"):
            _read_csv(reading, name, body)
        else:
            _read_toml(reading, name, body)
    if not reading.faults:
        _check_names(reading)
        _check_references(reading, feeds)
    if reading.faults:
        raise FaultyRequestError(reading.faults)
    digests = "".join(f"{sha256(body).hexdigest()} {name}\n" for name, body in sorted(files))
    whole = sha256(digests.encode()).hexdigest()
    return SiteRead(reading.entries, whole, tuple(dict.fromkeys(reading.reviewed)))


def _read_toml(reading: _Reading, file: str, body: bytes) -> None:
    try:
        found = tomllib.loads(body.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError):
        reading.say(file, "", "is not TOML in UTF-8")
        return
    _note_reviewed(reading, file, found.pop("reviewed", None))
    for kind, rows in found.items():
        listed = [rows] if kind == "borough" else rows
        if kind not in KINDS:
            reading.say(file, "", f"holds a table of no known kind; there are {', '.join(KINDS)}")
        elif not isinstance(listed, list) or not all(isinstance(row, dict) for row in listed):
            reading.say(
                file, kind, "must be [borough]" if kind == "borough" else f"must be [[{kind}]]"
            )
        else:
            for number, row in enumerate(listed, 1):
                _take(reading, f"{file}, {kind} {number}", kind, row)


def _read_csv(reading: _Reading, file: str, body: bytes) -> None:
    """Entries of one kind, one a line."""
    kind = next((of for begins, of in _OF_FILES.items() if file.startswith(begins)), "service")
    try:
        rows = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig")), strict=True))
    except (UnicodeDecodeError, csv.Error):
        reading.say(file, "", "is not CSV in UTF-8")
        return
    for number, cells in enumerate(rows, 2):
        place = f"{file}, row {number}"
        if None in cells or None in cells.values():
            reading.say(place, "", "has more or fewer cells than there are columns")
            continue
        told = {name.strip(): text.strip() for name, text in cells.items() if text.strip()}
        _note_reviewed(reading, place, told.pop("reviewed", None))
        row: dict[str, Any] = dict(told)
        for name in _LISTS:
            if name in told:
                row[name] = [one.strip() for one in told[name].split(";") if one.strip()]
        _take(reading, place, kind, row)


def _note_reviewed(reading: _Reading, place: str, said: object) -> None:
    if isinstance(said, str) and said.strip():
        reading.reviewed.append(said.strip())
    else:
        reading.say(place, "reviewed", "is needed: who looked at it, and when")


def _take(reading: _Reading, place: str, kind: str, row: Mapping[str, Any]) -> None:
    try:
        entry = KINDS[kind].model_validate(row)
    except ValidationError as faulty:
        for key, text in _told(KINDS[kind], faulty):
            reading.say(place, key, text)
        return
    named = (kind, name_of(entry))
    if named in reading.entries:
        reading.say(place, "", f"bears the same name as {reading.places[named]}")
    reading.entries[named], reading.places[named] = entry, place


def _told(kind: type[Kind], faulty: ValidationError) -> Iterator[tuple[str, str]]:
    """Key and what is wrong, in our own words: the library's would quote what stood there."""
    rows = faulty.errors(include_url=False, include_context=False, include_input=False)
    for row in rows:
        key = str(row["loc"][0]) if row["loc"] else ""
        known = kind.model_fields.get(key)
        if known is None:
            yield "", f"has a key that is not known; there are {', '.join(kind.model_fields)}"
        elif row["type"] == "missing":
            yield key, f"is needed: {known.description}"
        else:
            place = f"{key}[{row['loc'][1]}]" if len(row["loc"]) > 1 else key
            own = row["type"] == "value_error"
            said = row["msg"].removeprefix("Value error, ") if own else known.description
            yield place, f"must be {said}"


def _check_names(reading: _Reading) -> None:
    """Entries that are served as one type of resource have their names as its ids."""
    for resource_type in TYPES:
        held: dict[str, str] = {}
        for kind in kinds_of(resource_type):
            for name in (name for named, name in reading.entries if named == kind):
                place = reading.places[kind, name]
                if held.setdefault(name, place) != place:
                    reading.say(place, "", f"bears the name of {held[name]}")
    boroughs = sum(kind == "borough" for kind, _ in reading.entries)
    if boroughs != 1:
        reading.say("the files", "borough", "must be there once")


def _check_references(reading: _Reading, feeds: Collection[str]) -> None:
    names: dict[str, set[str]] = {kind: set() for kind in KINDS}
    for kind, name in reading.entries:
        names[kind].add(name)
    holders = names["organisation"] | names["practice"]
    for named, entry in reading.entries.items():
        for key, value, known, what in _references(entry, names, holders, feeds):
            if value not in known:
                reading.say(reading.places[named], key, f"must be {what}")
    for (kind, name), entry in reading.entries.items():
        if isinstance(entry, Org) and _goes_round(reading.entries, name):
            reading.say(reading.places[kind, name], "part_of", "must not lead back to itself")


def _references(
    entry: Kind, names: Mapping[str, set[str]], holders: set[str], feeds: Collection[str]
) -> Iterator[tuple[str, str, Collection[str], str]]:
    """Key, value, what is known, and what the value must be."""
    match entry:
        case Locality():
            text = f"a feed: {', '.join(sorted(feeds))}"
            yield from (("feeds_off", one, feeds, text) for one in entry.feeds_off)
        case Practice():
            yield "locality", entry.locality, names["locality"], "the id of a locality here"
        case Mdt():
            yield "practice", entry.practice, names["practice"], "the code of a practice here"
        case Org():
            kinds = ", ".join(ORGANISATION_KINDS)
            yield "kind", entry.kind, ORGANISATION_KINDS, f"a kind of organisation: {kinds}"
            if entry.part_of:
                yield "part_of", entry.part_of, names["organisation"], "an organisation here"
        case Borough() | Practitioner():
            return
        case Post():
            known = names["practitioner"]
            yield "practitioner", entry.practitioner, known, "the id of a practitioner here"
            yield "organisation", entry.organisation, holders, "an organisation or practice here"
            known = names["service"]
            yield from (("services", one, known, "services here") for one in entry.services)
        case Service():
            kinds = ", ".join(SITE_SERVICE_KINDS)
            yield "kind", entry.kind, SITE_SERVICE_KINDS, f"a kind of service: {kinds}"
            yield "organisation", entry.organisation, holders, "an organisation or practice here"
            known = names["locality"]
            yield from (("localities", one, known, "localities here") for one in entry.localities)


def _goes_round(entries: Mapping[tuple[str, str], Kind], name: str) -> bool:
    """Whether an organisation is part of itself, by way of whichever others."""
    seen: set[str] = set()
    above = name
    while above and above not in seen:
        seen.add(above)
        entry = entries.get(("organisation", above))
        above = entry.part_of if isinstance(entry, Org) else ""
    return above == name
