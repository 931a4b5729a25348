"""Which segment stands under which: the groups of problem, goal and pathway messages.

In      The segments of one message in order.
Out     The tree: each segment under the one it belongs to, all of them kept, in order.
Rule    A segment goes under the nearest one before it that may hold it, else to the message. A
        Z segment that is not in the table goes to the message, and ends no group.
Source  HL7 v2 chapter 12 (PPR, PGL, PPP, PPG), chapter 4 (ORC, OBR), chapter 7 (OBX, NTE).
"""

from collections.abc import Mapping
from typing import Any, Final

Parents = Mapping[str, frozenset[str]]
Segment = dict[str, Any]

_CARE: Final = frozenset({"PRB", "GOL", "PTH"})
_NOTED: Final = _CARE | {"OBX", "OBR", "ORC", "RXO"}

_EVERYWHERE: Final[dict[str, frozenset[str]]] = {
    "NTE": _NOTED,
    "VAR": _CARE | {"ROL"},
    "ROL": _CARE,
    "PRT": _CARE,
    "OBX": frozenset({"PRB", "GOL", "OBR"}),
    "ORC": frozenset({"PRB", "GOL", "PTH"}),
    "OBR": frozenset({"ORC"}),
    "RXO": frozenset({"ORC"}),
}

_ORDER: Final[dict[str, frozenset[str]]] = {
    "OBR": frozenset({"ORC"}),
    "OBX": frozenset({"SPM", "OBR", "ORC"}),
    "NTE": frozenset({"OBX", "SPM", "OBR", "ORC", "PID"}),
    "PRT": frozenset({"OBX", "SPM", "OBR", "ORC", "PID", "PV1"}),
    "SPM": frozenset({"OBR"}),
    "TQ1": frozenset({"OBR", "ORC"}),
    "TQ2": frozenset({"OBR", "ORC"}),
    "CTD": frozenset({"OBR"}),
    "FT1": frozenset({"OBR"}),
    "CTI": frozenset({"OBR"}),
    "DG1": frozenset({"OBR"}),
    "TCD": frozenset({"OBR"}),
    "SAC": frozenset({"SPM", "OBR"}),
    "BLG": frozenset({"OBR", "ORC"}),
    "RXO": frozenset({"ORC"}),
    "RXR": frozenset({"RXO", "ORC"}),
    "RXC": frozenset({"RXO", "ORC"}),
}

PARENTS: Final[Mapping[str, Parents]] = {
    "PPR": _EVERYWHERE | {"GOL": frozenset({"PRB"}), "PTH": frozenset({"PRB"})},
    "PGL": _EVERYWHERE | {"PRB": frozenset({"GOL"}), "PTH": frozenset({"GOL"})},
    "PPP": _EVERYWHERE | {"PRB": frozenset({"PTH"}), "GOL": frozenset({"PRB"})},
    "PPG": _EVERYWHERE | {"GOL": frozenset({"PTH"}), "PRB": frozenset({"GOL"})},
    "ORM": _ORDER,
    "OMG": _ORDER,
    "OML": _ORDER,
    "ORU": _ORDER | {"TXA": frozenset({"ORC"})},
    "MDM": _ORDER,
    "REF": {name: under for name, under in _ORDER.items() if name != "DG1"}
    | {"CTD": frozenset({"PRD", "OBR"})},
    "SIU": {
        "TQ1": frozenset({"SCH"}),
        "NTE": frozenset({"SCH", "AIS", "AIG", "AIL", "AIP"}),
        "PRT": frozenset({"PID", "PV1", "OBX", "AIS", "AIG", "AIL", "AIP"}),
    },
}
"""By message code: segment -> those it may stand under."""

OTHERWISE: Final[Parents] = {
    "NTE": _NOTED | {"PID", "SCH", "RF1", "AL1", "DG1"},
    "VAR": _CARE,
    "OBX": frozenset({"OBR", "PRB", "GOL"}),
    "OBR": frozenset({"ORC"}),
    "IN2": frozenset({"IN1"}),
    "IN3": frozenset({"IN1"}),
}
"""For every other message."""


def add(
    root: Segment,
    name: str,
    segment: Segment,
    stack: list[tuple[str, Segment]],
    parents: Parents,
) -> None:
    """Put a segment in its place. `stack` holds the open segments, outermost first."""
    wanted = parents.get(name)
    if wanted is None and name[0] == "Z":
        root.setdefault(name, []).append(segment)
        return
    if wanted is None:
        stack.clear()
        holder = root
    else:
        depth = len(stack)
        while depth and stack[depth - 1][0] not in wanted:
            depth -= 1
        if depth or name not in _FLOATING:
            del stack[depth:]
        holder = stack[depth - 1][1] if depth else root
    entries = holder.get(name)
    if entries is None:
        holder[name] = [segment]
    else:
        entries.append(segment)
    stack.append((name, segment))


_FLOATING: Final = frozenset({"NTE"})
"""A note that belongs to no open segment ends none of them."""
