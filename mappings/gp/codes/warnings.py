"""Warnings that a GP system puts on a list of a record, in our words.

Source  GP Connect, CareConnect-ListWarningCode-1.
"""

from collections.abc import Mapping
from typing import Final

from mappings.core.model import systems
from mappings.core.model.codes import CodeTable, Concept

MEANING: Final[Mapping[str, str]] = {
    "confidential-items": "the practice holds confidential items back",
    "data-in-transit": "the record has not wholly arrived from the previous practice",
    "data-awaiting-filing": "the practice has results that are not filed yet",
}
UNNAMED: Final = "the practice says that the list is not complete"

CONFIDENTIAL: Final = "confidential-items"
"""That something is held back is itself not for the person's proxies and callers to learn here."""

TABLE: Final = CodeTable(
    source="CareConnect-ListWarningCode-1",
    rows={word: Concept(systems.RECORD_TAG, word, text) for word, text in MEANING.items()},
)
