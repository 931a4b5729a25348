"""Which writing each element of a team's resource came from.

In      The body of a version and its lineage; the body that follows it; the writing.
Out     Lineage as it is stored: origins, and a line for each element, entries of lists one by one.
Rule    What stands as it stood keeps its line. A line names a request, and never who sent it: the
        version's own words and the log do.
Pure    Values in, values out.
"""

import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import orjson

from gateway.store.clear import precise
from gateway.store.team.team_edit_notes import is_told
from gateway.store.team.team_edits import elements
from gateway.store.team.team_statements import Beside, Group, Statement

NOTHING: Final = orjson.dumps([[], []])
WRITTEN: Final = "rest"
"""The kind of what came over REST."""
_RULE: Final = "written"
_NAME: Final = re.compile(r"\w+")
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
    origins.append(["", request_id, 0, WRITTEN, WRITTEN, at])
    made = []
    for path, name, value in _elements(body):
        known = held.get((name, value))
        line = known.popleft() if known else ["", _RULE, len(origins) - 1]
        made.append([path, *line])
    used = sorted({line[3] for line in made})
    moved = {old: new for new, old in enumerate(used)}
    kept = [[path, source, rule, moved[place]] for path, source, rule, place in made]
    return orjson.dumps([[origins[old] for old in used], kept])


def lineage_with(stored: bytes, beside: Beside, shown: Mapping[str, Any]) -> bytes:
    """The source's lineage, and beside it that of the body that is shown."""
    origins, lines, *_ = orjson.loads(stored)
    there, made, said = list(origins), [], elements(beside.source)
    for name, group in elements(shown).items():
        for path, place, is_new in _moves(name, group, said.get(name, {})):
            if not is_new:
                made += _moved(lines, place, path)
                continue
            one = _statement_of(beside.statements, name, shown, path)
            if one is not None:
                made.append([path, "", _RULE, len(there)])
                there.append([one.org, one.request_id, 0, WRITTEN, WRITTEN, one.at])
    return orjson.dumps([origins, lines, [there, made]])


def since_in(stored: bytes) -> dict[str, int]:
    """When the newest word on each element came."""
    origins, lines, *_ = orjson.loads(stored)
    found: dict[str, int] = {}
    for path, _, _, place in lines:
        name = _NAME.match(path)
        if name:
            found[name[0]] = max(found.get(name[0], 0), origins[place][5])
    return found


def _moves(name: str, group: Group, said: Group) -> list[tuple[str, str, bool]]:
    """Each part of an element: where it stands, where it stood, and whether it is not the
    source's."""
    values = group.get(name)
    if not isinstance(values, list):
        return [(one, one, _bytes(group) != _bytes(said)) for one in group]
    marks: list[bytes | None] = [_bytes(one) for one in said.get(name, ())]
    found = []
    for place, value in enumerate(values):
        old = marks.index(_bytes(value)) if _bytes(value) in marks else None
        if old is not None:
            marks[old] = None
        found.append((f"{name}[{place}]", f"{name}[{place if old is None else old}]", old is None))
    return found


def _moved(lines: list[list[Any]], old: str, new: str) -> list[list[Any]]:
    inside = (f"{old}.", f"{old}[")
    return [
        [new + line[0][len(old) :], *line[1:]]
        for line in lines
        if line[0] == old or line[0].startswith(inside)
    ]


def _statement_of(
    statements: Sequence[Statement], name: str, shown: Mapping[str, Any], path: str
) -> Statement | None:
    """The newest statement that this part is of; a note on a difference is of none."""
    value: Any = shown.get(name)
    if isinstance(value, list):
        value = value[int(path.rpartition("[")[2][:-1])]
        if is_told(value):
            return None
    mine = [one for one in statements if one.element == name]
    exact = [one for one in mine if one.is_entry and _bytes(one.now) == _bytes(value)]
    return next(reversed(exact or mine), None)


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
