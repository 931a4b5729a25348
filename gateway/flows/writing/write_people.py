"""A Patient that a provider system writes: what its organisation knows a person by, over REST.

    system, feed, scope -> valid R4 -> an identifier of its own -> its feed -> as it is read now

Rule    It is stated through the system's own feed, as if it were pushed there: the same trace,
        decisions on identity, quarantine and log; it vouches for nothing that a push would not. The
        record is that of its first own identifier, or of the one that a condition names: whoever
        sends it again, or at the same moment, states the same record. An id that was sent is not.
        An update names the version that was read, and is judged under the lock it writes with.
Errors  ForbiddenError for whoever has no feed that takes R4; UnprocessableError with every path;
        FaultyRequestError; NotSupportedError for an id that is not there, or not theirs;
        VersionConflictError; BusyError while the feed is paused: it is kept, and applied then.
Source  docs/adr/0075-a-patient-is-written-through-its-feed.md.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import orjson

from consent.terms import Action, CallerKind
from gateway.audit.events import Event
from gateway.clock import instant, to_micros
from gateway.errors import (
    Fault,
    FaultyRequestError,
    ForbiddenError,
    GoneError,
    NotFoundError,
    NotSupportedError,
    UnprocessableError,
    VersionConflictError,
)
from gateway.flows.asking.access_log import entry_of, require_scope
from gateway.flows.asking.sight import sight_of
from gateway.flows.asking.views import View
from gateway.flows.intake.push_update import Push, push
from gateway.flows.reading import query_record
from gateway.flows.reading.assemble import patient_of
from gateway.flows.site.site import Asking, Site
from gateway.flows.writing.write_steps import Done
from gateway.flows.writing.write_types import identifiers_of, read_resource
from gateway.store.access import facts
from gateway.store.database.engine import BusyError, Connection
from gateway.store.identity import source_records
from gateway.store.record.localising import Localisers, local_system
from gateway.store.writing.claims import Identifier
from mappings.core.checking.validate import validate
from mappings.core.model import systems
from mappings.core.model.rows import Feed
from mappings.gp.message.resources import RESOURCES

TYPE: Final = "Patient"
_SERVERS_OWN: Final = ("id", "meta", "text")
_NO_OWN: Final = "needs an identifier of your own for the person, with its system"
_NO_ID: Final = "ids are the server's: send none"
_OTHER_ID: Final = "is not the id of what was found"
_SAME: Final = "keeps the identifier that this record was first sent under"
_STANDS: Final = "stands already: update that Patient, or name it in If-None-Exist"


async def create(
    site: Site, asking: Asking, body: bytes, identifier: Identifier | None = None
) -> Done:
    """The record of a person whom the system's organisation did not name yet; with a condition 200
    for the one it named."""
    feed = await _feed(site, asking, Action.CREATE)
    resource = _judged(body)
    named = _key_named(resource, identifier, asking) if identifier else ""
    key = named or next(iter(_keys(resource, asking)), "")
    if not key:
        raise UnprocessableError([Fault("required", f"{TYPE}.identifier", _NO_OWN)])
    if await _is_there(site, record := _record(site, asking, key)):
        if identifier is None:
            raise UnprocessableError([Fault("duplicate", f"{TYPE}.identifier", _STANDS)])
        return Done(200, await query_record.read(site, asking, TYPE, record))
    return Done(201, await _state(site, asking, feed, resource, key))


async def update(
    site: Site,
    asking: Asking,
    resource_id: str,
    body: bytes,
    match: int | None,
    identifier: Identifier | None = None,
) -> Done:
    """The record as it is sent; by identifier a new one where there is none."""
    feed = await _feed(site, asking, Action.UPDATE)
    resource = _judged(body)
    if identifier is not None:
        key = _key_named(resource, identifier, asking)
        record = _record(site, asking, key)
        sent = resource.get("id")
        if not await _is_there(site, record):
            if sent is not None:
                raise FaultyRequestError([Fault("invalid", "id", _NO_ID)])
            if match is not None and match >= 0:
                _check_version(None, match)
            return Done(201, await _state(site, asking, feed, resource, key))
        held = await query_record.read(site, asking, TYPE, record)
        if sent not in (None, held.resource_id):
            raise FaultyRequestError([Fault("invalid", "id", _OTHER_ID)])
        if match is not None:
            _check_version(held, match)
        return Done(200, await _state(site, asking, feed, resource, key, held))
    if resource.get("id") != resource_id:
        raise FaultyRequestError([Fault("invalid", "id", "is to be the id in the address")])
    named = match if match is not None else _version_sent(resource)
    held = await _held(site, asking, resource_id)
    own = {name for _, name, _ in held.parts}
    key = next((one for one in _keys(resource, asking) if _record(site, asking, one) in own), "")
    if not key:
        raise UnprocessableError([Fault("business-rule", f"{TYPE}.identifier", _SAME)])
    _check_version(held, named)
    return Done(200, await _state(site, asking, feed, resource, key, held))


async def _feed(site: Site, asking: Asking, action: Action) -> Feed:
    """The feed of the system that takes R4. Errors: ForbiddenError, recorded."""
    caller, event = asking.caller, Event.CREATE if action is Action.CREATE else Event.UPDATE
    is_provider = caller.kind is CallerKind.SYSTEM and caller.role == "provider" and caller.org
    granted = [site.feeds[name] for name in sorted(caller.feeds) if name in site.feeds]
    feed = next((one for one in granted if RESOURCES in one.kinds), None)
    if not is_provider or feed is None:
        entry = entry_of(site, asking, event, None, [], TYPE)
        await site.store.log.append(replace(entry, reasons=("feed-not-granted",)))
        raise ForbiddenError
    for needed in (action, Action.READ):  # the answer is what it reads
        await require_scope(site, asking, event, needed, TYPE)
    return feed


def _judged(body: bytes) -> dict[str, Any]:
    """The resource, valid R4, which its feed could take."""
    resource = read_resource(body, TYPE)
    faults = [Fault(p.code, p.path, p.text) for p in validate(resource, local_references=False)]
    if "contained" in resource:
        faults.append(Fault("not-supported", "contained", "send it on its own"))
    if faults:
        raise UnprocessableError(faults)
    return resource


def _keys(resource: Mapping[str, Any], asking: Asking) -> list[str]:
    """By what its source may key the person: its own numbers, in the order they were sent."""
    own = (one for one in identifiers_of(resource) if one[0] != systems.NHS_NUMBER)
    return [_key(one, asking) for one in own]


def _key(identifier: Identifier, asking: Asking) -> str:
    """As a feed keys a person: by a number with its system, or by the source's id alone."""
    system, value = identifier
    return value if system == local_system(asking.caller.org) else f"{system}|{value}"


def _key_named(resource: Mapping[str, Any], identifier: Identifier, asking: Asking) -> str:
    """The key of the one that a condition names, which the body bears too."""
    key = _key(identifier, asking)
    if identifier[0] == systems.NHS_NUMBER or key not in _keys(resource, asking):
        text = "a condition names an identifier of your own that the body bears"
        raise FaultyRequestError([Fault("invalid", "identifier", text)])
    return key


def _record(site: Site, asking: Asking, key: str) -> str:
    return Localisers(site.store.vault.hasher, asking.caller.org).record_id(key)


async def _is_there(site: Site, record: str) -> bool:
    async with site.store.engine.reading() as conn:
        return await facts.whom(conn, TYPE, record) is not None


async def _held(site: Site, asking: Asking, resource_id: str) -> View:
    """What the system reads there. Errors: NotSupportedError: ids are the server's."""
    try:
        return await query_record.read(site, asking, TYPE, resource_id)
    except (NotFoundError, GoneError):
        raise NotSupportedError from None


def _version_sent(resource: Mapping[str, Any]) -> int:
    sent = str(resource.get("meta", {}).get("versionId", ""))
    if not sent.isascii() or not sent.isdigit() or len(sent) > 9:
        text = "say which version is changed: If-Match, or meta.versionId as it was read"
        raise FaultyRequestError([Fault("required", "If-Match", text)])
    return int(sent)


def _check_version(held: View | None, named: int) -> None:
    if held is None or held.version != named:
        text = "another version stands by now: read it again"
        raise VersionConflictError([Fault("conflict", TYPE, text)])


async def _state(
    site: Site,
    asking: Asking,
    feed: Feed,
    resource: Mapping[str, Any],
    key: str,
    held: View | None = None,
) -> View:
    """Push it through the feed, as said after what is held; as the system reads it then."""
    record = _record(site, asking, key)

    async def check(conn: Connection) -> None:
        if held is None:
            return
        await source_records.lock(conn, [record])
        name = held.resource_id
        sight = await sight_of(conn, site, asking, TYPE, name, Action.READ)
        stands = await patient_of(conn, site, sight, name) if sight else None
        _check_version(stands, held.version)

    moment = max(to_micros(asking.at), held.updated_at + 1 if held else 0)
    what = Push(
        feed, asking.caller, _sent(resource, key, asking, moment), "application/fhir+json",
        asking.request_id, asking.at, check=check,
    )  # fmt: skip
    answer = await push(site.store, what)
    if answer["status"] == "accepted":
        raise BusyError
    if answer["status"] != "taken":
        errors = [one for one in answer["issues"] if one["severity"] == "error"]
        raise UnprocessableError([Fault("business-rule", e["path"], e["text"]) for e in errors])
    return await query_record.read(site, asking, TYPE, record)


def _sent(resource: Mapping[str, Any], key: str, asking: Asking, moment: int) -> bytes:
    """As the feed takes it: said at that moment, the key first, and no id but the source's own."""
    said = {name: value for name, value in resource.items() if name not in _SERVERS_OWN}
    ours = local_system(asking.caller.org)
    numbers = [one for one in resource["identifier"] if one.get("system") != ours]
    named = [one for one in numbers if key == f"{one.get('system')}|{one.get('value')}"]
    rest = [one for one in numbers if one not in named]
    labels = resource.get("meta", {}).get("security")
    said |= {"identifier": [*named, *rest]} | ({"meta": {"security": labels}} if labels else {})
    entry = {"resource": said if named else said | {"id": key}}
    bundle = {"resourceType": "Bundle", "type": "collection", "timestamp": instant(moment)}
    return orjson.dumps(bundle | {"entry": [entry]})
