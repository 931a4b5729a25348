"""A search over resources that are held in memory: criteria, pages, and the Bundle.

In      the pairs of a query and a form; the resources, in their order; what each has where a
        parameter reads.
Out     a searchset as bytes.
Errors  FaultyRequestError for what is not taken. No fault repeats a value.
Rule    The criteria together have at most MOST_VALUES values: what a search costs is bounded by
        what is held, not by what is sent.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import orjson

from gateway.api.answers.responses import bundle
from gateway.api.search.held_match import Criterion, criterion, is_met
from gateway.api.search.search_grammar import MOST_VALUES, fault
from gateway.api.search.search_params import MOST, SHAPES_ONLY, TOTALS

Pairs = list[tuple[str, str]]
Parts = Callable[[str, Any], Iterable[Any]]
"""What a resource has where the parameter of this name reads."""
Beside = Callable[[list[Any]], Iterable[Any]]
"""What goes with a page of matches."""


@dataclass(frozen=True, slots=True)
class Sought:
    """What is searched for."""

    given: Pairs
    criteria: tuple[Criterion, ...]
    count: int
    page: int
    """How many that match come before the page."""


def parse(given: Pairs, taken: Mapping[str, str], count: int, base: str) -> Sought:
    """What is searched for, by parameters of these names and FHIR types, references being under
    `base`; a page of `count` where none is said."""
    criteria, shape, values = [], {"_count": count, "_page": 0}, 0
    for name, value in given:
        asked = criterion(name, value, taken, base)
        if asked is not None:
            criteria.append(asked)
            values += len(asked.values)
        elif name in shape and value.isascii() and value.isdigit():
            shape[name] = min(int(value[:6]), MOST if name == "_count" else 999_999)
        elif name not in SHAPES_ONLY and (name != "_total" or value not in TOTALS):
            raise fault(name, f"takes {', '.join(taken)} and _count, with a value")
        if values > MOST_VALUES:
            raise fault(name, f"more than {MOST_VALUES} values in all")
    return Sought(given, tuple(criteria), shape["_count"], shape["_page"])


def searchset(
    url: str, sought: Sought, held: Iterable[Any], parts: Parts, beside: Beside = lambda _page: ()
) -> bytes:
    """One page of those that meet every criterion, and what goes with it; `url` is that of their
    type."""
    kept = [
        one for one in held if all(is_met(each, parts(each.name, one)) for each in sought.criteria)
    ]
    first, after = sought.page, sought.page + sought.count
    links = {"self": f"{url}?{urlencode(sought.given)}" if sought.given else url}
    if after < len(kept) and sought.count:
        rest = [pair for pair in sought.given if pair[0] != "_page"]
        links["next"] = f"{url}?{urlencode([*rest, ('_page', str(after))])}"
    page, base = kept[first:after], url.rpartition("/")[0]
    entries = (
        orjson.dumps(
            {
                "fullUrl": f"{base}/{one['resourceType']}/{one['id']}",
                "resource": one,
                "search": {"mode": mode},
            }
        )
        for mode, several in (("match", page), ("include", beside(page)))
        for one in several
    )
    return bundle("searchset", len(kept), links, entries)
