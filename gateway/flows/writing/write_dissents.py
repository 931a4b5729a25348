"""What one member of staff may not do alone to what the person said of sharing.

In      A Consent as it stands and as it is to be; who asks, under which Filter.
Rule    What the person recorded themselves is changed by nobody else.
        Where a dissent that staff recorded hides itself from its recorders, it is ended or changed
        because the person said so: a new verification names the person and a day since they
        dissented. It stays hidden from who is shut out by name (consent.residual).
        Whatever opens the record to somebody again, whoever they are, a privacy officer looks at:
        who is shut out may have asked a colleague.
        One that is to hold in an emergency too takes two people: one proposes it, another makes
        it active and changes nothing else.
Errors  RefusedError, UnprocessableError.
Source  docs/adr/0076-what-staff-recorded-staff-end.md.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from consent.decision import compile_filter
from consent.fhir_values import UnsupportedConsentError
from consent.from_fhir import BINDS_BREAK_GLASS
from consent.periods import first_moment, next_moment
from consent.proxies import is_proxy_consent, read_stated
from consent.rule import ConsentRule
from consent.terms import Action, Caller, CallerKind, Request
from gateway.errors import Fault, UnprocessableError
from gateway.flows.asking.access_log import CHOICE, SAID
from gateway.flows.asking.sight import Sight
from gateway.flows.site.site import Site
from gateway.flows.writing.write_changes import Held
from gateway.flows.writing.write_unit import RefusedError, Unit
from gateway.store.access import facts
from gateway.store.access.consent_rules import CLOSED
from gateway.store.record import reads
from gateway.store.record.reads import Group
from gateway.store.writing import team_versions
from mappings.core.model import systems
from mappings.core.shaping.identifiers import normalised

Detail = tuple[tuple[str, str], ...]
_TYPE: Final = "Consent"
_VERIFIED: Final = (
    "this dissent is closed to you too: add that the person said so: verified, verifiedWith the "
    "person, and the verificationDate, not before the dissent"
)
_TWO: Final = (
    "what holds in an emergency too takes two people: record it as proposed, and another member "
    "of staff makes it active as it stands"
)
_END_IT: Final = (
    "what is so verified counts as a conversation, which takes alerts and allergies away from "
    "everybody too: end this one, and record what the person says now as another"
)
_MOST_NUMBERS: Final = 10
"""Of one person: what was issued to them, and what it superseded."""
_APART: Final = (
    *("id", "meta", "status", "text", "language", "identifier", "organization"),
    *("sourceReference", "sourceAttachment"),
)


def is_persons_own(unit: Unit, held: Held) -> bool:
    """Whether it is the person's own word, recorded by themselves or by who acts for them, and
    neither they nor the person ask."""
    if held.now.resource_type != _TYPE:
        return False
    by = str(held.stored["meta"].get("source", "")).rpartition(":")[2]
    own = (CallerKind.PATIENT, CallerKind.PROXY)
    return by in own and unit.asking.caller.kind not in (CallerKind.PATIENT, by)


async def check_said_so(unit: Unit, held: Held, after: Mapping[str, Any]) -> None:
    """The person is said to have changed their mind, where the dissent is closed to its writer.
    Errors: RefusedError."""
    if held.now.resource_type != _TYPE or unit.asking.caller.kind is not CallerKind.STAFF:
        return
    if is_proxy_consent(held.stored) and after.get("status") != "active":
        return
    if await _is_open_anyway(unit, held):
        return
    text = _VERIFIED
    if await _is_verified(unit, held, after):
        if after.get("status") != "active" or any(_dated(held.stored)):
            return
        text = _END_IT
    fault = Fault("business-rule", "Consent.verification", text)
    raise RefusedError(UnprocessableError([fault]), held.sight)


def opens(
    unit: Unit, sight: Sight, before: Mapping[str, Any] | None, after: Mapping[str, Any]
) -> bool:
    """Whether staff end or loosen what keeps somebody out, whomever, or add a permit to those that
    limit: a privacy officer looks at it."""
    if after["resourceType"] != _TYPE or unit.asking.caller.kind is not CallerKind.STAFF:
        return False
    at = unit.asking.at
    was, now = (_rule(one) if one else None for one in (before, after))
    if was is not None and _holds(was, at):
        if now is not None and now.keeps(was):
            return False
        if was.takes_away:
            return True
    if now is None or not (now.active and now.root.permit):
        return False
    others = sight.held.facts.consents
    return any(one.root.permit and one.takes_away and _holds(one, at) for one in others)


def _rule(consent: Mapping[str, Any]) -> ConsentRule | None:
    """What it says of who may see the record; None of one that says who acts for the person."""
    try:
        stated = read_stated(consent)
    except UnsupportedConsentError:
        return CLOSED
    return stated if isinstance(stated, ConsentRule) else None


def _holds(rule: ConsentRule, at: datetime) -> bool:
    """Whether it is in force, or is yet to be."""
    return rule.active and rule.root.end > at


def said_of(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> Detail:
    """What the log is told of a Consent beside its version: what became of it, and of which day
    a conversation about it is newly recorded."""
    if after["resourceType"] != _TYPE:
        return ()
    was, now = (one.get("status") == "active" if one else None for one in (before, after))
    became = "recorded" if was is None else "ended" if was and not now else "changed"
    known = (before or {}).get("verification", [])
    days = [day for one, day in _dated(after) if one.get("verified") is True and one not in known]
    return ((CHOICE, became), *(((SAID, max(days)),) if days else ()))


async def _is_open_anyway(unit: Unit, held: Held) -> bool:
    """Whether it were open to its writer if nothing were left to those who record."""
    known, asking = held.sight.held.facts, unit.asking
    bare = tuple(replace(one, by_team=False) for one in known.consents)
    request = Request(Action.UPDATE, asking.caller.purpose, asking.at)
    person = replace(known, consents=bare)
    allowed = compile_filter(asking.caller, person, request, unit.site.policy)
    group = Group(held.sight.group.patient_ids, allowed)
    return held.row.resource_id in await reads.visible(unit.conn, [group], {held.row.resource_id})


async def _is_verified(unit: Unit, held: Held, after: Mapping[str, Any]) -> bool:
    """Whether there are more words of the person, since they dissented, than there were."""
    subject = held.looking.subject
    names = {f"Patient/{one}" for one in (*subject.patient_ids, subject.person_id)}
    numbers = await _own_numbers(unit, held, (held.stored, after))
    since = min(first_moment(held.stored["dateTime"]), unit.asking.at)

    def is_of_person(said: Mapping[str, Any]) -> bool:
        literal, number = said.get("reference"), _number_in(said)
        by_id, by_number = literal in names, number in numbers
        fits = (by_id or not literal) and (by_number or not number)
        return fits and (by_id or by_number)

    def words(consent: Mapping[str, Any]) -> int:
        return sum(
            one.get("verified") is True
            and is_of_person(one.get("verifiedWith", {}))
            and first_moment(day) <= unit.asking.at
            and since < next_moment(day)
            for one, day in _dated(consent)
        )

    return words(after) > words(held.stored)


async def _own_numbers(
    unit: Unit, held: Held, consents: Iterable[Mapping[str, Any]]
) -> frozenset[str]:
    """The NHS numbers that these say the person by; none where one of them is another's."""
    said = {_number_in(one.get("verifiedWith", {})) for each in consents for one, _ in _dated(each)}
    numbers = frozenset(said - {""})
    if not 0 < len(numbers) <= _MOST_NUMBERS:
        return frozenset()
    hasher = unit.site.store.vault.hasher
    hashes = [mark for one in numbers for mark in hasher.keyed_hashes("nhs-number", one)]
    people = await facts.persons_by_number(unit.conn, hashes)
    return numbers if people == [held.looking.person_id] else frozenset()


def _number_in(said: Mapping[str, Any]) -> str:
    """The NHS number that a reference names somebody by; empty where it names none."""
    identifier = said.get("identifier", {})
    is_number = identifier.get("system") == systems.NHS_NUMBER
    return normalised(str(identifier.get("value", ""))) if is_number else ""


def _dated(consent: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], str]]:
    for one in consent.get("verification", []):
        if "verificationDate" in one:
            yield one, one["verificationDate"]


async def writers_of(unit: Unit, held: Held) -> set[str]:
    """Who wrote a version of a Consent; of nothing else it is asked."""
    if held.now.resource_type != _TYPE:
        return set()
    return await team_versions.writers(unit.conn, held.now, held.row.resource_id)


def check_two(
    before: Mapping[str, Any] | None,
    authors: Collection[str],
    after: Mapping[str, Any],
    caller: Caller,
    site: Site,
) -> None:
    """What binds in an emergency is made active by somebody who wrote no version of it. Errors:
    UnprocessableError."""
    if after["resourceType"] != _TYPE or after.get("status") != "active" or not _binds(after):
        return
    if before is not None and _content(before) == _content(after):
        is_one = site.store.vault.staff.is_one
        another = all(one and not is_one(one, caller.user_id) for one in authors)
        proposed = before.get("status") in ("proposed", "draft")
        if before.get("status") == "active" or (
            proposed and another and caller.kind is CallerKind.STAFF
        ):
            return
    raise UnprocessableError([Fault("business-rule", "Consent.status", _TWO)])


def _content(consent: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in consent.items() if name not in _APART}


def _binds(consent: Mapping[str, Any]) -> bool:
    return any(
        one.get("url") == BINDS_BREAK_GLASS and one.get("valueBoolean") is not False
        for one in consent.get("modifierExtension", [])
    )
