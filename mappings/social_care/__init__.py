"""The social-care feed: what councils and care providers send."""

from typing import Final

from mappings.core.model.rows import Feed, Format
from mappings.plan_document.kinds import FORMATS, plan_kinds
from mappings.social_care.message import cld, mods
from mappings.social_care.rows.cld import KINDS as CLD
from mappings.social_care.rows.cld_absence import SNAPSHOT as CLD_SNAPSHOT
from mappings.social_care.rows.mods import MODS
from mappings.terms.access import Category

FEED: Final = Feed(
    name="social-care",
    title="Social care",
    formats=(
        *FORMATS,
        Format("mods", mods.MEDIA_TYPES, mods.recognises, mods.read, kind_at="resourceType"),
        Format(
            "cld",
            cld.MEDIA_TYPES,
            cld.recognises,
            cld.read,
            together=True,
            kind_at="Event Type",
            snapshot=CLD_SNAPSHOT,
        ),
    ),
    kinds={kind.name: kind for kind in (*plan_kinds(Category.SUPPORT_PLAN), MODS, *CLD)},
)
