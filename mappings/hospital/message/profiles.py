"""Data table: what is known of single sending systems, reviewed one by one.

In      MSH-3 (sending application) and MSH-4 (sending facility), first components.
Out     SourceProfile: how this sender departs from what is done for everybody.
Rule    The first profile that fits, else DEFAULT; those of the deployment before these. A profile
        is reviewed: it says who looked at which messages. What acknowledgements a sender gets is
        set where it is connected, not here.
Source  HL7 UK A.3; published messages of English and Welsh systems.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from mappings.core.model.outcome import Facts
from mappings.hospital.message.fields import first


@dataclass(frozen=True, slots=True)
class SourceProfile:
    """One sending system, or one product wherever it stands."""

    name: str
    reviewed: str
    """Who or what it rests on."""
    applications: frozenset[str] = frozenset()
    """MSH-3; empty: any."""
    facilities: frozenset[str] = frozenset()
    """MSH-4; empty: any."""
    authority: str = ""
    """Who assigned a number that names nobody; MSH-4 where this is empty."""
    nhs_words: frozenset[str] = frozenset()
    """Further CX.4 or CX.5 by which this sender marks an NHS number."""
    problem_states: tuple[str, ...] = ("14", "13", "15")
    """Fields of PRB that hold a state, the one that decides first."""
    charset: str = ""
    """Codec of a message whose MSH-18 is empty and which is not UTF-8; Windows-1252 where this
    is empty."""
    marks_location: bool = False
    """Says in ZU8-4, in each message, whether the home may be shown: without it, a message
    changes nothing of where the person is."""
    time_zone: str = ""
    """Of times that name none, where it is not Europe/London: `UTC`."""
    z_segments: Mapping[str, str] = field(default_factory=dict)
    """A Z segment of theirs -> the one of HL7 UK A.3 that it is; empty where it is none of
    those, though it bears the name of one."""
    appointment_states: Mapping[str, str] = field(default_factory=dict)
    """A word of theirs in SCH-25, as `codes.folded` -> the code of HL7 table 0278 that it is."""


DEFAULT: Final = SourceProfile("any", "HL7 v2.3 to 2.8, HL7 UK A.3")

PROFILES: tuple[SourceProfile, ...] = (
    SourceProfile(
        "Epic",
        "published problem messages of a London trust: the state stands in PRB-13",
        applications=frozenset({"EPIC"}),
        problem_states=("13", "14", "15"),
    ),
)


_SHIPPED: Final = PROFILES


def connect(profiles: Iterable[SourceProfile]) -> None:
    """Take the deployment's own profiles, as the process starts and before anything is mapped."""
    global PROFILES
    PROFILES = (*profiles, *_SHIPPED)


def profile_of(facts: Facts) -> SourceProfile:
    """The profile of a message's sender."""
    header = (facts.get("MSH") or [{}])[0]
    return profile_named(first(header.get("3")) or "", first(header.get("4")) or "")


def profile_named(application: str, facility: str) -> SourceProfile:
    """The profile of a sender by MSH-3 and MSH-4."""
    for one in PROFILES:
        if _fits(one.applications, application) and _fits(one.facilities, facility):
            return one
    return DEFAULT


def _fits(wanted: frozenset[str], said: str) -> bool:
    return not wanted or said.strip().upper() in wanted
