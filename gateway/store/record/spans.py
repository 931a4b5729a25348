"""FHIR's prefixes over dates, as SQL, and how a row shows without its dates that none is so.

In      A prefix with the span of the date that follows it; columns of a range, or a row's alias.
Out     Conditions; the two moments that every date of a resource lies between.
Rule    What `near_span` rules out has no date in the span. The defaults of its columns, the
        beginning of time and its end, rule nothing out.
Source  http://hl7.org/fhir/R4/search.html#prefix
Pure    No connection.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from consent.periods import MAX_MICROS, MIN_MICROS
from gateway.store.clear.search_index import Dated
from gateway.store.record.statement import Statement


@dataclass(frozen=True, slots=True)
class Span:
    """A prefix of FHIR's, and the half-open span of the date that follows it."""

    prefix: str
    low: int
    high: int


def range_of(dates: Iterable[Dated]) -> tuple[int, int]:
    """First moment of the first and first after the last; the wrong way round where none is."""
    several = list(dates)
    first = min((low for _, low, _ in several), default=MAX_MICROS)
    return first, max((high for _, _, high in several), default=MIN_MICROS)


def in_span(to: Statement, low: str, high: str, span: Span) -> str:
    """FHIR's rules for a prefix over the range of a value, whose ends are these columns."""
    rule = _PREFIXES[span.prefix]
    first = to.bind(span.low) if "{first}" in rule else ""
    after = to.bind(span.high) if "{after}" in rule else ""
    return f"({rule.format(low=low, high=high, first=first, after=after)})"


_INSIDE: Final = "{low} >= {first} AND {high} <= {after}"
_PREFIXES: Final = {
    "eq": _INSIDE,
    "ne": f"NOT ({_INSIDE})",
    "gt": "{high} > {after}",
    "lt": "{low} < {first}",
    "ge": f"{{high}} > {{after}} OR ({_INSIDE})",
    "le": f"{{low}} < {{first}} OR ({_INSIDE})",
    "sa": "{low} >= {after}",
    "eb": "{high} <= {first}",
    "ap": "{low} < {after} AND {high} > {first}",
}
PREFIXES: Final = tuple(_PREFIXES)


def near_span(to: Statement, alias: str, span: Span) -> str:
    """That a row may have a date that is so, by what all its dates lie between."""
    rules = []
    if span.prefix in _NOT_BEFORE:
        rules.append(f"{alias}.dated_until > {to.bind(span.low)}")
    if span.prefix in _NOT_AFTER:
        rules.append(f"{alias}.dated_from < {to.bind(span.high)}")
    return f"({' AND '.join(rules) or '1 = 1'})"


_NOT_BEFORE: Final = ("eq", "gt", "ge", "sa", "ap")
"""Whatever is so ends after the span begins."""
_NOT_AFTER: Final = ("eq", "lt", "le", "eb", "ap")
"""Whatever is so begins before the span ends."""
