"""How a sender departs from the standard, put right as its message is read.

In      The segments of a message; its sender's profile.
Out     The segments as everybody's: Z segments by the names of HL7 UK A.3, times with their zone.
Rule    A time that names a zone keeps it, and a day stays a day. A Z segment that means something
        else here is told, and not read.
Source  HL7 v2 chapters 2 to 12: fields of type TS, DTM and TQ. HL7 UK A.3: Z segments.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from mappings.core.model.outcome import Issue, warning
from mappings.hospital.message.profiles import DEFAULT, SourceProfile

Segment = tuple[str, dict[str, Any]]

TIMES: Final[dict[str, dict[str, tuple[int, ...]]]] = {
    "MSH": {"7": (1,)},
    "EVN": {"2": (1,), "3": (1,), "6": (1,)},
    "PID": {"29": (1,), "33": (1,)},
    "PV1": {"44": (1,), "45": (1,)},
    "PV2": {"8": (1,), "9": (1,), "33": (1,)},
    "AL1": {"6": (1,)},
    "IAM": {"11": (1,), "13": (1,)},
    "DG1": {"5": (1,), "19": (1,)},
    "PRB": {"2": (1,), "7": (1,), "8": (1,), "9": (1,), "15": (1,), "16": (1,)},
    "GOL": {"2": (1,), "7": (1,), "8": (1,), "13": (1,), "14": (1,), "19": (1,)},
    "PTH": {"4": (1,), "6": (1,)},
    "VAR": {"2": (1,)},
    "ORC": {"7": (4, 5), "9": (1,), "15": (1,)},
    "OBR": {"6": (1,), "7": (1,), "8": (1,), "14": (1,), "22": (1,), "27": (4, 5), "36": (1,)},
    "OBX": {"14": (1,), "19": (1,)},
    "TQ1": {"7": (1,), "8": (1,)},
    "TXA": {"4": (1,), "6": (1,), "7": (1,), "8": (1,)},
    "ROL": {"5": (1,), "6": (1,)},
    "RF1": {"7": (1,), "8": (1,), "9": (1,)},
    "SCH": {"11": (4, 5)},
    "AIS": {"4": (1,)},
    "AIL": {"6": (1,)},
    "AIP": {"6": (1,)},
    "NTE": {"6": (1,)},
    "ZU1": {"2": (1,), "3": (1,), "4": (1,), "5": (1,)},
}
"""Segment -> field -> the components of it that are times."""

_BARE: Final = re.compile(r"\d{10}(?:\d{2}){0,2}(?:\.\d{1,4})?", re.ASCII)
_OTHER: Final = "means something else with this sender than in HL7 UK A.3; not read"


def as_everybody(
    segments: list[Segment], profile: SourceProfile
) -> tuple[list[Segment], list[Issue]]:
    """The segments of a message, and what of them is not read."""
    if profile is DEFAULT or not (profile.z_segments or profile.time_zone):
        return segments, []
    issues = [
        warning(name, "other-meaning", _OTHER)
        for name in dict.fromkeys(name for name, _ in segments)
        if profile.z_segments.get(name) == ""
    ]
    return list(_put_right(segments, profile)), issues


def _put_right(segments: list[Segment], profile: SourceProfile) -> Iterator[Segment]:
    zone = ZoneInfo(profile.time_zone) if profile.time_zone else None
    for name, fields in segments:
        known = profile.z_segments.get(name, name)
        if known:
            yield known, _zoned(fields, TIMES.get(known, {}), zone) if zone else fields


def _zoned(
    fields: dict[str, Any], times: dict[str, tuple[int, ...]], zone: ZoneInfo
) -> dict[str, Any]:
    found = {
        number: "~".join(_field(one, components, zone) for one in fields[number].split("~"))
        for number, components in times.items()
        if fields.get(number)
    }
    return fields | found


def _field(text: str, components: tuple[int, ...], zone: ZoneInfo) -> str:
    parts = text.split("^")
    for number in components:
        if len(parts) >= number:
            parts[number - 1] = _with_zone(parts[number - 1], zone)
    return "^".join(parts)


def _with_zone(text: str, zone: ZoneInfo) -> str:
    """A bare local time with the offset that its sender's clocks had then."""
    if not _BARE.fullmatch(text):
        return text
    stamp = text[:10] + (text[10:12] or "00")
    try:
        local = datetime.strptime(stamp, "%Y%m%d%H%M").replace(tzinfo=zone)
    except ValueError:
        return text
    return f"{text}{local:%z}"
