"""The site as it is served: its Organizations, Locations and HealthcareServices.

Rule    They are kept between requests under the site's epoch, which the database moves with every
        change of the site and which is read first: a change holds from the next request.
"""

from collections.abc import Mapping
from typing import Any

import orjson

from gateway.flows.site import site_fhir
from gateway.store import site_data
from gateway.store.engine import Engine

Resources = Mapping[str, Mapping[str, Any]]


class SiteServed:
    """What was made of the site's entries, by type."""

    def __init__(self) -> None:
        self._held: dict[str, tuple[int, Resources]] = {}

    async def of(self, engine: Engine, resource_type: str) -> Resources:
        """Every resource of a type by its id, in the order of ids."""
        async with engine.reading() as conn:
            epoch = await site_data.epoch(conn)
            held = self._held.get(resource_type)
            if held is None or held[0] != epoch:
                entries = await site_data.entries(conn, site_fhir.TYPES[resource_type])
                bodies = [(one.kind, orjson.loads(one.body)) for one in entries]
                made = {one["id"]: one for one in site_fhir.resources(resource_type, bodies)}
                held = self._held[resource_type] = epoch, dict(sorted(made.items()))
        return held[1]
