"""Data table: what MHSDS calls what every national data set has.

Source  MHSDS v6.0.
"""

from typing import Final

from mappings.core.sets.national_sets import Names
from mappings.mental_health.codes.mhsds_rules import RULES

MHSDS: Final = Names(
    header="MHS000",
    version="DatSetVer",
    provider="OrgIDProvider",
    submitter="OrgIDSubmit",
    system="PrimSystemInUse",
    starts="ReportingPeriodStartDate",
    ends="ReportingPeriodEndDate",
    created="DateTimeDatSetCreate",
    person="MHS001",
    claim=(
        "LocalPatientID",
        "OrgIDLocalPatientID",
        "NHSNumber",
        "PersonBirthDate",
        "NHSNumberStatus",
        "PersDeathDate",
    ),
    registration="MHS002",
    practice=("GMPReg", "StartDateGMPRegistration", "EndDateGMPRegistration"),
    contexts=(
        "MHS001",
        "MHS101",
        "MHS201",
        "MHS202",
        "MHS401",
        "MHS501",
        "MHS502",
        "MHS701",
    ),
    rules=RULES,
)
