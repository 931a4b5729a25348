"""What keeps a Consent that is sent from being kept as it was meant.

In      A valid Consent; as it is to be kept, with the policy and the moment.
Out     The first fault; None where every word of it is given its meaning here.
Rule    A role that nobody has and a type that no resource is of would be kept, and hide nothing.
        So would, of what feeds sent, a deny of what one person wrote: whose it is, is known by
        the organisation that sent it. One that holds in an emergency too is looked at again:
        where nobody may see the record, nobody may end it but the person.
Errors  UnprocessableError.
Source  consent.from_fhir and consent.proxies; HL7 FHIR R4, resource types.
Pure    Values in, values out.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from consent.displays import misnamed
from consent.fhir_values import UnsupportedConsentError
from consent.from_fhir import is_privacy_consent
from consent.periods import next_moment
from consent.policy import Policy
from consent.provisions import ACTOR_SYSTEMS
from consent.proxies import read_stated
from consent.rule import ActorKind, ConsentRule, Provision
from gateway.errors import Fault, UnprocessableError
from gateway.store.clear.cutting import WORDS
from gateway.store.clear.search_table import PARAMETERS

_SCOPE: Final = "only consents to the sharing of the record are kept here (scope patient-privacy)"
_BINDS: Final = "a rule that binds in an emergency ends, to be looked at again, within days: "
_OVER: Final = frozenset({"inactive", "rejected", "entered-in-error"})
"""What is withdrawn is not held to, and is to be withdrawn whatever it says."""
_MISNAMED: Final = (
    "is not the name of the code beside it: leave it out, or name the code that is meant"
)
_TYPES_OF: Final[Mapping[ActorKind | None, tuple[str, ...]]] = {
    ActorKind.ORGANISATION: ("Organization",),
    ActorKind.PERSON: ("Practitioner", "PractitionerRole", "RelatedPerson", "Patient"),
    ActorKind.ROLE: ("PractitionerRole", "Organization", "Group"),
}
_ENDED: Final = "names nobody any more: its use or its period is over"
_KIND: Final = "does not fit the identifier: name the organisation or the person, and it alone"
_AUTHOR: Final = "what one person wrote is not known apart: name the organisation that sent it"


def fault_of(
    consent: Mapping[str, Any], policy: Policy | None = None, at: datetime | None = None
) -> Fault | None:
    """Why it is not read, if it is not; by a policy, also where it names a role that nobody has;
    at a moment, also where it binds in an emergency for longer than that."""
    if not is_privacy_consent(consent):
        return Fault("not-supported", "Consent.scope", _SCOPE)
    try:
        stated = read_stated(consent)
    except UnsupportedConsentError as reason:
        return Fault("not-supported", reason.path, reason.text)
    if consent["status"] in _OVER:
        return None
    for path in misnamed(consent):
        return Fault("not-supported", path, _MISNAMED)
    if not isinstance(stated, ConsentRule):
        return None
    for rule, path in _rules(stated):
        if not rule.resource_types <= PARAMETERS.keys():
            return Fault("not-supported", f"{path}.class", "no resource is kept here of this type")
        if rule.authors and not rule.permit:
            return Fault("not-supported", path, _AUTHOR)
    for path, text in _unclear_actors(consent, at):
        return Fault("not-supported", path, text)
    if policy is None or not stated.active:
        return None
    return _fault_of_roles(stated, policy) or (_fault_of_end(stated, policy, at) if at else None)


def is_worded(consent: Mapping[str, Any]) -> bool:
    """Whether its writer is shown words in place of something that it rules on, or by whom."""
    root = consent.get("provision", {})
    return any(
        one.get("reference") == {"display": WORDS}
        for part in (root, *root.get("provision", ()))
        for one in (*part.get("data", ()), *part.get("actor", ()))
    )


def check_kept(resource: Mapping[str, Any], policy: Policy, at: datetime) -> None:
    """A Consent is read as it is to be kept too, and whom it names somebody is. Errors:
    UnprocessableError."""
    if resource["resourceType"] != "Consent":
        return
    fault = fault_of(resource, policy, at)
    if fault is not None:
        raise UnprocessableError([fault])


def _unclear_actors(consent: Mapping[str, Any], at: datetime | None) -> Iterator[tuple[str, str]]:
    """Where an actor is named by what is over, or in two ways."""
    root = consent["provision"]
    parts = [("Consent.provision", root)]
    parts += [
        (f"{parts[0][0]}.provision[{n}]", one) for n, one in enumerate(root.get("provision", []))
    ]
    for path, part in parts:
        for place, actor in enumerate(part.get("actor", [])):
            where, reference = f"{path}.actor[{place}].reference", actor["reference"]
            identifier = reference.get("identifier", {})
            kind = ACTOR_SYSTEMS.get(identifier.get("system"))
            if _is_over(identifier, at):
                yield f"{where}.identifier", _ENDED
            if identifier and ("reference" in reference or not _is_of(kind, reference)):
                yield where, _KIND


def _is_over(identifier: Mapping[str, Any], at: datetime | None) -> bool:
    end = identifier.get("period", {}).get("end")
    return identifier.get("use") == "old" or (
        bool(end) and at is not None and next_moment(end) <= at
    )


def _is_of(kind: ActorKind | None, reference: Mapping[str, Any]) -> bool:
    return reference.get("type") in (None, *_TYPES_OF.get(kind, ()))


def _fault_of_roles(stated: ConsentRule, policy: Policy) -> Fault | None:
    for rule, path in _rules(stated):
        roles = {actor.value for actor in rule.askers if actor.kind is ActorKind.ROLE}
        if not roles <= policy.roles.keys():
            return Fault("not-supported", f"{path}.actor", "nobody has this role here")
    return None


def _fault_of_end(stated: ConsentRule, policy: Policy, at: datetime) -> Fault | None:
    days = policy.break_glass.binding_days
    if not stated.binds_break_glass or stated.root.end - at <= timedelta(days=days):
        return None
    return Fault("not-supported", "Consent.provision.period.end", f"{_BINDS}{days}")


def _rules(stated: ConsentRule) -> Iterator[tuple[Provision, str]]:
    path = "Consent.provision"
    yield stated.root, path
    for place, nested in enumerate(stated.nested):
        yield nested, f"{path}.provision[{place}]"
