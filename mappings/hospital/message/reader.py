"""Read HL7 v2: one Item for each message, in the sender's own words.

In      The bytes of a delivery (message/carrier.py).
Out     Items in order, named by trigger alone (`ADT^A01`). Facts: segment name -> its segments
        in order; a segment: field number -> text as sent (in the usual delimiters, escapes
        kept), and the segments that stand under it by their names; `order` has every segment's
        name. An empty field is left out; `""` (the sender deletes) is kept, and
        stands alone where every part of the field is deleted.
Errors  NotThisFormatError where no message header is found; else issues by path, no exception.
Source  HL7 v2 chapter 2. Only the trigger is read from MSH-9: real senders write the same
        message as `ADT^A40`, `ADT^A40^ADT_A39` and `ADT^A40^ADT_A40`. Where it names none, EVN-1
        serves in an ADT message.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from mappings.core.model.outcome import Facts, Issue, Item, NotThisFormatError, error, warning
from mappings.core.model.paths import Steps
from mappings.hospital.message import groups
from mappings.hospital.message.carrier import RawMessage, looks_like_hl7, raw_messages
from mappings.hospital.message.delimiters import USUAL, of_header
from mappings.hospital.message.departures import as_everybody
from mappings.hospital.message.fields import NULL
from mappings.hospital.message.profiles import profile_of

MEDIA_TYPES: Final = (
    "x-application/hl7-v2+er7",
    "application/hl7-v2+er7",
    "application/hl7-v2",
)
UNNAMED: Final = "unnamed"
OUTSIDE: Final = "outside-a-message"

SINGLE: Final = frozenset({"MSH", "EVN", "PID", "PD1", "PV1", "PV2", "ZU1", "ZU8"})
"""Segments that stand once in a message: shown without a number."""

_NUMBERS: Final = tuple(str(number) for number in range(1, 1000))
_USUAL_NAMES: Final = SINGLE | {
    "PRB",
    "GOL",
    "PTH",
    "NTE",
    "OBX",
    "AL1",
    "DG1",
    "NK1",
    "ROL",
    "VAR",
}
_CODE: Final = re.compile(r"[A-Z]{3}")
_TRIGGER: Final = re.compile(r"[A-Z][A-Z0-9]{2}")
_NAME: Final = re.compile(r"[A-Z][A-Z0-9]{2}")


def recognises(members: Mapping[str, bytes]) -> bool:
    """Whether the one member begins with a message or batch header."""
    return len(members) == 1 and looks_like_hl7(next(iter(members.values())))


def read(members: Mapping[str, bytes]) -> Iterator[Item]:
    """Every message as an Item, numbered in the order sent."""
    body = next(iter(members.values()), b"")
    for number, raw in enumerate(raw_messages(body), start=1):
        yield _item(raw, number)


def _item(raw: RawMessage, number: int) -> Item:
    issues = raw.issues
    delimiters, repaired = of_header(raw.lines[0]) if raw.header else (USUAL, False)
    if repaired:
        text = "does not give four different encoding characters; the usual ones were taken"
        issues.append(warning("MSH-2", "delimiters", text))
    rewrite = None if delimiters.usual else delimiters.canonical()
    segments = _segments(raw.lines, delimiters.field, rewrite)
    if not raw.header:
        text = "segments stand outside any message: their message header (MSH) is missing"
        return Item(OUTSIDE, number, _tree(segments, ""), (*issues, error("MSH", "missing", text)))
    segments, found = as_everybody(segments, profile_of({"MSH": [segments[0][1]]}))
    issues += found
    code, trigger = _code_and_trigger(segments[0][1])
    if _is_too_much(segments):
        text = "more pathways with goals and problems than one message can hold: send several"
        return Item(
            OUTSIDE, number, _tree(segments, ""), (*issues, error("PTH", "too-large", text))
        )
    facts = _tree(segments, code)
    if code == "ADT" and not trigger and (trigger := _trigger_of_event(facts)):
        text = "names no trigger, such as ADT^A01; that of EVN-1 was taken"
        issues.append(warning("MSH-9", "no-trigger", text))
    issues.extend(_doubts(facts, code, trigger))
    kind = f"{code}^{trigger}" if trigger else code or UNNAMED
    return Item(kind, number, facts, tuple(issues))


def _is_too_much(segments: list[tuple[str, dict[str, Any]]]) -> bool:
    """Each pathway of a group refers to each goal and problem of it: their product is the work."""
    names = Counter(name for name, _ in segments)
    return names["PTH"] * (names["GOL"] + names["PRB"]) > _MOST_PAIRS


_MOST_PAIRS: Final = 5_000


def _segments(
    lines: list[str], separator: str, rewrite: Callable[[str], str] | None
) -> list[tuple[str, dict[str, Any]]]:
    made: list[tuple[str, dict[str, Any]]] = []
    for line in lines:
        values = line.split(separator)
        name = values[0]
        if name == "MSH":
            values[0] = separator
        else:
            del values[0]
        fields: dict[str, Any] = {
            number: value
            for number, value in zip(_NUMBERS, values, strict=False)
            if value and not value.isspace()
        }
        if len(values) > len(_NUMBERS):
            fields["rest"] = separator.join(values[len(_NUMBERS) :])
        if rewrite:
            fields = {
                number: value if name == "MSH" and number in ("1", "2") else rewrite(value)
                for number, value in fields.items()
            }
        if NULL in line:
            fields = {number: _deleted_whole(value) for number, value in fields.items()}
        made.append((name if name in _USUAL_NAMES else _named(name), fields))
    return made


def _deleted_whole(value: str) -> str:
    """A field whose every part is deleted is deleted; any other as it stands."""
    return NULL if NULL in value and not value.replace(NULL, "").strip("^~& ") else value


def _named(name: str) -> str:
    bare = name.strip()
    return bare if _NAME.fullmatch(bare) else "???"


def _tree(segments: list[tuple[str, dict[str, Any]]], code: str) -> Facts:
    root: Facts = {"order": " ".join([name for name, _ in segments])}
    parents = groups.PARENTS.get(code, groups.OTHERWISE)
    stack: list[tuple[str, dict[str, Any]]] = []
    for name, segment in segments:
        groups.add(root, name, segment, stack, parents)
    return root


def _code_and_trigger(header: dict[str, Any]) -> tuple[str, str]:
    parts = header.get("9", "").split("^")
    code = parts[0].strip().upper()
    trigger = parts[1].strip().upper() if len(parts) > 1 else ""
    return (
        code if _CODE.fullmatch(code) else "",
        trigger if _TRIGGER.fullmatch(trigger) else "",
    )


def _trigger_of_event(facts: Facts) -> str:
    """EVN-1, which alone names the event in the oldest versions."""
    said = (facts.get("EVN") or [{}])[0].get("1", "").split("^")[0].strip().upper()
    return said if _TRIGGER.fullmatch(said) else ""


def _doubts(facts: Facts, code: str, trigger: str) -> Iterator[Issue]:
    if not code or not trigger:
        yield error("MSH-9", "missing", "names no message type and trigger, such as ADT^A01")
    people = facts.get("PID")
    if not people:
        yield warning("PID", "missing", "no PID segment: nobody is named; send it")
    elif not any(people[0].get(field) for field in ("3", "2", "4", "19")):
        text = "no identifier of the person; send the hospital number or the NHS number here"
        yield warning("PID-3", "missing", text)


@lru_cache(maxsize=4096)
def show(steps: Steps) -> str:
    """`PRB[1]-3`, `GOL[2].NTE[1]-3`, `PID-3[2]`: as those who send HL7 v2 write a place."""
    shown = ""
    position = 0
    while position < len(steps):
        step = steps[position]
        after = steps[position + 1] if position + 1 < len(steps) else None
        if isinstance(step, str) and _NAME.fullmatch(step):
            index = after if isinstance(after, int) else 0
            alone = step in SINGLE and index == 0
            shown += ("." if shown else "") + (step if alone else f"{step}[{index + 1}]")
            position += 2 if isinstance(after, int) else 1
            continue
        if isinstance(step, int):
            shown += f"[{step + 1}]"
        else:
            shown += f"{_joint(steps, position)}{step}" if shown else step
        position += 1
    return shown


def _joint(steps: Steps, position: int) -> str:
    """A hyphen before the field, a dot before a component."""
    before = steps[position - 1]
    is_field = isinstance(before, int) and position >= 2 and _is_name(steps[position - 2])
    return "-" if is_field or _is_name(before) else "."


def _is_name(step: object) -> bool:
    return isinstance(step, str) and bool(_NAME.fullmatch(step))


__all__ = ["MEDIA_TYPES", "NotThisFormatError", "read", "recognises", "show"]
