"""An emergency access: a clinical role reads one person's record for hours, and is looked at.

Rule    Reading only; never very restricted items, hard stops, or a person whose named team the
        caller is not on. It is bound to the user, their role, organisation and purpose.
Errors  As in gateway.flows.access.opening.
Source  docs/policy.md.
"""

from typing import Any

from consent.terms import Reason
from gateway.audit.events import Event
from gateway.flows.access.opening import Way, close_access, open_access
from gateway.flows.asking.alerts import Kind
from gateway.flows.asking.sight import Sight
from gateway.flows.site.site import Asking, Site
from gateway.store.access.grants import BREAK_GLASS


async def break_glass(site: Site, asking: Asking, body: bytes) -> dict[str, Any]:
    """Open it: the grant, and until when it holds."""
    return await open_access(site, asking, _way(site, asking), body)


async def close(site: Site, asking: Asking, grant_id: str) -> dict[str, Any]:
    """End it early."""
    return await close_access(site, asking, _way(site, asking), grant_id)


def _way(site: Site, asking: Asking) -> Way:
    role = site.policy.roles.get(asking.caller.role)
    return Way(
        BREAK_GLASS,
        Event.BREAK_GLASS_OPEN,
        Event.BREAK_GLASS_CLOSE,
        Kind.BREAK_GLASS,
        Kind.BREAK_GLASS_REFUSED,
        site.policy.break_glass,
        role is not None and role.break_glass,
        _opens,
    )


def _opens(sight: Sight) -> bool:
    return Reason.BREAK_GLASS in sight.allowed.reasons
