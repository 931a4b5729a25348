"""Named functions of the CSDS 1.6 rows: who a row is about, elements, faults.

In      Values of the submission's columns (absent ones as None), or the row's scope.
Out     FHIR elements; None leaves the element out. Issues at the submission's own paths.
Errors  UnreadableValueError, without the value.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from mappings.community.codes import csds as codes
from mappings.core import dates, national
from mappings.core.outcome import Facts, Issue, PersonClaim, warning
from mappings.core.paths import Found, Scope
from mappings.terms import scores

PERSON_COLUMNS: Final = (
    "LocalPatientID",
    "OrgID_LocalPatientID",
    "NHSNumber",
    "DateOfBirth",
)


GP: Final = ("OrgID_GP", "GPRegistration_StartDate", "GPRegistration_EndDate")


def person(facts: Facts) -> PersonClaim:
    """Whom a row is about."""
    rows = [row for _, row in national.open_registrations(facts, "CYP002", GP)]
    return national.claim(facts.get("CYP001") or {}, PERSON_COLUMNS, rows, "OrgID_GP")


def time(facts: Facts) -> str:
    """When the submission was made, for ordering."""
    return dates.ordering_time((facts.get("CYP000") or {}).get("FileCreation_DateTime"))


def registered_practice(scope: Scope) -> Iterator[Found]:
    """The newest open GP registration."""
    for index, row in national.open_registrations(scope.facts, "CYP002", GP)[:1]:
        yield Found(("CYP002", index, "OrgID_GP"), row["OrgID_GP"])


def agreements(scope: Scope) -> Iterator[Found]:
    """Each different statement of who agreed the plan, and when."""
    seen: set[tuple[str | None, ...]] = set()
    for index, row in enumerate(scope.facts.get("CYP005") or ()):
        said = tuple(row.get(column) for column in AGREED)
        if any(said) and said not in seen:
            seen.add(said)
            yield Found(("CYP005", index), row)


AGREED: Final = (
    "Plan_AgreedBy",
    "Plan_AgreedDate",
    "Plan_AgreedTime",
)


def agreement_key(scope: Scope) -> str:
    """The plan, who agreed, and when."""
    plan = scope.facts["CYP004"].get("PlanID", "")
    return "|".join((plan, "agreed", *(scope.element.get(column, "") for column in AGREED)))


def update_key(scope: Scope) -> str | None:
    """The plan's last update; there is none where no date was sent."""
    return f"{scope.facts['CYP004'].get('PlanID', '')}|updated"


def was_updated(scope: Scope) -> bool:
    """Whether the plan has a last-update date."""
    return "Plan_LastUpdateDate" in scope.facts["CYP004"]


def referral_status(discharged: Any, _referral: Any) -> str:
    """Discharged or not; a team that closes or rejects its part does not close the referral."""
    return "completed" if discharged else "active"


def discharge_note(day: Any) -> dict[str, str]:
    """When the person was discharged from the service, as a note."""
    return {"text": f"Discharged on {dates.fhir_date(str(day))}"}


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


def not_seen(code: Any) -> dict[str, str] | None:
    """Why a contact did not happen, in words."""
    words = codes.NOT_SEEN.find(str(code))
    happened = codes.ATTENDANCE.find(str(code)) == "finished"
    return {"text": words} if isinstance(words, str) and not happened else None


def contact_class(mechanism: Any, _contact: Any) -> dict[str, str]:
    """How the contact took place."""
    return national.encounter_class(codes.MECHANISM, codes.CONSULTATION_MECHANISM, mechanism)


def diagnosis(scheme: Any, code: Any) -> dict[str, Any] | None:
    """A diagnosis by its scheme."""
    return national.diagnosis(codes.DIAGNOSIS_SCHEMES, scheme, code)


def diagnosis_faults(table: str, column: str, facts: Facts) -> Iterator[Issue]:
    """A diagnosis that is no code of its scheme."""
    row: Mapping[str, str] = facts.get(table) or {}
    found = diagnosis(row.get("Diagnosis_Scheme"), row.get(column))
    if found is not None and "coding" not in found:
        text = "not a code of the scheme that is sent beside it; kept as text"
        yield warning(f"{table}.{column}", "not-a-code", text)


def provisional_diagnosis_faults(facts: Facts) -> Iterator[Issue]:
    """Faults of CYP606."""
    return diagnosis_faults("CYP606", "ProvisionalDiagnosis", facts)


def primary_diagnosis_faults(facts: Facts) -> Iterator[Issue]:
    """Faults of a primary diagnosis."""
    return diagnosis_faults("CYP607", "PrimaryDiagnosis", facts)


def secondary_diagnosis_faults(facts: Facts) -> Iterator[Issue]:
    """Faults of a secondary diagnosis."""
    return diagnosis_faults("CYP608", "SecondaryDiagnosis", facts)


def score_faults(table: str, facts: Facts) -> Iterator[Issue]:
    """A score that cannot be right, or cannot be checked."""
    row: Mapping[str, str] = facts.get(table) or {}
    code, score = row.get("SNOMED_ID"), row.get("Score")
    if code and score:
        paths = (f"{table}.SNOMED_ID", f"{table}.Score")
        yield from scores.problems(code, score, *paths)


def referral_score_faults(facts: Facts) -> Iterator[Issue]:
    """Faults of a referral's score."""
    return score_faults("CYP609", facts)


def activity_score_faults(facts: Facts) -> Iterator[Issue]:
    """Faults of a contact's score."""
    return score_faults("CYP612", facts)
