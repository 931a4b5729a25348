"""An emergency access that somebody opened.

In      nothing: this is the type that the fact arrives in.
Pure    No clock. What was written as the reason is not here: only how long it was.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class BreakGlass:
    """An emergency access somebody opened on one person, in one role, for one purpose."""

    user_id: str
    person_id: str
    org: str
    role: str
    purpose: str
    reason_code: str
    text_length: int
    opened: datetime
    expires: datetime
    evidence: str
