"""Code tables of CSDS 1.5 and 1.6.

Source  NHS England, CSDS submission constants (nhsengland/Reusable-Code-Library). Meanings: NHS
        Data Model and Dictionary (core/national_codes.py; PRIORITY TYPE CODE; ACCOMMODATION
        STATUS CODE).
Rule    A code whose meaning no published source gives stays the code it is (`LocalCode`).
"""

from typing import Final

from mappings.core.model import systems
from mappings.core.model.codes import CodeTable
from mappings.core.sets import national, national_codes
from mappings.core.sets.national_codes import LocalCode, meanings
from mappings.core.sets.national_keys import Using
from mappings.core.sets.national_staff import StaffList

_CSDS: Final = "CSDS v1.6"

ATTENDANCE: Final = CodeTable(
    source=f"{_CSDS}, C201100 ATTENDANCE STATUS",
    rows=national_codes.ATTENDANCE,
    required=True,
)
NOT_SEEN: Final = CodeTable(
    source=f"{_CSDS}, C201100 ATTENDANCE STATUS", rows=national_codes.NOT_SEEN
)
MECHANISM: Final = CodeTable(
    source=f"{_CSDS}, C201080 CONSULTATION MECHANISM", rows=national_codes.MECHANISM
)
PRIORITY: Final = CodeTable(
    source=f"{_CSDS}, C101060 PRIORITY TYPE CODE",
    rows={"1": "routine", "2": "urgent", "3": "urgent"},
)
GENDER: Final = CodeTable(
    source=f"{_CSDS}, C001080 PERSON STATED GENDER CODE", rows=national_codes.GENDER
)

OBSERVATION_SCHEMES: Final = {
    "01": systems.READ_V2,
    "02": systems.CTV3,
    "03": systems.SNOMED_CT,
}
"""OBSERVATION SCHEME IN USE."""

PLAN_TYPE: Final = LocalCode("csds-care-plan-type", "the list CARE PLAN TYPE (COMMUNITY CARE)")
AGREED_BY: Final = LocalCode("csds-care-plan-agreed-by", "the list CARE PLAN AGREED BY")
REASON: Final = LocalCode(
    "csds-primary-reason-for-referral", "the list PRIMARY REASON FOR REFERRAL (COMMUNITY CARE)"
)
ONWARD_REASON: Final = LocalCode("csds-onward-referral-reason", "the list ONWARD REFERRAL REASON")
TEAM_TYPE: Final = LocalCode(
    "csds-service-or-team-type", "the list SERVICE OR TEAM TYPE REFERRED TO (COMMUNITY CARE)"
)
CONSULTATION_MECHANISM: Final = LocalCode(
    "csds-consultation-mechanism", "the list CONSULTATION MECHANISM"
)
ACTIVITY_TYPE: Final = LocalCode(
    "csds-community-care-activity-type", "the list COMMUNITY CARE ACTIVITY TYPE"
)
EDUCATION_NEED: Final = LocalCode(
    "csds-special-educational-need", "the list SPECIAL EDUCATIONAL NEED TYPE"
)
ACCOMMODATION: Final = meanings(
    "csds-accommodation-status",
    "NHS Data Model and Dictionary, ACCOMMODATION STATUS CODE",
    {
        "MA01": "Owner occupier",
        "MA02": "Settled mainstream housing with family or friends",
        "MA03": "Shared ownership scheme",
        "MA04": "Tenant of a local authority or registered landlord",
        "MA05": "Tenant of a housing association",
        "MA06": "Tenant of a private landlord",
        "MA09": "Other mainstream housing",
        "HM01": "Rough sleeper",
        "HM03": "Night shelter or emergency hostel",
        "HM04": "Sofa surfing",
        "HM05": "Temporary accommodation placed by the local authority",
        "HM06": "Staying with friends or family as a short-term guest",
        "HM07": "Other homeless",
        "MH01": "Supported accommodation (mental health)",
        "MH02": "Supported lodgings (mental health)",
        "MH03": "Supported group home (mental health)",
        "MH04": "Mental health registered care home",
        "CH01": "Foyer for young people",
        "CH03": "Registered care home",
    },
)

DEATH_PLACE: Final = meanings(
    "death-location-type",
    "NHS Data Model and Dictionary, DEATH LOCATION TYPE CODE",
    {
        "10": "Hospital",
        "20": "At home, their own or another's",
        "21": "Their own home",
        "22": "Another private home, such as a relative's or carer's",
        "30": "Hospice",
        "40": "Care home",
        "41": "Care home with nursing",
        "42": "Care home without nursing",
        "50": "Elsewhere",
    },
)
DEATH_PLACE_DISCUSSED: Final = LocalCode(
    "csds-preferred-death-location-discussed",
    "the list PREFERRED DEATH LOCATION DISCUSSED INDICATOR",
)

CONTACT_CLASS: Final = Using(national.encounter_class, MECHANISM, CONSULTATION_MECHANISM)

FACTOR: Final = LocalCode(
    "csds-safeguarding-vulnerability-factor", "the list SAFEGUARDING VULNERABILITY FACTORS TYPE"
)
PROTECTED_FROM: Final = meanings(
    "child-protection-plan-reason",
    "NHS Data Model and Dictionary, CHILD PROTECTION PLAN REASON CODE",
    {
        "01": "Child protection plan: neglect",
        "02": "Child protection plan: physical abuse",
        "03": "Child protection plan: emotional abuse",
        "04": "Child protection plan: sexual abuse",
    },
)

STAFF: Final = StaffList(
    "CYP901",
    "CareProfessionalID_Local",
    "",
    "RegistrationBody",
    "RegistrationEntryID",
    national_codes.REGISTER,
    {
        "StaffGroup": LocalCode(
            "csds-care-professional-staff-group",
            "the list CARE PROFESSIONAL STAFF GROUP (COMMUNITY CARE)",
        ),
        "OccupationCode": national_codes.OCCUPATION,
        "JobRoleCode": national_codes.JOB_ROLE,
    },
)
"""The provider's list of its staff."""
