"""A member of the team asks which of the people open to them a description fits ($match).

    role -> scope -> who may be meant -> Filter -> weigh what may be seen -> record -> answer

Rule    Only what the caller may see of somebody is weighed, and it has to agree on number or birth
        date itself: what is hidden changes neither who is found nor the order. Nobody and nobody
        open to the caller are one answer. Each person who is shown has an entry; a search that
        finds nobody has one too, refused, which can be counted.
Errors  ForbiddenError for other roles; FaultyRequestError for a description without number and
        birth date; TooCostlyError; AuditUnavailableError.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

import orjson

from consent.terms import Action
from gateway.audit.events import Event
from gateway.auth.rates import Kind
from gateway.errors import Fault, FaultyRequestError, ForbiddenError, TooCostlyError
from gateway.flows.asking.access_log import entry_of, failures_recorded, require_scope
from gateway.flows.asking.sight import Sight, sights
from gateway.flows.asking.throttle import check_caller
from gateway.flows.asking.views import View
from gateway.flows.reading.people_found import People
from gateway.flows.site.site import Asking, Site
from gateway.identity.matching import Fit, Grade, fit
from gateway.identity.weights import Traits, traits, weights
from gateway.store.identity.matching import persons_like

QUERY: Final = "Patient/$match"
MOST_ALIKE: Final = 500


@dataclass(frozen=True, slots=True)
class Described:
    """What is asked."""

    patient: Mapping[str, Any]
    only_certain: bool
    count: int


class Found(NamedTuple):
    """Somebody whom the description fits."""

    view: View
    fit: Fit


async def match(site: Site, asking: Asking, asked: Described) -> list[Found]:
    """Those whom it fits, the surest first."""
    await _require_role(site, asking)
    await require_scope(site, asking, Event.OPERATION, Action.SEARCH, "Patient")
    await check_caller(site, asking, Kind.MATCH, Event.OPERATION, QUERY)
    said = _traits(asked.patient)
    if not said.number and not said.born:
        text = "give an NHS number or a whole birth date: nothing else is looked up by"
        raise FaultyRequestError([Fault("required", "resource", text)])
    async with failures_recorded(site, asking, Event.OPERATION, QUERY):
        seen, views = await _open(site, asking, said)
    found = _best(said, views, asked)
    await _record(site, asking, seen, [one.view for one in found])
    return found


def _traits(patient: Mapping[str, Any]) -> Traits:
    """What the description says. Errors: FaultyRequestError where it is not built as a Patient."""
    try:
        return traits(patient)
    except (AttributeError, TypeError):
        fault = Fault("structure", "resource", "is not built as a Patient")
        raise FaultyRequestError([fault]) from None


async def _require_role(site: Site, asking: Asking) -> None:
    if asking.caller.role in site.policy.matching_roles:
        return
    entry = entry_of(site, asking, Event.OPERATION, None, [], QUERY)
    await site.store.log.append(replace(entry, reasons=("role",)))
    raise ForbiddenError


async def _open(site: Site, asking: Asking, said: Traits) -> tuple[list[Sight], Sequence[View]]:
    """What the caller may see of each who may be meant."""
    hasher = site.store.vault.hasher
    numbers = [one for number in said.number for one in hasher.keyed_hashes("nhs-number", number)]
    births = [one for born in said.born for one in hasher.keyed_hashes("birth-date", born)]
    async with site.store.engine.reading() as conn:
        people = await persons_like(conn, numbers, births, MOST_ALIKE + 1)
        if len(people) > MOST_ALIKE:
            raise TooCostlyError
        seen = await sights(conn, site, asking, people, Action.SEARCH)
        shown = await People(conn, site, seen).shown()
    return seen, [shown[name] for name in sorted(shown)]


def _best(said: Traits, views: Sequence[View], asked: Described) -> list[Found]:
    found = []
    for view in views:
        fits = fit(weights(said, traits(orjson.loads(view.body))))
        if fits and (fits.grade is Grade.CERTAIN or not asked.only_certain):
            found.append(Found(view, fits))
    if asked.only_certain and len(found) > 1:
        return []  # two who are certain: then neither is
    found.sort(key=lambda one: (-one.fit.score, one.view.resource_id))
    return found[: asked.count]


async def _record(site: Site, asking: Asking, seen: Sequence[Sight], shown: Sequence[View]) -> None:
    """An entry for each who is shown; one of nobody where nobody is."""
    by_person = {sight.subject.person_id: sight for sight in seen}
    entries = [
        entry_of(site, asking, Event.OPERATION, by_person[view.person_id], [view], QUERY)
        for view in shown
    ] or [entry_of(site, asking, Event.OPERATION, None, [], QUERY)]
    await asyncio.gather(*(site.store.log.append(entry) for entry in entries))
