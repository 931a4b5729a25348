"""Named functions of the MHSDS 6 rows: who a row is about, elements, faults.

In      Values of the submission's columns (absent ones as None), or the row's scope.
Out     FHIR elements; None leaves the element out. Issues at the submission's own paths.
Errors  UnreadableValueError, without the value.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from mappings.core import dates, national
from mappings.core.codes import Concept
from mappings.core.outcome import Facts, Issue, PersonClaim, warning
from mappings.core.paths import Found, Scope
from mappings.mental_health.codes import mhsds as codes
from mappings.terms import scores
from mappings.terms.access import Category

PERSON_COLUMNS: Final = (
    "LocalPatientID",
    "OrgIDLocalPatientID",
    "NHSNumber",
    "PersonBirthDate",
)


GP: Final = ("GMPReg", "StartDateGMPRegistration", "EndDateGMPRegistration")


def person(facts: Facts) -> PersonClaim:
    """Whom a row is about."""
    rows = [row for _, row in national.open_registrations(facts, "MHS002", GP)]
    return national.claim(facts.get("MHS001") or {}, PERSON_COLUMNS, rows, "GMPReg")


def time(facts: Facts) -> str:
    """When the submission was made, for ordering."""
    return dates.ordering_time((facts.get("MHS000") or {}).get("DateTimeDatSetCreate"))


def registered_practice(scope: Scope) -> Iterator[Found]:
    """The newest open GP registration."""
    for index, row in national.open_registrations(scope.facts, "MHS002", GP)[:1]:
        yield Found(("MHS002", index, "GMPReg"), row["GMPReg"])


def plan_category(scope: Scope) -> Category:
    """Crisis plans stand on a shelf of their own."""
    kind = (scope.facts.get("MHS008") or {}).get("CarePlanTypeMH")
    return Category.CRISIS_PLAN if kind == codes.CRISIS else Category.MENTAL_HEALTH


def plan_artefact(code: Any) -> dict[str, Any] | None:
    """What sort of record a plan of this type is, in SNOMED CT."""
    found = codes.RECORD_ARTEFACT.find(str(code))
    return found.concept() if isinstance(found, Concept) else None


def plan_title(code: Any) -> str | None:
    """The plan type in words."""
    found = codes.PLAN_TYPE.find(str(code))
    return found.display if isinstance(found, Concept) else None


def family_plan(indicator: Any, reason: Any) -> dict[str, str]:
    """What is said about a family care plan, as a note; the reason's meaning is unpublished."""
    words = {"Y": "yes", "N": "no"}.get(str(indicator), f"code {indicator}")
    said = [f"Family care plan: {words}."] if indicator else []
    if reason:
        said.append(f"Reason for there being none: code {reason}.")
    return {"text": " ".join(said)}


def agreements(scope: Scope) -> Iterator[Found]:
    """Each different statement of who agreed the plan, and when."""
    seen: set[tuple[str | None, ...]] = set()
    for index, row in enumerate(scope.facts.get("MHS009") or ()):
        said = tuple(row.get(column) for column in AGREED)
        if any(said) and said not in seen:
            seen.add(said)
            yield Found(("MHS009", index), row)


AGREED: Final = (
    "CarePlanContentAgreedBy",
    "CarePlanContentAgreedDate",
    "CarePlanContentAgreedTime",
)


def agreement_key(scope: Scope) -> str:
    """The plan, who agreed, and when."""
    plan = scope.facts["MHS008"].get("CarePlanID", "")
    return "|".join((plan, "agreed", *(scope.element.get(column, "") for column in AGREED)))


def update_key(scope: Scope) -> str | None:
    """The plan's last update; there is none where no date was sent."""
    return f"{scope.facts['MHS008'].get('CarePlanID', '')}|updated"


def was_updated(scope: Scope) -> bool:
    """Whether the plan has a last-update date."""
    return "CarePlanLastUpdateDate" in scope.facts["MHS008"]


def referral_status(discharged: Any, rejected: Any, _referral: Any) -> str:
    """Rejected, discharged or neither."""
    return "revoked" if rejected else "completed" if discharged else "active"


def discharge_note(day: Any) -> dict[str, str]:
    """When the person was discharged from the service, as a note."""
    return {"text": f"Discharged on {dates.fhir_date(str(day))}"}


def team(team_id: Any) -> dict[str, Any]:
    """The team a referral went to."""
    return national.team(team_id)


def other_teams(scope: Scope) -> Iterator[Found]:
    """Further teams the referral went to."""
    for index, row in enumerate(scope.facts.get("MHS102") or ()):
        if "OtherCareProfTeamLocalID" in row:
            yield Found(("MHS102", index), row)


def other_team(row: Mapping[str, str]) -> dict[str, Any]:
    """A further team, and what it did with the referral; the referral itself stays open."""
    ends = (
        ("closed", row.get("ReferClosureDate")),
        ("rejected", row.get("ReferRejectionDate")),
    )
    return national.team(row["OtherCareProfTeamLocalID"], ends)


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


def plan_faults(facts: Facts) -> Iterator[Issue]:
    """A family care plan that is said to be there and not to be."""
    for index, row in enumerate(facts.get("MHS009") or ()):
        if row.get("FamilyCarePlanIndicator") == "Y" and "NoFamilyCarePlanReason" in row:
            path = f"MHS009[{index}].NoFamilyCarePlanReason"
            text = "a reason for no family care plan beside an indicator that there is one"
            yield warning(path, "contradiction", text)


def diagnosis_faults(table: str, column: str, facts: Facts) -> Iterator[Issue]:
    """A diagnosis that is no code of its scheme."""
    row: Mapping[str, str] = facts.get(table) or {}
    found = diagnosis(row.get("DiagSchemeInUse"), row.get(column))
    if found is not None and "coding" not in found:
        text = "not a code of the scheme that is sent beside it; kept as text"
        yield warning(f"{table}.{column}", "not-a-code", text)


def primary_diagnosis_faults(facts: Facts) -> Iterator[Issue]:
    """Faults of a primary diagnosis."""
    return diagnosis_faults("MHS604", "PrimDiag", facts)


def secondary_diagnosis_faults(facts: Facts) -> Iterator[Issue]:
    """Faults of a secondary diagnosis."""
    return diagnosis_faults("MHS605", "SecDiag", facts)


def score_faults(table: str, facts: Facts) -> Iterator[Issue]:
    """A score that cannot be right, or cannot be checked."""
    row: Mapping[str, str] = facts.get(table) or {}
    code, score = row.get("CodedAssToolType"), row.get("PersScore")
    if code and score:
        paths = (f"{table}.CodedAssToolType", f"{table}.PersScore")
        yield from scores.problems(code, score, *paths)


def referral_score_faults(facts: Facts) -> Iterator[Issue]:
    """Faults of a referral's score."""
    return score_faults("MHS606", facts)


def activity_score_faults(facts: Facts) -> Iterator[Issue]:
    """Faults of a contact's score."""
    return score_faults("MHS607", facts)
