"""A person as requests find them, and what was decided about them, kept while both stand.

Rule    Kept by the epoch the facts were read at: another epoch, and nothing kept is given. What
        was decided goes with the facts it was decided on.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from consent.filter import Filter
from consent.terms import Action, Caller, PersonFacts


@dataclass(frozen=True, slots=True)
class Decided:
    """A Filter, and the moments between which it stands."""

    first: datetime
    last: datetime
    allowed: Filter


@dataclass(frozen=True, slots=True)
class Held:
    """A person as a request finds them: facts, source records, epoch."""

    facts: PersonFacts
    sources: Mapping[str, str]
    """Source record -> organisation."""
    epoch: int
    consents: tuple[tuple[str, int], ...]
    """Id and version of every Consent the facts rest on: of the rules, then of who acts."""
    deaths: Mapping[str, bool] = field(default_factory=dict)
    """Source record -> what an operator says: whether the person died (identity.person_facts)."""
    decided: dict[tuple[Caller, Action], Decided] = field(
        default_factory=dict, repr=False, compare=False
    )
    """What was decided on these facts; gone with them, as the epoch moves."""


@dataclass(slots=True)
class HeldCache:
    """What is held about people by the epoch it was read at; bounded, the oldest goes first."""

    largest: int = 5_000
    kept: dict[str, Held] = field(default_factory=dict)

    def find(self, person_id: str, epoch: int) -> Held | None:
        """The person as they stand at this epoch, if that is in memory."""
        held = self.kept.get(person_id)
        return held if held is not None and held.epoch == epoch else None

    def keep(self, held: Held) -> None:
        """Remember a person."""
        self.kept.pop(held.facts.person_id, None)
        while len(self.kept) >= self.largest:
            del self.kept[next(iter(self.kept))]
        self.kept[held.facts.person_id] = held


@dataclass(frozen=True, slots=True)
class Whom:
    """A person and the epoch their facts stand at."""

    person_id: str
    epoch: int
