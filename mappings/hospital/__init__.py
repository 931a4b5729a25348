"""The hospital feed: HL7 v2 messages of acute trusts."""

from typing import Final

from mappings.core.model.rows import Feed, Format
from mappings.hospital.message import reader
from mappings.hospital.rows import kinds, merge, moved_visit, order_kinds

FEED: Final = Feed(
    name="hospital",
    title="Hospital",
    formats=(
        Format("hl7-v2", reader.MEDIA_TYPES, reader.recognises, reader.read, kind_at="MSH-9"),
    ),
    kinds={**kinds.KINDS, **merge.KINDS, **moved_visit.KINDS, **order_kinds.KINDS},
)
