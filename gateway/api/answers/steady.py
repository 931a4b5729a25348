"""When an answer that shows nothing leaves: on a tick of its own request, so that the time it takes
does not tell whether something hidden was looked at.

In      How long the request took so far; its status, and the outcomes that the log has of it; how
        long a tick is.
Out     How long the answer waits.
Rule    What exists and is hidden is more work than what does not exist. An answer of which the log
        says `not-found` or `refused`, and nothing else, leaves a whole number of ticks after its
        request came; so does a refusal that is only counted, and a search of several people of
        whom not all are shown. What shows all does not wait, nor does anything at a tick of 0.
Source  docs/adr/0056-what-shows-nothing-leaves-on-a-tick.md.
Pure    Values in, values out.
"""

from collections.abc import Collection
from typing import Final

from gateway.audit.events import Outcome

_NOTHING: Final = frozenset({Outcome.NOT_FOUND, Outcome.REFUSED})


def shows_nothing(outcomes: Collection[Outcome], status: int) -> bool:
    """Whether all that was recorded of a request says that nothing was shown; where nothing was,
    whether it is refused."""
    return _NOTHING.issuperset(outcomes) if outcomes else 400 <= status < 500


def until_tick(taken: float, tick: float) -> float:
    """Seconds from now to the next whole tick after the request came, the first at the earliest:
    the clock may not have moved since."""
    return tick - taken % tick if tick > 0 else 0.0
