"""Orders, results, documents, referrals and appointments, each a Kind by its trigger.

In      ORM O01, OMG O19, OML O21; ORU R01; MDM T01 to T11; REF I12 to I14; SIU S12 to S17
        and S26.
Rule    Source time of an order: the latest ORC-9, when it was dealt with, else MSH-7. An order
        of a decision withdraws what earlier ones stated and it does not (decision.whole_of).
Source  HL7 v2 chapters 4, 7, 9, 10 and 11; HL7 UK A.3.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from mappings.core.model.outcome import Issue, warning
from mappings.core.model.rows import Kind
from mappings.hospital.rows import (
    allergy,
    appointment,
    decision,
    directive,
    document,
    embedded,
    escalation,
    order_ignored,
    orders,
    referral,
    report,
    request,
    sharing,
)
from mappings.hospital.rows.contacts import RELATED_PERSON
from mappings.hospital.rows.kinds import READS, doubts_of_message, hospital_kind, message_time
from mappings.hospital.rows.person import PATIENT
from mappings.hospital.rows.whole import Whole

_PERSON: Final = (PATIENT, sharing.CONSENT, directive.FLAG)


def check_order(message: Whole) -> Iterator[Issue]:
    """What is doubtful in an order."""
    yield from doubts_of_message(message, orders.order_time(message.facts))
    yield from orders.doubts(message.scope)
    yield from embedded.doubts(message.scope)
    if decision.is_stated_with_a_choice(message.facts):
        text = (
            "an earlier decision is not withdrawn by a message that states a choice about sharing"
        )
        yield warning("ZU8-2", "not-withdrawn", text)


def check_results(message: Whole) -> Iterator[Issue]:
    """What is doubtful in results."""
    yield from doubts_of_message(message, message_time(message.facts))
    yield from report.doubts(message.scope)


def check_document(message: Whole) -> Iterator[Issue]:
    """What is doubtful in a document."""
    yield from doubts_of_message(message, message_time(message.facts))
    yield from document.doubts(message.scope)


def check_referral(message: Whole) -> Iterator[Issue]:
    """What is doubtful in a referral."""
    yield from check_results(message)
    yield from referral.doubts(message.scope)


def check_appointment(message: Whole) -> Iterator[Issue]:
    """What is doubtful in an appointment."""
    yield from doubts_of_message(message, message_time(message.facts))
    yield from appointment.doubts(message.scope)


def _order(name: str, title: str) -> Kind:
    return hospital_kind(
        name=name,
        title=title,
        targets=(
            PATIENT,
            sharing.CONSENT,
            decision.CONSENT,
            escalation.TEAM,
            escalation.PLAN,
            escalation.ENDED,
            request.REQUEST,
            request.CONSULT_PLAN,
            report.EMBEDDED,
        ),
        ignored=order_ignored.ORDERS,
        time=orders.order_time,
        check=check_order,
        reads=(*READS, "ORC[].9"),
        whole=decision.whole_of,
    )


def _results(name: str, title: str) -> Kind:
    return hospital_kind(
        name=name,
        title=title,
        targets=(*_PERSON, report.RESULT, report.REPORT, report.DOCUMENT),
        ignored=order_ignored.RESULTS,
        time=message_time,
        check=check_results,
    )


def _document(trigger: str, title: str) -> Kind:
    return hospital_kind(
        name=f"MDM^{trigger}",
        title=title,
        targets=(*_PERSON, document.DOCUMENT, document.REPLACED, document.PLAN),
        ignored=order_ignored.DOCUMENTS,
        time=message_time,
        check=check_document,
    )


def _referral(trigger: str, title: str) -> Kind:
    return hospital_kind(
        name=f"REF^{trigger}",
        title=title,
        targets=(
            *_PERSON,
            RELATED_PERSON,
            allergy.ALLERGY,
            referral.REFERRAL,
            referral.UNNUMBERED,
            report.RESULT,
            report.REPORT,
            report.DOCUMENT,
        ),
        ignored=order_ignored.REFERRALS,
        time=message_time,
        check=check_referral,
    )


def _appointment(trigger: str, title: str) -> Kind:
    return hospital_kind(
        name=f"SIU^{trigger}",
        title=title,
        targets=(*_PERSON, appointment.APPOINTMENT),
        ignored=order_ignored.APPOINTMENTS,
        time=message_time,
        check=check_appointment,
    )


KINDS: Final[Mapping[str, Kind]] = {
    kind.name: kind
    for kind in (
        _order("ORM^O01", "Order: a resuscitation decision, a consult, a test"),
        _order("OMG^O19", "General order"),
        _order("OML^O21", "Laboratory order"),
        _results("ORU^R01", "Results"),
        _document("T01", "Document, without content"),
        _document("T02", "Document"),
        _document("T03", "Status of a document"),
        _document("T04", "Status of a document, with content"),
        _document("T05", "Addendum, without content"),
        _document("T06", "Addendum"),
        _document("T07", "Document edited, without content"),
        _document("T08", "Document edited"),
        _document("T09", "Document replaced, without content"),
        _document("T10", "Document replaced"),
        _document("T11", "Document cancelled"),
        _referral("I12", "Referral"),
        _referral("I13", "Referral changed"),
        _referral("I14", "Referral cancelled"),
        _appointment("S12", "Appointment booked"),
        _appointment("S13", "Appointment at another time"),
        _appointment("S14", "Appointment changed"),
        _appointment("S15", "Appointment cancelled"),
        _appointment("S16", "Appointment discontinued"),
        _appointment("S17", "Appointment deleted"),
        _appointment("S26", "Appointment missed"),
    )
}
