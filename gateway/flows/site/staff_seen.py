"""A caller looks colleagues up: whom of the site's staff they are shown.

    purpose, scope -> role -> everybody, those of the caller's own organisation, or nobody

Rule    Who is not shown is as one who does not exist. Where several look together it is what each
        of them would be shown. A member of staff is of an organisation who has, or had, a post in
        it; a post that is shown leads to nobody who is not.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from consent.scopes import types_in_scope
from consent.terms import Action, Caller, Present
from gateway.flows.site.site import Asking, Site
from gateway.flows.site.site_served import Resources
from mappings.core.model import systems

STAFF: Final = ("Practitioner", "PractitionerRole")
StaffNumbers = Mapping[str, Sequence[Mapping[str, str]]]
"""The Identifiers of each, by the id of a Practitioner."""
NOBODY: Final[StaffNumbers] = {}


async def staff_seen(site: Site, asking: Asking, resource_type: str, action: Action) -> Resources:
    """Those of the type, one of STAFF, that the caller is shown, by id in the order of ids; the
    token's scopes are of a reading, or of a search."""
    may = _may_ask(site, asking.caller, resource_type, action)
    orgs = _bounds(site, asking.caller) if may else None
    if orgs is None:
        return {}
    engine = site.store.engine
    found = await site.served.of(engine, resource_type, asking.at)
    if not orgs:
        return found
    posts = await site.served.of(engine, "PractitionerRole", asking.at)
    own = {name: one for name, one in posts.items() if _is_of(one, orgs)}
    if resource_type == "PractitionerRole":
        return own
    people = {one["practitioner"]["reference"].partition("/")[2] for one in own.values()}
    return {name: one for name, one in found.items() if name in people}


def _may_ask(site: Site, caller: Caller, resource_type: str, action: Action) -> bool:
    role, types = site.policy.roles.get(caller.role), types_in_scope(caller.scopes, action)
    care = role is not None and caller.purpose in role.purposes - site.policy.secondary
    return care and (types is None or resource_type in types)


def _bounds(site: Site, caller: Caller) -> frozenset[str] | None:
    """The organisations whose staff alone is shown; none where everybody is, None for nobody."""
    orgs = set()
    together: tuple[Caller | Present, ...] = (caller, *caller.present)
    for one in together:
        if one.role in site.policy.own_staff_roles:
            orgs.add(one.org)
        elif one.role not in site.policy.staff_roles:
            return None
    return frozenset(orgs) if len(orgs) < 2 else None


def _is_of(post: Mapping[str, Any], orgs: frozenset[str]) -> bool:
    return post["organization"]["reference"].partition("/")[2] in orgs


async def staff_numbers(site: Site, asking: Asking, action: Action) -> StaffNumbers:
    """The numbers of those whom the caller is shown, by id: records name staff by them."""
    staff = await staff_seen(site, asking, "Practitioner", action)
    return {name: tuple(_numbers(one)) for name, one in staff.items()}


async def named_in(
    site: Site, asking: Asking, references: Iterator[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """The Practitioners that these references name by identifier, each once."""
    wanted = {key for one in references if (key := _key(one.get("identifier")))}
    if not wanted:
        return []
    staff = await staff_seen(site, asking, "Practitioner", Action.SEARCH)
    return [one for one in staff.values() if wanted & {*map(_key, _numbers(one))}]


def _numbers(practitioner: Mapping[str, Any]) -> Iterator[Mapping[str, str]]:
    """Theirs, as the files say them and as records may: with a C before it, a number of the GMC's
    is the code of a consultant."""
    for one in practitioner.get("identifier", ()):
        yield one
        if one["system"] == systems.GMC_NUMBER:
            plain = one["value"].removeprefix("C")
            yield {**one, "value": f"C{plain}" if one["value"] == plain else plain}


def _key(identifier: object) -> tuple[str, str] | None:
    """System and value, as staff are named by; None without."""
    if not isinstance(identifier, Mapping):
        return None
    system, value = identifier.get("system"), identifier.get("value")
    return (system, value) if isinstance(system, str) and isinstance(value, str) else None
