"""UK Core resources: one FHIR R4 Bundle about one person, or a single resource about them.

In      A resource of R4 in its JSON form; a Bundle of any kind, or a single resource.
Out     One Item for each bundle, its facts grouped as GP Connect's are (message/bundle.py).
Errors  None; what is wrong with a resource is judged when it is mapped.
Source  FHIR R4 (4.0.1); UK Core.
"""

from collections.abc import Iterator
from typing import Any, Final

from mappings.core.model.outcome import Issue, Item
from mappings.core.r4.codes import RESOURCE_TYPES
from mappings.gp.message.bundle import bundles_in, grouped

RESOURCES: Final = "uk-core-r4"


def items(sent: dict[str, Any], issues: list[Issue]) -> Iterator[Item]:
    """An Item for each bundle in what was sent."""
    for number, bundle in enumerate(bundles_in(sent), 1):
        facts, found = grouped(bundle, RESOURCE_TYPES, {})
        yield Item(RESOURCES, number, facts, (*issues, *found))
