"""What a written resource refers to: by which name, and whether its writer sees it.

In      Bodies; what a transaction makes.
Out     Bodies in which the person has one name and what is here is named `Type/id`; the paths of
        what is not there, or not for this writer.
Rule    Every literal reference is to something that stands in this person's record and that the
        writer sees, or to the person. Staff whom the writer may look up are kept by their number.
        Nothing is fetched from anywhere.
Source  http://hl7.org/fhir/R4/http.html#trules
"""

import re
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

from consent.terms import Action
from gateway.errors import Fault, UnprocessableError, VersionConflictError
from gateway.flows.asking.sight import Sight, sees_person, sights
from gateway.flows.site.staff_seen import StaffNumbers
from gateway.flows.writing.write_types import TYPES
from gateway.flows.writing.write_unit import Unit
from gateway.store.access import facts
from gateway.store.clear.search_table import PRACTITIONER
from gateway.store.database.engine import Connection
from gateway.store.record import reads
from gateway.store.record.reads import Criterion
from gateway.store.writing.claims import Identifier
from mappings.core.model import systems
from mappings.core.shaping.identifiers import normalised

NO_DATA: Final = "names nothing in this record that you may see"
_PATIENT: Final = "Patient/"
_STAFF: Final = f"{PRACTITIONER}/"
_CHUNK: Final = 400
_ON_A_SERVER: Final = re.compile(r"(?P<root>https?://\S+/)[A-Z][A-Za-z]*/[A-Za-z0-9.-]{1,64}")
"""The address of a resource somewhere (http://hl7.org/fhir/R4/bundle.html#references)."""
MOST_NAMED: Final = 2_000
"""Entries and identifiers that references of one transaction name: each is looked up alone."""
_TOO_MANY: Final = "too many are named by identifier in one transaction"
_Matching = Callable[[Unit, str, Identifier], Awaitable[list[str]]]


def named_in(node: Any, path: str) -> Iterator[tuple[str, str]]:
    """Path and literal reference of everything that is referred to."""
    if isinstance(node, dict):
        literal = node.get("reference")
        if isinstance(literal, str):
            yield path, literal
        for name, value in node.items():
            if isinstance(value, dict | list):
                yield from named_in(value, f"{path}.{name}")
    elif isinstance(node, list):
        for place, value in enumerate(node):
            yield from named_in(value, f"{path}[{place}]")


def replaced(node: Any, change: Callable[[str], str]) -> Any:
    """A copy with every literal reference changed."""
    if isinstance(node, dict):
        return {
            name: change(value)
            if name == "reference" and isinstance(value, str)
            else replaced(value, change)
            for name, value in node.items()
        }
    if isinstance(node, list):
        return [replaced(value, change) for value in node]
    return node


def with_person(node: Any, ids: Collection[str], person_id: str, base_url: str = "") -> Any:
    """A copy in which the person has this id, and what is served here is named `Type/id`."""
    home = f"{base_url}/fhir/R4/"

    def change(reference: str) -> str:
        local = reference.removeprefix(home) if base_url else reference
        known = local.startswith(_PATIENT) and local.removeprefix(_PATIENT) in ids
        return _PATIENT + person_id if known else local

    return replaced(node, change)


def names_staff(node: Any, base_url: str) -> bool:
    """Whether a literal reference in it is to a member of staff."""
    home = f"{base_url}/fhir/R4/"
    return any(one.removeprefix(home).startswith(_STAFF) for _, one in named_in(node, ""))


def with_staff(node: Any, staff: StaffNumbers, base_url: str) -> Any:
    """A copy in which staff are named by number, as records name them; who is not among these
    stays as they were named."""
    if isinstance(node, list):
        return [with_staff(value, staff, base_url) for value in node]
    if not isinstance(node, dict):
        return node
    kept = {name: with_staff(value, staff, base_url) for name, value in node.items()}
    literal = str(node.get("reference", "")).removeprefix(f"{base_url}/fhir/R4/")
    numbers = staff.get(literal.removeprefix(_STAFF)) if literal.startswith(_STAFF) else None
    if numbers:
        del kept["reference"]
        kept |= {"type": PRACTITIONER, "identifier": dict(numbers[0])}
    return kept


def is_settled(body: Mapping[str, Any]) -> bool:
    """Whether nothing in it has to be resolved before it can be judged."""
    try:
        return not any(_is_open(literal) for _, literal in named_in(body, ""))
    except RecursionError:  # it is judged at once, and found to be nested too deep
        return True


def _is_open(literal: str) -> bool:
    return literal.startswith("urn:") or "?" in literal


def people_named(body: Mapping[str, Any]) -> set[str]:
    """The references that name somebody by number: each is a search for a person."""
    return {literal for _, literal in named_in(body, "") if literal.startswith("Patient?")}


async def resolved(
    unit: Unit, body: Mapping[str, Any], named: dict[str, str], matching: _Matching, full_url: str
) -> dict[str, Any]:
    """The body with what other entries make, and what identifiers name, by its id; what is looked
    up is in `named` from then on. A relative reference is of the server that the entry's own
    `full_url` is of. Errors: VersionConflictError where an identifier names none, or several;
    UnprocessableError where too many are to be looked up."""
    for path, literal in named_in(body, str(body["resourceType"])):
        if literal not in named and "?" in literal:
            if len(named) >= MOST_NAMED:
                raise UnprocessableError([Fault("too-costly", path, _TOO_MANY)])
            named[literal] = await _by_identifier(unit, literal, path, matching)
    found = _ON_A_SERVER.fullmatch(full_url)
    root = found["root"] if found else ""
    made: dict[str, Any] = replaced(
        body, lambda literal: named.get(literal) or named.get(root + literal, literal)
    )
    return made


async def _by_identifier(unit: Unit, literal: str, path: str, matching: _Matching) -> str:
    kind, _, query = literal.partition("?")
    criteria = parse_qsl(query, max_num_fields=10)
    system, _, value = criteria[0][1].partition("|") if criteria else ("", "", "")
    ids: list[str] = []
    if [name for name, _ in criteria] == ["identifier"] and system and value:
        if kind == "Patient" and system == systems.NHS_NUMBER:
            ids = await _people(unit, value)
        elif kind in TYPES:
            ids = await matching(unit, kind, (system, value))
    if len(ids) != 1:
        text = "does not name exactly one that you may see, by identifier=system|value"
        raise VersionConflictError([Fault("not-found", path, text)])
    return f"{kind}/{ids[0]}"


async def _people(unit: Unit, number: str) -> list[str]:
    hashes = unit.site.store.vault.hasher.keyed_hashes("nhs-number", normalised(number))
    people = await facts.persons_by_number(unit.conn, hashes)
    seen = await sights(unit.conn, unit.site, unit.asking, people, Action.READ)
    return [one.subject.person_id for one in seen if await sees_person(unit.conn, one)]


async def unseen(conn: Connection, looking: Sight, named: Mapping[str, str]) -> list[str]:
    """The paths of what is not there, or not for this writer."""
    subject = looking.subject
    own = {_PATIENT + one for one in (*subject.patient_ids, subject.person_id)}
    others = {literal for literal in named.values() if literal not in own}
    ids = sorted({literal.partition("/")[2] for literal in others})
    found = set(own)
    for start in range(0, len(ids), _CHUNK):
        part = ids[start : start + _CHUNK]
        among = Criterion(f"r.resource_id IN ({', '.join('?' * len(part))})", tuple(part))
        rows = await reads.outlines(conn, [looking.group], [among], len(part))
        found |= {f"{row.resource_type}/{row.resource_id}" for row in rows}
    return [path for path, literal in named.items() if literal not in found]
