"""What R4 lets clients do and this gateway does not, or its own way: for whoever asks or tries.

Source  docs/adr/0054-profiles.md, docs/adr/0065-the-site-knows-its-staff.md,
        docs/adr/0071-what-r4-has-and-is-not-done.md.
"""

from collections.abc import Mapping
from typing import Final

WHY: Final[Mapping[str, str]] = {
    "Patient": "A Patient is stated by feeds alone: the systems of providers whose feed takes R4"
    " create and update theirs here, others send to /feeds/{feed}; nobody patches or deletes one.",
    "Group": "A Group is read alone: it names a caseload that follows from what stands in the"
    " record, and nobody on it. Who is on a team's list is told by a CareTeam of each person.",
}
PROVENANCE: Final = (
    "There is one of every version that is shown, beside those that were sent. patient finds those"
    " of a whole record; agent, an organisation by :identifier; _revinclude=Provenance:target, that"
    " of the version that is shown."
)
EVERYWHERE: Final = (
    "A resource is sent on its own: one with contained resources is refused. A search over several"
    " types is of those of a patient's compartment, and Task. By what a type is sorted stands with"
    " it; where nothing stands, it is not. What a parameter takes, and where a reference leads"
    " to that is followed, its SearchParameter says. An address may end with a slash."
)
HISTORIES: Final = (
    "A history is of one resource: what changed over a type or over all is asked by _lastUpdated,"
    " or told by a Subscription. It takes _count and _since."
)
