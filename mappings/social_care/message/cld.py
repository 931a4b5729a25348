"""Client Level Data: a council's quarterly CSV, one wide row for each event.

In      One or more CSV files with the return's column headings, releases 1 and 2 mixed.
Out     An Item for each row, its kind named by Event Type (request, assessment, service,
        review): its filled cells under their headings, full stops taken out of these. Before
        it, where no earlier row has said the same, an Item of what the row says of its person.
        A row's number is its place in the delivery; persons are numbered after the last row.
Errors  NotThisFormatError where no file has the headings; a row of an unknown event type, or
        one that another row of the file overrules, is an Item with an error that says so.
Source  Client Level Data guidance; DHSC's published method for the unique event.
Rule    Source time is the end of the reporting period: the return has no creation time. An
        event is known by council, person, dates and what it is, never by its Event Reference.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

from mappings.core.model import dates
from mappings.core.model.outcome import (
    Facts,
    Issue,
    Item,
    NotThisFormatError,
    UnreadableValueError,
    error,
    has_errors,
    warning,
)
from mappings.core.model.paths import Steps
from mappings.core.reading.tables import Columns, Table, TableRow
from mappings.social_care.codes import cld as codes

Rank = tuple[bool, str]
_ENDS: Final = "Reporting Period End Date"


@dataclass(frozen=True, slots=True)
class _Again:
    """An event that stands on several rows: how far the row that counts goes."""

    rank: Rank
    several_costs: bool
    """Whether rows of that rank differ in what the service costs."""


MEDIA_TYPES: Final = ("text/csv", "application/zip")

HEADINGS: Final = (
    "LA Code",
    "Reporting Period Start Date",
    "Reporting Period End Date",
    "NHS Number",
    "LA Person Unique Identifier",
    "First Name",
    "Last Name",
    "GP Practice Name",
    "GP Practice Code",
    "Gender",
    "Ethnicity",
    "Date of Birth",
    "Date of Death",
    "Client Type",
    "Primary Support Reason",
    "Postcode",
    "Accommodation Status",
    "Employment Status",
    "Has Unpaid Carer",
    "Autism Spectrum Disorder (ASD)",
    "Visual Impairment",
    "Hearing Impairment",
    "Dementia",
    "Client Funding Status",
    "Event Type",
    "Event Reference",
    "Event Start Date",
    "Event End Date",
    "Event Description",
    "Event Outcome",
    "Request: Route of Access",
    "Assessment Type",
    "Eligible Needs Identified",
    "Informal Carer involved in Assessment",
    "Method of Assessment",
    "Total Hrs Caring per week",
    "No. of adults being cared for",
    "Adult 1 Linked Person_ID",
    "Adult 2 Linked Person_ID",
    "Adult 3 Linked Person_ID",
    "Service Type",
    "Service Component",
    "Delivery Mechanism",
    "Provider CQC Location Name",
    "Provider CQC Location ID",
    "Review Reason",
    "Review Outcomes Achieved",
    "Method of Review",
    "Unit Cost",
    "Cost Frequency (Unit Type)",
    "Planned units per week",
    "Full cost client",
)
_COLUMNS: Final = Columns(
    HEADINGS,
    {
        "Autism Spectrum Disorder ASD": "Autism Spectrum Disorder (ASD)",
        "Request Route of Access": "Request: Route of Access",
        "No of adults being cared for": "No. of adults being cared for",
        "Cost Frequency Unit Type": "Cost Frequency (Unit Type)",
    },
)
"""The national database writes them without marks and with underscores."""
_DOTTED: Final = {heading.replace(".", ""): heading for heading in HEADINGS if "." in heading}
_TELLING: Final = ("Event Type", "Client Type")
"""Headings by which the return is known."""

_NO_COUNCIL: Final = "no such column: people are known by their own number alone; send it always"

PERSON: Final = "cld-person"
REQUEST: Final = "cld-request"
ASSESSMENT: Final = "cld-assessment"
FINANCIAL: Final = "cld-financial-assessment"
SERVICE: Final = "cld-service"
REVIEW: Final = "cld-review"
KNOWN_CARER: Final = "cld-carer-known"
UNKNOWN: Final = "cld-unknown-event"

_OF_PERSON: Final = (
    *("LA Code", "Reporting Period End Date", "NHS Number", "LA Person Unique Identifier"),
    *("GP Practice Code", "Gender", "Ethnicity", "Date of Birth", "Date of Death", "Postcode"),
    *("Primary Support Reason", "Accommodation Status", "Employment Status", "Has Unpaid Carer"),
    *("Visual Impairment", "Hearing Impairment"),
)
"""What a row says of the person, the same on each of the person's rows."""

_COSTS: Final = ("Unit Cost", "Cost Frequency (Unit Type)", "Planned units per week")

_EVENTS: Final = {
    kind.removeprefix("cld-"): kind for kind in (REQUEST, ASSESSMENT, SERVICE, REVIEW)
}


def recognises(members: Mapping[str, bytes]) -> bool:
    """Whether any file has the headings of the return."""
    return any(_is_return(body) for body in members.values())


def _is_return(body: bytes) -> bool:
    if body.lstrip()[:1] in (b"{", b"["):
        return False
    columns = Table("", body[:8192], _COLUMNS).columns
    return all(heading in columns for heading in _TELLING)


def read(members: Mapping[str, bytes]) -> Iterator[Item]:
    """The rows of every file, numbered over the whole delivery."""
    tables = [Table("", body, _COLUMNS) for body in members.values() if _is_return(body)]
    if not tables:
        raise NotThisFormatError("", "no file has the headings of a Client Level Data return")
    said, rows = _last_said(tables)
    number = 0
    persons: dict[int, int] = {}
    for table in tables:
        file_issues = tuple(table.issues)
        if "LA Code" not in table.columns:
            file_issues += (warning("LA Code", "missing", _NO_COUNCIL),)
        for row in table.rows():
            number += 1
            item = _item(number, row, said, file_issues)
            if item.kind in _EVENTS.values() and not has_errors(item.issues):
                yield from _person(item, persons, rows)
            yield item
            file_issues = ()


def shown(steps: Steps) -> str:
    """A path as its column heading."""
    heading = str(steps[0]) if steps else ""
    return _DOTTED.get(heading, heading)


def _item(
    number: int, row: TableRow, said: dict[str, _Again], file_issues: tuple[Issue, ...]
) -> Item:
    facts = _facts(row)
    kind = kind_of(facts)
    issues = [*file_issues, *row.issues]
    if not row.cells:
        return Item(UNKNOWN, number, facts, tuple(issues))
    if kind == UNKNOWN:
        text = "not an event type: send Request, Assessment, Service or Review"
        issues.append(error("Event Type", "unmapped-code", text))
    elif again := said.get(event_key(facts, kind)):
        issues += _repeated(facts, again)
    if not dates.ordering_time(ends := facts.get(_ENDS, "")):
        text = f"needed to put returns in order, and {'no date' if ends else 'not sent'}"
        issues.append(error(_ENDS, "invalid-date" if ends else "missing", text))
    return Item(kind, number, facts, tuple(issues))


def _repeated(facts: Facts, again: _Again) -> Iterator[Issue]:
    """What is to be said of a row whose event stands on other rows too."""
    if _rank(facts) < again.rank:
        text = "another row of this file states the same event, open or later; this one is left"
        yield error("Event End Date", "overruled-row", text)
    elif again.several_costs:
        text = "other rows of this file state this service at another cost; one of them is shown"
        yield warning("Unit Cost", "several-costs", text)


def _person(item: Item, seen: dict[int, int], rows: int) -> Iterator[Item]:
    """What the row says of its person, unless an earlier row has said the same."""
    said = tuple(item.facts.get(heading, "") for heading in _OF_PERSON)
    mark = hash(said)  # of a long return the words themselves would be most of its memory
    if mark not in seen:
        seen[mark] = rows + len(seen) + 1
        facts = {name: value for name, value in zip(_OF_PERSON, said, strict=True) if value}
        yield Item(PERSON, seen[mark], facts)


def _facts(row: TableRow) -> Facts:
    return {heading.replace(".", ""): value for heading, value in row.cells.items()}


def kind_of(facts: Facts) -> str:
    """Which kind of item a row is; an event type is known by the word in it, as DHSC does."""
    event = str(facts.get("Event Type", "")).casefold()
    if not event:
        known = codes.word_key(codes.CLIENT_TYPE, facts.get("Client Type")) == "carer-known"
        return KNOWN_CARER if known else UNKNOWN
    kinds = {kind for word, kind in _EVENTS.items() if word in event}
    if len(kinds) != 1:
        return UNKNOWN
    kind = kinds.pop()
    financial = "financial" in str(facts.get("Assessment Type", "")).casefold()
    return FINANCIAL if kind == ASSESSMENT and financial else kind


def event_key(facts: Facts, kind: str) -> str:
    """DHSC's unique event: one spelling for every wording; the end is left out for services."""
    said = facts.get
    parts = [
        said("LA Code", ""),
        said("LA Person Unique Identifier") or said("NHS Number", ""),
        kind,
        _day(said("Event Start Date")),
        "" if kind == SERVICE else _day(said("Event End Date")),
        codes.word_key(codes.CLIENT_TYPE, said("Client Type")),
    ]
    if kind == REQUEST:
        parts.append(codes.word_key(codes.ROUTE, said("Request: Route of Access")))
    elif kind in (ASSESSMENT, FINANCIAL):
        parts.append(codes.word_key(codes.ASSESSMENT_TYPE, said("Assessment Type")))
    elif kind == SERVICE:
        parts.append(codes.word_key(codes.SERVICE_TYPE, said("Service Type")))
        parts.append(codes.word_key(codes.SERVICE_COMPONENT, said("Service Component")))
        parts.append(codes.word_key(codes.DELIVERY, said("Delivery Mechanism")))
    return "|".join(parts)


def _last_said(tables: Sequence[Table]) -> tuple[dict[str, _Again], int]:
    """For each event that stands on several rows, how far the row that counts goes; all rows.

    An open end counts before any end, a later end before an earlier one. Rows that differ only
    in what is not part of an event (cost, units) are of one rank, and all are taken.
    """
    first: dict[str, tuple[Rank, str]] = {}
    again: dict[str, set[tuple[Rank, str]]] = {}
    rows = 0
    for row in chain.from_iterable(table.rows() for table in tables):
        rows += 1
        facts = _facts(row)
        key = event_key(facts, kind_of(facts))
        said = _rank(facts), "|".join([facts.get(heading, "") for heading in _COSTS])
        if first.setdefault(key, said) is not said:
            again.setdefault(key, {first[key]}).add(said)
    return {key: _again(said) for key, said in again.items()}, rows


def _again(said: set[tuple[Rank, str]]) -> _Again:
    best = max(rank for rank, _ in said)
    return _Again(best, sum(rank == best for rank, _ in said) > 1)


def _rank(facts: Facts) -> Rank:
    end = _day(facts.get("Event End Date"))
    return (not end, end)


def _day(text: str | None) -> str:
    """One spelling of a date; the text itself where it is none."""
    try:
        return dates.fhir_date(text) if text else ""
    except UnreadableValueError:
        return text or ""
