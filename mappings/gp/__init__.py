"""The GP feed: what general practices' systems send through GP Connect."""

from typing import Final

from mappings.core.rows import Feed, Format
from mappings.gp.message import bundle
from mappings.gp.rows.structured import REFUSAL, STRUCTURED

FEED: Final = Feed(
    name="gp",
    title="General practice",
    formats=(
        Format(
            "gp-connect-structured",
            bundle.MEDIA_TYPES,
            bundle.recognises,
            bundle.read,
            kind_at="resourceType",
        ),
    ),
    kinds={STRUCTURED.name: STRUCTURED, REFUSAL.name: REFUSAL},
)
