"""The types that are written over REST, and what is asked of a body before anything is looked up.

In      Bytes, or the JSON of one resource; the writer's role.
Out     A resource that is valid R4 and that this gateway can keep; its shelf; its labels.
Rule    What cannot be kept as it was meant is refused with every path. Labels that were sent only
        restrict. A resource stands on the first of its type's shelves on which its writer may
        write, or on another of them that was named; an update leaves it there.
Errors  FaultyRequestError, UnprocessableError, NotSupportedError.
Source  docs/adr/0040-writing-over-rest.md.
Pure    Values in, values out.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from consent.labels import CATEGORY_SYSTEM, CONFIDENTIALITY_SYSTEM
from consent.policy import Policy
from consent.terms import Action
from gateway.audit.events import Event
from gateway.errors import Fault, FaultyRequestError, NotSupportedError, UnprocessableError
from gateway.flows.asking.sent_object import sent_fhir
from gateway.flows.writing.write_consents import fault_of, is_worded
from gateway.flows.writing.write_proxies import check_number
from mappings.core.checking.validate import validate

_OF_A_PLAN: Final = ("care-plan", "support-plan", "mental-health", "crisis-plan", "social-care")
_ASKED: Final = ("referrals", *_OF_A_PLAN)


@dataclass(frozen=True, slots=True)
class Written:
    """How one type is written."""

    shelves: tuple[str, ...]
    """Access categories, in the order in which they are tried for its writer."""
    person: str = "subject"
    """The element that names the person."""
    event: Event | None = None
    """How the log calls every change of it; by what was done, where it has no name of its own."""
    deletable: bool = True


TYPES: Final[Mapping[str, Written]] = {
    "CarePlan": Written(_OF_A_PLAN),
    "CareTeam": Written(("team",), event=Event.RELATIONSHIP_CHANGE),
    "Communication": Written(_OF_A_PLAN),
    "Condition": Written(_OF_A_PLAN, deletable=False),
    "Consent": Written(("consent",), person="patient", event=Event.CONSENT_CHANGE, deletable=False),
    "DeviceRequest": Written(_ASKED, deletable=False),
    "Goal": Written(_OF_A_PLAN),
    "List": Written(_OF_A_PLAN, deletable=False),
    "Observation": Written(("observations", *_OF_A_PLAN)),
    "ServiceRequest": Written(_ASKED),
    "Task": Written(_ASKED, person="for"),
}
_EVENT: Final = {
    Action.CREATE: Event.CREATE,
    Action.UPDATE: Event.UPDATE,
    Action.DELETE: Event.DELETE,
}
MOST_IDENTIFIERS: Final = 100
MOST_MEMBERS: Final = 500
"""Of a resource, of a team or list: each is kept on its own, while others wait to write."""
_NOT_ALL: Final = "who keeps a list may not see all that is on it: say nothing of why it is empty"
_SERVERS_OWN: Final = ("versionId", "lastUpdated")


def event_of(resource_type: str, action: Action) -> Event:
    """What the log calls this."""
    return TYPES[resource_type].event or _EVENT[action]


def may_write_some(policy: Policy, role_id: str, action: Action, resource_type: str) -> bool:
    """Whether the role writes the type about anybody at all."""
    role = policy.roles.get(role_id)
    cell = role.cell(action) if role else None
    return cell is not None and any(one in cell.own for one in TYPES[resource_type].shelves)


def check_deletable(resource_type: str) -> None:
    """Refuse to delete what a new version supersedes. Errors: NotSupportedError."""
    if not TYPES[resource_type].deletable:
        raise NotSupportedError


def read_resource(body: bytes, resource_type: str) -> dict[str, Any]:
    """The resource of a body, not judged yet. Errors: FaultyRequestError, UnprocessableError."""
    resource = sent_fhir(body)
    if not isinstance(resource, dict) or resource.get("resourceType") != resource_type:
        text = f"a {resource_type} is expected here"
        raise FaultyRequestError([Fault("invalid", "resourceType", text)])
    if _is_part(resource):
        text = "a part of a resource is not taken for the whole: read it as it stands"
        raise UnprocessableError([Fault("not-supported", f"{resource_type}.meta.tag", text)])
    return resource


def _is_part(resource: Mapping[str, Any]) -> bool:
    """Whether it says itself that something was left out of it."""
    meta = resource.get("meta")
    tags = meta.get("tag") if isinstance(meta, dict) else None
    return isinstance(tags, list) and any(
        isinstance(one, dict) and one.get("code") == "SUBSETTED" for one in tags
    )


def check_resource(resource: Mapping[str, Any]) -> None:
    """It is valid, and in the profile that can be kept. Errors: UnprocessableError."""
    problems = validate(resource, local_references=False)
    if problems:
        raise UnprocessableError([Fault(p.code, p.path, p.text) for p in problems])
    if "contained" in resource:
        raise UnprocessableError([Fault("not-supported", "contained", "send it on its own")])
    if "emptyReason" in resource:
        raise UnprocessableError([Fault("not-supported", "List.emptyReason", _NOT_ALL)])
    if resource["resourceType"] == "Consent":
        _check_consent(resource)
    _check_counts(resource)
    person_named(resource)
    _check_labels(resource)
    shelf_sent(resource)


def _check_counts(resource: Mapping[str, Any]) -> None:
    """What is looked up and kept one by one has an end."""
    limits = {"identifier": MOST_IDENTIFIERS, "participant": MOST_MEMBERS, "entry": MOST_MEMBERS}
    for name, most in limits.items():
        given = resource.get(name)
        if isinstance(given, list) and len(given) > most:
            fault = Fault("too-long", f"{resource['resourceType']}.{name}", f"at most {most} here")
            raise UnprocessableError([fault])


def _check_consent(resource: Mapping[str, Any]) -> None:
    """What stands behind words is read once they have made room for it: as it is to be kept."""
    fault = None if is_worded(resource) else fault_of(resource)
    if fault is not None:
        raise UnprocessableError([fault])
    check_number(resource)


def _check_labels(resource: Mapping[str, Any]) -> None:
    if not all(one.get("system") and one.get("code") for one in _labels_sent(resource)):
        path = f"{resource['resourceType']}.meta.security"
        raise UnprocessableError([Fault("code-invalid", path, "a label is a system and a code")])


def person_named(resource: Mapping[str, Any]) -> str:
    """The id of the Patient it is about. Errors: UnprocessableError."""
    element = TYPES[resource["resourceType"]].person
    reference = (resource.get(element) or {}).get("reference", "")
    if not reference.startswith("Patient/"):
        path = path_of_person(resource["resourceType"])
        raise UnprocessableError([Fault("required", path, "names the person as Patient/<id>")])
    return str(reference.removeprefix("Patient/"))


def path_of_person(resource_type: str) -> str:
    """Where a resource of the type names the person."""
    return f"{resource_type}.{TYPES[resource_type].person}"


def shelf_sent(resource: Mapping[str, Any]) -> str:
    """The shelf that the body names; empty where it names none. Errors: UnprocessableError."""
    shelves = TYPES[resource["resourceType"]].shelves
    named = {one.get("code") for one in _labels_sent(resource) if _is_shelf(one)}
    if len(shelves) == 1 or not named:
        return ""
    if len(named) > 1 or not named <= {*shelves}:
        path = f"{resource['resourceType']}.meta.security"
        text = f"one access category of {', '.join(shelves)}"
        raise UnprocessableError([Fault("code-invalid", path, text)])
    return str(named.pop())


def shelf_of(policy: Policy, role_id: str, resource: Mapping[str, Any]) -> str:
    """The shelf that a new resource of this writer stands on."""
    shelves, cell = TYPES[resource["resourceType"]].shelves, policy.roles[role_id].write
    writable = [one for cell in (cell.everywhere, cell.own) for one in shelves if one in cell]
    return shelf_sent(resource) or writable[0]


def labels_on(resource: Mapping[str, Any], shelf: str) -> list[dict[str, Any]]:
    """The labels that were sent, with a level, on this shelf."""
    kept = [one for one in _labels_sent(resource) if not _is_shelf(one)]
    if not any(one.get("system") == CONFIDENTIALITY_SYSTEM for one in kept):
        kept = [{"system": CONFIDENTIALITY_SYSTEM, "code": "N"}, *kept]
    return [*kept, {"system": CATEGORY_SYSTEM, "code": shelf}]


def kept_meta(resource: Mapping[str, Any]) -> dict[str, Any]:
    """What of `meta` is the writer's to say, labels apart."""
    sent = resource.get("meta", {})
    return {name: sent[name] for name in ("tag", "profile") if name in sent}


def check_servers_own(before: Mapping[str, Any], after: Any) -> None:
    """A patch leaves alone what the server says. Errors: UnprocessableError."""
    if not isinstance(after, dict):
        raise UnprocessableError([Fault("invalid", "", "a resource is expected")])
    wrong = [name for name in ("resourceType", "id") if after.get(name) != before.get(name)]
    held, meta = before.get("meta", {}), after.get("meta", {})
    if not isinstance(meta, dict):
        wrong.append("meta")
    else:
        wrong += [f"meta.{one}" for one in _SERVERS_OWN if meta.get(one) != held.get(one)]
        wrong += ["meta.tag"] if _is_part(after) and not _is_part(before) else []
    if wrong:
        raise UnprocessableError([Fault("invalid", path, "is the server's own") for path in wrong])


def identifiers_of(resource: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """System and value of each business identifier that has both."""
    given = resource.get("identifier", [])
    for one in given if isinstance(given, list) else [given]:
        if one.get("system") and one.get("value"):
            yield one["system"], one["value"]


def _labels_sent(resource: Mapping[str, Any]) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = resource.get("meta", {}).get("security", [])
    return sent


def _is_shelf(coding: Mapping[str, Any]) -> bool:
    return coding.get("system") == CATEGORY_SYSTEM


def assembled(
    resource_type: str,
    resource_id: str,
    meta: dict[str, Any],
    body: Mapping[str, Any],
    person_id: str,
) -> dict[str, Any]:
    """The body in the order it is served in, about this person; a narrative is never kept."""
    person = {TYPES[resource_type].person: {"reference": f"Patient/{person_id}"}}
    head = {"resourceType": resource_type, "id": resource_id, "meta": meta}
    taken = {*head, *person, "text"}
    return head | {name: value for name, value in body.items() if name not in taken} | person
