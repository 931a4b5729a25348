"""What is said of what a file leaves out: to its sender, and beside what was taken away.

In      The files of a scope, what was made of them; how much was withdrawn and ended.
Out     Issues of the answer: counts, tables, days; nothing of any person.
Pure    Values in, values out.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Protocol

from gateway.clock import from_micros
from gateway.store.absences.absence_judging import HELD, IN_PART, SEVERAL, Filed, Judged
from mappings.core.model.dates import utc_text
from mappings.core.model.outcome import Issue, warning


class Done(Protocol):
    """What was changed."""

    withdrawn: int
    ended: int


def holding(applied: Sequence[Filed], one: Filed) -> str:
    """Which file it is that does not name what goes."""
    mine = max((it for it in applied if it.ends == one.ends), key=lambda it: it.order, default=one)
    made = mine.made or utc_text(from_micros(mine.received_at))
    return f"no longer in the submission of {made[:10]} for the period to {mine.ends}"


def told(
    files: Sequence[Filed], made: Mapping[str, Judged], new: str, done: Done
) -> Iterator[Issue]:
    """What the answer says of what the file leaves out."""
    mine = next(one for one in files if one.snapshot_id == new)
    now = made[new]
    if now.state == HELD:
        shrunk = ", ".join(
            f"{name} {now.before[name]:,} to {number:,}"
            for name, number in sorted(mine.tables.items())
            if number < now.before.get(name, 0)
        )
        yield warning("", "absence-held", f"{_HELD}: {shrunk}")
    elif now.state == IN_PART and len(files) > 1:
        yield warning("", "absence-in-part", _IN_PART)
    elif now.state == SEVERAL:
        yield warning("", "absence-several", _SEVERAL)
    if done.withdrawn:
        text = f"{done.withdrawn:,} resource(s) {_WITHDRAWN}"
        yield warning("", "absent-withdrawn", text)
    if done.ended:
        yield warning("", "absent-ended", f"{done.ended:,} resource(s) {_ENDED}")


_HELD: Final = (
    "far fewer rows than in the file before: all of it was taken, and nothing that it leaves out "
    "was taken away, until somebody has looked at it; rows"
)
_IN_PART: Final = (
    "some rows of this file were refused: nothing that it leaves out was taken away; correct "
    "them, and send it again"
)
_SEVERAL: Final = (
    "another file of this period was taken, and nothing says which is the later: rows of both "
    "stand until whoever runs the gateway says which one holds"
)
_WITHDRAWN: Final = "are no longer shown: the file that holds for their period does not name them"
_ENDED: Final = "are shown as ended with the last period that named them: a later one does not"
