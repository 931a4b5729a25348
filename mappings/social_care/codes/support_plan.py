"""Code tables of the support plan document.

Source  Support plan document 1 (docs/schemas/support-plan.schema.json); FHIR R4 value sets
        request-status, goal-status, goal-achievement.
"""

from typing import Final

from mappings.core import systems
from mappings.core.codes import CodeTable, Concept
from mappings.terms import plans

_DOCUMENT: Final = "Support plan document 1, docs/schemas/support-plan.schema.json"

PLAN_STATE: Final = CodeTable(
    source=_DOCUMENT,
    rows={
        "draft": "draft",
        "active": "active",
        "paused": "on-hold",
        "ended": "completed",
        "stopped": "revoked",
        "sent in error": "entered-in-error",
    },
    required=True,
    ours=True,
)

PLAN_TYPE: Final = CodeTable(
    source=_DOCUMENT,
    rows={
        "support": plans.PERSONAL_PLAN,
        "reablement": Concept(systems.PLAN_TYPE, "reablement", "Reablement plan"),
        "home care": Concept(systems.PLAN_TYPE, "home-care", "Home care plan"),
        "wellbeing": Concept(systems.PLAN_TYPE, "wellbeing", "Wellbeing plan"),
        "carer support": Concept(systems.PLAN_TYPE, "carer-support", "Carer's support plan"),
        "contingency": plans.CONTINGENCY_PLAN,
    },
)

GOAL_STATE: Final = CodeTable(
    source=_DOCUMENT,
    rows={
        "idea": "proposed",
        "planned": "planned",
        "agreed": "accepted",
        "working on": "active",
        "paused": "on-hold",
        "finished": "completed",
        "stopped": "cancelled",
        "declined": "rejected",
        "sent in error": "entered-in-error",
    },
    required=True,
    ours=True,
)


def _achievement(code: str, display: str) -> Concept:
    return Concept(systems.GOAL_ACHIEVEMENT, code, display)


PROGRESS: Final = CodeTable(
    source=_DOCUMENT,
    rows={
        "started": _achievement("in-progress", "In Progress"),
        "getting better": _achievement("improving", "Improving"),
        "getting worse": _achievement("worsening", "Worsening"),
        "no change": _achievement("no-change", "No Change"),
        "achieved": _achievement("achieved", "Achieved"),
        "keeping it up": _achievement("sustaining", "Sustaining"),
        "not achieved": _achievement("not-achieved", "Not Achieved"),
        "cannot be achieved": _achievement("not-attainable", "Not Attainable"),
    },
)

ACTION_STATE: Final = CodeTable(
    source=_DOCUMENT,
    rows={
        "not started": "draft",
        "arranged": "active",
        "going on": "active",
        "paused": "on-hold",
        "done": "completed",
        "stopped": "revoked",
        "cancelled": "revoked",
        "sent in error": "entered-in-error",
    },
    required=True,
    ours=True,
)

AIM: Final = CodeTable(
    source=_DOCUMENT,
    rows={
        "regain": plans.goal_aim("regain"),
        "maintain": plans.goal_aim("maintain"),
        "slow loss": plans.goal_aim("slow-loss"),
        "comfort": plans.goal_aim("comfort"),
    },
)

CARE_ACT_OUTCOME: Final = CodeTable(
    source="The Care and Support (Eligibility Criteria) Regulations 2015, regulation 2(2)",
    rows={code: plans.care_act_outcome(code) for code in plans.CARE_ACT_OUTCOMES},
)

WELLBEING_DOMAIN: Final = CodeTable(
    source="Care Act 2014, section 1(2)",
    rows={code: plans.wellbeing_domain(code) for code in plans.WELLBEING_DOMAINS},
)

GENDER: Final = CodeTable(
    source=_DOCUMENT,
    rows={"male": "male", "female": "female", "other": "other", "unknown": "unknown"},
)

SAFETY_KIND: Final = CodeTable(
    source=_DOCUMENT,
    rows={
        "moving": Concept(systems.SAFETY, "moving", "Moving and handling"),
        "swallowing": Concept(systems.SAFETY, "swallowing", "Swallowing"),
        "falls": Concept(systems.SAFETY, "falls", "Falls"),
        "visiting": Concept(systems.SAFETY, "visiting", "Risk to visitors"),
        "communication": Concept(systems.SAFETY, "communication", "Communication needs"),
    },
)


def _sensitivity(code: str) -> Concept:
    return Concept(systems.ACT_CODE, code)


SHARING: Final = CodeTable(
    source=_DOCUMENT,
    rows={
        "restricted": Concept(systems.CONFIDENTIALITY, "R", "restricted"),
        "very restricted": Concept(systems.CONFIDENTIALITY, "V", "very restricted"),
        "domestic abuse": _sensitivity("SDV"),
        "mental health": _sensitivity("PSY"),
        "alcohol or drugs": _sensitivity("ETH"),
        "sexual health": _sensitivity("SEX"),
        "sexually transmitted infection": _sensitivity("STD"),
        "HIV": _sensitivity("HIV"),
        "not for the person": Concept(systems.HOLD, "NOPAT"),
        "third party": Concept(systems.HOLD, "THIRDPARTY"),
        "safeguarding": Concept(systems.HOLD, "SAFEG"),
        "serious harm": Concept(systems.HOLD, "SERIOUSHARM"),
    },
)
"""A sensitivity brings confidentiality R; an unknown word brings R and a hold (`PENDING`)."""
