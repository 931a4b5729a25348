"""The site as it is served: its organisations, places, services, and who works there.

Rule    They are kept between requests under the site's epoch, which the database moves with every
        change of the site and which is read first: a change holds from the next request. What
        was made is of one day, as London counts days: a post ends by itself.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import orjson

from gateway.flows.site import site_fhir, site_hours
from gateway.store.database.engine import Engine
from gateway.store.site import site_data

Resources = Mapping[str, Mapping[str, Any]]


class SiteServed:
    """What was made of the site's entries, by type."""

    def __init__(self) -> None:
        self._held: dict[str, tuple[int, date, Resources]] = {}

    async def of(self, engine: Engine, resource_type: str, at: datetime) -> Resources:
        """Every resource of a type by its id, in the order of ids."""
        day = at.astimezone(site_hours.LONDON).date()
        async with engine.reading() as conn:
            epoch = await site_data.epoch(conn)
            held = self._held.get(resource_type)
            if held is None or held[:2] != (epoch, day):
                entries = await site_data.entries(conn, site_fhir.TYPES[resource_type])
                bodies = [(one.kind, orjson.loads(one.body)) for one in entries]
                made = {one["id"]: one for one in site_fhir.resources(resource_type, bodies, day)}
                held = self._held[resource_type] = epoch, day, dict(sorted(made.items()))
        return held[2]
