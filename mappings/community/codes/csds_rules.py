"""Data table: what the specification of CSDS says of single fields, for the tables that are read.

Source  NHS England, CSDS v1.5 submission definitions (nhsengland/Reusable-Code-Library, BSD-3): the
        type of each field. Formats, code lists and what is mandatory are not in it, nor what the
        publisher does with such a row. Which fields are keys is; a key that is not sent, or leads
        nowhere, is told by the reader. Version 1.6 has the same fields, and adds some.
Rule    A line is the field's uid, `spec`, table, column and check.
"""

from typing import Final

from mappings.core.sets.national_rules import rules_of

_RULES: Final = """
C000040|spec|CYP000|RP_StartDate|readable|
C000050|spec|CYP000|RP_EndDate|readable|
C000060|spec|CYP000|FileCreation_DateTime|readable|
C001060|spec|CYP001|DateOfBirth|readable|
C001120|spec|CYP001|HVFAV_Date|readable|
C001200|spec|CYP001|DateOfDeath|readable|
C002020|spec|CYP002|GPRegistration_StartDate|readable|
C002030|spec|CYP002|GPRegistration_EndDate|readable|
C003020|spec|CYP003|AccommStatus_Date|readable|
C004040|spec|CYP004|Plan_CreatedDate|readable|
C004050|spec|CYP004|Plan_CreatedTime|clock|
C004060|spec|CYP004|Plan_LastUpdateDate|readable|
C004070|spec|CYP004|Plan_LastUpdateTime|clock|
C004080|spec|CYP004|Plan_ImplementDate|readable|
C005030|spec|CYP005|Plan_AgreedDate|readable|
C005040|spec|CYP005|Plan_AgreedTime|clock|
C006020|spec|CYP006|Circumstance_RecordedDate|readable|
C007020|spec|CYP007|EmploymentStatus_RecordedDate|readable|
C101010|spec|CYP101|ReferralRequest_ReceivedDate|readable|
C101020|spec|CYP101|ReferralRequest_ReceivedTime|clock|
C101080|spec|CYP101|Discharge_Date|readable|
C101090|spec|CYP101|Discharge_LetterIssuedDate|readable|
C102020|spec|CYP102|Referral_ClosureDate|readable|
C102030|spec|CYP102|Referral_RejectionDate|readable|
C105010|spec|CYP105|Onward_ReferralDate|readable|
C201020|spec|CYP201|Contact_Date|readable|
C201030|spec|CYP201|Contact_Time|clock|
C201050|spec|CYP201|CareContact_Duration|whole|
C201110|spec|CYP201|ReasonableOffer_Date|readable|
C201120|spec|CYP201|ClinicallyAppropriate_Date|readable|
C201130|spec|CYP201|Contact_CancellationDate|readable|
C201150|spec|CYP201|ReplacementAppointment_OfferedDate|readable|
C201160|spec|CYP201|ReplacementAppointment_BookedDate|readable|
C202030|spec|CYP202|CareActivity_Duration|whole|
C404020|spec|CYP404|SNOMED_Date|readable|
C601020|spec|CYP601|Diagnosis_Date|readable|
C606020|spec|CYP606|ProvisionalDiagnosis_Date|readable|
C607020|spec|CYP607|PrimaryDiagnosis_Date|readable|
C608020|spec|CYP608|SecondaryDiagnosis_Date|readable|
C609010|spec|CYP609|AssessmentCompletion_Date|readable|
"""

RULES: Final = rules_of("1.", "CYP000.Version", _RULES)
