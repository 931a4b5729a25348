"""Named functions of the MHSDS rows: elements, labels, faults.

In      Values of the submission's columns (absent ones as None), or the row's scope.
Out     FHIR elements; None leaves the element out. Issues at the submission's own paths.
Errors  UnreadableValueError, without the value.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final

from mappings.core.model import dates
from mappings.core.model.codes import Concept
from mappings.core.model.outcome import Facts, Issue, warning
from mappings.core.model.paths import Found, Scope
from mappings.core.model.rows import local_reference
from mappings.core.sets import national, national_care, national_codes, national_days
from mappings.core.sets.national_keys import InForce
from mappings.mental_health.codes import mhsds as codes
from mappings.mental_health.codes.mhsds_rules import RULES
from mappings.terms import plans, scores
from mappings.terms.access import Category


def plan_category(scope: Scope) -> Category:
    """Crisis plans stand on a shelf of their own."""
    kind = (scope.facts.get("MHS008") or {}).get("CarePlanTypeMH")
    return Category.CRISIS_PLAN if kind == codes.CRISIS else Category.MENTAL_HEALTH


def plan_artefact(code: Any) -> dict[str, Any]:
    """What sort of record a plan of this type is, in SNOMED CT; of no list: a care plan."""
    found = codes.RECORD_ARTEFACT.find(str(code))
    return (found if isinstance(found, Concept) else plans.CARE_PLAN).concept()


def shared_plan_type(code: Any) -> dict[str, Any] | None:
    """What sort of plan it is in the words every sector shares, where SNOMED CT does not say."""
    found = codes.SHARED_PLAN_TYPE.find(str(code))
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


def has_discharge_plan(scope: Scope) -> bool:
    """Whether the referral's columns or an agreement speak of a discharge plan."""
    return "DischPlanCreationDate" in scope.facts["MHS101"] or bool(scope.facts.get("MHS106"))


def discharge_plan(referral: Any) -> dict[str, str]:
    """A reference to the discharge plan of a referral."""
    return {"reference": local_reference("CarePlan", f"{referral}|discharge-plan")}


def discharge_plan_status(discharged: Any, agreed: Any, _referral: Any, made: Any) -> str:
    """The status of a discharge plan, which the data set does not send."""
    ended = national_days.has_come(discharged, made)
    return "completed" if ended else "active" if agreed else "draft"


def discharge_plan_note(discharged: Any, agreed: Any, referral: Any, made: Any) -> dict[str, str]:
    """Which rule gave the status, in words for staff."""
    why = {
        "completed": "the person was discharged from the service",
        "active": "the plan was agreed",
        "draft": "nobody's agreement was sent",
    }[discharge_plan_status(discharged, agreed, referral, made)]
    return {"text": f"Status worked out here, not sent: {why}."}


def referral_status(discharged: Any, rejected: Any, _referral: Any, made: Any) -> str:
    """Rejected, discharged or neither."""
    ended = "completed" if national_days.has_come(discharged, made) else "active"
    return "revoked" if national_days.has_come(rejected, made) else ended


def team(team_id: Any) -> dict[str, Any]:
    """The team a referral went to."""
    return national.team(team_id)


def further_teams(scope: Scope) -> Iterator[Found]:
    """Further teams the referral went to; version 5 names every team here."""
    for index, row in enumerate(scope.facts.get("MHS102") or ()):
        if "OtherCareProfTeamLocalID" in row or "CareProfTeamLocalID" in row:
            yield Found(("MHS102", index), row)


def further_team(row: Mapping[str, str]) -> dict[str, Any]:
    """A further team, and what it did with the referral; the referral itself stays open."""
    ends = (
        ("closed", row.get("ReferClosureDate")),
        ("rejected", row.get("ReferRejectionDate")),
    )
    named = row.get("OtherCareProfTeamLocalID") or row.get("CareProfTeamLocalID")
    return national.team(named, ends)


def until(ended: Any, lapses: Any) -> str | None:
    """The day it ended, else the day it lapses."""
    day = ended or lapses
    return dates.fhir_date(str(day)) if day else None


def stay_status(discharged: Any, _stay: Any, made: Any) -> str:
    """Whether a stay is over."""
    return "finished" if national_days.has_come(discharged, made) else "in-progress"


def episode_status(ended: Any, _episode: Any, made: Any) -> str:
    """Whether an episode is over."""
    return "finished" if national_days.has_come(ended, made) else "active"


def discharge_status(discharged: Any, _stay: Any, made: Any) -> str:
    """Whether a discharge that was expected has come."""
    return "completed" if national_days.has_come(discharged, made) else "active"


def expected_day(planned: Any, estimated: Any) -> str:
    """The day planned, else the day estimated."""
    return dates.fhir_date(str(planned or estimated))


def expected_note(planned: Any, _estimated: Any) -> dict[str, str]:
    """How sure the day is."""
    return {"text": "The day is planned." if planned else "The day is estimated."}


def ward(code: Any) -> dict[str, str]:
    """A ward by the provider's own code."""
    return {"display": f"Ward {code}"}


def ward_status(scope: Scope) -> Iterator[Found]:
    """Over, on leave or going on."""
    stay = scope.facts["MHS502"]
    made = (scope.facts.get("MHS000") or {}).get("DateTimeDatSetCreate")
    ends = [row.get(end) for *_, row, _, end in _leaves(scope)]
    is_away = not all(national_days.has_come(end, made) for end in ends)
    on_leave = "onleave" if is_away else "in-progress"
    is_over = national_days.has_come(stay.get("EndDateWardStay"), made)
    status = "finished" if is_over else on_leave
    yield Found(("MHS502", "WardStayID"), status)


def leaves(scope: Scope) -> Iterator[Found]:
    """Each leave from the ward."""
    for table, index, row, start, end in _leaves(scope):
        period = {"start": row.get(start), "end": row.get(end)}
        yield Found((table, index), {name: day for name, day in period.items() if day})


def leave(period: Mapping[str, str]) -> dict[str, Any]:
    """A time on leave."""
    days = {name: dates.fhir_date(day) for name, day in period.items()}
    return {"status": "onleave", "period": days}


def _leaves(scope: Scope) -> Iterator[tuple[str, int, Mapping[str, str], str, str]]:
    for table, (start, end) in LEAVES.items():
        for index, row in enumerate(scope.facts.get(table) or ()):
            if start in row:
                yield table, index, row, start, end


LEAVES: Final = {
    "MHS509": ("StartDateHomeLeave", "EndDateHomeLeave"),
    "MHS510": ("StartDateMHLeaveAbs", "EndDateMHLeaveAbs"),
    "MHS514": ("StartDateMHTrialLeave", "EndDateMHTrialLeave"),
}
"""Home leave, leave of absence, trial leave: from and until."""


def period_of(start: Any, start_time: Any, end: Any, end_time: Any) -> dict[str, str]:
    """When something was, from its dates and times."""
    found = {
        "start": national.day_and_time(start, start_time),
        "end": national.day_and_time(end, end_time),
    }
    return {name: moment for name, moment in found.items() if moment}


def plan_faults(facts: Facts) -> Iterator[Issue]:
    """A family care plan that is said to be there and not to be, and an update before the plan."""
    for index, row in enumerate(facts.get("MHS009") or ()):
        if row.get("FamilyCarePlanIndicator") == "Y" and "NoFamilyCarePlanReason" in row:
            path = f"MHS009[{index}].NoFamilyCarePlanReason"
            text = "a reason for no family care plan beside an indicator that there is one"
            yield warning(path, "contradiction", text)
    if not RULES.are_of(facts):  # a rule of the publisher's says it, and refuses the row
        yield from national_days.updated_before_created(
            "MHS008.CarePlanCreatDate", "MHS008.CarePlanLastUpdateDate", facts
        )


def leave_faults(facts: Facts) -> Iterator[Issue]:
    """A leave that does not say when it began."""
    for table, (start, _) in LEAVES.items():
        for index, row in enumerate(facts.get(table) or ()):
            if start not in row:
                text = "a leave without its first day; the stay is shown without it"
                yield warning(f"{table}[{index}].{start}", "missing", text)


def over_faults(in_force: InForce, facts: Facts) -> Iterator[Issue]:
    """Something that was not in force when it was sent, and is therefore not shown."""
    if said := in_force.against(facts):
        path, text = said
        yield warning(path, "not-in-force", text)


contact_faults: Final = partial(
    national_days.attended_to_come,
    "MHS000.DateTimeDatSetCreate",
    "MHS201.CareContDate",
    "MHS201.AttendStatus",
)
activity_faults: Final = partial(
    national_care.uncoded, "MHS202", ("Procedure", "Finding", "Observation")
)
_diagnosis_faults: Final = partial(
    national_care.not_a_code, national_codes.DIAGNOSIS_SCHEMES, "DiagSchemeInUse"
)
previous_diagnosis_faults: Final = partial(_diagnosis_faults, "MHS601", "PrevDiag")
provisional_diagnosis_faults: Final = partial(_diagnosis_faults, "MHS603", "ProvDiag")
primary_diagnosis_faults: Final = partial(_diagnosis_faults, "MHS604", "PrimDiag")
secondary_diagnosis_faults: Final = partial(_diagnosis_faults, "MHS605", "SecDiag")
complaint_faults: Final = partial(
    national_care.not_a_code,
    national_codes.DIAGNOSIS_SCHEMES,
    "FindSchemeInUse",
    "MHS609",
    "PresComp",
)
_score_faults: Final = partial(
    national_care.score_faults, scores.problems, "CodedAssToolType", "PersScore"
)
referral_score_faults: Final = partial(_score_faults, "MHS606")
activity_score_faults: Final = partial(_score_faults, "MHS607")
