"""Data table: CSDS as nested records: which table each list of a person's record is.

Source  NHS England's own model of CSDS 1.6 (nhsengland/Reusable-Code-Library, BSD-3).
"""

from typing import Final

from mappings.community.message.csds import CSDS
from mappings.core.sets.nested import Nested

CSDS_RECORD: Final = Nested(
    CSDS,
    record="CYP001",
    tables={
        "Header": "CYP000",
        "GPPracticeRegistrations": "CYP002",
        "AccommodationTypes": "CYP003",
        "CarePlanTypes": "CYP004",
        "CarePlanAgreements": "CYP005",
        "SocialAndPersonalCircumstances": "CYP006",
        "EmploymentStatuses": "CYP007",
        "OverseasVisitorChargeCats": "CYP008",
        "Referrals": "CYP101",
        "ServiceTypesReferredTo": "CYP102",
        "OtherReasonsForReferral": "CYP103",
        "ReferralsToTreatment": "CYP104",
        "OnwardReferrals": "CYP105",
        "CareContacts": "CYP201",
        "CareActivities": "CYP202",
        "SpecialEducationalNeeds": "CYP401",
        "SafeguardingVulnerabilityFactors": "CYP402",
        "ChildProtectionPlans": "CYP403",
        "AssTechToSupportDisabilityTypes": "CYP404",
        "CodedImmunisations": "CYP501",
        "Immunisations": "CYP502",
        "MedicalHistories": "CYP601",
        "DisabilityTypes": "CYP602",
        "NewbornHearingScreenings": "CYP603",
        "BloodSpotResults": "CYP604",
        "InfantPhysicalExaminations": "CYP605",
        "ProvisionalDiagnoses": "CYP606",
        "PrimaryDiagnoses": "CYP607",
        "SecondaryDiagnoses": "CYP608",
        "CodedScoredAssessmentReferrals": "CYP609",
        "BreastfeedingStatuses": "CYP610",
        "Observations": "CYP611",
        "CodedScoredAssessmentContacts": "CYP612",
    },
    left_out=frozenset({"META"}),
)
