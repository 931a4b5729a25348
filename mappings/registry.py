"""The feeds this gateway takes, by name."""

from collections.abc import Mapping
from typing import Final

from mappings.community import FEED as COMMUNITY
from mappings.core.model.rows import Feed
from mappings.gp import FEED as GP
from mappings.hospital import FEED as HOSPITAL
from mappings.mental_health import FEED as MENTAL_HEALTH
from mappings.social_care import FEED as SOCIAL_CARE

FEEDS: Final[Mapping[str, Feed]] = {
    feed.name: feed for feed in (GP, HOSPITAL, COMMUNITY, MENTAL_HEALTH, SOCIAL_CARE)
}
