"""What one member of staff may not do alone to what the person said of sharing.

In      A Consent as it stands and as it is to be; who asks, under which Filter.
Rule    What the person recorded themselves is changed by nobody else.
        Where a dissent that staff recorded hides itself from its recorders, it is ended or changed
        because the person said so: a new verification names the person and a day since they
        dissented, and a privacy officer looks at it: it opens the record to its writer. It stays
        hidden from who is shut out by name (consent.residual).
        One that is to hold in an emergency too takes two people: one proposes it, another makes
        it active and changes nothing else.
Errors  RefusedError, UnprocessableError.
Source  docs/adr/0076-what-staff-recorded-staff-end.md.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from consent.decision import compile_filter
from consent.from_fhir import BINDS_BREAK_GLASS
from consent.periods import first_moment, next_moment
from consent.proxies import is_proxy_consent
from consent.terms import Action, Caller, CallerKind, Request
from gateway.errors import Fault, UnprocessableError
from gateway.flows.site.site import Site
from gateway.flows.writing.write_changes import Held
from gateway.flows.writing.write_unit import RefusedError, Unit
from gateway.store.record import reads
from gateway.store.record.reads import Group
from gateway.store.writing import team_versions

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


async def check_said_so(unit: Unit, held: Held, after: Mapping[str, Any]) -> bool:
    """The person is said to have changed their mind, where the dissent is closed to its writer;
    whether it was. Errors: RefusedError."""
    if held.now.resource_type != _TYPE or unit.asking.caller.kind is not CallerKind.STAFF:
        return False
    if is_proxy_consent(held.stored) and after.get("status") != "active":
        return False
    if await _is_open_anyway(unit, held):
        return False
    text = _VERIFIED
    if _is_verified(unit, held, after):
        if after.get("status") != "active" or any(_dated(held.stored)):
            return True
        text = _END_IT
    fault = Fault("business-rule", "Consent.verification", text)
    raise RefusedError(UnprocessableError([fault]), held.sight)


async def _is_open_anyway(unit: Unit, held: Held) -> bool:
    """Whether it were open to its writer if nothing were left to those who record."""
    facts, asking = held.sight.held.facts, unit.asking
    bare = tuple(replace(one, by_staff=False) for one in facts.consents)
    request = Request(Action.UPDATE, asking.caller.purpose, asking.at)
    person = replace(facts, consents=bare)
    allowed = compile_filter(asking.caller, person, request, unit.site.policy)
    group = Group(held.sight.group.patient_ids, allowed)
    return held.row.resource_id in await reads.visible(unit.conn, [group], {held.row.resource_id})


def _is_verified(unit: Unit, held: Held, after: Mapping[str, Any]) -> bool:
    """Whether there are more words of the person, since they dissented, than there were."""
    subject = held.looking.subject
    names = {f"Patient/{one}" for one in (*subject.patient_ids, subject.person_id)}
    since = min(first_moment(held.stored["dateTime"]), unit.asking.at)

    def words(consent: Mapping[str, Any]) -> int:
        return sum(
            one.get("verified") is True
            and one.get("verifiedWith", {}).get("reference") in names
            and first_moment(day) <= unit.asking.at
            and since < next_moment(day)
            for one, day in _dated(consent)
        )

    return words(after) > words(held.stored)


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
        own = site.store.vault.staff.ids_of(caller.user_id)
        another = all(authors) and own.isdisjoint(authors)
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
