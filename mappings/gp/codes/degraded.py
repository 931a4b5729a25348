"""Which codes say that an entry lost its own code when it moved from one practice to another.

Source  GP2GP and GP Connect, degraded concepts: SNOMED CT, children of 196411000000103.
"""

from typing import Final

from mappings.core.model import systems

DEGRADED: Final = frozenset(
    {
        "196411000000103",  # Transfer-degraded record entry
        "196421000000109",  # Transfer-degraded medication entry
        "196431000000106",  # Transfer-degraded referral
        "196441000000102",  # Transfer-degraded request
        "196451000000104",  # Transfer-degraded plan
        "196461000000101",  # Transfer-degraded drug allergy
        "196471000000108",  # Transfer-degraded non-drug allergy
    }
)
TAG: Final = {
    "system": systems.RECORD_TAG,
    "code": "transfer-degraded",
    "display": "Lost its code in a transfer between practices: read its words",
}
