"""Aftercare under section 117 of the Mental Health Act 1983 that a plan says is owed.

Out     A Flag for the entitlement, with its days and who owes it; labelled S117 by its code.
Rule    It is stated, never worked out: a detention makes nobody entitled here.
"""

from typing import Any, Final

from mappings.core.model import dates, systems
from mappings.core.model.codes import Concept
from mappings.core.model.rows import Row, Target
from mappings.plan_document.rows.sharing import sharing
from mappings.terms.access import Category

ENTITLED: Final = Concept(
    systems.ENTITLEMENT, "section-117", "Entitled to aftercare under section 117"
)


def status(_: Any, ended_on: Any, written_at: Any) -> str:
    """Active until a day says that it had ended when the plan was written."""
    ended, written = dates.day_said(ended_on), dates.day_said(str(written_at)[:10])
    return "inactive" if ended and written and ended <= written else "active"


def entitled(_: Any, owed_by: Any, words: Any) -> dict[str, Any]:
    """What the person is entitled to, who owes it, and what it is for."""
    said = [f"owed by {owed_by}" if owed_by else "", str(words or "")]
    return {**ENTITLED.concept(), "text": ": ".join([ENTITLED.display, *filter(None, said)])}


AFTERCARE: Final = Target(
    "Flag",
    name="aftercare",
    each="plan.aftercare",
    key=("/plan.id", "=aftercare"),
    category=Category.SUPPORT_PLAN,
    labels=sharing,
    rows=(
        Row(
            "aftercare.status",
            "status",
            ("since", "ended_on", "/written_at"),
            fn=status,
            must=True,
        ),
        Row("aftercare.what", "code", ("since", "owed_by", "words"), fn=entitled, must=True),
        Row("aftercare.since", "period.start", "since", fn=dates.fhir_date),
        Row("aftercare.ended", "period.end", "ended_on", fn=dates.fhir_date),
    ),
)
