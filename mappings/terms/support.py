"""Kinds of service, ways of paying, tiers, children's bands, carers' outcomes: one language.

Source  Service kinds, funding, tiers and bands: what the boroughs' papers call them, in our own
        words. Carers' outcomes: The Care and Support (Eligibility Criteria) Regulations 2015
        (SI 2015/313), regulation 3, in our own words.
"""

from typing import Final

from mappings.core.model import systems
from mappings.core.model.codes import Concept

SERVICE_KIND: Final = f"{systems.OWN}/CodeSystem/service-kind"
FUNDING: Final = systems.FUNDING
TIER: Final = f"{systems.OWN}/CodeSystem/support-tier"
BAND: Final = f"{systems.OWN}/CodeSystem/children-band"
CARER_OUTCOME: Final = f"{systems.OWN}/CodeSystem/carer-outcome"
ADJUSTMENT: Final = f"{systems.OWN}/CodeSystem/adjustment"
ORGANISATION_KIND: Final = f"{systems.OWN}/CodeSystem/organisation-kind"
SHARING_WISH: Final = f"{systems.OWN}/CodeSystem/sharing-wish"

SERVICE_KINDS: Final[dict[str, str]] = {
    "reablement": "Reablement: help to do things oneself again",
    "support-at-home": "Support at home, up to twelve weeks",
    "stabilise": "Stabilise and make safe, up to three weeks",
    "hospital-return": "Coming home from hospital",
    "home-care": "Home care",
    "live-in": "Live-in care",
    "night": "Night care",
    "crisis": "Crisis response",
    "sitting": "Sitting with the person",
    "respite": "A break for the carer",
    "carer-support": "Support for a carer",
    "day": "Day support",
    "meals": "Meals",
    "transport": "Transport",
    "equipment": "Equipment",
    "adaptation": "Changes to the home",
    "telecare": "Alarms and sensors at home",
    "delegated-health": "Health tasks done by care workers",
    "nursing": "Nursing at home",
    "therapy": "Physiotherapy, occupational or speech therapy",
    "mental-health": "Mental-health support",
    "end-of-life": "Care at the end of life",
    "supported-living": "Supported living",
    "extra-care": "Extra care housing",
    "shared-lives": "Shared Lives",
    "care-home": "Care home",
    "nursing-home": "Nursing home",
    "prison": "Support in prison",
    "professional": "Social worker, occupational therapist or other professional support",
    "employment": "Work, learning and education",
    "circle": "Community circle",
    "befriending": "Befriending",
    "social-prescribing": "Social prescribing",
    "advice": "Information and advice",
    "advocacy": "Advocacy",
    "activity": "Activities and exercise",
    "direct-payment": "Bought by the person with a direct payment",
    "other": "Another service",
}
"""Code -> plain words."""
SITE_SERVICE_KINDS: Final[dict[str, str]] = {
    **SERVICE_KINDS,
    "safeguarding": "Safeguarding: where concerns about harm to somebody are looked at",
}
"""What a site has, too; no plan is told by it."""

FUNDING_KINDS: Final[dict[str, str]] = {
    "managed-account": "Managed account: the council arranges and pays",
    "individual-service-fund": "Individual service fund: a provider holds the budget",
    "direct-payment": "Direct payment: the person holds the budget",
    "self-funder": "The person pays",
    "joint": "The person and the council both pay",
    "council": "The council pays",
    "free-period": "Free for a first period",
    "continuing-healthcare": "NHS continuing healthcare",
    "personal-health-budget": "Personal health budget",
    "nhs": "The NHS pays",
    "grant": "A grant or a charity pays",
    "section-117": "Section 117 aftercare: the council and the NHS owe it, free of charge",
}

TIERS: Final[dict[str, str]] = {
    "rehabilitation": "Rehabilitation",
    "intensive": "Intensive support",
    "maintenance": "Maintenance",
    "continuing": "Continuing support",
}

BANDS: Final[dict[str, str]] = {
    "band-a": "Band A: a nurse leads the child's plan",
    "band-b": "Band B: a programme of activities",
}

CARER_OUTCOMES: Final[dict[str, str]] = {
    "carer-child": "The carer looks after a child",
    "carer-others": "The carer looks after others",
    "carer-home": "The carer keeps a home fit to live in",
    "carer-nutrition": "The carer eats and drinks well",
    "carer-relationships": "The carer has family and other relationships",
    "carer-work-education": "The carer works, trains, learns or volunteers",
    "carer-community": "The carer uses what the community offers",
    "carer-recreation": "The carer has time for recreation",
}

ADJUSTMENTS: Final[dict[str, str]] = {
    "communication": "Communication need",
    "reasonable": "Reasonable adjustment",
    "culture": "Cultural or religious need",
    "sensory": "Help to see or to hear",
    "access": "Getting in and moving about",
}

HOME_ACCESS_KINDS: Final[dict[str, str]] = {
    "key-safe": "Key safe",
    "door": "Door or entry system",
    "gate": "Gate",
    "alarm": "Alarm",
    "other": "Another way in",
}
"""How to get into somebody's home."""

ORGANISATION_KINDS: Final[dict[str, str]] = {
    "general-practice": "General practice",
    "hospital": "Hospital",
    "community-health": "Community health service",
    "mental-health": "Mental-health service",
    "council": "Council",
    "home-care": "Home care",
    "wellbeing": "Wellbeing team",
    "care-home": "Care home",
    "hospice": "Hospice",
    "pharmacy": "Pharmacy",
    "ambulance": "Ambulance or urgent care service",
    "voluntary": "Voluntary or community organisation",
    "team": "Team of several professions",
    "other": "Another organisation",
}

SHARING_WISHES: Final[dict[str, str]] = {
    "agrees": "Agrees that the record is shared",
    "agrees-in-part": "Agrees in part",
    "refuses": "Does not want the record shared",
    "not-decided": "Has not decided",
    "not-asked": "Was not asked",
    "cannot-decide": "Was found unable to decide this",
}
"""What was heard of somebody's wish: words for a person to read, never a decision on access."""


def service_kind(code: str) -> Concept:
    """A kind of service, whichever sector provides it."""
    return Concept(SERVICE_KIND, code, SERVICE_KINDS[code])


def funding(code: str) -> Concept:
    """Who holds the money, or pays."""
    return Concept(FUNDING, code, FUNDING_KINDS[code])


def tier(code: str) -> Concept:
    """How much support a plan is for."""
    return Concept(TIER, code, TIERS[code])


def band(code: str) -> Concept:
    """Which of the children's bands a plan is in."""
    return Concept(BAND, code, BANDS[code])


def carer_outcome(code: str) -> Concept:
    """An eligibility outcome of a carer."""
    return Concept(CARER_OUTCOME, code, CARER_OUTCOMES[code])


def adjustment(code: str) -> Concept:
    """What others must do differently for the person."""
    return Concept(ADJUSTMENT, code, ADJUSTMENTS[code])


def sharing_wish(code: str) -> Concept:
    """What was heard of somebody's wish about sharing."""
    return Concept(SHARING_WISH, code, SHARING_WISHES[code])


def home_access(code: str) -> Concept:
    """A kind of way into somebody's home."""
    return Concept(systems.HOME_ACCESS, code, HOME_ACCESS_KINDS[code])
