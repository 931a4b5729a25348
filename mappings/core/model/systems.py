"""The names of coding and identifier systems, each written once.

Source  HL7 FHIR R4 terminology; HL7 UK Core; NHS England identifiers. `OWN` is this project's.
"""

from typing import Final

OWN: Final = "https://care-gateway.example/fhir"

NHS_NUMBER: Final = "https://fhir.nhs.uk/Id/nhs-number"
ODS: Final = "https://fhir.nhs.uk/Id/ods-organization-code"
SDS_USER: Final = "https://fhir.nhs.uk/Id/sds-user-id"
GMC_NUMBER: Final = "https://fhir.hl7.org.uk/Id/gmc-number"
GMP_NUMBER: Final = "https://fhir.hl7.org.uk/Id/gmp-number"
OF_STAFF: Final = frozenset({SDS_USER, GMC_NUMBER, GMP_NUMBER})
"""Numbers that name somebody who works in care."""

SNOMED_CT: Final = "http://snomed.info/sct"
ICD_10: Final = "http://hl7.org/fhir/sid/icd-10"
ICD_9: Final = "http://hl7.org/fhir/sid/icd-9-cm"
LOINC: Final = "http://loinc.org"
READ_V2: Final = "http://read.info/readv2"
CTV3: Final = "http://read.info/ctv3"
UCUM: Final = "http://unitsofmeasure.org"
BCP_47: Final = "urn:ietf:bcp:47"

CONFIDENTIALITY: Final = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
ACT_CODE: Final = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
ACCESS_CATEGORY: Final = f"{OWN}/CodeSystem/access-category"
SENSITIVITY: Final = f"{OWN}/CodeSystem/sensitivity"
HOLD: Final = f"{OWN}/CodeSystem/hold"
LEGAL: Final = f"{OWN}/CodeSystem/legal"

CONDITION_CLINICAL: Final = "http://terminology.hl7.org/CodeSystem/condition-clinical"
CONDITION_VERIFICATION: Final = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
CONDITION_CATEGORY: Final = "http://terminology.hl7.org/CodeSystem/condition-category"
GOAL_ACHIEVEMENT: Final = "http://terminology.hl7.org/CodeSystem/goal-achievement"
GOAL_PRIORITY: Final = "http://terminology.hl7.org/CodeSystem/goal-priority"
OBSERVATION_CATEGORY: Final = "http://terminology.hl7.org/CodeSystem/observation-category"
CONSENT_SCOPE: Final = "http://terminology.hl7.org/CodeSystem/consentscope"
IDENTIFIER_TYPE: Final = "http://terminology.hl7.org/CodeSystem/v2-0203"

FUNDING: Final = f"{OWN}/CodeSystem/funding"
HOME_ACCESS: Final = f"{OWN}/CodeSystem/home-access"
ENTITLEMENT: Final = f"{OWN}/CodeSystem/entitlement"
PLAN_TYPE: Final = f"{OWN}/CodeSystem/plan-type"
CARE_ACT_OUTCOME: Final = f"{OWN}/CodeSystem/care-act-outcome"
GOAL_AIM: Final = f"{OWN}/CodeSystem/goal-aim"
WELLBEING_DOMAIN: Final = f"{OWN}/CodeSystem/wellbeing-domain"


LOCAL_ID: Final = "urn:source:local-id"
"""A source's own number for a person; the store writes the organisation into it."""

SOURCE_ORGANISATION: Final = "urn:source:organisation"
"""The organisation a delivery is from; the store writes its ODS code."""

CONDITION_KIND: Final = f"{OWN}/CodeSystem/condition-kind"
SAFETY: Final = f"{OWN}/CodeSystem/safety"
RECORD_TAG: Final = f"{OWN}/CodeSystem/record-tag"
"""Tags of a resource as a whole: derived, incomplete-at-source."""

INTERPRETER_REQUIRED: Final = "http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired"
