"""What every part of one writing is given, and how one of them says no.

Rule    A refusal undoes the whole writing; what the log is told of it is written after that.
"""

from dataclasses import dataclass, field
from typing import Self

from gateway.audit.events import Event
from gateway.clock import to_micros
from gateway.errors import GatewayError
from gateway.flows.asking.sight import Sight
from gateway.flows.site.site import Asking, Site
from gateway.store.access.consent_rules import TEAM_SOURCE
from gateway.store.database.engine import Connection
from gateway.store.writing.claims import Numbers
from gateway.store.writing.team_versions import Hand


@dataclass(frozen=True, slots=True)
class Unit:
    """One transaction of one caller."""

    conn: Connection
    site: Site
    asking: Asking
    numbers: Numbers = field(default_factory=dict)
    """What comes next of the identifiers that were looked for."""

    @property
    def at(self) -> int:
        """The moment of all that it writes."""
        return to_micros(self.asking.at)

    @property
    def hand(self) -> Hand:
        """Who writes."""
        caller = self.asking.caller
        source = f"{TEAM_SOURCE}{caller.org or caller.kind}"
        return Hand(caller.org, caller.user_id, source, self.asking.request_id, self.at)


class RefusedError(Exception):
    """Nothing is written: the answer, and on what ground as the log is told."""

    def __init__(self, answer: GatewayError, sight: Sight | None = None) -> None:
        super().__init__()
        self.answer = answer
        self.sight = sight
        self.place = 0
        self.event = Event.UPDATE
        self.resource_type = ""

    def at(self, place: int, event: Event, resource_type: str) -> Self:
        """The same, of this one of several writings."""
        self.place, self.event, self.resource_type = place, event, resource_type
        return self
