"""Data table: the tables of CSDS 1.6: columns of those that are read, reasons for the others.

Source  NHS England's own models of CSDS 1.5 and 1.6 (nhsengland/Reusable-Code-Library, BSD-3).
"""

from typing import Final

from mappings.core.tables import Columns

TABLES: Final = {
    "CYP000": Columns(
        (
            "Version",
            "OrgID_Provider",
            "OrgID_Submitter",
            "RP_StartDate",
            "RP_EndDate",
            "FileCreation_DateTime",
            "PrimarySystem",
            "RowNumber",
        )
    ),
    "CYP001": Columns(
        (
            "LocalPatientID",
            "OrgID_LocalPatientID",
            "OrgID_EducationEstablishment",
            "NHSNumber",
            "NHSNumber_Status",
            "DateOfBirth",
            "Postcode",
            "Gender",
            "EthnicCategory",
            "EthnicCategory2021",
            "LanguagePreferred",
            "Relationship_MainCarer",
            "HVFAV_Date",
            "ChildLookedAfter_Indicator",
            "Safeguarding_Indicator",
            "Disability_SupervisionAndCare_Indicator",
            "EducationAssessment",
            "DiscussedPreferredDeathLocation_Indicator",
            "RiskOfUnexpectedDeath_Indicator",
            "DeathLocationPreferred_Type",
            "DateOfDeath",
            "DeathLocationActual_Type",
            "NotAtPreferredLocation_Reason",
            "NHSNumber_Mother",
            "NHSNumberStatus_Mother",
            "RowNumber",
        )
    ),
    "CYP002": Columns(
        (
            "LocalPatientID",
            "OrgID_GP",
            "GPRegistration_StartDate",
            "GPRegistration_EndDate",
            "RowNumber",
        )
    ),
    "CYP004": Columns(
        (
            "PlanID",
            "LocalPatientID",
            "Plan_Type",
            "Plan_CreatedDate",
            "Plan_CreatedTime",
            "Plan_LastUpdateDate",
            "Plan_LastUpdateTime",
            "Plan_ImplementDate",
            "RowNumber",
        )
    ),
    "CYP005": Columns(
        (
            "PlanID",
            "Plan_AgreedBy",
            "Plan_AgreedDate",
            "Plan_AgreedTime",
            "RowNumber",
        )
    ),
    "CYP101": Columns(
        (
            "ServiceRequestID",
            "LocalPatientID",
            "OrgID_Commissioner",
            "ReferralRequest_ReceivedDate",
            "ReferralRequest_ReceivedTime",
            "ServiceLineAgreement",
            "SourceOfReferral",
            "OrgID_Referring",
            "Referring_StaffGroup",
            "Priority_Type",
            "PrimaryReferralReason",
            "Discharge_Date",
            "Discharge_LetterIssuedDate",
            "RowNumber",
        )
    ),
    "CYP102": Columns(
        (
            "ServiceRequestID",
            "TeamID_Local",
            "TeamType",
            "Referral_ClosureDate",
            "Referral_RejectionDate",
            "Referral_ClosureReason",
            "Referral_RejectionReason",
            "RowNumber",
        )
    ),
    "CYP201": Columns(
        (
            "CareContactID",
            "ServiceRequestID",
            "TeamID_Local",
            "Contact_Date",
            "Contact_Time",
            "OrgID_Commissioner",
            "AdminCategory",
            "CareContact_Duration",
            "Consultation_Type",
            "CareContact_Subject",
            "ConsMechanism",
            "Activity_LocationType",
            "Treatment_OrgSiteID",
            "GroupTherapyIndicator",
            "AttendanceStatus",
            "ReasonableOffer_Date",
            "ClinicallyAppropriate_Date",
            "Contact_CancellationDate",
            "Contact_CancellationReason",
            "ReplacementAppointment_OfferedDate",
            "ReplacementAppointment_BookedDate",
            "RowNumber",
        ),
        {"AttendOrNot": "AttendanceStatus", "Consultation_MediumUsed": "ConsMechanism"},
    ),
    "CYP202": Columns(
        (
            "CareActivityID",
            "CareContactID",
            "Activity_Type",
            "CareProfessionalID_Local",
            "CareActivity_Duration",
            "Procedure_Scheme",
            "CodedProcedure",
            "Finding_Scheme",
            "CodedFinding",
            "Observation_Scheme",
            "CodedObservation",
            "ObservationValue",
            "UC_UnitOfMeasurement",
            "RowNumber",
        )
    ),
    "CYP606": Columns(
        (
            "ServiceRequestID",
            "Diagnosis_Scheme",
            "ProvisionalDiagnosis",
            "ProvisionalDiagnosis_Date",
            "RowNumber",
        )
    ),
    "CYP607": Columns(
        (
            "ServiceRequestID",
            "Diagnosis_Scheme",
            "PrimaryDiagnosis",
            "PrimaryDiagnosis_Date",
            "RowNumber",
        )
    ),
    "CYP608": Columns(
        (
            "ServiceRequestID",
            "Diagnosis_Scheme",
            "SecondaryDiagnosis",
            "SecondaryDiagnosis_Date",
            "RowNumber",
        )
    ),
    "CYP609": Columns(
        (
            "ServiceRequestID",
            "SNOMED_ID",
            "Score",
            "AssessmentCompletion_Date",
            "RowNumber",
        )
    ),
    "CYP612": Columns(
        (
            "CareActivityID",
            "SNOMED_ID",
            "Score",
            "RowNumber",
        )
    ),
}

_NOT_NEEDED: Final = "not part of the shared plan; kept with the delivery"
_CHILD: Final = "child health surveillance is not part of the shared plan; kept with the delivery"
_SAFEGUARDING: Final = "safeguarding is not shared from this data set; kept with the delivery"

IGNORED_TABLES: Final = {
    "CYP003": _NOT_NEEDED,
    "CYP006": _NOT_NEEDED,
    "CYP007": _NOT_NEEDED,
    "CYP008": "overseas visitor charging is not shared",
    "CYP103": _NOT_NEEDED,
    "CYP104": "waiting-time measurement, not care",
    "CYP105": _NOT_NEEDED,
    "CYP301": "a group session, not about one person",
    "CYP401": _CHILD,
    "CYP402": _SAFEGUARDING,
    "CYP403": _SAFEGUARDING,
    "CYP404": _NOT_NEEDED,
    "CYP501": _NOT_NEEDED,
    "CYP502": _CHILD,
    "CYP601": _NOT_NEEDED,
    "CYP602": _NOT_NEEDED,
    "CYP603": _CHILD,
    "CYP604": _CHILD,
    "CYP605": _CHILD,
    "CYP610": _CHILD,
    "CYP611": _NOT_NEEDED,
    "CYP613": "anonymous self-assessment: never joined to a person",
    "CYP901": "a provider's own list, not about a person",
}
"""Tables of the data set that are not read, and why."""
