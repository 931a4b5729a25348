"""Who looks at a record together with the caller.

In      nothing: this is the type that such a fact arrives in.
Out     frozen values, in one order.
Pure    No look-ups.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Present:
    """A member of staff who looks together with the caller, as the caller says."""

    role: str
    org: str
    user_id: str
