"""Plan types, goal aims, Care Act outcomes, wellbeing domains: one language for every sector.

Source  Plan types: SNOMED CT record artefacts used by the National Record Locator. Care Act
        outcomes: The Care and Support (Eligibility Criteria) Regulations 2015 (SI 2015/313),
        regulation 2(2), in our own words. Goal aims: needs of the boroughs (regain, maintain,
        slow loss, comfort). Wellbeing domains: Care Act 2014 section 1(2), in our own words.
"""

from typing import Final

from mappings.core.model import systems
from mappings.core.model.codes import Concept


def _plan(code: str, display: str) -> Concept:
    return Concept(systems.SNOMED_CT, code, display)


PERSONAL_PLAN: Final = _plan("2181441000000107", "Personalised care and support plan")
CARE_PLAN: Final = _plan("734163000", "Care plan")
CRISIS_PLAN: Final = _plan("736253002", "Mental health crisis plan")
ADVANCE_PLAN: Final = _plan("736366004", "Advance care plan")
ESCALATION_PLAN: Final = _plan("735324008", "Treatment escalation plan")
END_OF_LIFE_PLAN: Final = _plan("736373009", "End of life care plan")
CONTINGENCY_PLAN: Final = _plan("325691000000100", "Contingency plan")

PLAN_TYPES: Final[dict[str, str]] = {
    "cancer-care": "Cancer care plan",
    "reablement": "Reablement plan",
    "home-care": "Home care plan",
    "wellbeing": "Wellbeing plan",
    "social-prescribing": "Social prescribing plan",
    "community-group": "Plan of a voluntary or community organisation",
    "carer-support": "Carer's support plan",
    "nursing": "Nursing care plan",
    "therapy": "Therapy plan",
    "rehabilitation": "Rehabilitation plan",
    "discharge": "Discharge plan",
    "mental-health": "Mental-health care plan",
    "recovery": "Recovery plan",
    "section-117": "Aftercare under section 117 of the Mental Health Act 1983",
    "transition": "Plan for moving from children's to adults' services",
    "positive-behaviour-support": "Positive behaviour support plan",
}
"""Code -> plain words, where SNOMED CT has no code that is known to be right."""

CARE_ACT_OUTCOMES: Final[dict[str, str]] = {
    "nutrition": "Eating and drinking well",
    "personal-hygiene": "Keeping clean, and having clean clothes",
    "toilet-needs": "Managing going to the toilet",
    "appropriately-clothed": "Being dressed for the day and the weather",
    "home-safety": "Using the home safely",
    "habitable-home": "Keeping a home fit to live in",
    "relationships": "Having family and other personal relationships",
    "work-education": "Work, training, education or volunteering",
    "community": "Using what the community offers, transport and recreation",
    "caring-for-child": "Caring for a child",
}
"""Code -> plain words."""

WELLBEING_DOMAINS: Final[dict[str, str]] = {
    "dignity": "Personal dignity and respect",
    "health": "Physical and mental health and emotional wellbeing",
    "protection": "Protection from abuse and neglect",
    "control": "Control over day-to-day life",
    "participation": "Work, education, training or recreation",
    "economic": "Social and economic wellbeing",
    "family": "Domestic, family and personal relationships",
    "accommodation": "Suitable living accommodation",
    "contribution": "Contribution to society",
}

GOAL_AIMS: Final[dict[str, str]] = {
    "regain": "Regain an ability",
    "maintain": "Keep things as they are",
    "slow-loss": "Slow down a loss",
    "comfort": "Be comfortable",
}


def own_plan(code: str) -> Concept:
    """A type of plan of our own."""
    return Concept(systems.PLAN_TYPE, code, PLAN_TYPES[code])


def care_act_outcome(code: str) -> Concept:
    """A Care Act eligibility outcome."""
    return Concept(systems.CARE_ACT_OUTCOME, code, CARE_ACT_OUTCOMES[code])


def goal_aim(code: str) -> Concept:
    """What a goal is for: regain, maintain, slow loss, comfort."""
    return Concept(systems.GOAL_AIM, code, GOAL_AIMS[code])


def wellbeing_domain(code: str) -> Concept:
    """One of the nine wellbeing domains."""
    return Concept(systems.WELLBEING_DOMAIN, code, WELLBEING_DOMAINS[code])
