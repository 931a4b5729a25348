"""Data table: the words each sector uses for the concepts of the one language.

Out     `SYNONYMS`: of each concept, by system and code, the words of each sector; `ELSEWHERE`:
        our concepts in the code systems of others.
Source  Client Level Data releases 1 and 2; Interweave social-care code systems
        (yorkshire-and-humber-care-record/fhir-ig-r4, Apache-2.0); HL7 v2.4 goal life cycle; MHSDS
        v6 care plan types; PRSB Personalised Care and Support Plan 2.0; the boroughs' papers.
Rule    A word stands under one concept of a system; what has no certain concept stands nowhere.
"""

from collections.abc import Mapping
from typing import Final

from mappings.core.model import systems
from mappings.terms import support

Words = Mapping[str, tuple[str, ...]]
"""Sector -> its words."""

COUNCIL: Final = "council"
HOME_CARE: Final = "home care and wellbeing"
COMMUNITY: Final = "community health"
MENTAL: Final = "mental health"
GENERAL_PRACTICE: Final = "general practice"
HOSPITAL: Final = "hospital"
VOLUNTARY: Final = "voluntary sector"
SECTORS: Final = (COUNCIL, HOME_CARE, COMMUNITY, MENTAL, GENERAL_PRACTICE, HOSPITAL, VOLUNTARY)

_INTERWEAVE: Final = "https://fhir.interweavedigital.nhs.uk/R4/CodeSystem/Interweave"
SERVICE_TYPE: Final = f"{_INTERWEAVE}-SocialCareServiceType"
SUPPORT_NEED: Final = "https://fhir.yhcr.nhs.uk/CodeSystem/Interweave-SocialCareSupportNeed"

_SERVICES: Final[dict[str, Words]] = {
    "reablement": {
        COUNCIL: ("ST-Max", "Short term support to maximise independence"),
        COMMUNITY: ("Intermediate care at home",),
        HOSPITAL: ("Discharge to assess",),
    },
    "home-care": {
        COUNCIL: ("Domiciliary care", "Home support"),
        HOME_CARE: ("Care calls", "Visits"),
        HOSPITAL: ("Package of care",),
        GENERAL_PRACTICE: ("Carers going in", "Referral to home care service"),
    },
    "respite": {COUNCIL: ("Carer respite",), HOME_CARE: ("Replacement care",)},
    "sitting": {COUNCIL: ("Carer sitting service",)},
    "day": {COUNCIL: ("Day support",), VOLUNTARY: ("Day centre", "Lunch club")},
    "equipment": {COMMUNITY: ("Community equipment", "Aids"), COUNCIL: ("Equipment",)},
    "telecare": {COUNCIL: ("Assistive technology", "Pendant alarm"), HOME_CARE: ("Lifeline",)},
    "nursing": {
        COMMUNITY: ("District nursing",),
        GENERAL_PRACTICE: ("DN visits", "District nurse", "Referral to district nurse"),
        HOSPITAL: ("District nurse referral",),
    },
    "therapy": {
        COMMUNITY: ("Physiotherapy", "Occupational therapy", "Speech and language therapy"),
        GENERAL_PRACTICE: ("Referral to physiotherapist", "Referral to occupational therapist"),
        HOSPITAL: ("Rehab", "Physio", "OT"),
    },
    "mental-health": {
        MENTAL: ("Community mental-health team", "Care co-ordination"),
        GENERAL_PRACTICE: ("Referral to community mental health team",),
        HOSPITAL: ("Liaison psychiatry",),
    },
    "crisis": {MENTAL: ("Home treatment team",), COMMUNITY: ("Urgent community response",)},
    "end-of-life": {COMMUNITY: ("Palliative care",), GENERAL_PRACTICE: ("Gold standards",)},
    "delegated-health": {HOME_CARE: ("Delegated healthcare tasks",)},
    "night": {HOME_CARE: ("Night Owls", "Waking night"), COUNCIL: ("Night sitting",)},
    "stabilise": {COUNCIL: ("Stabilise and Make Safe",)},
    "circle": {VOLUNTARY: ("Community Circles",), HOME_CARE: ("Circle of support",)},
    "social-prescribing": {
        GENERAL_PRACTICE: ("Link worker", "Referral to social prescribing service"),
        VOLUNTARY: ("Link work",),
    },
    "befriending": {VOLUNTARY: ("Befriender", "Telephone befriending")},
    "advice": {COUNCIL: ("Signposting",), VOLUNTARY: ("Advice line",)},
    "professional": {COUNCIL: ("Professional support", "Social work")},
}

_PLANS: Final[dict[str, Words]] = {
    "reablement": {COUNCIL: ("Enablement plan",), COMMUNITY: ("Intermediate care plan",)},
    "home-care": {HOME_CARE: ("Service user plan", "Care and support plan")},
    "wellbeing": {VOLUNTARY: ("Wellbeing star",)},
    "carer-support": {COUNCIL: ("Carer's support plan",)},
    "therapy": {COMMUNITY: ("Treatment plan",)},
    "nursing": {COMMUNITY: ("Nursing care plan",)},
    "mental-health": {MENTAL: ("Mental Health Care Plan", "CPA care plan")},
    "transition": {MENTAL: ("Child or Young Persons MH Transition Plan",)},
    "positive-behaviour-support": {MENTAL: ("Positive Behaviour Support Plan", "PBS plan")},
}

_AIMS: Final[dict[str, Words]] = {
    "regain": {COMMUNITY: ("Rehabilitation goal",), HOSPITAL: ("Improve",), MENTAL: ("Recovery",)},
    "maintain": {COMMUNITY: ("Maintenance goal",), HOSPITAL: ("Maintain",)},
    "slow-loss": {GENERAL_PRACTICE: ("Slow decline",)},
    "comfort": {GENERAL_PRACTICE: ("Palliative",), HOSPITAL: ("Comfort care",)},
}

_OUTCOMES: Final[dict[str, Words]] = {
    "nutrition": {COUNCIL: ("Managing and maintaining nutrition",)},
    "personal-hygiene": {COUNCIL: ("Maintaining personal hygiene",)},
    "toilet-needs": {COUNCIL: ("Managing toilet needs",), COMMUNITY: ("Continence",)},
    "appropriately-clothed": {COUNCIL: ("Being appropriately clothed",)},
    "home-safety": {
        COUNCIL: (
            "Being able to make use of the adult's home safely",
            "Being able to make use of the home safely",
        )
    },
    "habitable-home": {COUNCIL: ("Maintaining a habitable home environment",)},
    "relationships": {
        COUNCIL: (
            "Developing and maintaining family or other personal relationships",
            "Developing and maintaining relationships",
        )
    },
    "work-education": {
        COUNCIL: (
            "Accessing and engaging in work, training, education or volunteering",
            "Accessing work, training, education or volunteering",
        )
    },
    "community": {
        COUNCIL: (
            "Making use of necessary facilities or services in the local community including "
            "public transport, and recreational facilities or services",
            "Making use of facilities or services in the community",
        )
    },
    "caring-for-child": {
        COUNCIL: (
            "Carrying out any caring responsibilities the adult has for a child",
            "Caring responsibilities for a child",
        )
    },
}
"""The longer ones are the regulation's own words (SI 2015/313, regulation 2(2); OGL)."""

_FUNDING: Final[dict[str, Words]] = {
    "managed-account": {COUNCIL: ("CASSR managed personal budget", "Managed budget")},
    "individual-service-fund": {HOME_CARE: ("ISF",)},
    "direct-payment": {COUNCIL: ("DP",)},
    "council": {COUNCIL: ("CASSR commissioned support", "Fully social care funded")},
    "joint": {COUNCIL: ("Joint client and social care funded",)},
    "self-funder": {COUNCIL: ("Fully client funded", "Self-funder metering only")},
    "continuing-healthcare": {COMMUNITY: ("CHC", "Continuing care")},
}

SYNONYMS: Final[dict[str, dict[str, Words]]] = {
    support.SERVICE_KIND: _SERVICES,
    systems.PLAN_TYPE: _PLANS,
    systems.GOAL_AIM: _AIMS,
    systems.CARE_ACT_OUTCOME: _OUTCOMES,
    support.FUNDING: _FUNDING,
}

SERVICE_TYPES: Final[dict[str, str]] = {
    "R": "reablement",
    "STNC": "nursing-home",
    "STRC": "care-home",
    "LTNC": "nursing-home",
    "LTRC": "care-home",
    "HS": "home-care",
    "DS": "day",
    "M": "meals",
    "TRAN": "transport",
    "EQ": "equipment",
    "DP": "direct-payment",
    "SL": "shared-lives",
    "CSL": "supported-living",
    "PS": "professional",
    "LEES": "employment",
    "EOL": "end-of-life",
    "ES": "crisis",
    "OSTS": "other",
    "OLTS": "other",
    "C-R": "respite",
    "C-SS": "sitting",
    "C-US": "carer-support",
    "C-OTH": "carer-support",
}
"""Interweave's service type -> our kind of service."""

_NEEDS: Final[dict[str, str]] = {
    "Diet-and-nutrition": "nutrition",
    "Personal-hygiene": "personal-hygiene",
    "Using-the-toilet": "toilet-needs",
    "Appropriate-clothing": "appropriately-clothed",
    "Making-use-of-home-safely": "home-safety",
    "Habitable-environment": "habitable-home",
    "Developing-maintaining-relationship": "relationships",
    "Accessing-and-engaging": "work-education",
    "Recreation": "community",
    "Caring-for-children": "caring-for-child",
}

ELSEWHERE: Final[tuple[tuple[str, str, str, str, Mapping[str, str]], ...]] = (
    ("interweave-service-type", SERVICE_TYPE, support.SERVICE_KIND, "wider", SERVICE_TYPES),
    ("interweave-support-need", SUPPORT_NEED, systems.CARE_ACT_OUTCOME, "equivalent", _NEEDS),
)
"""Name of the map, their system, our system, what ours is to theirs, their code -> ours."""
