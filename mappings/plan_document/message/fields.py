"""What the shapes of the documents are built of: strict objects, words of a table, texts.

Out     The base of every shape, and of every part whose audience can be narrowed; fields.
"""

from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from mappings.core.model.codes import CodeTable
from mappings.plan_document import codes

_NOT_BLANK: Final = r"\S"
DAY: Final = "YYYY-MM-DD"
NONE: Final[Any] = ()
"""The default of a list: one that need not be copied for each document."""


class Strict(BaseModel):
    """Unknown fields are kept and reported, not lost; errors never quote what was sent."""

    model_config = ConfigDict(
        extra="allow", frozen=True, strict=True, allow_inf_nan=False, hide_input_in_errors=True
    )


def word(table: CodeTable, description: str) -> Any:
    """A word of a table; the published schema binds where the table does."""
    words: list[Any] = list(table.rows)
    if table.required:
        return Field(description=description, min_length=1, json_schema_extra={"enum": words})
    return Field(description=description, min_length=1, pattern=_NOT_BLANK, examples=words)


def word_if_known(table: CodeTable, description: str) -> Any:
    """A word of a table, or another; it may be left out."""
    return Field(default=None, description=description, examples=list(table.rows))


def name(description: str) -> Any:
    """A text that must be there."""
    return Field(description=description, min_length=1, pattern=_NOT_BLANK)


def maybe(description: str) -> Any:
    """Something that may be left out."""
    return Field(default=None, description=description)


class Shared(Strict):
    """Something whose audience can be narrowed; what belongs to it is narrowed with it."""

    sharing: list[str] = Field(
        default=NONE,
        description="Words of the sharing table; none means as any other part of the plan",
        examples=[list(codes.SHARING.rows)],
    )
