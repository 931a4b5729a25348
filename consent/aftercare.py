"""Who is shown aftercare under section 117 of the Mental Health Act 1983, beside their role.

In      the policy's table `aftercare`.
Out     AftercareRules.
Errors  PolicyError.
Rule    Some roles by their relationship; some only where a dated care team or caseload entry of the
        person names that very member of staff. Whoever it opens for sees what is so labelled on
        these shelves; what bears a further label than these stays closed.
Source  consent/policy.toml.
Pure    No file is opened here.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Self

from consent.labels import SENSITIVITIES, mask_of
from consent.policy_reading import Table
from consent.terms import CATEGORIES


@dataclass(frozen=True, slots=True)
class AftercareRules:
    """The roles, the shelves, and the labels that may stand beside."""

    roles: frozenset[str]
    named_roles: frozenset[str]
    categories: frozenset[str]
    sensitivities: int

    @classmethod
    def parse(cls, table: Table, known: Collection[str]) -> Self:
        """The rules of the policy's table; `known`: every role. Errors: PolicyError."""
        table.only(cls.__slots__)
        beside = table.words("sensitivities", SENSITIVITIES)
        return cls(
            frozenset(table.words("roles", known)),
            frozenset(table.words("named_roles", known)),
            frozenset(table.words("categories", CATEGORIES)),
            mask_of(beside, SENSITIVITIES),
        )
