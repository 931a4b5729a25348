"""The community feed: what community-health providers send."""

from typing import Final

from mappings.community.message.csds import CSDS, MEDIA_TYPES
from mappings.community.rows import csds
from mappings.core.rows import Feed, Format

FEED: Final = Feed(
    name="community",
    title="Community health",
    formats=(Format("csds", MEDIA_TYPES, CSDS.recognises, CSDS.read, together=True),),
    kinds={kind.name: kind for kind in csds.KINDS},
)
