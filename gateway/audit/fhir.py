"""A record of the log as a FHIR R4 AuditEvent, for those who may search the log.

In      an AuditRecord, its number in the log, and the server's name and base URL.
Out     an AuditEvent as a dict: who, whose record, what was shown, why, and how it ended.
Rule    Ids, codes and counts only: the sealed part is never opened here, so there is no
        clinical content, no name and no NHS number. A query is shown without its values.
Source  IHE Basic Audit Log Patterns (BALP) 1.1; DICOM PS3.15; FHIR R4 AuditEvent.
Pure    Values in, value out.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from gateway.audit.canonical import to_text
from gateway.audit.entry import Agent, AuditEntry, AuditRecord
from gateway.audit.events import Event, Outcome

_DCM: Final = "http://dicom.nema.org/resources/ontology/DCM"
_AUDIT_TYPE: Final = "http://terminology.hl7.org/CodeSystem/audit-event-type"
_REST: Final = "http://hl7.org/fhir/restful-interaction"
_PARTICIPATION: Final = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
_ROLE_CLASS: Final = "http://terminology.hl7.org/CodeSystem/v3-RoleClass"
_ACT_REASON: Final = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
_ENTITY_TYPE: Final = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
_ENTITY_ROLE: Final = "http://terminology.hl7.org/CodeSystem/object-role"
_RESOURCE_TYPES: Final = "http://hl7.org/fhir/resource-types"
_SOURCE_TYPE: Final = "http://terminology.hl7.org/CodeSystem/security-source-type"
_BALP: Final = "https://profiles.ihe.net/ITI/BALP/CodeSystem"
_OWN: Final = "https://care-gateway.example/fhir"
_ODS: Final = "https://fhir.nhs.uk/Id/ods-organization-code"

Coding = dict[str, str]

Side = tuple[str, str, str]

_SOURCE: Final[Side] = (_DCM, "110153", "Source Role ID")
_DESTINATION: Final[Side] = (_DCM, "110152", "Destination Role ID")
_APPLICATION: Final[Side] = (_DCM, "110150", "Application")
_CUSTODIAN: Final[Side] = (
    "http://terminology.hl7.org/CodeSystem/provenance-participant-type",
    "custodian",
    "Custodian",
)

_OUTCOMES: Final[Mapping[Outcome, str]] = {
    Outcome.SERVED: "0",
    Outcome.STORED: "0",
    Outcome.QUARANTINED: "4",
    Outcome.NOT_FOUND: "4",
    Outcome.REFUSED: "4",
    Outcome.FAILED: "8",
    Outcome.UNKNOWN: "8",
}

_REST_ACTIONS: Final[Mapping[Event, str]] = {
    Event.READ: "R",
    Event.VREAD: "R",
    Event.HISTORY: "R",
    Event.SEARCH: "E",
    Event.OPERATION: "E",
    Event.CREATE: "C",
    Event.UPDATE: "U",
    Event.DELETE: "D",
}
_WRITES: Final = frozenset({Event.CREATE, Event.UPDATE, Event.DELETE, Event.PUSH})
_SENT: Final = frozenset({Event.SEARCH, Event.OPERATION}) | _WRITES

_DICOM: Final[Mapping[Event, tuple[str, str, str]]] = {
    Event.PAGE: ("110110", "Patient Record", "R"),
    Event.HOME_ACCESS: ("110110", "Patient Record", "R"),
    Event.PRINT: ("110106", "Export", "R"),
    Event.EXPORT: ("110106", "Export", "R"),
    Event.NOTIFY: ("110106", "Export", "R"),
    Event.PUSH: ("110107", "Import", "C"),
    Event.FETCH: ("110112", "Query", "E"),
    Event.REPLAY: ("110107", "Import", "U"),
    Event.DISCARD: ("110107", "Import", "D"),
    Event.LOGIN: ("110114", "User Authentication", "E"),
    Event.LOGOUT: ("110114", "User Authentication", "E"),
    Event.AUDIT_VIEW: ("110101", "Audit Log Used", "R"),
    Event.AUDIT_EXPORT: ("110101", "Audit Log Used", "R"),
    Event.COMPLETION: ("110100", "Application Activity", "E"),
    Event.SYSTEM: ("110100", "Application Activity", "E"),
    Event.START: ("110100", "Application Activity", "E"),
    Event.STOP: ("110100", "Application Activity", "E"),
}
_SECURITY: Final = ("110113", "Security Alert", "E")

_SUBTYPES: Final[Mapping[Event, tuple[str, str, str]]] = {
    Event.LOGIN: (_DCM, "110122", "Login"),
    Event.LOGOUT: (_DCM, "110123", "Logout"),
    Event.START: (_DCM, "110120", "Application Start"),
    Event.STOP: (_DCM, "110121", "Application Stop"),
    Event.BREAK_GLASS_OPEN: (_DCM, "110127", "Emergency Override Started"),
    Event.DECISION: (
        f"{_BALP}/AuthZsubType",
        "AuthZ-Consent",
        "Consent Authorization Decision",
    ),
}


@dataclass(frozen=True, slots=True)
class Server:
    """How this deployment names itself in its events."""

    name: str
    base_url: str


def to_fhir(record: AuditRecord, seq: int, server: Server) -> dict[str, Any]:
    """The AuditEvent of the record that has this number in the log."""
    entry = record.entry
    kind, subtypes, action = _kind(entry.event)
    event: dict[str, Any] = {
        "resourceType": "AuditEvent",
        "id": str(seq),
        "type": kind,
        "subtype": subtypes,
        "action": action,
        "recorded": to_text(entry.recorded),
        "outcome": _OUTCOMES[entry.outcome],
        "outcomeDesc": " ".join((entry.outcome, *entry.reasons)),
        "agent": _agents(entry, server),
        "source": {
            "site": server.base_url,
            "observer": {"display": server.name},
            "type": [_coding(_SOURCE_TYPE, "4", "Application Server")],
        },
        "entity": [*_subjects(entry), *_objects(entry), _transaction(entry)],
    }
    if entry.agent.purpose:
        event["purposeOfEvent"] = [_purpose(entry.agent)]
    return event


def events_of(action: str) -> tuple[Event, ...]:
    """The events whose AuditEvent.action is this code."""
    return tuple(event for event in Event if _kind(event)[2] == action)


def outcomes_of(code: str) -> tuple[Outcome, ...]:
    """The outcomes that AuditEvent.outcome gives as this code."""
    return tuple(outcome for outcome, one in _OUTCOMES.items() if one == code)


def _kind(event: Event) -> tuple[Coding, list[Coding], str]:
    """The type, subtypes and action of an event; our own code is always among the subtypes."""
    own = _coding(f"{_OWN}/CodeSystem/audit-event", event)
    if event in _REST_ACTIONS:
        rest = _coding(_AUDIT_TYPE, "rest", "Restful Operation")
        return rest, [_coding(_REST, event), own], _REST_ACTIONS[event]
    code, display, action = _DICOM.get(event, _SECURITY)
    more = [_coding(*_SUBTYPES[event])] if event in _SUBTYPES else []
    return _coding(_DCM, code, display), [*more, own], action


def _agents(entry: AuditEntry, server: Server) -> list[dict[str, Any]]:
    """Client, server, the caller and the caller's organisation, as BALP lays them out."""
    agent, (client_side, server_side) = entry.agent, _sides(entry.event)
    found = [
        {
            "type": _concept(*server_side),
            "who": {"display": server.name},
            "requestor": False,
            "network": {"address": server.base_url, "type": "5"},
        },
        _caller(agent, entry.event),
    ]
    if agent.client_id:
        client = {
            "type": _concept(*client_side),
            "who": {"identifier": _identifier(f"{_OWN}/Id/client", agent.client_id)},
            "requestor": False,
        }
        if agent.network:
            client["network"] = {"address": agent.network, "type": "2"}
        found.insert(0, client)
    if agent.org:
        who = {"identifier": _identifier(_ODS, agent.org)}
        found.append({"type": _concept(_ROLE_CLASS, "PROV"), "who": who, "requestor": False})
    return found


def _sides(event: Event) -> tuple[Side, Side]:
    """The parts of client and server: data goes to the client when read, from it when sent."""
    if event is Event.DELETE:
        return _APPLICATION, _CUSTODIAN
    return (_SOURCE, _DESTINATION) if event in _SENT else (_DESTINATION, _SOURCE)


def _caller(agent: Agent, event: Event) -> dict[str, Any]:
    author = event in _WRITES
    code, display = ("AUT", "author (originator)") if author else ("IRCP", "information recipient")
    found: dict[str, Any] = {
        "type": _concept(_PARTICIPATION, code, display),
        "who": {"display": "unknown"},
        "requestor": True,
    }
    if agent.user_id:
        found["who"] = {"identifier": _identifier(f"{_OWN}/Id/caller", agent.user_id)}
        found["altId"] = agent.user_id
    elif agent.network:
        found["network"] = {"address": agent.network, "type": "2"}
    if agent.role:
        found["role"] = [_concept(f"{_OWN}/CodeSystem/role", agent.role)]
    if agent.purpose:
        found["purposeOfUse"] = [_purpose(agent)]
    return found


def _subjects(entry: AuditEntry) -> list[dict[str, Any]]:
    """Whose record it was, and the consents that spoke."""
    found: list[dict[str, Any]] = []
    if entry.person_id:
        found.append(_entity("1", "Person", "1", "Patient", f"Patient/{entry.person_id}"))
    consents = [f"Consent/{name}/_history/{version}" for name, version in entry.consents]
    if entry.agent.on_behalf_of:
        consents.append(f"Consent/{entry.agent.on_behalf_of}")
    consent = _coding(_RESOURCE_TYPES, "Consent")
    return found + [{"type": consent, "what": {"reference": name}} for name in consents]


def _objects(entry: AuditEntry) -> list[dict[str, Any]]:
    """What was shown or stored, by version; and the query without its values."""
    found = [
        _entity("2", "System Object", "4", "Domain Resource", f"{kind}/{name}/_history/{version}")
        for kind, name, version in entry.resources
    ]
    if entry.query:
        query: dict[str, Any] = {
            "type": _coding(_ENTITY_TYPE, "2", "System Object"),
            "role": _coding(_ENTITY_ROLE, "24", "Query"),
            "query": base64.b64encode(entry.query.encode()).decode(),
            "description": entry.query,
        }
        found.append(query)
    return found


def _transaction(entry: AuditEntry) -> dict[str, Any]:
    """The request, with what the decision rested on; not at which epoch of the person: that would
    count what moves it unseen."""
    named = {
        "relationship": entry.relationship,
        "evidence": entry.evidence,
        "filter": entry.filter_hash,
        "policy": entry.policy_version,
        "label-rules": entry.label_version,
        "mapping": entry.mapping_version,
        "delivery": entry.delivery_id,
        "assurance": entry.agent.assurance,
        "token": entry.agent.token_hash,
        **dict(entry.detail),
    }
    detail = [{"type": name, "valueString": value} for name, value in named.items() if value]
    request = {
        "type": _coding(f"{_BALP}/BasicAuditEntityType", "XrequestId"),
        "what": {"identifier": {"value": entry.request_id or "none"}},
    }
    return request | ({"detail": detail} if detail else {})


def _entity(kind: str, kind_text: str, role: str, role_text: str, reference: str) -> dict[str, Any]:
    return {
        "what": {"reference": reference},
        "type": _coding(_ENTITY_TYPE, kind, kind_text),
        "role": _coding(_ENTITY_ROLE, role, role_text),
    }


def _purpose(agent: Agent) -> dict[str, list[Coding]]:
    return _concept(_ACT_REASON, agent.purpose)


def _concept(system: str, code: str, display: str = "") -> dict[str, list[Coding]]:
    return {"coding": [_coding(system, code, display)]}


def _coding(system: str, code: str, display: str = "") -> Coding:
    coding = {"system": system, "code": str(code)}
    return coding | {"display": display} if display else coding


def _identifier(system: str, value: str) -> Coding:
    return {"system": system, "value": value}
