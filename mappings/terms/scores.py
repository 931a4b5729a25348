"""A coded assessment score to FHIR: its code, its value, and whether it can be right.

In      A SNOMED CT code of a scale and a score, as the national data sets send them.
Out     CodeableConcept, Quantity, reason of absence; issues at the path given.
Source  scales.py; FHIR R4 Observation (valueQuantity, dataAbsentReason).
Rule    A score outside its scale's range is refused. A scale that is not in the table keeps its
        score, unchecked, with a warning. A "not known" score is never a number.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from mappings.core.model import systems
from mappings.core.model.codes import Concept
from mappings.core.model.outcome import Issue, error, warning
from mappings.core.shaping.snomed import is_snomed_code
from mappings.terms.scales import SCALES

_NUMBER: Final = re.compile(r"-?\d{1,9}(\.\d{1,4})?")
NOT_KNOWN: Final = Concept(
    "http://terminology.hl7.org/CodeSystem/data-absent-reason", "unknown", "Unknown"
)
"""Why there is no value, of a score that means "not known"."""
SCORE: Final = {"unit": "score", "system": systems.UCUM, "code": "{score}"}
"""The unit of a score."""


def code_of(code: Any) -> dict[str, Any]:
    """What was measured; with the code its series shares, so that scores can be paired."""
    text = str(code)
    scale = SCALES.get(text)
    if scale is None:
        if not is_snomed_code(text):
            return {"text": text}
        return {"coding": [_coding(text)], "text": f"Assessment {text}"}
    coding = [_coding(text)]
    if scale.series and scale.series != text:
        coding.append(_coding(scale.series))
    return {"coding": coding, "text": scale.term or f"Assessment {text}"}


def _coding(code: str) -> dict[str, str]:
    return {"system": systems.SNOMED_CT, "code": code}


def value_of(code: Any, score: Any) -> dict[str, Any] | None:
    """The score as a number; None where it is none or means "not known"."""
    scale = SCALES.get(str(code))
    number = _number(str(score))
    if number is None or (scale is not None and scale.not_known == str(score)):
        return None
    return {"value": number, **SCORE}


def absent_reason(code: Any, score: Any) -> dict[str, Any] | None:
    """Why there is no value, where the score means "not known"."""
    scale = SCALES.get(str(code))
    if scale is None or not scale.not_known or scale.not_known != str(score):
        return None
    return NOT_KNOWN.concept()


def problems(code: str, score: str, code_path: str, score_path: str) -> Iterator[Issue]:
    """What is wrong with a score, or cannot be checked."""
    scale = SCALES.get(code)
    number = _number(score)
    if scale is not None and scale.not_known and scale.not_known == score:
        return
    if number is None:
        yield error(score_path, "invalid-score", "not a number; send digits with a full stop")
    elif scale is None:
        text = "this scale is not in the table of scales; its range was not checked"
        yield warning(code_path, "unknown-scale", text)
    elif not scale.low <= number <= scale.high:
        text = "outside the range of this scale and version; correct the score or the scale"
        yield error(score_path, "out-of-range", text)


def _number(text: str) -> float | int | None:
    if not _NUMBER.fullmatch(text):
        return None
    return float(text) if "." in text else int(text)
