"""Data table: the tables of MHSDS 6: columns of those that are read, reasons for the others.

Source  NHS England's own models of MHSDS 5 and 6 (nhsengland/Reusable-Code-Library, BSD-3).
"""

from typing import Final

from mappings.core.tables import Columns

TABLES: Final = {
    "MHS000": Columns(
        (
            "DatSetVer",
            "OrgIDProvider",
            "OrgIDSubmit",
            "PrimSystemInUse",
            "ReportingPeriodStartDate",
            "ReportingPeriodEndDate",
            "DateTimeDatSetCreate",
            "RowNumber",
        )
    ),
    "MHS001": Columns(
        (
            "LocalPatientID",
            "OrgIDLocalPatientID",
            "OrgIDEduEstab",
            "NHSNumber",
            "NHSNumberStatus",
            "PersonBirthDate",
            "Postcode",
            "GenderIDCode",
            "GenderSameAtBirth",
            "Gender",
            "MaritalStatus",
            "EthnicCategory",
            "EthnicCategory2021",
            "LanguageCodePreferred",
            "PersDeathDate",
            "RowNumber",
        )
    ),
    "MHS002": Columns(
        (
            "LocalPatientID",
            "GMPReg",
            "StartDateGMPRegistration",
            "EndDateGMPRegistration",
            "RowNumber",
        ),
        {"GMPCodeReg": "GMPReg"},
    ),
    "MHS006": Columns(
        (
            "LocalPatientID",
            "StartDateAssCareCoord",
            "CareProfLocalID",
            "EndDateAssCareCoord",
            "CareProfServOrTeamTypeAssoc",
            "RowNumber",
        )
    ),
    "MHS008": Columns(
        (
            "CarePlanID",
            "LocalPatientID",
            "CarePlanTypeMH",
            "CarePlanCreatDate",
            "CarePlanCreationTime",
            "CarePlanLastUpdateDate",
            "CarePlanLastUpdateTime",
            "CarePlanImplementDate",
            "RowNumber",
        )
    ),
    "MHS009": Columns(
        (
            "CarePlanID",
            "FamilyCarePlanIndicator",
            "NoFamilyCarePlanReason",
            "CarePlanContentAgreedBy",
            "CarePlanContentAgreedDate",
            "CarePlanContentAgreedTime",
            "RowNumber",
        )
    ),
    "MHS101": Columns(
        (
            "ServiceRequestID",
            "LocalPatientID",
            "OrgIDComm",
            "CareProfTeamLocalID",
            "ReferralRequestReceivedDate",
            "ReferralRequestReceivedTime",
            "NHSServAgreeLineID",
            "SpecialisedMHServiceCode",
            "SourceOfReferralMH",
            "OrgIDReferringOrg",
            "ReferringCareProfessionalType",
            "ClinRespPriorityType",
            "PrimReasonReferralMH",
            "ReasonOAT",
            "DecisionToTreatDate",
            "DecisionToTreatTime",
            "DischPlanCreationDate",
            "DischPlanCreationTime",
            "DischPlanLastUpdatedDate",
            "DischPlanLastUpdatedTime",
            "ServDischDate",
            "ServDischTime",
            "ReferRejectionDate",
            "ReferRejectionTime",
            "ReferRejectReason",
            "ReferClosReason",
            "RowNumber",
        )
    ),
    "MHS102": Columns(
        (
            "ServiceRequestID",
            "OtherCareProfTeamLocalID",
            "ReferClosureDate",
            "ReferClosureTime",
            "ReferRejectionDate",
            "ReferRejectionTime",
            "ReferRejectReason",
            "ReferClosReason",
            "RowNumber",
        )
    ),
    "MHS201": Columns(
        (
            "CareContactID",
            "ServiceRequestID",
            "CareContDate",
            "CareContTime",
            "OtherCareProfTeamLocalID",
            "OrgIDComm",
            "AdminCatCode",
            "SpecialisedMHServiceCode",
            "ClinContDurOfCareCont",
            "ConsType",
            "CareContSubj",
            "ConsMechanismMH",
            "ActLocTypeCode",
            "PlaceOfSafetyInd",
            "SiteIDOfTreat",
            "LanguageCodeTreat",
            "InterpreterPresentInd",
            "ComPeriMHPartAssessOfferInd",
            "PlannedCareContIndicator",
            "CareContPatientTherMode",
            "AttendStatus",
            "EarliestReasonOfferDate",
            "EarliestClinAppDate",
            "CareContCancelDate",
            "CareContCancelReas",
            "ReasonableAdjustmentMade",
            "ReasonPatientNoIMCA",
            "ReasonPatientNoIMHA",
            "RowNumber",
        ),
        {"AttendOrDNACode": "AttendStatus"},
    ),
    "MHS202": Columns(
        (
            "CareActID",
            "CareContactID",
            "ClinContactDurOfCareAct",
            "Procedure",
            "FindSchemeInUse",
            "Finding",
            "Observation",
            "ObsValue",
            "UnitofMeasurement_UCUM",
            "RowNumber",
        ),
        {"CodeFind": "Finding"},
    ),
    "MHS604": Columns(
        ("ServiceRequestID", "DiagSchemeInUse", "PrimDiag", "CodedDiagTimestamp", "RowNumber")
    ),
    "MHS605": Columns(
        ("ServiceRequestID", "DiagSchemeInUse", "SecDiag", "CodedDiagTimestamp", "RowNumber")
    ),
    "MHS606": Columns(
        (
            "ServiceRequestID",
            "CodedAssToolType",
            "PersScore",
            "AssToolCompTimestamp",
            "CareProfLocalID",
            "RowNumber",
        )
    ),
    "MHS607": Columns(("CareActID", "CodedAssToolType", "PersScore", "RowNumber")),
    "MHS902": Columns(
        (
            "CareProfTeamLocalID",
            "OrgIDCareProfTeamLocalID",
            "ServTeamTypeMH",
            "ServTeamIntAgeGroup",
            "RowNumber",
        )
    ),
}

_NOT_NEEDED: Final = "not part of the shared plan; kept with the delivery"
_WARD: Final = "events of a hospital stay are not shared from this data set; kept with the delivery"
_LEGAL: Final = (
    "detention under the Mental Health Act is not shared from this data set; kept sealed"
)
_LISTS: Final = "a provider's own list, not about a person"

IGNORED_TABLES: Final = {
    "MHS003": _NOT_NEEDED,
    "MHS004": _NOT_NEEDED,
    "MHS005": "offence history, looked-after and protection indicators are never shared",
    "MHS007": _NOT_NEEDED,
    "MHS010": _NOT_NEEDED,
    "MHS011": _NOT_NEEDED,
    "MHS012": "overseas visitor charging is not shared",
    "MHS014": _NOT_NEEDED,
    "MHS103": _NOT_NEEDED,
    "MHS104": "waiting-time measurement, not care",
    "MHS105": _NOT_NEEDED,
    "MHS106": _NOT_NEEDED,
    "MHS203": "names other people who were there",
    "MHS204": _NOT_NEEDED,
    "MHS205": _NOT_NEEDED,
    "MHS206": _LISTS,
    "MHS301": "a group session, not about one person",
    "MHS302": "drop-in contacts may be anonymous; never joined to a person",
    "MHS401": _LEGAL,
    "MHS402": _LEGAL,
    "MHS403": _LEGAL,
    "MHS404": _LEGAL,
    "MHS405": _LEGAL,
    "MHS501": _WARD,
    "MHS502": _WARD,
    "MHS503": _WARD,
    "MHS505": _WARD,
    "MHS506": _WARD,
    "MHS507": _WARD,
    "MHS509": _WARD,
    "MHS510": _WARD,
    "MHS511": _WARD,
    "MHS512": _WARD,
    "MHS513": _WARD,
    "MHS514": _WARD,
    "MHS515": _WARD,
    "MHS516": _WARD,
    "MHS517": _WARD,
    "MHS518": _WARD,
    "MHS601": _NOT_NEEDED,
    "MHS608": "anonymous self-assessment: never joined to a person",
    "MHS609": _NOT_NEEDED,
    "MHS701": "care programme approach episodes are no longer used; plans come from MHS008",
    "MHS702": "care programme approach reviews are no longer used; plans come from MHS008",
    "MHS901": _LISTS,
    "MHS903": _LISTS,
}
"""Tables of the data set that are not read, and why."""
