"""The members of staff whom a search's includes lead to, from the site's own data.

In      The page as the caller is shown it; the includes that were asked for.
Out     Practitioners beside it, each once; nobody whom the caller may not look up.
Rule    Staff are named in a record by identifier. Only what the Filter and its masks leave of a
        record is followed, and only where a search asks for it.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import orjson

from gateway.flows.reading.assemble import Page
from gateway.flows.reading.query import Include, Query
from gateway.flows.site.site import Asking, Site
from gateway.flows.site.staff_seen import named_in
from gateway.store.clear.search_table import PRACTITIONER


class Beside(NamedTuple):
    """A resource of nobody's record, as it stands in an answer."""

    resource_type: str
    resource_id: str
    body: bytes


async def staff_beside(site: Site, asking: Asking, query: Query, page: Page) -> list[Beside]:
    """Those whom what was found names, where an include asks for them."""
    asked = [one for one in query.includes if _leads_here(one)]
    if not asked:
        return []
    found = await named_in(site, asking, _named(asked, page))
    return [Beside(PRACTITIONER, one["id"], orjson.dumps(one)) for one in found]


def _leads_here(one: Include) -> bool:
    return (
        not one.back and PRACTITIONER in one.parameter.targets and one.target in ("", PRACTITIONER)
    )


def _named(asked: list[Include], page: Page) -> Iterator[Mapping[str, Any]]:
    for views, of_these in (
        (page.matches, asked),
        (page.included, [one for one in asked if one.onward]),
    ):
        for view in views:
            leading = [one for one in of_these if one.parameter.owner == view.resource_type]
            body = orjson.loads(view.body) if leading else {}
            for one in leading:
                yield from _references(body, one)


def _references(body: Mapping[str, Any], asked: Include) -> Iterator[Mapping[str, Any]]:
    for path in asked.parameter.paths:
        held: list[Any] = [body]
        for name in path:
            values = [one.get(name) for one in held if isinstance(one, dict)]
            held = [
                each for value in values for each in (value if isinstance(value, list) else [value])
            ]
        yield from (one for one in held if isinstance(one, dict))
