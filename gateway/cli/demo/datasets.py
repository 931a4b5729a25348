"""National data sets as zip archives of CSV tables: CSDS (community), MHSDS (mental health).

In      The people a community or mental-health provider knows.
Out     The bytes of one submission: one CSV file for each table.
Source  CSDS 1.6, MHSDS 6: official table and column names.
Pure    Yes: the archive's own time is fixed.
"""

import csv
import io
import zipfile
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Final

from gateway.cli.demo import places
from gateway.cli.demo.dice import Dice
from gateway.cli.demo.people import SEEN_ON, Person

Row = Mapping[str, str]
Tables = dict[str, list[Row]]

_MADE: Final = SEEN_ON - timedelta(days=3)
_PERIOD_START: Final = (_MADE.replace(day=1) - timedelta(days=1)).replace(day=1)
_PERIOD_END: Final = _MADE.replace(day=1) - timedelta(days=1)
_ZIPPED_AT: Final = (_MADE.year, _MADE.month, _MADE.day, 6, 0, 0)
_PLAN_TYPES: Final = ("10", "12")
_PHQ_9: Final = "720433000"
_FRAILTY: Final = "763264000"


def community_submission(people: Iterable[Person], seed: int = 1) -> bytes:
    """A CSDS submission: referral, contacts, plan header, frailty score."""
    tables: Tables = {"CYP000Header": [_csds_header()]}
    for person in people:
        dice = Dice("community", seed, person.number)
        for table, row in _csds_rows(person, dice):
            tables.setdefault(table, []).append(row)
    return _zipped(tables)


def mental_health_submission(people: Iterable[Person], seed: int = 1) -> bytes:
    """An MHSDS submission: referral, contacts, plan and crisis plan, PHQ-9 scores."""
    tables: Tables = {"MHS000Header": [_mhsds_header()]}
    for person in people:
        dice = Dice("mental-health", seed, person.number)
        for table, row in _mhsds_rows(person, dice):
            tables.setdefault(table, []).append(row)
    return _zipped(tables)


def _csds_header() -> Row:
    return {
        "Version": "1.6",
        "OrgID_Provider": places.COMMUNITY.code,
        "OrgID_Submitter": places.COMMUNITY.code,
        "RP_StartDate": _PERIOD_START.isoformat(),
        "RP_EndDate": _PERIOD_END.isoformat(),
        "FileCreation_DateTime": f"{_MADE.isoformat()}T06:00:00",
    }


def _csds_rows(person: Person, dice: Dice) -> Iterable[tuple[str, Row]]:
    own, asked = f"C{person.number:06}", f"CR{person.number:06}"
    referred = SEEN_ON - timedelta(days=30 + dice.below(30))
    yield (
        "CYP001MPI",
        {
            "LocalPatientID": own,
            "OrgID_LocalPatientID": places.COMMUNITY.code,
            "NHSNumber": person.nhs_number,
            "NHSNumber_Status": "01",
            "DateOfBirth": person.born.isoformat(),
            "Postcode": "" if person.sensitivity else person.postcode,
            "Gender": _gender(person),
        },
    )
    yield (
        "CYP002GP",
        {
            "LocalPatientID": own,
            "OrgID_GP": person.practice.code,
            "GPRegistration_StartDate": (person.born + timedelta(days=400)).isoformat(),
        },
    )
    yield (
        "CYP101Referral",
        {
            "ServiceRequestID": asked,
            "LocalPatientID": own if person.dirt != "table key" else own.lower(),
            "ReferralRequest_ReceivedDate": referred.isoformat(),
            "OrgID_Referring": person.practice.code,
            "Priority_Type": "1",
        },
    )
    yield "CYP102ServiceTypeReferredTo", {"ServiceRequestID": asked, "TeamID_Local": "REHAB"}
    if person.dirt != "table key":
        yield from _csds_care(person, dice, own, asked)


def _csds_care(person: Person, dice: Dice, own: str, asked: str) -> Iterable[tuple[str, Row]]:
    plan = f"CP{person.number:06}"
    created = SEEN_ON - timedelta(days=20 + dice.below(8))
    yield (
        "CYP004CarePlanType",
        {
            "PlanID": plan,
            "LocalPatientID": own,
            "Plan_Type": "02",
            "Plan_CreatedDate": created.isoformat(),
            "Plan_LastUpdateDate": (created + timedelta(days=7)).isoformat(),
            "Plan_ImplementDate": (created + timedelta(days=1)).isoformat(),
        },
    )
    yield (
        "CYP005CarePlanAgreement",
        {"PlanID": plan, "Plan_AgreedBy": "10", "Plan_AgreedDate": created.isoformat()},
    )
    for visit in range(1 + dice.below(3)):
        on = created + timedelta(days=2 + 3 * visit)
        yield (
            "CYP201CareContact",
            {
                "CareContactID": f"CC{person.number:06}{visit}",
                "ServiceRequestID": asked,
                "Contact_Date": on.isoformat(),
                "Contact_Time": "10:15:00",
                "ConsMechanism": "01",
                "AttendanceStatus": "5",
            },
        )
    yield (
        "CYP609CodedAssessmentReferral",
        {
            "ServiceRequestID": asked,
            "SNOMED_ID": _FRAILTY,
            "Score": str(2 + dice.below(6)),
            "AssessmentCompletion_Date": created.isoformat(),
        },
    )


def _mhsds_header() -> Row:
    return {
        "DatSetVer": "6.0",
        "OrgIDProvider": places.MENTAL_HEALTH.code,
        "OrgIDSubmit": places.MENTAL_HEALTH.code,
        "ReportingPeriodStartDate": _PERIOD_START.isoformat(),
        "ReportingPeriodEndDate": _PERIOD_END.isoformat(),
        "DateTimeDatSetCreate": f"{_MADE.isoformat()}T06:00:00",
    }


def _mhsds_rows(person: Person, dice: Dice) -> Iterable[tuple[str, Row]]:
    own, asked = f"M{person.number:06}", f"MR{person.number:06}"
    received = SEEN_ON - timedelta(days=90 + dice.below(60))
    yield (
        "MHS001MPI",
        {
            "LocalPatientID": own,
            "OrgIDLocalPatientID": places.MENTAL_HEALTH.code,
            "NHSNumber": person.nhs_number,
            "NHSNumberStatus": "01",
            "PersonBirthDate": person.born.isoformat(),
            "Postcode": "ZZ99 3VZ" if person.sensitivity else person.postcode,
            "Gender": _gender(person),
        },
    )
    yield (
        "MHS002GP",
        {
            "LocalPatientID": own,
            "GMPReg": person.practice.code,
            "StartDateGMPRegistration": (person.born + timedelta(days=400)).isoformat(),
        },
    )
    yield from _mhsds_referral(person, own, asked, received.isoformat())
    yield from _mhsds_plans(person, own, received.toordinal())
    yield from _mhsds_scores(dice, asked)


def _mhsds_referral(
    person: Person, own: str, asked: str, received: str
) -> Iterable[tuple[str, Row]]:
    yield (
        "MHS006MHCareCoord",
        {
            "LocalPatientID": own,
            "StartDateAssCareCoord": received,
            "CareProfLocalID": "CPN12",
        },
    )
    yield (
        "MHS101Referral",
        {
            "ServiceRequestID": asked,
            "LocalPatientID": own,
            "ReferralRequestReceivedDate": received,
            "CareProfTeamLocalID": "CMHT",
            "OrgIDReferringOrg": person.practice.code,
            "ClinRespPriorityType": "3",
        },
    )


def _mhsds_plans(person: Person, own: str, received: int) -> Iterable[tuple[str, Row]]:
    created = SEEN_ON.fromordinal(received + 14)
    for kind in _PLAN_TYPES:
        plan = f"MP{person.number:06}{kind}"
        yield (
            "MHS008CarePlanType",
            {
                "CarePlanID": plan,
                "LocalPatientID": own,
                "CarePlanTypeMH": kind,
                "CarePlanCreatDate": created.isoformat(),
                "CarePlanLastUpdateDate": (created + timedelta(days=5)).isoformat(),
                "CarePlanImplementDate": (created + timedelta(days=1)).isoformat(),
            },
        )
        yield (
            "MHS009CarePlanAgreement",
            {
                "CarePlanID": plan,
                "FamilyCarePlanIndicator": "N",
                "CarePlanContentAgreedBy": "10",
                "CarePlanContentAgreedDate": created.isoformat(),
            },
        )


def _mhsds_scores(dice: Dice, asked: str) -> Iterable[tuple[str, Row]]:
    first = 14 + dice.below(10)
    for days, score in ((45, first), (18, max(0, first - 2 - dice.below(9)))):
        on = SEEN_ON - timedelta(days=days)
        yield (
            "MHS606CodedScoreAssessmentRefer",
            {
                "ServiceRequestID": asked,
                "CodedAssToolType": _PHQ_9,
                "PersScore": str(score),
                "AssToolCompTimestamp": f"{on.isoformat()}T11:00:00+00:00",
            },
        )


def _gender(person: Person) -> str:
    return "2" if person.gender == "female" else "1"


def _zipped(tables: Tables) -> bytes:
    """The archive; the same tables give the same bytes."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for name in sorted(tables):
            entry = zipfile.ZipInfo(f"{name}.csv", _ZIPPED_AT)
            entry.compress_type = zipfile.ZIP_DEFLATED
            file.writestr(entry, _written(tables[name]))
    return archive.getvalue()


def _written(rows: list[Row]) -> str:
    """Rows as CSV under one heading: every column that any row has."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
