"""Notes on what a team wrote where the source says otherwise since: made anew whenever a body is.

In      A statement that does not stand alone; the body it lies over; when the source's word came.
Out     An Annotation that any client shows: by whom and when, and the value as words.
Rule    A value that refers to something is not told in words: what may be seen of it is not known
        here. What is sent with the mark of such a note is not kept.
Pure    Values in, values out.
"""

from collections.abc import Mapping
from typing import Any, Final

import orjson

from gateway.clock import instant
from gateway.store.clear import precise
from gateway.store.clear.columns import references
from gateway.store.team.team_statements import Statement
from mappings.core.model import systems

TOLD: Final = f"{systems.OWN}/StructureDefinition/differs-from-source"
"""Marks a note that tells what somebody wrote in place of what the source says."""
Mark = tuple[str | None, str | None, str | None]
"""Element, organisation and time."""
_LONGEST: Final = 2_000


def note_of(one: Statement, body: Mapping[str, Any], since: int | None) -> dict[str, Any]:
    """What a reader is told of it."""
    path = f"{body['resourceType']}.{one.element}"
    source = str(body["meta"].get("source", "")).removeprefix("urn:care-gateway:source:")
    whose = source.partition(":")[0] or "its source"
    came = f" since {instant(since)}" if since is not None else ""
    if one.is_entry:
        text = f"{path}: {one.org} changed an entry that {whose} has changed too{came}."
    else:
        wrote = _words(one.now)
        text = f"{path}: {one.org} wrote {wrote}. {whose} says otherwise{came}, and that stands."
    return {
        "extension": [{"url": TOLD, "valueString": path}],
        "authorString": one.org,
        "time": instant(one.at),
        "text": text[:_LONGEST],
    }


def mark_of(one: Statement, body: Mapping[str, Any]) -> Mark:
    """What a note on this statement is known by."""
    return f"{body['resourceType']}.{one.element}", one.org, instant(one.at)


def told_in(body: Mapping[str, Any]) -> set[Mark]:
    """What the notes of a body are known by."""
    notes = body.get("note")
    return {
        (each.get("valueString"), one.get("authorString"), one.get("time"))
        for one in (notes if isinstance(notes, list) else ())
        for each in one.get("extension", ())
        if each.get("url") == TOLD
    }


def untold(body: Mapping[str, Any]) -> dict[str, Any]:
    """The body without such notes."""
    notes = body.get("note")
    if not isinstance(notes, list):
        return dict(body)
    kept = [one for one in notes if not is_told(one)]
    rest = {name: value for name, value in body.items() if name != "note"}
    return rest | ({"note": kept} if kept else {})


def is_told(note: Any) -> bool:
    """Whether an entry of a list is such a note."""
    listed = note.get("extension", ()) if isinstance(note, dict) else ()
    return any(one.get("url") == TOLD for one in listed)


def _words(group: Mapping[str, Any]) -> str:
    if not group:
        return "that there is none"
    if references(group):
        return "another value"
    (value, *more) = group.values()
    if more or isinstance(value, list):
        return _plain(dict(group))
    if isinstance(value, dict):
        coded = (value.get("coding") or [{}])[0]
        value = value.get("text") or coded.get("display") or coded.get("code") or value
    return f'"{value}"' if isinstance(value, str) else _plain(value)


def _plain(value: Any) -> str:
    return precise.dumps(value, orjson.OPT_SORT_KEYS).decode()
