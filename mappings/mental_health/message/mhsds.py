"""MHSDS 5 and 6: the Mental Health Services Data Set as a folder or archive of CSV tables.

In      `MHS000Header.csv`, `MHS001MPI.csv`, `MHS008CarePlanType.csv` ...: one file for each
        table; column names of either version, field uids or NHS Data Dictionary names.
Out     Items, one for each row of a table that is mapped, with its context (core/datasets.py).
        A plan (MHS008) is also given `Referrals`: the ends of all its person's referrals.
Source  NHS England's own models of MHSDS 5 and 6 (nhsengland/Reusable-Code-Library, BSD-3).
Rule    The source time of every row is the submission's creation time (MHS000
        DateTimeDatSetCreate): a submission states the provider's record as it then was, and a
        later one corrects rows without touching their own last-update dates.
"""

from typing import Final

from mappings.core.reading.keys import Child, Context, Group, Primary
from mappings.core.sets.datasets import DataSet
from mappings.mental_health.codes import mhsds as codes
from mappings.mental_health.message.mhsds_tables import IGNORED_TABLES, TABLES

MEDIA_TYPES: Final = ("application/zip", "text/csv")

_PERSON: Final = ("MHS001",)
_REFERRAL: Final = ("MHS101", *_PERSON)
_ACTIVITY: Final = ("MHS202", "MHS201", *_REFERRAL)
_LEGAL: Final = ("MHS401", *_PERSON)
_SPELL: Final = ("MHS501", *_REFERRAL)
_STAFF: Final = ("MHS901",)
_WARD: Final = ("MHS502", *_SPELL)

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
            ("CareContactID", "ServiceRequestID", "CareContDate", "CareContTime", "AttendStatus"),
        ),
        "MHS202": Context("CareActID", ("CareActID", "CareContactID")),
        "MHS401": Context(
            "MHActLegalStatusClassPeriodID", ("MHActLegalStatusClassPeriodID", "LocalPatientID")
        ),
        "MHS501": Context(
            "HospProvSpellID",
            (
                "HospProvSpellID",
                "ServiceRequestID",
                "StartDateHospProvSpell",
                "DischDateHospProvSpell",
            ),
        ),
        "MHS502": Context(
            "WardStayID",
            ("WardStayID", "HospProvSpellID", "StartDateWardStay", "EndDateWardStay"),
        ),
        "MHS505": Context("RestrictiveIntIncID", ()),
        "MHS701": Context("CPAEpisodeID", ("CPAEpisodeID", "LocalPatientID")),
        "MHS901": Context("CareProfLocalID", ("CareProfLocalID", *codes.STAFF.said)),
        "MHS902": Context("CareProfTeamLocalID", ("CareProfTeamLocalID", "ServTeamTypeMH")),
    },
    primaries={
        "MHS001": Primary(("LocalPatientID",), down=("MHS002",)),
        "MHS003": Primary(
            ("LocalPatientID", "AccommodationType", "AccommodationTypeDate"), _PERSON
        ),
        "MHS004": Primary(("LocalPatientID", "EmployStatus", "EmployStatusRecDate"), _PERSON),
        "MHS005": Primary(("LocalPatientID",), _PERSON),
        "MHS006": Primary(
            ("LocalPatientID", "CareProfLocalID", "StartDateAssCareCoord"), _PERSON, beside=_STAFF
        ),
        "MHS007": Primary(("LocalPatientID", "DisabCode"), _PERSON),
        "MHS008": Primary(("CarePlanID",), _PERSON, down=("MHS009",), groups=("Referrals",)),
        "MHS010": Primary(
            (
                "LocalPatientID",
                "AssistiveTechnologyFinding",
                "AssistiveTechnologyPrescTimestamp",
            ),
            _PERSON,
        ),
        "MHS011": Primary(
            ("LocalPatientID", "SocPerCircumstance", "SocPerCircumstanceRecTimestamp"), _PERSON
        ),
        "MHS101": Primary(
            ("ServiceRequestID",),
            _PERSON,
            beside=("MHS902",),
            down=("MHS102", "MHS103", "MHS106"),
        ),
        "MHS105": Primary(
            ("ServiceRequestID", "OnwardReferDate", "OrgIDReceiving", "OnwardReferReason"),
            _REFERRAL,
        ),
        "MHS201": Primary(("CareContactID",), _REFERRAL),
        "MHS202": Primary(("CareActID",), ("MHS201", *_REFERRAL), beside=_STAFF, down=("MHS206",)),
        "MHS401": Primary(("MHActLegalStatusClassPeriodID",), _PERSON),
        "MHS402": Primary(
            ("MHActLegalStatusClassPeriodID", "CareProfLocalID", "StartDateRespClinAssign"),
            _LEGAL,
            beside=_STAFF,
        ),
        "MHS403": Primary(("MHActLegalStatusClassPeriodID", "StartDateMHCondDisch"), _LEGAL),
        "MHS404": Primary(("MHActLegalStatusClassPeriodID", "StartDateCommTreatOrd"), _LEGAL),
        "MHS405": Primary(
            (
                "MHActLegalStatusClassPeriodID",
                "StartDateCommTreatOrdRecall",
                "StartTimeCommTreatOrdRecall",
            ),
            _LEGAL,
        ),
        "MHS501": Primary(("HospProvSpellID",), _REFERRAL),
        "MHS502": Primary(("WardStayID",), _SPELL, down=("MHS509", "MHS510", "MHS514")),
        "MHS503": Primary(
            ("HospProvSpellID", "CareProfLocalID", "StartDateAssCareProf"), _SPELL, beside=_STAFF
        ),
        "MHS504": Primary(("HospProvSpellID", "StartDateDelayDisch"), _SPELL),
        "MHS505": Primary(("RestrictiveIntIncID",), _SPELL, down=("MHS515",)),
        "MHS511": Primary(("WardStayID", "StartDateMHAbsWOLeave", "StartTimeMHAbsWOLeave"), _WARD),
        "MHS518": Primary(("HospProvSpellID", "StartDateClinReadyforDisch"), _SPELL),
        "MHS601": Primary(("LocalPatientID", "PrevDiag", "CodedDiagTimestamp"), _PERSON),
        "MHS603": Primary(("ServiceRequestID", "ProvDiag", "CodedProvDiagTimestamp"), _REFERRAL),
        "MHS604": Primary(("ServiceRequestID", "PrimDiag", "CodedDiagTimestamp"), _REFERRAL),
        "MHS605": Primary(("ServiceRequestID", "SecDiag", "CodedDiagTimestamp"), _REFERRAL),
        "MHS606": Primary(
            ("ServiceRequestID", "CodedAssToolType", "AssToolCompTimestamp"),
            _REFERRAL,
            beside=_STAFF,
        ),
        "MHS607": Primary(("CareActID", "CodedAssToolType"), _ACTIVITY),
        "MHS609": Primary(("ServiceRequestID", "PresComp", "PresCompDate"), _REFERRAL),
        "MHS701": Primary(("CPAEpisodeID",), _PERSON),
        "MHS702": Primary(("CPAEpisodeID", "CPAReviewDate"), ("MHS701", *_PERSON), beside=_STAFF),
    },
    children={
        "MHS002": Child("MHS001", "LocalPatientID"),
        "MHS009": Child("MHS008", "CarePlanID", exact=False),
        "MHS102": Child("MHS101", "ServiceRequestID"),
        "MHS103": Child("MHS101", "ServiceRequestID"),
        "MHS106": Child("MHS101", "ServiceRequestID"),
        "MHS206": Child("MHS202", "CareActID", beside=_STAFF),
        "MHS509": Child("MHS502", "WardStayID"),
        "MHS510": Child("MHS502", "WardStayID"),
        "MHS514": Child("MHS502", "WardStayID"),
        "MHS515": Child("MHS505", "RestrictiveIntIncID"),
    },
    ignored=IGNORED_TABLES,
    groups={
        "Referrals": Group("MHS101", "LocalPatientID", ("ServDischDate", "ReferRejectionDate"))
    },
)
