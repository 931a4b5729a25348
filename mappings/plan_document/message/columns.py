"""The columns of the template: every field of a document's shape, by its path.

In      A shape (pydantic model).
Out     Heading -> Column: where its value goes, and what a cell of it says.
Rule    The headings are the names of the JSON document: one contract, two ways of writing it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from mappings.plan_document.message.fields import Strict

_YES: Final = {"yes": True, "true": True, "y": True, "no": False, "false": False, "n": False}


@dataclass(frozen=True, slots=True)
class Step:
    """One object on the way to a field; an entry of a list is known by `ids`."""

    name: str
    path: str
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the field it fills."""

    path: str
    name: str
    above: tuple[Step, ...]
    kind: type
    many: bool

    def value_of(self, cell: str) -> Any:
        """What a cell says; what is no such value stays text, and is reported as such."""
        if self.many:
            return [part.strip() for part in cell.split(";") if part.strip()]
        if self.kind is bool:
            return _YES.get(cell.casefold(), cell)
        if self.kind in (int, float):
            return _number(cell, self.kind)
        return cell


def columns_of(shape: type[Strict]) -> dict[str, Column]:
    """Every column of a shape, in the order of its fields."""
    return {column.path: column for column in _columns(shape, "", ())}


def _columns(shape: type[Strict], path: str, above: tuple[Step, ...]) -> Iterator[Column]:
    for name, field in shape.model_fields.items():
        kind, many = _kind_of(field.annotation)
        here = f"{path}.{name}".lstrip(".")
        if isinstance(kind, type) and issubclass(kind, Strict):
            step = Step(name, here, _ids(kind) if many else ())
            yield from _columns(kind, here, (*above, step))
        elif isinstance(kind, type):
            yield Column(here, name, above, kind, many)


def _kind_of(annotation: Any) -> tuple[Any, bool]:
    """The type within a list or beside None; whether it is a list."""
    if get_origin(annotation) is list:
        return get_args(annotation)[0], True
    found = [one for one in get_args(annotation) if one is not type(None)]
    is_maybe = get_origin(annotation) is Union or type(None) in get_args(annotation)
    return (found[0] if is_maybe else annotation), False


def _ids(shape: type[Strict]) -> tuple[str, ...]:
    """An entry is known by its id, or by all that it needs."""
    fields: dict[str, FieldInfo] = dict(shape.model_fields)
    if "id" in fields:
        return ("id",)
    return tuple(name for name, field in fields.items() if field.is_required())


def _number(cell: str, kind: type) -> Any:
    try:
        made = kind(cell)
    except ValueError:
        return cell
    return made if cell.strip("+-0123456789.") == "" else cell
