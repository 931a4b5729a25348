"""The Provenance of a stored version: who sent or wrote it, when, by which delivery and mapping.

In      A version with how it came to be; whose it is; whether staff are named to the caller.
Out     A Provenance as if it were a row: it is searched, cut and shown as every other.
Rule    It says of a version what the version's own words and its lineage say to the same caller,
        and who of a team wrote it to professional staff alone.
Source  http://hl7.org/fhir/R4/provenance.html; docs/adr/0050-provenance-is-made-of-what-is-kept.md
Pure    No database.
"""

from typing import Any, Final

import orjson

from gateway.clock import instant
from gateway.flows.asking.edits_seen import hands_seen, is_seen
from gateway.flows.asking.reducing import reduced
from gateway.flows.asking.views import Subject
from gateway.store.record.provenance import Written
from gateway.store.record.provenance_sql import TYPE, name_of
from gateway.store.record.reads import Opened
from mappings.core.model import systems
from mappings.core.shaping.identifiers import organisation

CATEGORY: Final = "provenance"
_PARTICIPANT: Final = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
_OPERATION: Final = "http://terminology.hl7.org/CodeSystem/v3-DataOperation"
_DELIVERY: Final = "urn:care-gateway:delivery"
_MAPPING: Final = "urn:care-gateway:mapping-version"
_CALLER: Final = f"{systems.OWN}/Id/caller"
_GATEWAY: Final = "Integrated care record gateway"


def row_of(written: Written, subject: Subject, *, names_staff: bool) -> Opened:
    """The Provenance of a version, as a row that refers to it."""
    row = written.row
    kind, _, rest = written.author_id.partition(":")
    by_delivery = kind == "delivery"
    mapped = _mapping_versions(written, rest) if by_delivery else []
    made: dict[str, Any] = {
        "resourceType": TYPE,
        "id": name_of(row.resource_id, row.version),
        "meta": _meta(written, subject),
        "target": [{"reference": _target(row)}],
        "recorded": instant(row.updated_at),
        "activity": {"coding": [_activity(written)]},
        "agent": _authors(written, subject, names_staff),
    }
    made["agent"].append(_assembler(mapped))
    if by_delivery:
        what = {"identifier": {"system": _DELIVERY, "value": rest}}
        made["entity"] = [{"role": "source", "what": what}]
    reference = f"{row.resource_type}/{row.resource_id}"
    return Opened(
        row.patient_id, made["id"], TYPE, 1, 0, row.updated_at, row.source_org, (reference,),
        orjson.dumps(made), CATEGORY,
    )  # fmt: skip


def _authors(written: Written, subject: Subject, names_staff: bool) -> list[dict[str, Any]]:
    """Who wrote the version; then whose words stand in it besides: its source, and teams."""
    row, denies = written.row, subject.denies
    kind, _, rest = written.author_id.partition(":")
    org, _, user = rest.partition(":")
    is_named = kind == "user" and (
        not org or written.deleted or is_seen(row, org, user, row.updated_at, denies)
    )
    first = _writer(rest, names_staff) if is_named else _sender(row.source_org)
    if not row.apart or written.deleted:
        return [first]
    named = org if is_named else row.source_org
    whose = dict.fromkeys([row.source_org, *hands_seen(row, denies)])
    return [first, *(_sender(one) for one in whose if one != named)]


def _target(row: Opened) -> str:
    """The version; of a person the Patient, which is composed and has versions of its own."""
    reference = f"{row.resource_type}/{row.resource_id}"
    return reference if row.resource_type == "Patient" else f"{reference}/_history/{row.version}"


def _meta(written: Written, subject: Subject) -> dict[str, Any]:
    """Its own head, with the labels of the version as they are shown."""
    meta: dict[str, Any] = {"versionId": "1", "lastUpdated": instant(written.row.updated_at)}
    if written.deleted:
        return meta
    row, reduction = written.row, subject.reduction
    body = orjson.loads(row.body)
    if reduction is not None and row.category in reduction.categories:
        made = reduced(row, reduction, (), subject.masks)
        body = made.resource if made else body
    return meta | {"security": body["meta"].get("security", [])}


def _activity(written: Written) -> dict[str, str]:
    code = "DELETE" if written.deleted else "CREATE" if written.row.version == 1 else "UPDATE"
    return {"system": _OPERATION, "code": code}


def _sender(org: str) -> dict[str, Any]:
    return {"type": _participant("author"), "who": organisation(org)}


def _writer(author: str, names_staff: bool) -> dict[str, Any]:
    """Somebody of a team, for their organisation; or the person, or who acts for them."""
    org, _, user = author.partition(":")
    kind = _participant("author")
    if not org:
        return {"type": kind, "who": {"display": "The person, or somebody acting for them"}}
    if not names_staff:
        return {"type": kind, "who": organisation(org)}
    somebody = {"type": "Practitioner", "identifier": {"system": _CALLER, "value": user}}
    return {"type": kind, "who": somebody, "onBehalfOf": organisation(org)}


def _assembler(mapped: list[str]) -> dict[str, Any]:
    """The gateway, with the version of the mapping that it went by."""
    who: dict[str, Any] = {"type": "Device", "display": _GATEWAY}
    if mapped:
        who["identifier"] = {"system": _MAPPING, "value": mapped[0]}
    return {"type": _participant("assembler"), "who": who}


def _participant(code: str) -> dict[str, Any]:
    return {"coding": [{"system": _PARTICIPANT, "code": code}]}


def _mapping_versions(written: Written, delivery: str) -> list[str]:
    """Of the delivery that made the version; several where it held several kinds."""
    origins = orjson.loads(written.lineage)[0]
    return sorted({origin[4] for origin in origins if origin[1] == delivery})
