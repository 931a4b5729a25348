"""The rules for concerns about somebody's safety, and for those named as a source of harm.

In      the policy's table `safeguarding`.
Out     SafeguardingRules.
Errors  PolicyError.
Source  consent/policy.toml.
Pure    No file is opened here.
"""

from collections.abc import Collection
from dataclasses import dataclass

from consent.policy_reading import Table


@dataclass(frozen=True, slots=True)
class SafeguardingRules:
    """Who looks at concerns, of which kinds they are, and by when they are looked at."""

    decided_by: frozenset[str]
    concerns: frozenset[str]
    text_at_least: int
    a_day: int
    danger_hours: int
    hours: int
    review_days: int
    dispute_days: int


def safeguarding_rules(table: Table, roles: Collection[str]) -> SafeguardingRules:
    """The rules, complete."""
    table.only(SafeguardingRules.__slots__)
    return SafeguardingRules(
        decided_by=frozenset(table.words("decided_by", roles)),
        concerns=frozenset(table.words("concerns")),
        text_at_least=table.number("text_at_least"),
        a_day=table.number("a_day"),
        danger_hours=table.number("danger_hours"),
        hours=table.number("hours"),
        review_days=table.number("review_days"),
        dispute_days=table.number("dispute_days"),
    )
