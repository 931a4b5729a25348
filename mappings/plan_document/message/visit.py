"""A visit: somebody came, or should have come, to do what an action of a plan says.

In      One JSON document, or one row of the template (template.py).
Out     One Item for each visit. A visit says nothing of other visits: none is withdrawn by it.
Errors  NotThisFormatError where it is not such a document; issues by path.
Source  Our own contract, beside the plan document.
"""

from collections.abc import Iterator, Mapping
from typing import Final, Literal

from pydantic import Field

from mappings.core.model.outcome import Item, NotThisFormatError
from mappings.core.reading.json_body import read_json
from mappings.plan_document import codes
from mappings.plan_document.message import document
from mappings.plan_document.message.fields import Shared, Strict, name, word

MEDIA_TYPES: Final = ("application/json",)
KIND: Final = "visit"
_MOMENT: Final = "ISO 8601; without a zone it is London's time"


class VisitPerson(Strict):
    """Who was visited."""

    local_id: str | None = None
    nhs_number: str | None = None
    birth_date: str | None = None


class VisitPlan(Strict):
    """The plan the visit belongs to."""

    id: str = name("Your own number for the plan")


class Visit(Shared):
    """One visit."""

    id: str = name("Your own name for this visit, unique within the plan")
    action_id: str | None = None
    state: str = word(codes.VISIT_STATE, "A word of the visit-state table")
    planned_start: str = name(_MOMENT)
    planned_end: str | None = None
    started_at: str | None = None
    ended_at: str | None = None
    by: str | None = None
    by_ods: str | None = None
    tasks_done: list[str] = Field(default=[], description="In plain words")
    tasks_not_done: list[str] = Field(default=[], description="With the reason, where known")
    note: str | None = None


class VisitDocument(Strict):
    """One visit, as it stands now."""

    document: Literal["visit"]
    version: Literal["1"]
    written_at: str = name("When this state of the visit was written, ISO 8601")
    person: VisitPerson
    plan: VisitPlan
    visit: Visit


def recognises(members: Mapping[str, bytes]) -> bool:
    """Whether a body looks like a visit document."""
    body = next(iter(members.values())) if len(members) == 1 else b""
    start = body.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    return start == b"{" and b'"visit"' in body and b'"support-plan"' not in body


def read(members: Mapping[str, bytes]) -> Iterator[Item]:
    """The one visit; its wrong fields as issues."""
    if len(members) != 1:
        raise NotThisFormatError("", "a visit is one document, not several files")
    facts = read_json(next(iter(members.values())))
    if not isinstance(facts, dict) or facts.get("document") != KIND:
        raise NotThisFormatError("document", "not a visit document")
    issues = tuple(document.faults(VisitDocument, facts))
    return iter((Item(KIND, 1, facts, issues),))
