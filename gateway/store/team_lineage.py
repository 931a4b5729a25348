"""Which writing each element of a team's resource came from.

In      The body of a version and its lineage; the body that follows it; the writing.
Out     Lineage as it is stored: origins, and a line for each element, entries of lists one by one.
Rule    What stands as it stood keeps its line. A line names a request, and never who sent it: the
        version's own words and the log do.
Pure    Values in, values out.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any, Final

import orjson

from gateway.store import precise

NOTHING: Final = orjson.dumps([[], []])
_KIND: Final = "rest"
_RULE: Final = "written"
_SERVERS: Final = frozenset({"resourceType", "id", "meta"})


def lineage_of(
    body: Mapping[str, Any], before: Mapping[str, Any], stored: bytes, request_id: str, at: int
) -> bytes:
    """The lineage of a body that this request wrote after another."""
    origins, elements = orjson.loads(stored)
    lines = {path: [source, rule, place] for path, source, rule, place in elements}
    held: dict[tuple[str, bytes], deque[list[Any]]] = {}
    for path, name, value in _elements(before):
        if path in lines:
            held.setdefault((name, value), deque()).append(lines[path])
    origins.append(["", request_id, 0, _KIND, _KIND, at])
    made = []
    for path, name, value in _elements(body):
        known = held.get((name, value))
        line = known.popleft() if known else ["", _RULE, len(origins) - 1]
        made.append([path, *line])
    used = sorted({line[3] for line in made})
    moved = {old: new for new, old in enumerate(used)}
    kept = [[path, source, rule, moved[place]] for path, source, rule, place in made]
    return orjson.dumps([[origins[old] for old in used], kept])


def _elements(body: Mapping[str, Any]) -> Iterator[tuple[str, str, bytes]]:
    """Path, name and value of each element."""
    for name, value in body.items():
        if name in _SERVERS:
            continue
        if isinstance(value, list):
            for place, entry in enumerate(value):
                yield f"{name}[{place}]", name, _bytes(entry)
        else:
            yield name, name, _bytes(value)


def _bytes(value: Any) -> bytes:
    return precise.dumps(value, orjson.OPT_SORT_KEYS)
