"""Submissions and returns of invented people, as deliveries: what absence is tried on.

In      Rows by table, a period, when the file was made
Out     `Delivery`: an archive of MHSDS or CSDS tables, or a council's return as CSV
"""

from tests.integration.taking import Delivery, zipped

_HEADER = (
    "DatSetVer,OrgIDProvider,ReportingPeriodStartDate,ReportingPeriodEndDate,DateTimeDatSetCreate"
)
_HEADS = {
    "MHS001": "LocalPatientID,OrgIDLocalPatientID,NHSNumber,PersonBirthDate",
    "MHS005": "LocalPatientID,CPP,LACStatus,OffenceHistory,LDStatus,ReasonableAdjustmentInd",
    "MHS008": "CarePlanID,LocalPatientID,CarePlanTypeMH,CarePlanCreatDate,CarePlanImplementDate",
    "MHS009": "CarePlanID,CarePlanContentAgreedBy,CarePlanContentAgreedDate",
    "MHS401": (
        "MHActLegalStatusClassPeriodID,LocalPatientID,StartDateMHActLegalStatusClass,"
        "ExpiryDateMHActLegalStatusClass,EndDateMHActLegalStatusClass,LegalStatusCode"
    ),
}
PERSON = "MH-1,RQY,9990000506,1961-05-09"


def submission(ends, made, provider="RQY", **tables):
    """An MHSDS 6 submission of the month that ends so; tables by name, rows as text."""
    files = {"MHS000.csv": f"{_HEADER}\n6.0,{provider},{ends[:7]}-01,{ends},{made}\n"}
    for name, rows in ({"MHS001": (PERSON,)} | tables).items():
        files[f"{name}.csv"] = "\n".join((_HEADS[name], *rows)) + "\n"
    body = zipped({name: text.encode() for name, text in files.items()})
    return Delivery("mental-health", body, "application/zip", "RQY", f"{ends} {made}")


def plan(number, implemented="", person="MH-1"):
    """A row of MHS008."""
    return f"P-{number},{person},10,2026-01-05,{implemented}"


def agreed(number, day):
    """A row of MHS009."""
    return f"P-{number},10,{day}"


_COLUMNS = (
    "LA Code", "Reporting Period Start Date", "Reporting Period End Date", "NHS Number",
    "LA Person Unique Identifier", "Date of Birth", "Client Type", "Event Type",
    "Event Start Date", "Event End Date", "Service Type", "Service Component",
    "Delivery Mechanism", "Unit Cost", "Assessment Type", "Request: Route of Access",
    "Event Outcome", "Adult 1 Linked Person_ID",
)  # fmt: skip


def council_return(starts, ends, *rows, name=""):
    """A return of a rolling year; each row a dict of headings that differ from the usual."""
    usual = {
        "LA Code": "999",
        "Reporting Period Start Date": starts,
        "Reporting Period End Date": ends,
        "NHS Number": "9990000506",
        "LA Person Unique Identifier": "LA-1",
        "Date of Birth": "1941-05-09",
        "Client Type": "Service User",
    }
    lines = [",".join(_COLUMNS)]
    lines += [",".join((usual | row).get(head, "") for head in _COLUMNS) for row in rows]
    body = ("\n".join(lines) + "\n").encode()
    return Delivery("social-care", body, "text/csv", "XK1", name or ends)


def service(starts, ends="", **more):
    """A row of home care."""
    return {
        "Event Type": "Service",
        "Event Start Date": starts,
        "Event End Date": ends,
        "Service Type": "Long Term Support: Community",
        "Service Component": "Home Support",
        "Delivery Mechanism": "CASSR Managed Personal Budget",
        "Unit Cost": "21.50",
    } | more


def assessment(starts, ends, **more):
    """A row of an assessment."""
    return {
        "Event Type": "Assessment",
        "Event Start Date": starts,
        "Event End Date": ends,
        "Assessment Type": "Long Term Assessment",
    } | more
