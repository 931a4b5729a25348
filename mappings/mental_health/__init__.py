"""The mental-health feed: what mental-health trusts send."""

from typing import Final

from mappings.core.rows import Feed, Format
from mappings.mental_health.message.mhsds import MEDIA_TYPES, MHSDS
from mappings.mental_health.rows import mhsds

FEED: Final = Feed(
    name="mental-health",
    title="Mental health",
    formats=(Format("mhsds", MEDIA_TYPES, MHSDS.recognises, MHSDS.read, together=True),),
    kinds={kind.name: kind for kind in mhsds.KINDS},
)
