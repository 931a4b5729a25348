"""The rules for access that users open for themselves: break-glass and self-claim.

In      the policy's tables `break_glass` and `self_claim`.
Out     BreakGlassRules, SelfClaimRules.
Errors  PolicyError.
Source  consent/policy.toml.
Pure    No file is opened here.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from consent.labels import SENSITIVITIES, mask_of
from consent.policy_reading import Table
from consent.terms import CATEGORIES, BreakGlass, Caller


@dataclass(frozen=True, slots=True)
class BreakGlassRules:
    """How an emergency access must be opened, how often in a day, and what it opens."""

    hours: int
    text_at_least: int
    a_day: int
    reasons: frozenset[str]
    deferrals: frozenset[str]
    """Why the person is told of it only once the privacy officer has settled its alert."""
    sensitivities: int
    categories: frozenset[str]
    binding_days: int
    """So far ahead at most ends a consent that holds in an emergency too."""

    def opened(self, caller: Caller, person_id: str, since: datetime) -> BreakGlass:
        """An emergency access as this caller could have opened one at that moment, for a question
        of what it would show: no evidence stands behind it."""
        return BreakGlass(
            user_id=caller.user_id,
            person_id=person_id,
            org=caller.org,
            role=caller.role,
            purpose=caller.purpose,
            reason_code=min(self.reasons, default=""),
            text_length=self.text_at_least,
            opened=since,
            expires=since + timedelta(hours=self.hours),
            evidence="",
        )


@dataclass(frozen=True, slots=True)
class SelfClaimRules:
    """How a relationship is claimed, how often in a day, and how long it holds."""

    hours: int
    text_at_least: int
    a_day: int
    reasons: frozenset[str]


def break_glass_rules(table: Table, hours: int | None) -> BreakGlassRules:
    """The rules of an emergency; `hours`: what the deployment chose instead."""
    table.only(BreakGlassRules.__slots__)
    stated = table.number("hours")
    return BreakGlassRules(
        hours=hours or stated,
        text_at_least=table.number("text_at_least"),
        a_day=table.number("a_day"),
        reasons=frozenset(table.words("reasons")),
        deferrals=frozenset(table.words("deferrals")),
        sensitivities=mask_of(table.words("sensitivities", SENSITIVITIES), SENSITIVITIES),
        categories=frozenset(table.words("categories", CATEGORIES)),
        binding_days=table.number("binding_days"),
    )


def self_claim_rules(table: Table) -> SelfClaimRules:
    """The rules of a self-claim."""
    table.only(SelfClaimRules.__slots__)
    return SelfClaimRules(
        hours=table.number("hours"),
        text_at_least=table.number("text_at_least"),
        a_day=table.number("a_day"),
        reasons=frozenset(table.words("reasons")),
    )
