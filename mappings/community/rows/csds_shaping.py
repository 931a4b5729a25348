"""Named functions of the CSDS rows: elements, faults.

In      Values of the submission's columns (absent ones as None), or the row's scope.
Out     FHIR elements; None leaves the element out. Issues at the submission's own paths.
Errors  UnreadableValueError, without the value.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final

from mappings.community.codes import csds as codes
from mappings.core.model.paths import Found, Scope
from mappings.core.sets import national, national_care, national_codes, national_days
from mappings.terms import scores


def referral_status(discharged: Any, _referral: Any, made: Any) -> str:
    """Discharged or not; a team that closes or rejects its part does not close the referral."""
    return "completed" if national_days.has_come(discharged, made) else "active"


def teams(scope: Scope) -> Iterator[Found]:
    """The teams the referral went to."""
    for index, row in enumerate(scope.facts.get("CYP102") or ()):
        if "TeamID_Local" in row:
            yield Found(("CYP102", index), row)


def team(row: Mapping[str, str]) -> dict[str, Any]:
    """A team, and whether it has closed or rejected its part of the referral."""
    ends = (
        ("closed", row.get("Referral_ClosureDate")),
        ("rejected", row.get("Referral_RejectionDate")),
    )
    return national.team(row["TeamID_Local"], ends)


def done(scheme: Any, code: Any, kind: Any) -> dict[str, Any] | None:
    """What was done: the coded procedure, else the type of activity."""
    if code is None:
        return codes.ACTIVITY_TYPE(kind)
    return national.diagnosis(national_codes.PROCEDURE_SCHEMES, scheme, code)


plan_faults: Final = partial(
    national_days.updated_before_created, "CYP004.Plan_CreatedDate", "CYP004.Plan_LastUpdateDate"
)
contact_faults: Final = partial(
    national_days.attended_to_come,
    "CYP000.FileCreation_DateTime",
    "CYP201.Contact_Date",
    "CYP201.AttendanceStatus",
)
activity_faults: Final = partial(
    national_care.uncoded,
    "CYP202",
    ("CodedProcedure", "Activity_Type", "CodedFinding", "CodedObservation"),
)
_diagnosis_faults: Final = partial(
    national_care.not_a_code, national_codes.DIAGNOSIS_SCHEMES, "Diagnosis_Scheme"
)
previous_diagnosis_faults: Final = partial(_diagnosis_faults, "CYP601", "PreviousDiagnosis")
provisional_diagnosis_faults: Final = partial(_diagnosis_faults, "CYP606", "ProvisionalDiagnosis")
primary_diagnosis_faults: Final = partial(_diagnosis_faults, "CYP607", "PrimaryDiagnosis")
secondary_diagnosis_faults: Final = partial(_diagnosis_faults, "CYP608", "SecondaryDiagnosis")
_score_faults: Final = partial(national_care.score_faults, scores.problems, "SNOMED_ID", "Score")
referral_score_faults: Final = partial(_score_faults, "CYP609")
activity_score_faults: Final = partial(_score_faults, "CYP612")
