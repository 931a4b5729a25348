"""CSDS 1.5 and 1.6: the Community Services Data Set as a folder or archive of CSV tables.

In      `CYP000Header.csv`, `CYP001MPI.csv`, `CYP004CarePlanType.csv` ...: one file for each
        table; column names of either version, field uids or NHS Data Dictionary names.
Out     Items, one for each row of a table that is mapped, with its context (core/datasets.py).
        A plan (CYP004) is also given `Referrals`: the ends of all its person's referrals.
Source  NHS England's own models of CSDS 1.5 and 1.6 (nhsengland/Reusable-Code-Library, BSD-3).
Rule    The source time of every row is the submission's creation time (CYP000
        FileCreation_DateTime): a submission states the provider's record as it then was, and a
        later one corrects rows without touching their own last-update dates.
"""

from typing import Final

from mappings.community.codes import csds as codes
from mappings.community.message.csds_tables import IGNORED_TABLES, TABLES
from mappings.core.reading.keys import Child, Context, Group, Primary
from mappings.core.sets.datasets import DataSet

MEDIA_TYPES: Final = ("application/zip", "text/csv")

_PERSON: Final = ("CYP001",)
_REFERRAL: Final = ("CYP101", *_PERSON)
_ACTIVITY: Final = ("CYP202", "CYP201", *_REFERRAL)

CSDS: Final = DataSet(
    title="CSDS",
    prefix="CYP",
    header="CYP000",
    created="FileCreation_DateTime",
    tables=TABLES,
    contexts={
        "CYP001": Context(
            "LocalPatientID",
            ("LocalPatientID", "OrgID_LocalPatientID", "NHSNumber", "DateOfBirth", "DateOfDeath"),
        ),
        "CYP004": Context("PlanID", ()),
        "CYP101": Context("ServiceRequestID", ("ServiceRequestID", "LocalPatientID")),
        "CYP201": Context(
            "CareContactID",
            (
                "CareContactID",
                "ServiceRequestID",
                "Contact_Date",
                "Contact_Time",
                "AttendanceStatus",
            ),
        ),
        "CYP202": Context("CareActivityID", ("CareActivityID", "CareContactID")),
        "CYP901": Context(
            "CareProfessionalID_Local", ("CareProfessionalID_Local", *codes.STAFF.said)
        ),
    },
    primaries={
        "CYP001": Primary(("LocalPatientID",), down=("CYP002",)),
        "CYP003": Primary(("LocalPatientID", "AccommStatus", "AccommStatus_Date"), _PERSON),
        "CYP004": Primary(("PlanID",), _PERSON, down=("CYP005",), groups=("Referrals",)),
        "CYP006": Primary(("LocalPatientID", "SNOMED_ID", "Circumstance_RecordedDate"), _PERSON),
        "CYP007": Primary(
            ("LocalPatientID", "EmploymentStatus", "EmploymentStatus_RecordedDate"), _PERSON
        ),
        "CYP101": Primary(("ServiceRequestID",), _PERSON, down=("CYP102", "CYP103")),
        "CYP105": Primary(
            (
                "ServiceRequestID",
                "Onward_ReferralDate",
                "OrgID_Receiving",
                "Onward_ReferralReason",
            ),
            _REFERRAL,
        ),
        "CYP201": Primary(("CareContactID",), _REFERRAL),
        "CYP202": Primary(("CareActivityID",), ("CYP201", *_REFERRAL), beside=("CYP901",)),
        "CYP401": Primary(("LocalPatientID", "EducationNeed_Type"), _PERSON),
        "CYP402": Primary(("LocalPatientID", "SafeguardingFactors_Type"), _PERSON),
        "CYP403": Primary(("LocalPatientID", "CPP_Reason", "CPP_StartDate"), _PERSON),
        "CYP404": Primary(("LocalPatientID", "SNOMED_ID", "SNOMED_Date"), _PERSON),
        "CYP601": Primary(("LocalPatientID", "PreviousDiagnosis", "Diagnosis_Date"), _PERSON),
        "CYP602": Primary(("LocalPatientID", "Disability"), _PERSON),
        "CYP606": Primary(
            ("ServiceRequestID", "ProvisionalDiagnosis", "ProvisionalDiagnosis_Date"), _REFERRAL
        ),
        "CYP607": Primary(
            ("ServiceRequestID", "PrimaryDiagnosis", "PrimaryDiagnosis_Date"), _REFERRAL
        ),
        "CYP608": Primary(
            ("ServiceRequestID", "SecondaryDiagnosis", "SecondaryDiagnosis_Date"), _REFERRAL
        ),
        "CYP609": Primary(
            ("ServiceRequestID", "SNOMED_ID", "AssessmentCompletion_Date"), _REFERRAL
        ),
        "CYP611": Primary(("CareActivityID",), _ACTIVITY),
        "CYP612": Primary(("CareActivityID", "SNOMED_ID"), _ACTIVITY),
    },
    children={
        "CYP002": Child("CYP001", "LocalPatientID"),
        "CYP005": Child("CYP004", "PlanID", exact=False),
        "CYP102": Child("CYP101", "ServiceRequestID"),
        "CYP103": Child("CYP101", "ServiceRequestID"),
    },
    ignored=IGNORED_TABLES,
    groups={"Referrals": Group("CYP101", "LocalPatientID", ("Discharge_Date",))},
)
