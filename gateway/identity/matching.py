"""How surely a description fits a person, for whoever asks: a share between 0 and 1, and a grade.

In      The weights of a description against what the caller may see of somebody.
Out     Fit: score and grade (HL7 match-grade); none for somebody whom nothing speaks for.
Rule    Certain is what may link two source records: the same NHS number and the same birth date,
        nothing else that differs, and no first name that is only near. The score is the share of
        such pairs that would be one person, in a borough of two hundred thousand: it ranks, and
        decides nothing here.
Source  FHIR R4 Patient/$match; weights as in gateway.identity.weights.
Pure    The same weights always give the same.
"""

import math
from collections.abc import Collection
from enum import StrEnum
from typing import Final, NamedTuple

from gateway.identity.weights import Weight, total

_PRIOR: Final = -math.log2(200_000)
_PROBABLE: Final = 0.9
_SAME: Final = {"number", "born"}
DIFFERS: Final = "differs"


class Grade(StrEnum):
    """HL7 match-grade, but for `certainly-not`: nobody is shown who is not meant."""

    CERTAIN = "certain"
    PROBABLE = "probable"
    POSSIBLE = "possible"


class Fit(NamedTuple):
    """How a description fits somebody."""

    score: float
    grade: Grade


def fit(weighed: Collection[Weight]) -> Fit | None:
    """The fit; None where number and birth date both say nothing for it, or all speaks against."""
    same = {one.trait for one in weighed if one.agreement.startswith("same")}
    weight = total(weighed)
    if same.isdisjoint(_SAME) or weight <= 0:
        return None
    score = round(1 / (1 + 2 ** -(weight + _PRIOR)), 4)
    if same >= _SAME and not any(map(_speaks_against, weighed)):
        return Fit(score, Grade.CERTAIN)
    return Fit(score, Grade.PROBABLE if score >= _PROBABLE else Grade.POSSIBLE)


def _speaks_against(one: Weight) -> bool:
    near = one.trait == "given" and not one.agreement.startswith("same")
    return near or one.agreement.startswith(DIFFERS)
