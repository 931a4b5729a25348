"""GP Connect structured record to FHIR R4: the kinds of the GP feed and what is left out.

In      The facts of one STU3 bundle (message/bundle.py).
Out     Patient and their contacts; problems, observations, allergies, medicines, alerts, diary
        entries, referrals, consultations, documents; plans, goals and teams where they are sent;
        and, derived from the rest, CarePlans, Goals and the Consent that a refusal is.
Errors  a resource that cannot be read is refused alone; a bundle that names nobody, or two
        people, is quarantined whole; so is an error a GP system answers with.
Source  GP Connect Access Record: Structured 1.6; FHIR STU3 and R4; UK Core R4.
"""

from collections.abc import Mapping
from typing import Final

from mappings.core.model.outcome import Facts, PersonClaim
from mappings.core.model.rows import Kind
from mappings.gp.assemble import people, times, whole
from mappings.gp.codes.carried import LEFT_OUT_OF
from mappings.gp.message import bundle
from mappings.gp.rows import (
    answers,
    consultations,
    events,
    family,
    immunisations,
    medicines,
    observations,
    patient,
    plan,
    plans_sent,
    prescriptions,
    problems,
    procedures,
    safety,
    sharing,
)

_BOOKKEEPING: Final[Mapping[str, str]] = {
    "resourceType": "says which resource it is; the facts are grouped by it",
    "id": "the logical id at the source; resolves references and keys what has no identifier",
    "meta.profile": "which profile the sender claims",
    "meta.versionId": "version at the source; newer content is known by its source time",
    "meta.lastUpdated": "read for the source time",
    "meta.tag": "tags of the source's own processing",
    "text": "narrative is made again from what may be seen",
    "language": "language of the resource's narrative",
    "subject": "the person of the bundle; a resource about somebody else is refused",
    "patient": "the person of the bundle; a resource about somebody else is refused",
    "fhir_comments": "a comment in the file, not in the record",
}

_MAPPED: Final = (
    "Patient",
    *("Condition[]", "Observation[]", "AllergyIntolerance[]", "List[].contained[]"),
    *("ProcedureRequest[]", "ReferralRequest[]", "Encounter[]", "MedicationStatement[]"),
    *("DocumentReference[]", "Flag[]", "DiagnosticReport[]", "CarePlan[]", "Goal[]", "CareTeam[]"),
    *("QuestionnaireResponse[]", "MedicationRequest[]", "Immunization[]"),
    *("Procedure[]", "FamilyMemberHistory[]"),
)

_MODIFIERS: Final = ("modifierExtension", "implicitRules")
"""Read to refuse what has them."""

_NOT_MAPPED: Final[Mapping[str, str]] = {
    "Organization": "named by ODS code where something refers to it",
    "Practitioner": "named by professional number where something refers to them",
    "PractitionerRole": "leads to the practitioner it names",
    "HealthcareService": "named where something refers to it",
    "Location": "named where something refers to it",
    "Medication": "its code is taken into the statement that names it",
    "List": "a consultation is a List with what its topics and headings hold; of other lists the"
    " warnings and ended allergies are read, as they group what the bundle holds anyway",
    "MedicationDispense": "the statement says what is taken",
    "MedicationAdministration": "the statement says what is taken",
    "ImmunizationRecommendation": "not part of care planning; kept with the delivery",
    "Specimen": "what a result was taken from; the result is an Observation",
    "Questionnaire": "the form, not the answers",
    "Appointment": "not part of the structured record; kept with the delivery",
    "Slot": "not part of the structured record; kept with the delivery",
    "Schedule": "not part of the structured record; kept with the delivery",
    "OperationOutcome": "what the GP system says about its own answer",
    "OtherPatient": "a bundle about two people is quarantined whole",
}

_INSIDE: Final = (
    "people, organisations and places inside are named where something refers to them; what names"
    " any other is told (`inside-resource`)"
)

_ELEMENTS: Final[Mapping[str, str]] = {
    "Bundle": "the envelope; its times are read for the source time",
    "Patient.photo": "not shared",
    "Patient.link": "links between a source's own records; identity is decided by the gateway",
    "Patient.multipleBirthBoolean": "not part of care planning",
    "Patient.multipleBirthInteger": "not part of care planning",
    "Patient.communication": "GP Connect sends languages as an extension",
    "Patient.contact[].organization": "contacts are people",
    "Patient.contact[].extension": "not part of a contact here",
    "Condition[].onsetBoolean": "not in R4",
    "Condition[].abatementAge": "an age at the end; the end is a date or words",
    "Condition[].abatementBoolean": "not in R4; the status says it",
    "Condition[].abatementPeriod": "a period of ending; the end is a date or words",
    "Condition[].abatementRange": "a range of ages; the end is a date or words",
    "Condition[].stage": "not used by GP Connect",
    "Condition[].evidence": "GP Connect sends what belongs to a problem as an extension",
    "Observation[].basedOn": "requests for tests are not mapped",
    "Observation[].specimen": "specimens are not mapped",
    "Observation[].device": "devices are not mapped",
    "ProcedureRequest[].basedOn": "what it was made from; the entry itself is mapped",
    "ProcedureRequest[].replaces": "the older entry, which says its own status",
    "ProcedureRequest[].requisition": "a number of the source's own",
    "ProcedureRequest[].definition": "a protocol of the source's own",
    "ProcedureRequest[].requester.onBehalfOf": "the requester is named",
    "ProcedureRequest[].relevantHistory": "history at the source",
    "ProcedureRequest[].specimen": "specimens are not mapped",
    "ReferralRequest[].basedOn": "what it was made from; the referral itself is mapped",
    "ReferralRequest[].replaces": "the older referral, which says its own status",
    "ReferralRequest[].groupIdentifier": "a number of the source's own",
    "ReferralRequest[].definition": "a protocol of the source's own",
    "ReferralRequest[].requester.onBehalfOf": "the requester is named",
    "ReferralRequest[].relevantHistory": "history at the source",
    "Encounter[].episodeOfCare": "episodes are not part of the structured record",
    "Encounter[].incomingReferral": "the referral is mapped by itself",
    "Encounter[].appointment": "appointments are not part of the structured record",
    "Encounter[].diagnosis": "problems are mapped by themselves",
    "Encounter[].participant[].period": "the consultation's own period is mapped",
    "Encounter[].hospitalization": "not general practice",
    "MedicationRequest[].definition": "a protocol of the source's own",
    "MedicationRequest[].requester.onBehalfOf": "the requester is named",
    "MedicationRequest[].reasonReference": "problems are mapped by themselves",
    "MedicationRequest[].supportingInformation": "what it was decided on is mapped by itself",
    "MedicationRequest[].substitution": "what a pharmacist may exchange; kept with the delivery",
    "MedicationRequest[].detectedIssue": "warnings of the source's own system",
    "MedicationRequest[].eventHistory": "history at the source",
    "Immunization[].reaction": "a reaction is an allergy or an observation of its own",
    "MedicationStatement[].partOf": "not used by GP Connect",
    "MedicationStatement[].derivedFrom": "where it was taken from; the statement is mapped",
    "MedicationStatement[].informationSource": "the practice",
    "MedicationStatement[].category": "where it is taken; not used by GP Connect",
    "MedicationStatement[].reasonReference": "problems are mapped by themselves",
    "DiagnosticReport[].specimen": "what a result was taken from; the result is an Observation",
    "DiagnosticReport[].image": "pictures stay at the source",
    "DiagnosticReport[].imagingStudy": "pictures stay at the source",
    "DiagnosticReport[].performer[].role": "the performer is named",
    "QuestionnaireResponse[].basedOn": "what it was made for; the answers are mapped",
    "QuestionnaireResponse[].parent": "what it is part of; the answers are mapped",
    "QuestionnaireResponse[].questionnaire": "the form, which is not stored",
    "Procedure[].definition": "a protocol of the source's own",
    "Procedure[].focalDevice": "devices are not mapped",
    "Procedure[].usedReference": "devices are not mapped",
    "FamilyMemberHistory[].definition": "a protocol of the source's own",
    "CarePlan[].contained": f"goals and needs inside it are resources of their own; {_INSIDE}",
    "CarePlan[].definition": "a protocol of the source's own",
    "CarePlan[].activity[].detail.category": "the code says it",
    "CarePlan[].activity[].detail.definition": "a protocol of the source's own",
    "CarePlan[].activity[].detail.productReference": "the product is coded or described",
    "CareTeam[].contained": _INSIDE,
    "Goal[].contained": _INSIDE,
    "DocumentReference[].class": "not used by GP Connect; the type says it",
    "DocumentReference[].authenticator": "the author is named",
    "DocumentReference[].relatesTo": "the older document, which says its own status",
    "DocumentReference[].securityLabel": "GP Connect labels in meta.security",
    "DocumentReference[].content[].format": "not used by GP Connect",
    "DocumentReference[].context.event": "the type says it",
    "DocumentReference[].context.facilityType": "the practice setting says it",
    "DocumentReference[].context.related": "what it belongs to is mapped by itself",
}

IGNORED: Final[Mapping[str, str]] = {
    **{f"{root}.{name}": why for root in _MAPPED for name, why in _BOOKKEEPING.items()},
    **{
        f"{root}[].{name}": why
        for root, names in LEFT_OUT_OF.items()
        for name, why in names.items()
    },
    **_NOT_MAPPED,
    **_ELEMENTS,
}


def nobody(_facts: Facts) -> PersonClaim:
    """An error is about nobody."""
    return PersonClaim(None)


STRUCTURED: Final = Kind(
    name=bundle.STRUCTURED,
    title="GP Connect structured record (FHIR STU3 bundle)",
    targets=(
        patient.PATIENT,
        patient.CONTACTS,
        plan.PLANS,
        plan.GOALS,
        plans_sent.CARE_PLANS,
        plans_sent.GOALS,
        plans_sent.GOALS_INSIDE,
        problems.NEEDS_INSIDE,
        plans_sent.CARE_TEAMS,
        problems.CONDITIONS,
        observations.OBSERVATIONS,
        safety.ALLERGIES,
        safety.ENDED_ALLERGIES,
        medicines.MEDICATIONS,
        prescriptions.PRESCRIPTIONS,
        immunisations.IMMUNISATIONS,
        procedures.PROCEDURES,
        family.FAMILY_HISTORIES,
        safety.FLAGS,
        safety.WARNINGS,
        events.DIARY,
        events.REFERRALS,
        events.ENCOUNTERS,
        events.DOCUMENTS,
        consultations.CONSULTATIONS,
        consultations.REPORTS,
        answers.ANSWERS,
        sharing.CONSENT,
        sharing.UNREAD,
    ),
    person=people.person_claim,
    named_at="Patient.identifier",
    time=times.source_time,
    prepare=whole.prepare,
    check=whole.check,
    is_fhir=True,
    keeps_rest=True,
    whole=whole.whole_record,
    in_part=whole.is_arriving,
    reads=tuple(f"{root}.{name}" for root in _MAPPED for name in _MODIFIERS),
    ignored=IGNORED,
)

REFUSAL: Final = Kind(
    name=bundle.REFUSAL,
    title="GP Connect error (OperationOutcome): an answer without a record",
    targets=(),
    person=nobody,
    named_at="Patient.identifier",
    time=times.source_time,
    ignored={"OperationOutcome": "says why there is no record; the reason is an issue"},
)
