"""Code tables of MHSDS 5 and 6.

Source  NHS England, MHSDS v6 submission constants and rules (nhsengland/Reusable-Code-Library);
        care plan types: CMH dashboard (nhsengland/MHSDS). Legal status: HL7 UK Core. Meanings:
        NHS Data Model and Dictionary (core/national_codes.py); response priority: NHS England's
        published monthly statistics code; restrictive interventions: NHS England, definitions
        for Assuring Transformation.
Rule    A code whose meaning no published source gives stays the code it is (`LocalCode`).
"""

from typing import Final

from mappings.core.model import systems
from mappings.core.model.codes import CodeTable, Concept
from mappings.core.sets import national, national_codes
from mappings.core.sets.national_codes import LocalCode, meanings
from mappings.core.sets.national_keys import Using
from mappings.core.sets.national_staff import StaffList
from mappings.terms import plans

_MHSDS: Final = "MHSDS v6.0"


def _plan_type(code: str, display: str) -> Concept:
    return Concept(f"{systems.OWN}/CodeSystem/mhsds-care-plan-type", code, display)


PLAN_TYPE: Final = CodeTable(
    source=f"{_MHSDS}, M008 CARE PLAN TYPE (MENTAL HEALTH)",
    rows={
        "10": _plan_type("10", "Mental health care plan"),
        "11": _plan_type("11", "Urgent and emergency mental health care plan"),
        "12": _plan_type("12", "Mental health crisis plan"),
        "13": _plan_type("13", "Positive behaviour support plan"),
        "14": _plan_type("14", "Child or young person's mental health transition plan"),
    },
    bare=True,
)

CRISIS: Final = "12"
"""The plan type that is a crisis plan."""

RECORD_ARTEFACT: Final = CodeTable(
    source="National Record Locator pointer types (SNOMED CT); the pairing is ours",
    rows={
        code: plans.CRISIS_PLAN if code == CRISIS else plans.CARE_PLAN for code in PLAN_TYPE.rows
    },
)

SHARED_PLAN_TYPE: Final = CodeTable(
    source=f"{_MHSDS}, M008 CARE PLAN TYPE (MENTAL HEALTH); the pairing is ours",
    rows={
        "10": plans.own_plan("mental-health"),
        "13": plans.own_plan("positive-behaviour-support"),
        "14": plans.own_plan("transition"),
    },
)
"""Where SNOMED CT's record artefact does not say which sort of plan it is."""

ATTENDANCE: Final = CodeTable(
    source=f"{_MHSDS}, M201090 ATTENDANCE STATUS",
    rows=national_codes.ATTENDANCE,
    required=True,
)
NOT_SEEN: Final = CodeTable(
    source=f"{_MHSDS}, M201090 ATTENDANCE STATUS", rows=national_codes.NOT_SEEN
)
MECHANISM: Final = CodeTable(
    source=f"{_MHSDS}, M201220 CONSULTATION MECHANISM (MENTAL HEALTH)",
    rows=national_codes.MECHANISM,
)
PRIORITY: Final = CodeTable(
    source=f"{_MHSDS}, M101070 CLINICAL RESPONSE PRIORITY TYPE",
    rows={"1": "stat", "2": "urgent", "3": "routine", "4": "asap"},
)
GENDER: Final = CodeTable(
    source=f"{_MHSDS}, M001090 PERSON STATED GENDER CODE", rows=national_codes.GENDER
)


def _legal(code: str, display: str) -> Concept:
    system = "https://fhir.hl7.org.uk/CodeSystem/UKCore-LegalStatusClassificationEngland"
    return Concept(system, code, display)


_DETAINED: Final = "Formally detained under Mental Health Act Section"
_GUARDIAN: Final = "Subject to guardianship under Mental Health Act Section"

LEGAL_STATUS: Final = CodeTable(
    source=f"{_MHSDS}, M401090; UK Core, UKCore-LegalStatusClassificationEngland",
    rows={
        "01": _legal("01", "Informal"),
        "02": _legal("02", f"{_DETAINED} 2"),
        "03": _legal("03", f"{_DETAINED} 3"),
        "04": _legal("04", f"{_DETAINED} 4"),
        "05": _legal("05", f"{_DETAINED} 5(2)"),
        "06": _legal("06", f"{_DETAINED} 5(4)"),
        "07": _legal("07", f"{_DETAINED} 35"),
        "08": _legal("08", f"{_DETAINED} 36"),
        "09": _legal("09", f"{_DETAINED} 37 with section 41 restrictions"),
        "10": _legal("10", f"{_DETAINED} 37"),
        "12": _legal("12", f"{_DETAINED} 38"),
        "13": _legal("13", f"{_DETAINED} 44"),
        "14": _legal("14", f"{_DETAINED} 46"),
        "15": _legal("15", f"{_DETAINED} 47 with section 49 restrictions"),
        "16": _legal("16", f"{_DETAINED} 47"),
        "17": _legal("17", f"{_DETAINED} 48 with section 49 restrictions"),
        "18": _legal("18", f"{_DETAINED} 48"),
        "19": _legal("19", f"{_DETAINED} 135"),
        "20": _legal("20", f"{_DETAINED} 136"),
        "31": _legal(
            "31",
            "Formally detained under Criminal Procedure(Insanity) Act 1964 as amended by the "
            "Criminal Procedures (Insanity and Unfitness to Plead) Act 1991",
        ),
        "32": _legal("32", "Formally detained under other acts"),
        "35": _legal("35", f"{_GUARDIAN} 7"),
        "36": _legal("36", f"{_GUARDIAN} 37"),
        "37": _legal("37", f"{_DETAINED} 45A (Limited direction in force)"),
        "38": _legal("38", f"{_DETAINED} 45A (Limitation direction ended)"),
        "98": _legal("98", "Not Applicable"),
        "99": _legal("99", "Not Known"),
    },
    bare=True,
)

AGREED_BY: Final = LocalCode(
    "mhsds-care-plan-content-agreed-by", "the list CARE PLAN CONTENT AGREED BY"
)
DISCHARGE_AGREED_BY: Final = LocalCode(
    "mhsds-discharge-plan-content-agreed-by", "the list DISCHARGE PLAN CONTENT AGREED BY"
)
REASON: Final = LocalCode(
    "mhsds-primary-reason-for-referral", "the list PRIMARY REASON FOR REFERRAL (MENTAL HEALTH)"
)
ONWARD_REASON: Final = LocalCode(
    "mhsds-onward-referral-reason", "the list ONWARD REFERRAL REASON (MENTAL HEALTH)"
)
TEAM_TYPE: Final = LocalCode(
    "mhsds-service-or-team-type", "the list SERVICE OR TEAM TYPE (MENTAL HEALTH)"
)
CONSULTATION_MECHANISM: Final = LocalCode(
    "mhsds-consultation-mechanism", "the list CONSULTATION MECHANISM (MENTAL HEALTH)"
)
CONTACT_CLASS: Final = Using(national.encounter_class, MECHANISM, CONSULTATION_MECHANISM)
ACCOMMODATION: Final = LocalCode("mhsds-accommodation-type", "the list ACCOMMODATION TYPE")
SETTLED: Final = meanings(
    "settled-accommodation-indicator",
    "NHS Data Model and Dictionary, SETTLED ACCOMMODATION INDICATOR",
    {"Y": "Settled", "N": "Not settled", "Z": "Not stated", "9": "Not known"},
)
ADMITTED_FROM: Final = LocalCode("mhsds-admission-source", "the list ADMISSION SOURCE")
DISCHARGED_TO: Final = LocalCode(
    "mhsds-destination-of-discharge", "the list DESTINATION OF DISCHARGE"
)
RESTRAINT_REASON: Final = LocalCode(
    "mhsds-restrictive-intervention-reason", "the list RESTRICTIVE INTERVENTION REASON"
)
RESTRAINT: Final = meanings(
    "mhsds-restrictive-intervention-type",
    "NHS England, definitions for Assuring Transformation, RESTRICTIVE INTERVENTION TYPE",
    {
        "01": "Physical restraint: prone",
        "07": "Physical restraint: standing",
        "08": "Physical restraint: restrictive escort",
        "09": "Physical restraint: supine",
        "10": "Physical restraint: side",
        "11": "Physical restraint: seated",
        "12": "Physical restraint: kneeling",
        "13": "Physical restraint: other",
        "14": "Chemical restraint: injection, rapid tranquillisation",
        "15": "Chemical restraint: injection, not rapid tranquillisation",
    },
)

STAFF: Final = StaffList(
    "MHS901",
    "CareProfLocalID",
    "OrgIDCareProfLocalID",
    "ProfRegBodyCode",
    "ProfRegEntryID",
    national_codes.REGISTER,
    {
        "CareProfStaffGpMH": LocalCode(
            "mhsds-care-professional-staff-group",
            "the list CARE PROFESSIONAL STAFF GROUP (MENTAL HEALTH)",
        ),
        "MainSpecCodeMH": LocalCode(
            "main-specialty", "the list MAIN SPECIALTY CODE (MENTAL HEALTH)"
        ),
        "OccCode": national_codes.OCCUPATION,
        "CareProfJobRoleCode": national_codes.JOB_ROLE,
    },
)
"""The provider's list of its staff."""
