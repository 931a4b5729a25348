"""How far an organisation's feed has joined the live record, and what a locality has switched off.

Rule    What a feed brought is shown to the teams once it is open, and not before. A feed that is
        paused or silent keeps what it brought in view. What is switched off in the locality of a
        person's practice is shown of them to nobody.
Source  docs/adr/0030-a-feed-joins-by-states.md, docs/adr/0039-site-data-and-switches.md.
Pure    Values only.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class FeedState(StrEnum):
    """The states an operator puts a feed of an organisation in."""

    SANDBOX = "sandbox"
    """Mapped and answered; nobody is shown anything of it."""
    SAFETY_ACCESS = "safety-access"
    """Shown to the sender's own clinical safety officer alone, who checks it."""
    OPEN = "open"
    PAUSED = "paused"
    """What comes is kept sealed and not applied; readers are told so, and what stands is shown."""
    DOWN = "down"
    """It is known to be silent; readers are told so, and what stands is shown."""


CLOSED: Final = frozenset({FeedState.SANDBOX, FeedState.SAFETY_ACCESS})
"""States in which the teams are shown nothing."""
BEHIND: Final = frozenset({FeedState.PAUSED, FeedState.DOWN})
"""States in which what is shown may be older than it should be."""


@dataclass(frozen=True, slots=True)
class ClosedFeed:
    """A feed of an organisation that is not shown, or to whoever checks it alone."""

    org: str
    feed: str
    checked: bool = False


class Feature(StrEnum):
    """What a locality joins, beside single feeds."""

    SHARED_RECORD = "shared-record"
    """Organisations are shown what others hold; without it each is shown its own alone."""
    OWN_RECORD = "own-record"
    """The person, and whoever acts for them, is shown the record."""


@dataclass(frozen=True, slots=True)
class SwitchedOff:
    """What is switched off where a person is registered."""

    feeds: frozenset[str] = frozenset()
    senders: frozenset[str] = frozenset()
    """Who sends those feeds: what came of them by nobody knows which feed counts as of one."""
    features: frozenset[Feature] = frozenset()


NOTHING_OFF: Final = SwitchedOff()
