"""Access categories: which shelf of the shared record an item stands on.

Out     The codes of our access-category CodeSystem; each stored item carries exactly one.
Source  Our own; the policy page (docs/policy.md) says which role sees which category.
"""

from enum import StrEnum


class Category(StrEnum):
    """The shelf of the shared record; a role is granted shelves, never single items."""

    DEMOGRAPHICS = "demographics"
    CONTACTS = "contacts"
    SAFETY = "safety"
    PROBLEMS = "problems"
    OBSERVATIONS = "observations"
    MEDICINES = "medicines"
    REFERRALS = "referrals"
    ENCOUNTERS = "encounters"
    CARE_PLAN = "care-plan"
    SUPPORT_PLAN = "support-plan"
    MENTAL_HEALTH = "mental-health"
    CRISIS_PLAN = "crisis-plan"
    SOCIAL_CARE = "social-care"
    SAFEGUARDING = "safeguarding"
    FINANCE = "finance"
    DOCUMENTS = "documents"
    TEAM = "team"
    CONSENT = "consent"
    PROVENANCE = "provenance"
