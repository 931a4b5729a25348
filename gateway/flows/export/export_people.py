"""Whose records an export goes through: so many people at a time, in the order of their ids.

Out     Chunks of ids; and whether somebody who may be seen was meant.
Rule    Who is listed here is only asked about: the Filter decides what of them is shown, each time
        anew. What a user opened for themselves opens no export. Of whom only what the own
        organisation sent may be seen, an id of another source names nobody.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Final

from consent.terms import Reason
from gateway.clock import to_micros
from gateway.flows.asking.sight import Sight
from gateway.flows.export.export_entitled import Entitled
from gateway.flows.site.site import Site
from gateway.store.leaving import exports
from gateway.store.leaving.exports import Asked

CHUNK: Final = 100
"""People who are filtered and read together: fewer than one query takes Filters."""
_OPENED_BY_USERS: Final = frozenset({Reason.BREAK_GLASS, Reason.SELF_CLAIM})
_READ: Final = 5_000
"""Ids that are read together."""
_NAMED: Final = 500
"""Of ids that were named, so many are looked up together."""


@dataclass(frozen=True, slots=True)
class People:
    """Some people, and by which ids they were asked for, where they were."""

    ids: Sequence[str]
    named: frozenset[str] | None = None

    @property
    def last(self) -> str:
        """After whom the next chunk begins."""
        return self.ids[-1]

    def meant(self, sight: Sight) -> bool:
        """Whether this is somebody who is open to the system without more, and who was asked for
        by an id it may know."""
        named, ids = self.named, sight.subject.patient_ids
        known = named is None or not sight.own_org or not named.isdisjoint(ids)
        return known and _OPENED_BY_USERS.isdisjoint(sight.allowed.reasons)


async def chunks(site: Site, who: Entitled, asked: Asked, after: str = "") -> AsyncIterator[People]:
    """Everybody the job is about, from after the one named."""
    batches = _listed(site, who, asked, after)
    named = None
    if asked.patients is not None:
        batches, named = _named(site, who, asked, after), frozenset(asked.patients)
    async for ids in batches:
        for start in range(0, len(ids), CHUNK):
            yield People(ids[start : start + CHUNK], named)


async def _listed(site: Site, who: Entitled, asked: Asked, after: str) -> AsyncIterator[list[str]]:
    """Everybody with such a tie to the organisation."""
    org, at, last = who.shown_as.org, to_micros(who.asking.at), after
    while True:
        async with site.store.engine.reading() as conn:
            found = await exports.people(conn, org, asked.group, at, last, _READ)
        if not found:
            return
        yield found
        last = found[-1]


async def _named(site: Site, who: Entitled, asked: Asked, after: str) -> AsyncIterator[list[str]]:
    """Those of the named who have such a tie."""
    org, at, ids = who.shown_as.org, to_micros(who.asking.at), asked.patients or ()
    found: set[str] = set()
    async with site.store.engine.reading() as conn:
        for start in range(0, len(ids), _NAMED):
            some = ids[start : start + _NAMED]
            found.update(await exports.tied(conn, org, asked.group, at, some))
    yield sorted(one for one in found if one > after)
