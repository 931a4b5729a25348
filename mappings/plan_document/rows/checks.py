"""Rules of a plan document as a whole.

In      The facts of the document.
Out     Issues by path; an error quarantines the document.
"""

from collections.abc import Iterator
from typing import Final

from mappings.core.model import dates
from mappings.core.model.outcome import Facts, Issue, PersonClaim, error, warning
from mappings.core.shaping.identifiers import normalised
from mappings.plan_document.rows.facts import day, entries, part, text
from mappings.plan_document.rows.measured import contradictions
from mappings.plan_document.rows.sharing import Audiences, unknown_sharing
from mappings.plan_document.rows.ways_in import codes_in_words


def person(facts: Facts) -> PersonClaim:
    """Whom the document is about."""
    sent = part(facts, "person")
    number = text(sent.get("nhs_number"))
    return PersonClaim(
        local_id=text(sent.get("local_id")),
        nhs_numbers=(normalised(number),) if number else (),
        birth_date=day(sent.get("birth_date")),
    )


def time(facts: Facts) -> str:
    """When this state was written."""
    return dates.ordering_time(text(facts.get("written_at")))


def rules(made: Audiences) -> Iterator[Issue]:
    """It has a time, names only its own parts, says who may see it in known words, and does
    not contradict itself."""
    facts = made.facts
    yield from visit_rules(facts)
    yield from _unknown_references(facts)
    yield from _wishes(facts)
    yield from contradictions(facts)


def visit_rules(facts: Facts) -> Iterator[Issue]:
    """It has a time, says who may see it in known words, and tells no code of a way in."""
    if not time(facts):
        yield error("written_at", "invalid-date", "needed to put what was written in order")
    yield from unknown_sharing(facts)
    yield from codes_in_words(facts)


def _wishes(facts: Facts) -> Iterator[Issue]:
    """What was heard about sharing asks for a review: it is said that it decides nothing."""
    for index, _ in enumerate(entries(part(facts, "person"), "sharing")):
        yield warning(f"person.sharing[{index}]", "needs-review", _HEARD)


_HEARD: Final = (
    "kept as a request for review; it opens and closes nothing: record a choice as a Consent over"
    " FHIR, and narrow the plan or a part of it with `sharing`"
)
_NAMING: Final = (
    ("goals", "need_ids", "needs"),
    ("goals", "stage_of", "goals"),
    ("actions", "goal_ids", "goals"),
)


def _unknown_references(facts: Facts) -> Iterator[Issue]:
    for section, field, known in _NAMING:
        ids = {text(entry.get("id")) for entry in entries(facts, known)}
        for index, entry in enumerate(entries(facts, section)):
            named, path = entry.get(field) or (), f"{section}[{index}].{field}"
            if isinstance(named, str) and field == "stage_of":
                if named not in ids or named == entry.get("id"):
                    yield error(path, "unknown-reference", f"names no other of the {known} sent")
                continue
            for place, one in enumerate(named):
                if one not in ids:
                    said = f"names nothing among the {known} sent"
                    yield error(f"{path}[{place}]", "unknown-reference", said)
