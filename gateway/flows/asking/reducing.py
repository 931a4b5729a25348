"""An instruction of the safety set as it is shown to who may not see its reason.

In      An opened row; the Filter's reduction; what is hidden and masked in it besides.
Out     The row without its reason and without the labels that would tell it; None where the
        caller may see it as it is.
Source  docs/adr/0029-labels-are-kept-apart-from-what-a-feed-said.md.
Pure    No database.
"""

from collections.abc import Sequence
from typing import Any

from consent.filter import Reduction
from consent.labels import CATEGORY_SYSTEM, labels_of
from consent.periods import MAX_MICROS, MIN_MICROS
from consent.terms import Labels
from gateway.store.clear import precise
from gateway.store.clear.cutting import Cut, cut
from gateway.store.labels.label_union import security, set_security
from gateway.store.record.reads import Opened


def reduced(
    row: Opened, reduction: Reduction, hidden: Sequence[str], masks: Sequence[str]
) -> Cut | None:
    """The row without its reason, where it is to be shown so."""
    body: dict[str, Any] = precise.loads(row.body)
    if not reduction.applies(_labels(row, body)):
        return None
    made = cut(body, set(hidden), (*masks, *reduction.masks))
    shelf = [one for one in security(made.resource) if one.get("system") == CATEGORY_SYSTEM]
    set_security(made.resource, shelf)
    return made


def _labels(row: Opened, body: dict[str, Any]) -> Labels:
    """What the row bears, as far as a grant asks; a grant asks for no dates."""
    parts = labels_of(security(body))
    return Labels(
        parts.category, parts.confidentiality, parts.sensitivities, parts.holds, parts.legal,
        row.source_org, "", MIN_MICROS, MAX_MICROS, row.resource_type, row.resource_id,
    )  # fmt: skip
