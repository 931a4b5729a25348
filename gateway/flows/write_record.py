"""What may be written over REST so far: the person's Consents, and the teams around them.

    body -> valid R4 -> strict profile -> may this caller write here? -> version, evidence, audit

One transaction: the version, the relationship or rule it makes, and the audit entry last.
Ids are the server's own.

Errors  UnprocessableError with every path, also where the person named is not open to the
        caller (missing and hidden alike); ForbiddenError where role or scopes do not let this
        be written.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import orjson
from uuid_utils import uuid7

from consent.fhir_values import UnsupportedConsentError
from consent.from_fhir import is_privacy_consent, read_consent
from consent.labels import CATEGORY_SYSTEM, CONFIDENTIALITY_SYSTEM, labels_of
from consent.terms import Action, Labels, Reason, RelationshipKind
from gateway.audit.entry import AuditEntry
from gateway.audit.events import Event, Outcome
from gateway.clock import from_micros, to_micros
from gateway.errors import (
    Fault,
    FaultyRequestError,
    ForbiddenError,
    UnprocessableError,
)
from gateway.flows.access_log import failures_recorded, require_scope
from gateway.flows.sight import Sight, sees_person, sights
from gateway.flows.site import Asking, Site
from gateway.flows.team import members_of
from gateway.flows.views import View
from gateway.store import caseload, facts, reads
from gateway.store.columns import columns_of
from gateway.store.engine import Connection
from gateway.store.held import HeldCache
from gateway.store.labelling import TEAM, Marking
from gateway.store.log import append
from gateway.store.resources import NewVersion, write_versions
from gateway.store.sealing import label_tag, version_aad
from gateway.store.versions import labels_canonical
from mappings.core.validate import validate

CATEGORY: Final[Mapping[str, str]] = {"Consent": "consent", "CareTeam": "team"}
EVENT: Final = {
    "Consent": Event.CONSENT_CHANGE,
    "CareTeam": Event.RELATIONSHIP_CHANGE,
}
_NOBODY: Final = "names nobody whose record you may write to"
_NO_DATA: Final = "names nothing in this record that you may see"
_PATIENT_ELEMENT: Final = {"Consent": "patient", "CareTeam": "subject"}


async def create(site: Site, asking: Asking, resource_type: str, body: bytes) -> View:
    """A new Consent or CareTeam; its first version."""
    event = EVENT[resource_type]
    await _require_role(site, asking, resource_type)
    await require_scope(site, asking, event, Action.CREATE, resource_type)
    resource = _parsed(body, resource_type)
    person_ref = _person_named(resource)
    async with (
        failures_recorded(site, asking, event, resource_type),
        site.store.engine.reading() as conn,
    ):
        person_id = await facts.person_of(conn, person_ref)
        found = await sights(conn, site, asking, [person_id or ""], Action.CREATE)
        looking = await sights(conn, site, asking, [person_id or ""], Action.READ)
        is_open = bool(looking) and await sees_person(conn, looking[0])
        unseen = await _unseen_data(conn, looking[0], resource) if is_open else ()
    if is_open and _is_self_opened(resource_type, found[0], looking[0]):
        await _refuse(site, asking, resource_type, found[0])
        raise ForbiddenError
    if not is_open or found[0].allowed.is_nothing:
        await _refuse(site, asking, resource_type, found[0] if found else None)
        raise UnprocessableError([Fault("not-found", _path_of_person(resource_type), _NOBODY)])
    if unseen:
        raise UnprocessableError([Fault("not-found", path, _NO_DATA) for path in unseen])
    sight = found[0]
    if not sight.allowed.allows(_labels_of(asking, resource)):
        await _refuse(site, asking, resource_type, sight)
        raise ForbiddenError
    async with failures_recorded(site, asking, event, resource_type):
        return await site.store.write(lambda conn: _write(conn, site, asking, sight, resource))


def _is_self_opened(resource_type: str, sight: Sight, looking: Sight) -> bool:
    """Whether the only ground is one the caller gave themselves: an emergency is for reading, and
    no team is made on a relationship that somebody claimed."""
    if sight.allowed.is_nothing:
        return Reason.BREAK_GLASS in looking.allowed.reasons
    return resource_type == "CareTeam" and Reason.SELF_CLAIM in sight.allowed.reasons


async def _unseen_data(
    conn: Connection, looking: Sight, resource: Mapping[str, Any]
) -> tuple[str, ...]:
    """Paths of data a Consent names that the caller may not see, or that is not there."""
    provision = resource.get("provision", {}) if resource["resourceType"] == "Consent" else {}
    named: dict[str, str] = {}
    parts = [("provision", provision)]
    parts += [
        (f"provision.provision[{i}]", one) for i, one in enumerate(provision.get("provision", ()))
    ]
    for place, part in parts:
        for index, data in enumerate(part.get("data", ())):
            reference = data.get("reference", {}).get("reference", "")
            named[f"Consent.{place}.data[{index}].reference"] = reference.rpartition("/")[2]
    seen = await reads.visible(conn, [looking.group], set(named.values())) if named else set()
    return tuple(path for path, resource_id in named.items() if resource_id not in seen)


async def _require_role(site: Site, asking: Asking, resource_type: str) -> None:
    """Refuse a role that may write this about nobody. Errors: ForbiddenError."""
    role = site.policy.roles.get(asking.caller.role)
    cell = role.cell(Action.CREATE) if role else None
    if cell is None or CATEGORY[resource_type] not in cell.everywhere | cell.own:
        await _refuse(site, asking, resource_type, None, ("role",))
        raise ForbiddenError


def _parsed(body: bytes, resource_type: str) -> dict[str, Any]:
    """The resource, valid, and in the profile this gateway can keep."""
    try:
        resource = orjson.loads(body)
    except ValueError:
        raise FaultyRequestError([Fault("structure", "", "not readable as JSON")]) from None
    if not isinstance(resource, dict) or resource.get("resourceType") != resource_type:
        text = f"a {resource_type} is expected here"
        raise FaultyRequestError([Fault("invalid", "resourceType", text)])
    problems = validate(resource, local_references=False)
    if problems:
        raise UnprocessableError([Fault(p.code, p.path, p.text) for p in problems])
    if "contained" in resource:
        raise UnprocessableError([Fault("not-supported", "contained", "send it on its own")])
    if resource_type == "Consent":
        _check_consent(resource)
    return {name: value for name, value in resource.items() if name not in ("id", "text")}


def _check_consent(resource: dict[str, Any]) -> None:
    if not is_privacy_consent(resource):
        text = "only consents to the sharing of the record are kept here (scope patient-privacy)"
        raise UnprocessableError([Fault("not-supported", "Consent.scope", text)])
    try:
        read_consent(resource)
    except UnsupportedConsentError as reason:
        fault = Fault("not-supported", reason.path, reason.text)
        raise UnprocessableError([fault]) from None


def _person_named(resource: Mapping[str, Any]) -> str:
    element = _PATIENT_ELEMENT[resource["resourceType"]]
    reference = (resource.get(element) or {}).get("reference", "")
    if not reference.startswith("Patient/"):
        path = _path_of_person(resource["resourceType"])
        raise UnprocessableError([Fault("required", path, "names the person as Patient/<id>")])
    return str(reference.removeprefix("Patient/"))


def _path_of_person(resource_type: str) -> str:
    return f"{resource_type}.{_PATIENT_ELEMENT[resource_type]}"


def _labels_of(asking: Asking, resource: Mapping[str, Any]) -> Labels:
    """The labels the new resource will bear: what the write cell of the policy is asked about."""
    at, org = to_micros(asking.at), asking.caller.org
    parts = labels_of(_security(resource))
    return Labels(
        parts.category, parts.confidentiality, parts.sensitivities, parts.holds, parts.legal,
        org, org, at, at + 1, resource["resourceType"], "new", TEAM,
    )  # fmt: skip


def _security(resource: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The labels that were sent, which may only restrict; the category is the type's own."""
    sent = resource.get("meta", {}).get("security", [])
    category = {"system": CATEGORY_SYSTEM, "code": CATEGORY[resource["resourceType"]]}
    kept = [coding for coding in sent if coding.get("system") != CATEGORY_SYSTEM]
    if not any(coding.get("system") == CONFIDENTIALITY_SYSTEM for coding in kept):
        kept = [{"system": CONFIDENTIALITY_SYSTEM, "code": "N"}, *kept]
    return [*kept, category]


async def _write(
    conn: Connection, site: Site, asking: Asking, sight: Sight, resource: dict[str, Any]
) -> View:
    resource_type, resource_id = resource["resourceType"], str(uuid7())
    owner = sight.person_id
    at = to_micros(asking.at)
    body = _with_server_parts(resource, asking, resource_id, sight.person_id)
    version = await _version(conn, site, asking, owner, body)
    await write_versions(conn, [version])
    event = EVENT[resource_type]
    if resource_type == "CareTeam":
        entries = [
            caseload.Entry(
                owner, str(uuid7()), member.org, member.user_id,
                str(RelationshipKind.CARE_TEAM), member.starts, member.ends,
                f"CareTeam/{resource_id}", "member of the care team", at,
            )
            for member in members_of(resource, asking.at)
        ]  # fmt: skip
        await caseload.insert(conn, entries)
    view = View(
        resource_type, resource_id, 1, at, orjson.dumps(body),
        parts=((resource_type, resource_id, 1),),
    )  # fmt: skip
    await append(conn, site.store.vault, [_entry(site, asking, event, sight, Outcome.STORED, view)])
    return view


def _with_server_parts(
    resource: dict[str, Any], asking: Asking, resource_id: str, person_id: str
) -> dict[str, Any]:
    resource_type = resource["resourceType"]
    given = resource.get("meta", {})
    kept = {name: given[name] for name in ("tag", "profile") if name in given}
    meta = {
        "versionId": "1",
        "lastUpdated": from_micros(to_micros(asking.at)).isoformat().replace("+00:00", "Z"),
        "source": f"urn:care-gateway:team:{asking.caller.org or asking.caller.kind}",
        "security": _security(resource),
    }
    named = {_PATIENT_ELEMENT[resource_type]: {"reference": f"Patient/{person_id}"}}
    rest = {k: v for k, v in resource.items() if k not in ("resourceType", "meta", *named)}
    head = {"resourceType": resource_type, "id": resource_id, "meta": kept | meta}
    return head | rest | named


async def _version(
    conn: Connection, site: Site, asking: Asking, owner: str, body: dict[str, Any]
) -> NewVersion:
    keys = await site.store.vault.ensure(conn, [owner])
    resource_type, resource_id = body["resourceType"], body["id"]
    aad = version_aad("resource", resource_type, resource_id, 1, owner)
    labelling = await site.store.vault.labels.current(conn)
    marking = Marking(labelling, TEAM, {})
    columns, others = marking.marked((owner, resource_id), body, columns_of(body), fresh=False)
    org = asking.caller.org
    author = asking.caller.user_id
    tag = label_tag(keys.current(owner), aad, labels_canonical(org, author, columns, TEAM))
    return NewVersion(
        owner, resource_id, resource_type, 1, False, to_micros(asking.at), org, author, columns,
        tag, keys.seal(owner, orjson.dumps(body), aad), f"user:{author}",
        orjson.dumps([[], []]), "", "team", "", "", "", 0, TEAM, labelling.version,
        others,
    )  # fmt: skip


async def _refuse(
    site: Site,
    asking: Asking,
    resource_type: str,
    sight: Sight | None,
    reasons: tuple[str, ...] = (),
) -> None:
    entry = _entry(site, asking, EVENT[resource_type], sight, Outcome.REFUSED, None)
    await site.store.log.append(replace(entry, reasons=reasons or entry.reasons))


def _entry(
    site: Site,
    asking: Asking,
    event: Event,
    sight: Sight | None,
    outcome: Outcome,
    view: View | None,
) -> AuditEntry:
    allowed = sight.allowed if sight else None
    return AuditEntry(
        recorded=asking.at,
        event=event,
        outcome=outcome,
        agent=asking.agent,
        request_id=asking.request_id,
        reasons=tuple(map(str, allowed.reasons)) if allowed else ("no-such",),
        person_id=sight.person_id if sight else "",
        patient_ids=tuple(sight.held.sources) if sight else (),
        evidence=" ".join(allowed.evidence) if allowed else "",
        resources=view.parts if view else (),
        filter_hash=allowed.hash if allowed else "",
        policy_version=f"{site.policy.version}@{site.policy.hash[:12]}",
        access_epoch=sight.held.epoch if sight else 0,
    )


def implied(site: Site) -> Site:
    """The site as if permission were implied: only to ask who may record a permission."""
    settings = replace(
        site.policy.settings, permission=type(site.policy.settings.permission).IMPLIED
    )
    policy = replace(site.policy, settings=settings)
    return replace(site, policy=policy, known=HeldCache())  # what is decided so is not kept
