"""Code tables of the plan document: the words of every sector, and what they mean.

Source  Support plan document 1 (docs/schemas/support-plan.schema.json); FHIR R4 value sets
        request-status, goal-status, goal-achievement.
"""

from typing import Final

from mappings.core.model import systems
from mappings.core.model.codes import CodeTable, Concept
from mappings.terms import language, plans, support

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
        "reablement": plans.own_plan("reablement"),
        "home care": plans.own_plan("home-care"),
        "wellbeing": plans.own_plan("wellbeing"),
        "social prescribing": plans.own_plan("social-prescribing"),
        "community group": plans.own_plan("community-group"),
        "carer support": plans.own_plan("carer-support"),
        "community care": plans.CARE_PLAN,
        "nursing": plans.own_plan("nursing"),
        "therapy": plans.own_plan("therapy"),
        "rehabilitation": plans.own_plan("rehabilitation"),
        "mental health": plans.own_plan("mental-health"),
        "recovery": plans.own_plan("recovery"),
        "section 117 aftercare": plans.own_plan("section-117"),
        "crisis": plans.CRISIS_PLAN,
        "positive behaviour support": plans.own_plan("positive-behaviour-support"),
        "contingency": plans.CONTINGENCY_PLAN,
        "advance care": plans.ADVANCE_PLAN,
        "treatment escalation": plans.ESCALATION_PLAN,
        "end of life": plans.END_OF_LIFE_PLAN,
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
        "no change, as hoped": _achievement("sustaining", "Sustaining"),
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
    bare=True,
)

CARE_ACT_OUTCOME: Final = CodeTable(
    source="The Care and Support (Eligibility Criteria) Regulations 2015, regulations 2(2) and 3",
    rows={code: plans.care_act_outcome(code) for code in plans.CARE_ACT_OUTCOMES}
    | {code: support.carer_outcome(code) for code in support.CARER_OUTCOMES}
    | {
        word: plans.care_act_outcome(code) for word, code in language.said(systems.CARE_ACT_OUTCOME)
    },
    bare=True,
)

WELLBEING_DOMAIN: Final = CodeTable(
    source="Care Act 2014, section 1(2)",
    rows={code: plans.wellbeing_domain(code) for code in plans.WELLBEING_DOMAINS},
    bare=True,
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

TIER: Final = CodeTable(
    source="Support tiers of the boroughs",
    rows={code: support.tier(code) for code in support.TIERS},
    bare=True,
)

BAND: Final = CodeTable(
    source="Children's bands of the boroughs",
    rows={"A": support.band("band-a"), "B": support.band("band-b")},
)

FUNDING: Final = CodeTable(
    source=_DOCUMENT,
    rows={code.replace("-", " "): support.funding(code) for code in support.FUNDING_KINDS},
)

SERVICE: Final = CodeTable(
    source=_DOCUMENT,
    rows={code.replace("-", " "): support.service_kind(code) for code in support.SERVICE_KINDS},
)

HOME_ACCESS: Final = CodeTable(
    source=_DOCUMENT,
    rows={code.replace("-", " "): support.home_access(code) for code in support.HOME_ACCESS_KINDS},
)

ADJUSTMENT: Final = CodeTable(
    source=_DOCUMENT,
    rows={
        "communication": support.adjustment("communication"),
        "reasonable adjustment": support.adjustment("reasonable"),
        "culture": support.adjustment("culture"),
        "sight or hearing": support.adjustment("sensory"),
        "access": support.adjustment("access"),
    },
)

SHARING_WISH: Final = CodeTable(
    source=_DOCUMENT,
    rows={code.replace("-", " "): support.sharing_wish(code) for code in support.SHARING_WISHES},
)

DAY: Final = CodeTable(
    source="FHIR R4 days-of-week",
    rows={
        "Monday": "mon",
        "Tuesday": "tue",
        "Wednesday": "wed",
        "Thursday": "thu",
        "Friday": "fri",
        "Saturday": "sat",
        "Sunday": "sun",
    },
)


def _verdict(code: str, display: str) -> Concept:
    return Concept(f"{systems.OWN}/CodeSystem/review-outcome", code, display)


VERDICT: Final = CodeTable(
    source=_DOCUMENT,
    rows={
        "fully met": _verdict("fully-met", "Fully met"),
        "partially met": _verdict("partially-met", "Partially met"),
        "not met": _verdict("not-met", "Not met"),
    },
)
"""Of a plan as a whole; FHIR R4 has no such word for a goal, and none is given to one."""

VISIT_STATE: Final = CodeTable(
    source=_DOCUMENT,
    rows={
        "planned": "planned",
        "arrived": "arrived",
        "going on": "in-progress",
        "done": "finished",
        "missed": "cancelled",
        "refused": "cancelled",
        "cancelled": "cancelled",
        "sent in error": "entered-in-error",
    },
    required=True,
    ours=True,
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
        "section 117 aftercare": Concept(systems.SENSITIVITY, "S117"),
        "not for the person": Concept(systems.HOLD, "NOPAT"),
        "third party": Concept(systems.HOLD, "THIRDPARTY"),
        "safeguarding": Concept(systems.HOLD, "SAFEG"),
        "serious harm": Concept(systems.HOLD, "SERIOUSHARM"),
    },
)
"""A sensitivity brings confidentiality R; an unknown word brings R and a hold (`PENDING`)."""
