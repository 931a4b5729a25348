"""Which codes of a GP record speak of a plan, a goal, a preference or a choice about sharing.

Source  SNOMED CT codes as they stand in real GP Connect exports (EMIS, TPP). A site checks them
        against its own SNOMED CT release; the displays here are for readers of this table.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from mappings.core.model import systems
from mappings.core.model.codes import Concept
from mappings.terms import plans


@dataclass(frozen=True, slots=True)
class PlanType:
    """A sort of plan that GP records give signs of."""

    name: str
    concept: Concept
    general: bool
    """Whether it holds the person's goals, diary entries and referrals of every sort."""


PERSONAL: Final = PlanType("personal", plans.PERSONAL_PLAN, general=True)
AGREED: Final = PlanType("agreed", plans.CARE_PLAN, general=True)
RECORD: Final = PlanType("record", plans.CARE_PLAN, general=True)
"""The implicit plan of a record that has diary entries or targets and no general plan code."""
END_OF_LIFE: Final = PlanType("end-of-life", plans.END_OF_LIFE_PLAN, general=False)
ADVANCE: Final = PlanType("advance", plans.ADVANCE_PLAN, general=False)
CANCER: Final = PlanType(
    "cancer", Concept(systems.PLAN_TYPE, "cancer-care", "Cancer care plan"), general=False
)

PLAN_CODES: Final[Mapping[str, PlanType]] = {
    "523051000000100": PERSONAL,  # Personal care plan completed
    "288834001": AGREED,  # Agreeing on care plan
    "180421000000105": CANCER,  # Out of hours service notified of cancer care plan
    "371538006": ADVANCE,  # Advance directive report
    "196121000000104": END_OF_LIFE,  # Palliative care plan review
}
"""A code that says such a plan exists; never that it is completed in FHIR's sense."""

END_OF_LIFE_CODES: Final = frozenset(
    {
        "103735009",  # Palliative care
        "395092004",  # Specialist palliative care
        "395695001",  # Specialist palliative care treatment, outpatient
        "443761007",  # Anticipatory palliative care
        "845721000000108",  # Gold standards framework, stage B
        "518901000000101",  # Gold standards framework, supportive care stage 1
        "505401000000102",  # Preferred place of care: home
        "110481000000108",  # Preferred place of death: home
        "109401000000108",  # Preferred place of death: hospital
        "395687000",  # Preferred place of death discussed with patient
        "968211000000101",  # Last months of life
        "450475007",  # For attempted cardiopulmonary resuscitation
        "975291000000108",  # Family member informed of resuscitation decision
        "871021000000106",  # Prescription of anticipatory medication
        "376201000000102",  # Issue of anticipatory medication box
    }
)
SUPPORTING_CODES: Final = END_OF_LIFE_CODES | {
    "787381000000106",  # Lack of mental capacity
    "341051000000100",  # Lasting power of attorney, personal welfare
}
"""Observations that belong to what a plan is made on: preferences, wishes, capacity."""

TARGET_CODES: Final[dict[str, str]] = {
    "315612005": "systolic blood pressure",
    "315613000": "diastolic blood pressure",
}
"""Observations that are goals: code -> what is measured."""

PREFERENCES: Final[dict[str, str]] = {
    "505401000000102": "place of care",
    "110481000000108": "place of death",
    "109401000000108": "place of death",
}
"""Observations that say what the person prefers, which are goals: code -> what it is about.
Several of one day stand together: their rank is in the words beside them."""

REFUSED: Final = "refused"
GIVEN: Final = "given"
LOCAL_SHARING: Final[Mapping[str, str]] = {"416409005": REFUSED, "417528008": GIVEN}
"""Upload to the local shared record: what decides about the data of this source here."""

OTHER_SHARING: Final[Mapping[str, str]] = {
    "773031000000109": "speaks of the national Summary Care Record alone",
    "777441000000102": "speaks of the national Summary Care Record alone",
    "717281000000100": "speaks of the quality framework, not of sharing",
}
"""Choices that look alike and decide nothing here, with the reason."""

NOT_STORED: Final[Mapping[str, str]] = {
    "440583007": "sexual orientation",
    "20430005": "sexual orientation",
    "38628009": "sexual orientation",
    "42035005": "sexual orientation",
    "765288000": "sexual orientation",
    "766822004": "sexual orientation",
}
"""Observations that are never part of the shared record, and what they are about."""
