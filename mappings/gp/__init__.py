"""The GP feed: what general practices' systems send through GP Connect."""

from typing import Final

from mappings.core.model.rows import Feed, Format
from mappings.gp.message import body
from mappings.gp.rows.sent import RESOURCES
from mappings.gp.rows.structured import REFUSAL, STRUCTURED

FEED: Final = Feed(
    name="gp",
    title="General practice",
    formats=(
        Format(
            "fhir",
            body.MEDIA_TYPES,
            body.recognises,
            body.read,
            kind_at="resourceType",
        ),
    ),
    kinds={kind.name: kind for kind in (STRUCTURED, REFUSAL, RESOURCES)},
)
