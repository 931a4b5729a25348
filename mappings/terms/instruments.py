"""Instruments by their name and version: range, direction, and the least change that counts.

In      The name of an instrument as plans write it, or the SNOMED CT code of a scale.
Out     Instrument: what the score is, its range, which way is better, and from which change on
        it counts.
Source  scales.py for what it holds. Reliable change, at least 6 points of PHQ-9 and 4 of GAD-7:
        NHS Talking Therapies manual, after Gyani, Shafran, Layard and Clark, Behaviour Research
        and Therapy 51 (2013) 597-606.
        Goal attainment: five points about the expected outcome. Ranges of the others: the
        instruments' own manuals; the Barthel index and EQ-5D exist in several versions, which
        are told apart by name.
Rule    No least change is given where none is published for the version: then only a target that
        is met or missed is told, and neither progress nor loss. A single question whose answer is
        a number (the four of ONS4) is no sum of answers: another answer is a change.
"""

from dataclasses import dataclass
from typing import Final

from mappings.core.model import systems
from mappings.core.model.codes import Concept
from mappings.terms.scales import SCALES, Scale

INSTRUMENT: Final = f"{systems.OWN}/CodeSystem/instrument"


@dataclass(frozen=True, slots=True)
class Instrument:
    """One score of one version of one instrument."""

    concept: Concept
    version: str
    low: float
    high: float
    better: str
    """`higher`, `lower`, or empty where no source says."""
    change: float | None = None
    """The least change that is more than chance."""
    met_at: float | None = None
    """The value that is the goal itself, whatever a plan says."""
    not_known: float | None = None
    """The value that means "not known"; it is no measurement."""


RELIABLE_CHANGE: Final[dict[str, float]] = {"720433000": 6, "445455005": 4}
"""By SNOMED CT code of the series: NHS Talking Therapies manual."""

_NAMED_CODES: Final[dict[str, str]] = {
    "PHQ-9": "720433000",
    "GAD-7": "445455005",
    "GBO": "959951000000108",
    "ReQoL-10": "1091071000000100",
    "ReQoL-20": "1091081000000103",
    "SWEMWBS": "718466001",
    "WEMWBS": "718426000",
    "TOMs impairment": "718164005",
    "TOMs activity": "716618008",
    "TOMs participation": "718045001",
    "TOMs wellbeing": "718038001",
    "TOMs carer wellbeing": "718040006",
    "Clinical Frailty Scale": "763264000",
}
"""Name -> SNOMED CT code in scales.py."""


def _own(code: str, display: str, version: str, low: float, high: float, better: str) -> Instrument:
    return Instrument(Concept(INSTRUMENT, code, display), version, low, high, better)


def _ons4(code: str, display: str, better: str = "higher") -> Instrument:
    """One question of the four, answered from 0 to 10: another answer is a change of its own."""
    return Instrument(Concept(INSTRUMENT, f"ons4-{code}", display), "ONS4", 0, 10, better, change=1)


_OWN: Final[dict[str, Instrument]] = {
    "GAS": Instrument(
        Concept(INSTRUMENT, "gas", "Goal attainment scaling"),
        "five points",
        low=-2,
        high=2,
        better="higher",
        change=1,
        met_at=0,
    ),
    "Barthel 20": _own("barthel-20", "Barthel index", "0 to 20", 0, 20, "higher"),
    "Barthel 100": _own("barthel-100", "Barthel index", "0 to 100", 0, 100, "higher"),
    "EQ-5D-5L index": _own("eq-5d-5l-index", "EQ-5D-5L index value", "5L", -1, 1, "higher"),
    "EQ-5D-5L VAS": _own("eq-5d-5l-vas", "EQ-5D-5L health today", "5L", 0, 100, "higher"),
    "ONS4 satisfaction": _ons4("satisfaction", "Satisfied with life"),
    "ONS4 worthwhile": _ons4("worthwhile", "Things are worthwhile"),
    "ONS4 happiness": _ons4("happiness", "Happy yesterday"),
    "ONS4 anxiety": _ons4("anxiety", "Anxious yesterday", better="lower"),
    "PAM": _own("pam", "Patient activation measure", "13 items", 0, 100, "higher"),
    "ASCOT": _own("ascot", "Social-care-related quality of life", "SCT4", -0.17, 1, "higher"),
}


def _of_scale(scale: Scale) -> Instrument:
    series = scale.series or scale.code
    return Instrument(
        Concept(systems.SNOMED_CT, series, SCALES.get(series, scale).term),
        scale.version,
        scale.low,
        scale.high,
        scale.better,
        RELIABLE_CHANGE.get(series),
        not_known=float(scale.not_known) if scale.not_known else None,
    )


INSTRUMENTS: Final[dict[str, Instrument]] = {
    **{name: _of_scale(SCALES[code]) for name, code in _NAMED_CODES.items()},
    **_OWN,
}
"""By the name a plan gives."""

_FOLDED: Final = {name.casefold(): one for name, one in INSTRUMENTS.items()}


def instrument(name: str) -> Instrument | None:
    """An instrument by name, or by the SNOMED CT code of its scale; one series, one concept."""
    bare = " ".join(name.split())
    scale = SCALES.get(bare)
    return _of_scale(scale) if scale else _FOLDED.get(bare.casefold())
