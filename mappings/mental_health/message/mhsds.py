"""MHSDS 6: the Mental Health Services Data Set as a folder or archive of CSV tables.

In      `MHS000Header.csv`, `MHS001MPI.csv`, `MHS008CarePlanType.csv` ...: one file for each
        table, official submission names as column names.
Out     Items, one for each row of a table that is mapped, with its context (core/datasets.py).
Source  NHS England's own models of MHSDS 5 and 6 (nhsengland/Reusable-Code-Library, BSD-3).
Rule    The source time of every row is the submission's creation time (MHS000
        DateTimeDatSetCreate): a submission states the provider's record as it then was, and a
        later one corrects rows without touching their own last-update dates.
"""

from typing import Final

from mappings.core.datasets import Child, Context, DataSet, Primary
from mappings.mental_health.message.mhsds_tables import IGNORED_TABLES, TABLES

MEDIA_TYPES: Final = ("application/zip", "text/csv")

_PERSON: Final = ("MHS101", "MHS001")

MHSDS: Final = DataSet(
    title="MHSDS",
    prefix="MHS",
    header="MHS000",
    created="DateTimeDatSetCreate",
    tables=TABLES,
    contexts={
        "MHS001": Context(
            "LocalPatientID",
            (
                "LocalPatientID",
                "OrgIDLocalPatientID",
                "NHSNumber",
                "PersonBirthDate",
                "PersDeathDate",
            ),
        ),
        "MHS008": Context("CarePlanID", ()),
        "MHS101": Context("ServiceRequestID", ("ServiceRequestID", "LocalPatientID")),
        "MHS201": Context(
            "CareContactID",
            ("CareContactID", "ServiceRequestID", "CareContDate", "CareContTime"),
        ),
        "MHS202": Context("CareActID", ("CareActID", "CareContactID")),
        "MHS902": Context("CareProfTeamLocalID", ("CareProfTeamLocalID", "ServTeamTypeMH")),
    },
    primaries={
        "MHS001": Primary(("LocalPatientID",), down=("MHS002",)),
        "MHS006": Primary(
            ("LocalPatientID", "CareProfLocalID", "StartDateAssCareCoord"), up=("MHS001",)
        ),
        "MHS008": Primary(("CarePlanID",), up=("MHS001",), down=("MHS009",)),
        "MHS101": Primary(
            ("ServiceRequestID",), up=("MHS001",), beside=("MHS902",), down=("MHS102",)
        ),
        "MHS201": Primary(("CareContactID",), up=_PERSON),
        "MHS604": Primary(("ServiceRequestID", "PrimDiag", "CodedDiagTimestamp"), up=_PERSON),
        "MHS605": Primary(("ServiceRequestID", "SecDiag", "CodedDiagTimestamp"), up=_PERSON),
        "MHS606": Primary(
            ("ServiceRequestID", "CodedAssToolType", "AssToolCompTimestamp"), up=_PERSON
        ),
        "MHS607": Primary(("CareActID", "CodedAssToolType"), up=("MHS202", "MHS201", *_PERSON)),
    },
    children={
        "MHS002": Child("MHS001", "LocalPatientID"),
        "MHS009": Child("MHS008", "CarePlanID"),
        "MHS102": Child("MHS101", "ServiceRequestID"),
    },
    ignored=IGNORED_TABLES,
)
