"""Who is on a care team, and from when until when: the evidence a CareTeam makes.

In      A CareTeam, valid R4.
Out     Members: an organisation, or one of its people.
Rule    A member counts by ODS code; a practitioner by SDS user id together with the organisation
        they act for. A member whose organisation is not named is on the team, and is not
        evidence. No period means from now on.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from consent.periods import MAX_MICROS, first_moment, next_moment, to_micros
from mappings.core.model import systems


@dataclass(frozen=True, slots=True)
class Member:
    """One member; `user_id` is empty for a whole organisation. Microseconds, end excluded."""

    org: str
    user_id: str
    starts: int
    ends: int


def members_of(care_team: Mapping[str, Any], at: datetime) -> Iterator[Member]:
    """The members of an active team that are evidence of a relationship."""
    if care_team.get("status", "active") != "active":
        return
    for participant in care_team.get("participant", []):
        period = participant.get("period") or care_team.get("period") or {}
        start, end = period.get("start"), period.get("end")
        try:
            starts = to_micros(first_moment(start)) if start else to_micros(at)
            ends = to_micros(next_moment(end)) if end else MAX_MICROS
        except (ValueError, OverflowError):  # a year nobody can be on a team in
            continue
        member = participant.get("member", {})
        org = _value(member, systems.ODS)
        user = _value(member, systems.SDS_USER)
        if user:
            org = _value(participant.get("onBehalfOf", {}), systems.ODS)
        if org and starts < ends:
            yield Member(org, user, starts, ends)


def _value(reference: Mapping[str, Any], system: str) -> str:
    identifier = reference.get("identifier", {})
    if identifier.get("system") != system:
        return ""
    value = str(identifier.get("value", ""))
    return value.upper() if system == systems.ODS else value
