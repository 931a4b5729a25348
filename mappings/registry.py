"""The feeds this gateway takes, by name."""

from collections.abc import Mapping
from typing import Final

from mappings.core.rows import Feed
from mappings.social_care import FEED as SOCIAL_CARE

FEEDS: Final[Mapping[str, Feed]] = {feed.name: feed for feed in (SOCIAL_CARE,)}
