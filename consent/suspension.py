"""Somebody who is named as a source of harm to a person, and sees nothing of them for now.

In      nothing: this is the type that the fact arrives in.
Rule    It is of a user, in every role of theirs; in one organisation, or in all where none is
        named. It is never of the person themselves.
Pure    No clock. What was said to have happened is not here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from consent.periods import is_within
from consent.users import one_form


@dataclass(frozen=True, slots=True)
class Suspension:
    """One user's sight of one person is suspended, from when until when."""

    user_id: str
    org: str
    """Empty: wherever they work or act."""
    start: datetime
    end: datetime
    evidence: str


def is_suspended(those: Iterable[Suspension], user_id: str, org: str, at: datetime) -> bool:
    """Whether one of these is of that user there, and holds."""
    whom = one_form(user_id)
    return any(
        one_form(one.user_id) == whom and one.org in ("", org) and is_within(one.start, one.end, at)
        for one in those
    )
