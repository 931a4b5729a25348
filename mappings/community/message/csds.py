"""CSDS 1.6: the Community Services Data Set as a folder or archive of CSV tables.

In      `CYP000Header.csv`, `CYP001MPI.csv`, `CYP004CarePlanType.csv` ...: one file for each
        table, official submission names as column names (names of CSDS 1.5 are taken too).
Out     Items, one for each row of a table that is mapped, with its context (core/datasets.py).
Source  NHS England's own models of CSDS 1.5 and 1.6 (nhsengland/Reusable-Code-Library, BSD-3).
Rule    The source time of every row is the submission's creation time (CYP000
        FileCreation_DateTime): a submission states the provider's record as it then was, and a
        later one corrects rows without touching their own last-update dates.
"""

from typing import Final

from mappings.community.message.csds_tables import IGNORED_TABLES, TABLES
from mappings.core.datasets import Child, Context, DataSet, Primary

MEDIA_TYPES: Final = ("application/zip", "text/csv")

_PERSON: Final = ("CYP101", "CYP001")

CSDS: Final = DataSet(
    title="CSDS",
    prefix="CYP",
    header="CYP000",
    created="FileCreation_DateTime",
    tables=TABLES,
    contexts={
        "CYP001": Context(
            "LocalPatientID",
            (
                "LocalPatientID",
                "OrgID_LocalPatientID",
                "NHSNumber",
                "DateOfBirth",
                "DateOfDeath",
            ),
        ),
        "CYP004": Context("PlanID", ()),
        "CYP101": Context("ServiceRequestID", ("ServiceRequestID", "LocalPatientID")),
        "CYP201": Context(
            "CareContactID",
            ("CareContactID", "ServiceRequestID", "Contact_Date", "Contact_Time"),
        ),
        "CYP202": Context("CareActivityID", ("CareActivityID", "CareContactID")),
    },
    primaries={
        "CYP001": Primary(("LocalPatientID",), down=("CYP002",)),
        "CYP004": Primary(("PlanID",), up=("CYP001",), down=("CYP005",)),
        "CYP101": Primary(("ServiceRequestID",), up=("CYP001",), down=("CYP102",)),
        "CYP201": Primary(("CareContactID",), up=_PERSON),
        "CYP606": Primary(
            ("ServiceRequestID", "ProvisionalDiagnosis", "ProvisionalDiagnosis_Date"),
            up=_PERSON,
        ),
        "CYP607": Primary(
            ("ServiceRequestID", "PrimaryDiagnosis", "PrimaryDiagnosis_Date"), up=_PERSON
        ),
        "CYP608": Primary(
            ("ServiceRequestID", "SecondaryDiagnosis", "SecondaryDiagnosis_Date"), up=_PERSON
        ),
        "CYP609": Primary(
            ("ServiceRequestID", "SNOMED_ID", "AssessmentCompletion_Date"), up=_PERSON
        ),
        "CYP612": Primary(("CareActivityID", "SNOMED_ID"), up=("CYP202", "CYP201", *_PERSON)),
    },
    children={
        "CYP002": Child("CYP001", "LocalPatientID"),
        "CYP005": Child("CYP004", "PlanID"),
        "CYP102": Child("CYP101", "ServiceRequestID"),
    },
    ignored=IGNORED_TABLES,
)
