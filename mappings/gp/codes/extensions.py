"""The extensions GP Connect uses, and what becomes of each.

Source  GP Connect Access Record: Structured 1.6; CareConnect STU3; UK Core R4.
"""

from collections.abc import Mapping
from typing import Final

_NHS: Final = "https://fhir.nhs.uk/STU3/StructureDefinition/Extension-"
_HL7_UK: Final = "https://fhir.hl7.org.uk/STU3/StructureDefinition/Extension-"
UK_CORE: Final = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-"
VERIFICATION_SYSTEM: Final = (
    "https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatusEngland"
)
INTERPRETER: Final = "http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired"
RELATED_CONDITION: Final = "http://hl7.org/fhir/StructureDefinition/condition-related"

ENCOUNTER: Final = "http://hl7.org/fhir/StructureDefinition/encounter-associatedEncounter"

CARRIED: Final[Mapping[str, str]] = {
    "NHSNumberVerificationStatus": "carried as UK Core has it",
    "NHSCommunication": "language and interpreter are carried; the mode is not in R4",
    "EthnicCategory": "carried as UK Core has it",
    "ActualProblem": "its code is taken where the problem has none; a thing done is tagged",
    "ProblemSignificance": "becomes a category",
    "RelatedClinicalContent": "becomes evidence, where what it names is mapped",
    "RelatedProblemHeader": "carried as condition-related",
    "AllergyIntoleranceEnd": "becomes a note",
    "ListWarningCode": "becomes a tag of the plan and a warning",
    "MedicationStatementLastIssueDate": "becomes a note",
    "PrescriptionType": "becomes the course of therapy: acute, repeat",
    "MedicationRepeatInformation": "becomes a note",
    "MedicationStatusReason": "becomes the reason of the status, its day a note",
    "MedicationQuantityText": "becomes a note, where the quantity has no number",
    "DateRecorded": "says when an immunisation was recorded",
    "VaccinationProcedure": "carried as UK Core has it; read beside an unknown vaccine",
}
"""By the word that distinguishes the URL."""

LEFT_OUT: Final[Mapping[str, str]] = {
    "RegistrationDetails": "says whether the person is registered for good; not their care",
    "ResidentialStatus": "not part of care planning",
    "TreatmentCategory": "about charging, not care",
    "ClinicalSetting": "says that it is general practice",
    "PrescribingAgency": "where it was prescribed; kept with the delivery",
    "MedicationStatementDosageLastChanged": "kept with the delivery",
    "MainLocation": "a place of an organisation; organisations are named, not copied",
    "ParentPresent": "who was with a child at an immunisation; kept with the delivery",
}


def names_of(url: str) -> str:
    """The distinguishing word of a CareConnect extension URL, or the URL itself."""
    bare = url.removeprefix(_NHS).removeprefix(_HL7_UK).removeprefix(UK_CORE)
    if bare == url:
        return url
    return bare.removeprefix("CareConnect-").removeprefix("GPC-").removesuffix("-1")


def is_known(url: str) -> bool:
    """Whether a row reads this extension or a reason leaves it out."""
    return url == ENCOUNTER or (word := names_of(url)) in CARRIED or word in LEFT_OUT
