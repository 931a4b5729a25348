"""Types that R4 lets clients write and this gateway does not: why, for whoever asks or tries.

Source  docs/adr/0054-profiles.md, docs/adr/0065-the-site-knows-its-staff.md.
"""

from collections.abc import Mapping
from typing import Final

WHY: Final[Mapping[str, str]] = {
    "Patient": "A Patient is stated by feeds alone: a provider system sends it to its own feed,"
    " /feeds/{feed}, and not here.",
    "Group": "A Group is read alone: it names a caseload that follows from what stands in the"
    " record, and nobody on it. Who is on a team's list is told by a CareTeam of each person.",
}
