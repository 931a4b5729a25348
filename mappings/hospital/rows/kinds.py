"""The hospital messages that are mapped, each a Kind by its trigger.

In      ADT (codes/triggers.py has the events); problems, goals and pathways of chapter 12. Every
        other message is read and named.
Rule    Source time. ADT: EVN-2, when the sender recorded the event, else MSH-7, else EVN-6;
        a day alone is taken at the time that the next of them says of that day.
        PPR and PGL: MSH-7, else EVN-2: one message may hold problems with several PRB-2, which
        is when each was acted upon, not when it was told; a late message never undoes a newer
        one. What takes another message back is ordered after one of the same time.
Source  HL7 UK A.3; HL7 v2 chapters 3 and 12.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Final

from mappings.core.model.outcome import Facts, Issue, warning
from mappings.core.model.rows import Kind, Target
from mappings.core.shaping.identifiers import number_conflicts
from mappings.hospital.codes.triggers import TAKES_BACK, TRIGGERS, Trigger
from mappings.hospital.message import times
from mappings.hospital.message.fields import component
from mappings.hospital.message.reader import show
from mappings.hospital.rows import (
    allergy,
    diagnosis,
    directive,
    discharge,
    goal,
    identity,
    ignored,
    listing,
    observation,
    ordered,
    orders,
    plan,
    problem,
    roles,
    sensitivity,
    sharing,
    visit,
)
from mappings.hospital.rows.contacts import RELATED_PERSON
from mappings.hospital.rows.identity import segment
from mappings.hospital.rows.people import each_alone
from mappings.hospital.rows.person import DELETED_PATIENT, PATIENT
from mappings.hospital.rows.whole import Whole, prepare

READS: Final = (
    *identity.READS,
    "MSH[].7",
    "EVN[].2",
    "EVN[].6",
    "PV1[].19",
    "PV1[].44",
    "ZU8[].4",
)


hospital_kind: Final = partial(
    Kind,
    person=identity.claim,
    named_at="PID-3",
    prepare=prepare,
    reads=READS,
    show=show,
    lists=listing.LISTS,
)
"""A Kind with what every message of a hospital has in common."""


def event_time(facts: Facts) -> str:
    """EVN-2, else MSH-7, else EVN-6."""
    event, header = segment(facts, "EVN"), segment(facts, "MSH")
    return _ordered(facts, times.ordering(event.get("2"), header.get("7"), event.get("6")))


def message_time(facts: Facts) -> str:
    """MSH-7, else EVN-2."""
    event, header = segment(facts, "EVN"), segment(facts, "MSH")
    return _ordered(facts, times.ordering(header.get("7"), event.get("2")))


def _ordered(facts: Facts, at: str) -> str:
    header = segment(facts, "MSH")
    takes_back = component(header.get("9"), 2).upper() in TAKES_BACK
    return times.in_order(at, header, takes_back=takes_back)


def check_admission(message: Whole) -> Iterator[Issue]:
    """What is doubtful in an ADT message."""
    yield from doubts_of_message(message, event_time(message.facts))
    yield from visit.doubts(message.scope)
    yield from problem.doubts(message.scope)
    yield from observation.doubts(message.scope)
    yield from allergy.doubts(message.scope)


def check_visit(message: Whole) -> Iterator[Issue]:
    """What is doubtful in an ADT message about a visit."""
    yield from check_admission(message)
    if not segment(message.facts, "PV1"):
        yield warning("PV1", "no-visit", _NO_VISIT)


def check_care(message: Whole) -> Iterator[Issue]:
    """What is doubtful in a problem, goal or pathway message."""
    yield from doubts_of_message(message, message_time(message.facts))
    yield from problem.doubts(message.scope)
    yield from observation.doubts(message.scope)
    yield from goal.doubts(message.scope)
    yield from plan.doubts(message.scope)
    yield from orders.doubts(message.scope)


def doubts_of_message(message: Whole, time: str) -> Iterator[Issue]:
    """What is doubtful of any message: its time, whom it names, what it says of sensitivity."""
    facts = message.facts
    if not time:
        text = "no time of the message that can be read; it is put before every other"
        yield warning("MSH-7", "no-time", text)
    if identity.is_pseudonymous(segment(facts, "PID")):
        text = "the sender does not know who this is; never linked to another record"
        yield warning("PID-31", "identity-unknown", text)
    else:
        sent = [(show(number.steps), number.value) for number in message.numbers if number.is_nhs]
        yield from number_conflicts(sent)
    if identity.is_birth_date_estimated(segment(facts, "PID")):
        text = "the date of birth is estimated; shown as that, and it counts as any other"
        yield warning("PID-32", "estimated-birth-date", text)
    yield from sensitivity.doubts(message.scope)


_NO_VISIT: Final = (
    "an event of a visit without the visit: what it says of the person is taken, and nothing of a"
    " visit; where the message was cut, send it again whole"
)
_ADT_CARE: Final = (problem.CONDITION, problem.EVIDENCE)
_PERSON: Final = (PATIENT, RELATED_PERSON, sharing.CONSENT, directive.FLAG)
_CARE: Final = (
    *_PERSON,
    problem.CONDITION,
    problem.EVIDENCE,
    goal.GOAL,
    goal.OUTCOME,
    goal.REVIEW,
    ordered.ORDERED,
    plan.PATHWAY,
    plan.LOOSE_PLAN,
    roles.team(problem.PLACES, goal.PLACES, plan.PLACES),
)


def _admission(trigger: Trigger) -> Kind:
    return hospital_kind(
        name=f"ADT^{trigger.code}",
        title=trigger.title,
        targets=(
            DELETED_PATIENT if trigger.code == "A29" else PATIENT,
            RELATED_PERSON,
            sharing.CONSENT,
            directive.FLAG,
            visit.encounter(trigger),
            *discharge.targets(trigger),
            diagnosis.DIAGNOSIS,
            allergy.ALLERGY,
            listing.ALLERGIES,
            listing.CONTACTS,
            *_ADT_CARE,
            roles.team(problem.PLACES, (), ()),
        ),
        ignored=ignored.ADT,
        time=event_time,
        check=check_admission if trigger.is_of_person else check_visit,
    )


def _care(name: str, title: str, targets: tuple[Target, ...]) -> Kind:
    return hospital_kind(
        name=name,
        title=title,
        targets=targets,
        ignored=ignored.CARE,
        time=message_time,
        check=check_care,
    )


KINDS: Final[Mapping[str, Kind]] = {
    kind.name: kind
    for kind in (
        *(_admission(trigger) for trigger in TRIGGERS.values()),
        replace(_admission(TRIGGERS["A17"]), parts=each_alone),
        replace(_admission(TRIGGERS["A17"]), name="ADT^A17, other"),
        _care("PPR^PC1", "Problem added", _CARE),
        _care("PPR^PC2", "Problem updated", _CARE),
        _care("PPR^PC3", "Problem deleted", _CARE),
        _care("PGL^PC6", "Goal added", _CARE),
        _care("PGL^PC7", "Goal updated", _CARE),
        _care("PGL^PC8", "Goal deleted", _CARE),
        _care("PPP^PCB", "Pathway of problems added", _CARE),
        _care("PPP^PCC", "Pathway of problems updated", _CARE),
        _care("PPP^PCD", "Pathway of problems deleted", _CARE),
        _care("PPG^PCG", "Pathway of goals added", _CARE),
        _care("PPG^PCH", "Pathway of goals updated", _CARE),
        _care("PPG^PCJ", "Pathway of goals deleted", _CARE),
    )
}
