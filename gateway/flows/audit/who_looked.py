"""Who looked at my record: the log in plain words, for the person's own token.

    own record -> under their own filter, the log read on -> record the look -> lines, newest first

Rule    A line is told where something of what was shown then may be seen by the person now, so
        that what is held back (a safeguarding enquiry, a note about somebody else) is not given
        away by who read it; an emergency access is told to the person, and to an organisation
        that answers for them where it was its own; where it is told later, so is what rests on
        it. Where organisations are masked none is named, to themselves neither: somebody may
        read beside them. Where the process that served it was killed,
        a line says that nobody knows whether it arrived. A line names organisation, role, purpose
        and moment: no name, and nothing of what was read. Refused attempts showed nothing and are
        not told. What others record of who may see the record, or change of it, is told as well.
Errors  ForbiddenError for everybody but the person; NotFoundError where there is no record;
        AuditUnavailableError.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

from consent.policy import AuditScope, Policy
from consent.terms import Action, Caller, CallerKind
from gateway.audit.canonical import to_text
from gateway.audit.entry import AuditEntry, decode
from gateway.audit.events import Event, Outcome
from gateway.errors import ForbiddenError, NotFoundError
from gateway.flows.asking import access_log
from gateway.flows.asking.access_log import CHOICE, SAID
from gateway.flows.asking.sight import Sight, sight_of
from gateway.flows.audit.told_later import rests_on, told_later
from gateway.flows.site.service_open import parsed
from gateway.flows.site.site import Asking, Site
from gateway.flows.upkeep.serving import ENTRY
from gateway.store.audit import audit_reads, shown
from gateway.store.audit.audit_reads import Wanted
from gateway.store.commit.log import is_break_glass
from gateway.store.database.engine import Connection
from gateway.store.record import reads
from gateway.store.site import site_data

_QUERY: Final = "access-log"
_AT_ONCE: Final = 500
_PURPOSES: Final[Mapping[str, str]] = {
    "TREAT": "to give you care",
    "ETREAT": "in an emergency",
    "BTG": "in an emergency",
    "CAREMGT": "to manage your care",
    "COC": "to co-ordinate your care",
    "PATRQT": "because you asked",
    "FAMRQT": "on your behalf",
    "PWATRNY": "on your behalf",
    "SUPNWK": "to support you",
    "HCOMPL": "to answer a request, or to check that rules are kept",
    "HSYSADMIN": "to answer a request, or to check that rules are kept",
}
_OTHERWISE: Final = "for another purpose"
_INTERRUPTED: Final = "Whether the answer arrived is not known: the service was interrupted."
_FOR_YOU: Final = "Somebody acting for you"
_AS_ONE: Final = "whose record was held as one with yours"


@dataclass(frozen=True, slots=True)
class Lines:
    """Accesses in plain words, newest first."""

    told: tuple[dict[str, Any], ...]
    last: int | None
    """The number before which the next page begins; None on the last page."""


class _Known(NamedTuple):
    """What a line is made with: the policy's roles, and the names of organisations; None where
    none may be named."""

    policy: Policy
    names: Mapping[str, str] | None


async def who_looked(site: Site, asking: Asking, count: int, before: int | None) -> Lines:
    """Who looked at the record of the person whose token this is."""
    person = await own_id(site, asking)
    await shown.catch_up(site.store)
    async with site.store.engine.reading() as conn:
        sight = await sight_of(conn, site, asking, "Patient", person, Action.READ)
        if sight is not None and not sight.allowed.is_nothing:
            user_id = asking.caller.user_id
            lines = await lines_of(conn, site.policy, sight, user_id, count, before)
        else:
            lines = None
    if lines is None:
        await _record(site, asking, Outcome.NOT_FOUND, None, 0)
        raise NotFoundError
    await _record(site, asking, Outcome.SERVED, sight, len(lines.told))
    return lines


async def own_id(site: Site, asking: Asking) -> str:
    """The id of the person whose token this is. Errors: ForbiddenError, once it is in the log."""
    person = asking.caller.patient
    if person is None or not is_of_the_person(site.policy, asking.caller):
        await _record(site, asking, Outcome.REFUSED, None, 0)
        raise ForbiddenError
    return person


def is_of_the_person(policy: Policy, caller: Caller) -> bool:
    """Whether the caller is a person, who may ask about their own record."""
    role = policy.roles.get(caller.role)
    own = role is not None and role.audit is AuditScope.OWN_RECORD
    return own and caller.kind is CallerKind.PATIENT


async def lines_of(
    conn: Connection, policy: Policy, sight: Sight, user_id: str, count: int, before: int | None
) -> Lines:
    """A page of who looked at what this sight is of, as far as it shows it."""
    people = tuple(sorted({sight.person_id, *sight.held.sources}))
    wanted = Wanted(people=people, outcomes=(str(Outcome.SERVED), str(Outcome.STORED)))
    later = await told_later(conn, people)
    found: list[tuple[int, AuditEntry]] = []
    while len(found) <= count:  # however far: a short page would tell how much is not told
        rows = await audit_reads.search(conn, replace(wanted, before=before), _AT_ONCE)
        if not rows:
            break
        entries = [(seq, decode(record).entry) for seq, record in rows]
        open_now = await _open_now(conn, sight, [entry for _, entry in entries])
        found += [
            one
            for one in entries
            if _is_told(one[1], open_now, sight.own_org) and not rests_on(one[1], later)
        ]
        before = rows[-1][0]
    page = found[:count]
    unknown = await _unknown(conn, people, page[-1][0]) if page else set()
    known = _Known(policy, await places(conn) if sight.allowed.names_organisations else None)
    told = tuple(
        _line(entry, known, _whose(entry, user_id, people), ended=seq not in unknown)
        for seq, entry in page
    )
    return Lines(told, page[-1][0] if len(found) > count else None)


async def _open_now(
    conn: Connection, sight: Sight, entries: Sequence[AuditEntry]
) -> Collection[str]:
    """Of all that these accesses showed, what the person may see."""
    shown = {part[1] for entry in entries for part in entry.resources}
    return (await reads.met(conn, sight.group, shown)).keys()


async def _unknown(conn: Connection, people: tuple[str, ...], first: int) -> set[int]:
    """The looks from that entry on of which nobody knows whether they arrived: the process that
    served them ended."""
    wanted = Wanted(
        people, events=(str(Event.COMPLETION),), outcomes=(str(Outcome.UNKNOWN),), after=first
    )
    said = [
        dict(decode(record).entry.detail).get(ENTRY)
        async for _, record in audit_reads.every(conn, wanted)
    ]
    return {int(number) for number in said if number}


def _is_told(entry: AuditEntry, open_now: Collection[str], own_org: str) -> bool:
    if entry.event is Event.BREAK_GLASS_OPEN:
        return own_org in ("", entry.agent.org)
    if entry.event is Event.HOME_ACCESS and entry.agent.kind == CallerKind.PATIENT:
        return False  # beside their own look, which is told
    if entry.event is Event.PERMISSION:
        return entry.outcome is Outcome.STORED
    told = Outcome.SERVED
    if entry.event is Event.CONSENT_CHANGE:
        told = Outcome.STORED
        if entry.agent.kind == CallerKind.PATIENT:
            return False
    return entry.outcome is told and any(part[1] in open_now for part in entry.resources)


def _whose(entry: AuditEntry, user_id: str, people: Collection[str]) -> str:
    """Whose look it was, where somebody looked at what was their own record, or taken for it."""
    agent = entry.agent
    if agent.kind not in (CallerKind.PATIENT, CallerKind.PROXY):
        return ""
    parted = agent.user_id != user_id and not set(entry.patient_ids) <= set(people)
    if agent.kind == CallerKind.PATIENT:
        return f"Another person, {_AS_ONE}," if parted else "You"
    return f"Somebody acting for you, or for another person {_AS_ONE}," if parted else _FOR_YOU


async def places(conn: Connection) -> dict[str, str]:
    """What the site calls its organisations, by ODS code."""
    entries = await site_data.entries(conn, ("organisation", "practice"))
    return {body["ods"]: body["name"] for _, body in parsed(entries)}


def _line(entry: AuditEntry, known: _Known, whose: str, *, ended: bool) -> dict[str, Any]:
    agent = entry.agent
    role = known.policy.roles.get(agent.role)
    title = role.title if role else agent.role
    why = _PURPOSES.get(agent.purpose, _OTHERWISE)
    broken = is_break_glass(entry)
    place = "" if known.names is None else f" at {known.names.get(agent.org, agent.org)}"
    words = f"{title}{place} {_deed(entry)} {why}."
    if whose:
        title, words = whose.rstrip(","), f"{whose} {_deed(entry)}."
    if broken:
        words += " They opened it as an emergency access, which is always checked afterwards."
    day = dict(entry.detail).get(SAID)
    if day:
        words += f" A conversation with you about it is recorded, of {_day(day)}."
    if not ended:
        words += f" {_INTERRUPTED}"
    return {
        "at": to_text(entry.recorded),
        "organisation": agent.org if place else "",
        "role": title,
        "purpose": why,
        "break_glass": broken,
        "words": words,
    }


def _deed(entry: AuditEntry) -> str:
    """What was done, as the person is told of it."""
    if entry.event is Event.CONSENT_CHANGE:
        became = dict(entry.detail).get(CHOICE, "recorded or changed")
        return f"{became} a choice about who may see your record"
    if entry.event is Event.PERMISSION:
        whom = "for somebody else to look" if dict(entry.detail).get("of") else "to look"
        return f"recorded your permission {whom} at your record"
    if entry.event is Event.EXPORT and entry.agent.kind == CallerKind.STAFF:
        return "made a copy of your record"
    if entry.event is Event.HOME_ACCESS:
        return "was shown how to get into your home"
    return "looked at your record"


def _day(text: str) -> str:
    """A day as people write it: `22/11/2026`."""
    return "/".join(reversed(text[:10].split("-")))


async def _record(
    site: Site, asking: Asking, outcome: Outcome, sight: Sight | None, shown: int
) -> None:
    entry = access_log.entry_of(site, asking, Event.AUDIT_VIEW, sight, [], _QUERY)
    detail = (("shown", str(shown)),)
    await site.store.log.append(replace(entry, outcome=outcome, detail=detail))
