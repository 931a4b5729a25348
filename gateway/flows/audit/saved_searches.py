"""Searches of the log that governance keeps: named, changed, run again, deleted.

    may look into the log? -> own searches -> kept or deleted, and recorded | recorded, and told

Rule    A search is its owner's: one user of one organisation, or one operator; to everybody else it
        is not there. It holds what is asked and no authority: when it is run, its owner sees what
        their role shows them then. What it asks may name somebody, so it stands sealed, and the log
        has its id; the words are in the sealed part of the entry. A name is given once. Those of
        somebody who left go to nobody: whoever has the role in that organisation, or an operator,
        deletes them, unseen; not while the site knows of a post that they have there.
Errors  NotFoundError; FaultyRequestError; VersionConflictError for a name that is taken;
        AuditUnavailableError.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from consent.periods import LONDON
from gateway.audit.entry import Sensitive
from gateway.audit.events import Event, Outcome
from gateway.clock import instant, to_micros
from gateway.errors import Fault, FaultyRequestError, NotFoundError, VersionConflictError
from gateway.flows.asking.governance import Looker
from gateway.flows.asking.search_log import OPERATOR
from gateway.flows.site.service_open import parsed
from gateway.flows.site.site_fhir import works_for
from gateway.store.audit import saved_searches
from gateway.store.audit.saved_searches import Saved as Saved
from gateway.store.audit.saved_searches import Search as Search
from gateway.store.commit.log import append
from gateway.store.commit.units import Store
from gateway.store.database.engine import Connection
from gateway.store.site import site_data

NAME: Final = "saved-search"
MOST: Final = 100
"""Of one owner."""
_LONGEST_NAME: Final = 100
_LONGEST_QUERY: Final = 4_000
_MOST_DAYS: Final = 3_650


@dataclass(frozen=True, slots=True)
class Desk:
    """The kept searches of somebody who may look into the log."""

    store: Store
    looker: Looker

    @property
    def owner(self) -> str:
        """Whose they are: a user of an organisation, or an operator."""
        agent = self.looker.agent
        return self._owner(agent.user_id, None if agent.role == OPERATOR else agent.org)

    def _owner(self, user_id: str, org: str | None) -> str:
        door = "operator" if org is None else "caller"
        return self._keyed("saved-search-owner", door, org or "", user_id)

    def id_of(self, name: str) -> str:
        """What a search of that name is called, for this owner."""
        return self._keyed(NAME, self.owner, name)

    def _keyed(self, purpose: str, *parts: str) -> str:
        return self.store.vault.hasher.keyed_uuid(purpose, *parts)

    async def all(self) -> Sequence[Saved]:
        """All of the owner's, the oldest first."""
        await self._record("")
        async with self.store.engine.reading() as conn:
            return await self._held(conn)

    async def one(self, search_id: str) -> Saved:
        """One of them; that it is looked at, or run, is recorded."""
        async with self.store.engine.reading() as conn:
            held = await self._held(conn)
        found = search_id in {one.search_id for one in held}
        await self._record(search_id if found else "", found=found)
        return _of(search_id, held)

    async def keep(self, search: Search) -> Saved:
        """A new one."""
        saved = self._saved(checked(search))

        async def unit(conn: Connection) -> None:
            held = await self._held(conn)
            if saved.search_id in {one.search_id for one in held}:
                raise VersionConflictError([Fault("duplicate", "name", "one of yours has it")])
            if len(held) >= MOST:
                raise FaultyRequestError([Fault("too-costly", "", f"at most {MOST} are yours")])
            await self._keep(conn, Event.CREATE, saved)

        await self.store.write(unit)
        return saved

    async def change(self, search_id: str, query: str, days: int) -> Saved:
        """It asks something else from now on."""

        async def unit(conn: Connection) -> Saved:
            before = _of(search_id, await self._held(conn))
            saved = self._saved(checked(Search(before.search.name, query, days)))
            await self._keep(conn, Event.UPDATE, saved)
            return saved

        return await self.store.write(unit)

    async def delete(self, search_id: str) -> None:
        """It is no more."""

        async def unit(conn: Connection) -> None:
            if not await saved_searches.remove(conn, self.owner, search_id):
                raise NotFoundError
            await self._note(conn, Event.DELETE, search_id, "")

        await self.store.write(unit)

    async def forget(self, user_id: str, org: str | None) -> int:
        """All that a user of an organisation kept, or an operator (None), is no more; how many. Not
        of who has a post there, as the site knows its staff."""
        async with self.store.engine.reading() as conn:
            staff = parsed(await site_data.entries(conn, ("practitioner", "post")))
        today = self.looker.at.astimezone(LONDON).date()
        if works_for(staff, user_id, org or "", today):
            text = "has a post in the organisation: who left has none"
            raise FaultyRequestError([Fault("business-rule", "user", text)])

        async def unit(conn: Connection) -> int:
            number = await saved_searches.remove_all(conn, self._owner(user_id, org))
            outcome = Outcome.STORED if number else Outcome.NOT_FOUND
            entry = self.looker.entry(Event.DELETE, outcome, NAME)
            detail = (("user", user_id if number else ""), ("searches", str(number)))
            await append(conn, self.store.vault, [replace(entry, detail=detail)])
            return number

        number = await self.store.write(unit)
        if not number:
            raise NotFoundError
        return number

    async def _held(self, conn: Connection) -> list[Saved]:
        return await saved_searches.of_owner(conn, self.store.vault, self.owner)

    async def _keep(self, conn: Connection, event: Event, saved: Saved) -> None:
        await saved_searches.keep(conn, self.store.vault, self.owner, saved)
        await self._note(conn, event, saved.search_id, saved.search.query)

    async def _note(self, conn: Connection, event: Event, search_id: str, query: str) -> None:
        entry = self.looker.entry(event, Outcome.STORED, NAME)
        sealed = Sensitive(raw_query=query)
        entry = replace(entry, detail=(("search", search_id),), sensitive=sealed)
        await append(conn, self.store.vault, [entry])

    async def _record(self, search_id: str, *, found: bool = True) -> None:
        outcome = Outcome.SERVED if found else Outcome.NOT_FOUND
        entry = self.looker.entry(Event.AUDIT_VIEW, outcome, NAME)
        named = (("search", search_id),) if search_id else ()
        await self.store.log.append(replace(entry, detail=named))

    def _saved(self, search: Search) -> Saved:
        return Saved(self.id_of(search.name), to_micros(self.looker.at), search)


def checked(search: Search) -> Search:
    """The search as it can be kept. Errors: FaultyRequestError."""
    name = search.name.strip()
    if not (0 < len(name) <= _LONGEST_NAME and name.isprintable()):
        raise _faulty("name", f"a line of 1 to {_LONGEST_NAME} letters")
    if len(search.query) > _LONGEST_QUERY:
        raise _faulty("query", f"at most {_LONGEST_QUERY} letters")
    if not 0 <= search.days <= _MOST_DAYS:
        raise _faulty("days", f"a number of days up to {_MOST_DAYS}; 0: as the query says")
    return replace(search, name=name)


def begins(search: Search, at: datetime) -> str:
    """The moment from which a search of the last days looks, as of `at`; empty for another."""
    return instant(to_micros(at - timedelta(days=search.days))) if search.days else ""


def _of(search_id: str, held: Sequence[Saved]) -> Saved:
    found = [one for one in held if one.search_id == search_id]
    if not found:
        raise NotFoundError
    return found[0]


def _faulty(field: str, text: str) -> FaultyRequestError:
    return FaultyRequestError([Fault("value", field, text)])
