"""The social-care feed: what councils and care providers send."""

from typing import Final

from mappings.core.rows import Feed, Format
from mappings.social_care.message import cld, support_plan
from mappings.social_care.rows.cld import KINDS as CLD
from mappings.social_care.rows.support_plan import SUPPORT_PLAN

FEED: Final = Feed(
    name="social-care",
    title="Social care",
    formats=(
        Format(
            "support-plan",
            support_plan.MEDIA_TYPES,
            support_plan.recognises,
            support_plan.read,
            kind_at="document",
        ),
        Format(
            "cld", cld.MEDIA_TYPES, cld.recognises, cld.read, together=True, kind_at="Event Type"
        ),
    ),
    kinds={kind.name: kind for kind in (SUPPORT_PLAN, *CLD)},
)
