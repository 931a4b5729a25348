"""The conditions of a request that writes: an identifier, a version.

In      A query, an ETag, as they were sent.
Out     System and value; a version's number.
Errors  FaultyRequestError: it names no one thing. Nothing is ever taken to mean "all".
Source  http://hl7.org/fhir/R4/http.html#ccreate, #cond-update, #concurrency
Pure    Values in, values out.
"""

import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import parse_qsl

from gateway.errors import Fault, FaultyRequestError
from gateway.store.writing.claims import Identifier

_ETAG: Final = re.compile(r'(?:W/)?"([0-9]{1,9})"')
_NO_CRITERION: Final = ("_format", "_pretty")


def identifier_of(query: str, path: str = "", addresses: Sequence[str] = ()) -> Identifier:
    """The identifier that a condition names; the address of its type may stand before it."""
    address, asked, rest = query.partition("?")
    criteria = rest if asked and address in ("", *addresses) else query
    try:
        pairs = parse_qsl(criteria, keep_blank_values=True, max_num_fields=10)
    except ValueError:
        pairs = []
    given = [pair for pair in pairs if pair[0] not in _NO_CRITERION]
    system, _, value = given[0][1].partition("|") if given else ("", "", "")
    if [name for name, _ in given] != ["identifier"] or not system or not value or "," in value:
        text = "a condition is one identifier=system|value, and nothing else"
        raise FaultyRequestError([Fault("invalid", path, text)])
    return system, value


def version_in(etag: str | None) -> int | None:
    """The version that an If-Match names."""
    if etag is None:
        return None
    found = _ETAG.fullmatch(etag.strip())
    if found is None:
        raise FaultyRequestError([Fault("invalid", "If-Match", 'an ETag is expected, as W/"1"')])
    return int(found[1])
