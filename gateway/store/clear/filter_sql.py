"""A Filter as an SQL WHERE, for any table that carries the label columns.

In      a Filter, the table alias, the number of the first free placeholder.
Out     (SQL text, parameters), with placeholders $n, $n+1 ... in order of the parameters.
Rule    Values travel as parameters, never in the text. A NOT is safe: the columns, listed in
        COLUMNS, are all NOT NULL. The filter that shows nothing becomes a false condition.
Source  consent/filter.py, whose twin this is; the same text runs on SQLite and PostgreSQL.
Pure    No connection, no dialect switch.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

from consent.filter import And, Clause, Filter, Node, Or, Span
from consent.reach import reaching

Parameter = str | int

COLUMNS: Final = (
    "category",
    "confidentiality",
    "sensitivities",
    "holds",
    "legal",
    "source_org",
    "author",
    "starts",
    "ends",
    "resource_type",
    "resource_id",
    "feed",
)

_TRUE: Final = "1 = 1"
_FALSE: Final = "1 = 0"


class _Writer:
    """Collects parameters and gives each its placeholder."""

    def __init__(self, alias: str, first_placeholder: int) -> None:
        self.parameters: list[Parameter] = []
        self._alias = alias
        self._next = first_placeholder

    def column(self, name: str) -> str:
        return f"{self._alias}.{name}"

    def bind(self, value: Parameter) -> str:
        self.parameters.append(value)
        self._next += 1
        return f"${self._next - 1}"


def where(filter_: Filter, alias: str, first_placeholder: int) -> tuple[str, tuple[Parameter, ...]]:
    """The condition that keeps the rows the filter allows, and its parameters."""
    return _where(filter_.grants, filter_.denies, alias, first_placeholder)


@lru_cache(maxsize=4096)
def _where(
    grants: tuple[Node, ...], denies: tuple[Node, ...], alias: str, first_placeholder: int
) -> tuple[str, tuple[Parameter, ...]]:
    if not alias.isidentifier():
        raise ValueError("an SQL alias must be an identifier")
    writer = _Writer(alias, first_placeholder)
    text = _any(grants, writer)
    stopping = reaching(denies, grants)
    if stopping:
        text = f"{text} AND NOT {_any(stopping, writer)}"
    return f"({text})", tuple(writer.parameters)


def _any(nodes: Iterable[Node], writer: _Writer) -> str:
    return _joined(" OR ", (_sql(node, writer) for node in nodes), _FALSE)


def _sql(node: Node, writer: _Writer) -> str:
    match node:
        case Clause():
            return _joined(" AND ", _tests(node, writer), _TRUE)
        case And(parts):
            return _joined(" AND ", (_sql(part, writer) for part in parts), _TRUE)
        case Or(parts):
            return _any(parts, writer)
        case _:
            return f"NOT {_sql(node.part, writer)}"


def _joined(word: str, parts: Iterable[str], empty: str) -> str:
    return f"({word.join(parts) or empty})"


def _tests(clause: Clause, writer: _Writer) -> Iterator[str]:
    yield from _members(clause, writer)
    yield from _levels(clause, writer)
    yield from _masks(clause, writer)
    if clause.overlaps is not None:
        yield _overlaps(clause.overlaps, writer)
    if clause.contained_in is not None:
        yield _contained(clause.contained_in, writer)


def _members(clause: Clause, writer: _Writer) -> Iterator[str]:
    for name, values in (
        ("category", clause.categories),
        ("resource_type", clause.resource_types),
        ("resource_id", clause.resource_ids),
        ("source_org", clause.source_orgs),
        ("feed", clause.feeds),
        ("author", clause.authors),
    ):
        if values is None:
            continue
        if not values:
            yield _FALSE
            continue
        listed = ", ".join(writer.bind(value) for value in sorted(values))
        yield f"{writer.column(name)} IN ({listed})"


def _levels(clause: Clause, writer: _Writer) -> Iterator[str]:
    column = writer.column("confidentiality")
    if clause.confidentiality_max is not None:
        yield f"{column} <= {writer.bind(clause.confidentiality_max)}"
    if clause.confidentiality_min is not None:
        yield f"{column} >= {writer.bind(clause.confidentiality_min)}"


def _masks(clause: Clause, writer: _Writer) -> Iterator[str]:
    if clause.sensitivities_within is not None:
        outside = writer.bind(~clause.sensitivities_within)
        yield f"({writer.column('sensitivities')} & {outside}) = 0"
    for name, mask in (
        ("sensitivities", clause.sensitivities_any),
        ("holds", clause.holds_any),
        ("legal", clause.legal_any),
    ):
        if mask is not None:
            yield f"({writer.column(name)} & {writer.bind(mask)}) <> 0"


def _overlaps(span: Span, writer: _Writer) -> str:
    starts, ends = writer.column("starts"), writer.column("ends")
    start, end = span
    return (
        f"({starts} < {writer.bind(end)} AND "
        f"({ends} > {writer.bind(start)} OR {starts} >= {writer.bind(start)}))"
    )


def _contained(span: Span, writer: _Writer) -> str:
    starts, ends = writer.column("starts"), writer.column("ends")
    start, end = span
    return (
        f"({starts} >= {writer.bind(start)} AND {starts} < {writer.bind(end)} "
        f"AND {ends} <= {writer.bind(end)})"
    )
