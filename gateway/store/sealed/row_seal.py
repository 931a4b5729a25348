"""What the sealed bytes of a version are bound to: the row they stand in and the labels it bears.

In      The identity of a version's row; the values of BOUND.
Out     The associated data that its bytes are sealed with.
Rule    The labels decide who sees the row, so the row opens under no others: nor under those of an
        earlier linking. Other labels are another seal of the same words. A row that is put back
        whole to what it once was opens; `care-gateway check` finds it.
Source  docs/adr/0068-one-seal-for-a-row-and-its-labels.md.
Pure    Values in, bytes out.
"""

from collections.abc import Sequence
from typing import Final

import orjson

from gateway.store.clear.columns import Columns

LABELS: Final = (
    "category", "confidentiality", "sensitivities", "holds", "legal", "source_org", "author",
    "starts", "ends", "refs", "feed",
)  # fmt: skip
"""The clear columns that decide who sees what of a row."""
BOUND: Final = (*LABELS, "linking")
"""What a row's bytes are bound to beside its identity, in this order."""
Bound = Sequence[str | int]
"""The values of BOUND."""


def bound_columns(alias: str) -> str:
    """BOUND, over an alias."""
    return ", ".join(f"{alias}.{name}" for name in BOUND)


def bound(
    source_org: str, author: str, columns: Columns, feed: str, linking: int
) -> tuple[str | int, ...]:
    """The values of BOUND for a version that is written."""
    labels = columns.labels
    return (
        labels.category, labels.confidentiality, labels.sensitivities, labels.holds,
        labels.legal, source_org, author, columns.starts, columns.ends, columns.refs, feed, linking,
    )  # fmt: skip


def row_aad(
    resource_type: str, resource_id: str, version: int, patient_id: str, labels: Bound
) -> bytes:
    """What the bytes of this version are sealed with; `labels`: the values of BOUND."""
    text = f"{resource_type}|{resource_id}|{version}|{patient_id}|"
    if text.count("|") != 4:
        raise ValueError("the parts of a row's identity may not hold a bar")
    return text.encode() + orjson.dumps(labels)
