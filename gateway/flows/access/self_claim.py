"""A self-claimed relationship: a member of the team says that they are caring for this person.

Rule    It gives what the role sees and no more, to this user alone, and ends by itself. It makes
        no team, so that nobody turns it into a tie that lasts.
Errors  As in gateway.flows.access.opening.
Source  docs/policy.md.
"""

from typing import Any

from gateway.audit.events import Event
from gateway.flows.access.opening import Way, close_access, open_access
from gateway.flows.access.record_permission import has_relationship
from gateway.flows.asking.alerts import Kind
from gateway.flows.site.site import Asking, Site
from gateway.flows.writing.write_record import implied
from gateway.store.access.grants import SELF_CLAIM


async def self_claim(site: Site, asking: Asking, body: bytes) -> dict[str, Any]:
    """Claim it: the grant, and until when it holds. Permission to view is asked for apart."""
    return await open_access(implied(site), asking, _way(site, asking), body)


async def close(site: Site, asking: Asking, grant_id: str) -> dict[str, Any]:
    """End it early."""
    return await close_access(site, asking, _way(site, asking), grant_id)


def _way(site: Site, asking: Asking) -> Way:
    role = site.policy.roles.get(asking.caller.role)
    return Way(
        SELF_CLAIM,
        Event.SELF_CLAIM,
        Event.RELATIONSHIP_CHANGE,
        Kind.SELF_CLAIM,
        Kind.SELF_CLAIM_REFUSED,
        site.policy.self_claim,
        role is not None and role.self_claim,
        has_relationship,
    )
