"""An access as the log keeps it: who, why, exactly which versions, how much stayed hidden.

Rule    The entry is durable before the first byte of the answer leaves, for refusals too.
"""

from collections.abc import Mapping, Sequence

from gateway.audit.entry import AuditEntry, Sensitive
from gateway.audit.events import Event, Outcome
from gateway.flows.sight import Sight
from gateway.flows.site import Asking, Site
from gateway.flows.views import View


async def record(
    site: Site,
    asking: Asking,
    event: Event,
    sight: Sight | None,
    served: Sequence[View],
    query: str,
) -> None:
    """The access, durable before its first byte leaves."""
    await site.store.log.append(entry_of(site, asking, event, sight, served, query))


async def record_many(
    site: Site, asking: Asking, seen: Sequence[Sight], served: Sequence[View], query: str
) -> None:
    """A search over several people: an entry for each whose record was served, or one."""
    by_person = _by_person(seen, served)
    touched = [sight for sight in seen if by_person.get(sight.person_id)]
    if not touched:
        await record(site, asking, Event.SEARCH, None, [], query)
    for sight in touched:
        await record(site, asking, Event.SEARCH, sight, by_person[sight.person_id], query)


def _by_person(seen: Sequence[Sight], served: Sequence[View]) -> Mapping[str, list[View]]:
    found: dict[str, list[View]] = {sight.person_id: [] for sight in seen}
    for one in served:
        for person_id, views in found.items():
            if person_id.encode() in one.body:
                views.append(one)
                break
    return found


def entry_of(
    site: Site,
    asking: Asking,
    event: Event,
    sight: Sight | None,
    served: Sequence[View],
    query: str,
) -> AuditEntry:
    """The entry of one access to one person's record (or to nobody's, without a sight)."""
    allowed = sight.allowed if sight else None
    nothing = not served and (allowed is None or allowed.is_nothing)
    outcome = Outcome.SERVED if served else Outcome.NOT_FOUND
    if nothing:
        outcome = Outcome.REFUSED
    owners = sorted(set(sight.held.sources.values())) if sight and served else []
    return AuditEntry(
        recorded=asking.at,
        event=event,
        outcome=outcome,
        agent=asking.agent,
        request_id=asking.request_id,
        reasons=tuple(str(reason) for reason in allowed.reasons) if allowed else ("no-such",),
        person_id=sight.person_id if sight else "",
        patient_ids=tuple(sight.held.sources) if sight else (),
        evidence=" ".join(allowed.evidence) if allowed else "",
        resources=tuple(part for one in served for part in one.parts),
        query=query,
        filter_hash=allowed.hash if allowed else "",
        policy_version=f"{site.policy.version}@{site.policy.hash[:12]}",
        access_epoch=sight.held.epoch if sight else 0,
        consents=sight.held.consents if sight else (),
        detail=(("owners", "|".join(owners)),) if owners else (),
        sensitive=Sensitive(raw_query=asking.raw_query),
    )
