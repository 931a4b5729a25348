"""A FHIR Consent that says who acts for the person, read as a ProxyAuthority.

In      a Consent as parsed JSON, and the name that its authority is proved by.
Out     ProxyAuthority, and by which identifier it names the proxy; of any Consent, what it states.
Errors  UnsupportedConsentError(path, text): the Consent is refused whole, never half-read.
Rule    Its policyRule is one legal basis; an unknown basis is kept and opens nothing. The performer
        is the proxy: one, by identifier. The provision permits from a day on, and says no more:
        what a proxy sees is policy. Only an active one opens anything; one that ended, was
        rejected or is suspended says why, and a reason that contradicts the status is refused.
        An attorney for health and welfare acts while the person lacks capacity alone: that is
        stated, true or false, and where it is true an end is, by which it is assessed again.
Source  NHS Validated Relationships Service (Consent, England-NHSProxyLegalBasis,
        England-ConsentStatusReason); Mental Capacity Act 2005, section 11(7)(a).
Pure    No look-ups.
"""

from datetime import datetime
from typing import Final

from consent import fhir_values as fhir
from consent.fhir_values import Json, UnsupportedConsentError
from consent.from_fhir import check_scope, check_statement, is_active, read_consent
from consent.periods import BEGINNING, FOREVER
from consent.provisions import ACTOR_SYSTEMS
from consent.rule import ActorKind, ConsentRule
from consent.terms import ProxyAuthority

LEGAL_BASIS_SYSTEM: Final = "https://fhir.nhs.uk/England/CodeSystem/England-NHSProxyLegalBasis"
STATUS_REASON_SYSTEM: Final = "https://fhir.nhs.uk/England/CodeSystem/England-ConsentStatusReason"
NUMBER_SYSTEM: Final = "https://fhir.nhs.uk/Id/nhs-number"
STATUS_REASON: Final = (
    "https://fhir.nhs.uk/England/StructureDefinition/Extension-England-Consent-Status-Reason"
)
GRANTOR: Final = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Consent.grantor"
LACKS_CAPACITY: Final = "https://care-gateway.example/fhir/StructureDefinition/lacks-capacity"
ATTORNEY: Final = "health-and-welfare-attorney"

_NULL_SYSTEM: Final = "http://terminology.hl7.org/CodeSystem/v3-NullFlavor"
_BASES: Final = (LEGAL_BASIS_SYSTEM, _NULL_SYSTEM)
_IN_FORCE: Final = frozenset({"ROLE_CREATED", "ROLE_ACTIVATED", "ROLE_REACTIVATED"})
_SAY_WHY: Final = frozenset({"inactive", "rejected"})
_EXTENSIONS: Final = frozenset({STATUS_REASON, GRANTOR, LACKS_CAPACITY})
_ELEMENTS: Final = frozenset(
    {
        *("resourceType", "meta", "language", "text", "identifier", "status", "scope"),
        *("category", "patient", "dateTime", "performer", "policy", "policyRule"),
        *("verification", "provision", "extension"),
    }
)
_READ: Final = sorted(_ELEMENTS - {"meta", "text", "identifier", "extension"})


def read_stated(resource: Json, name: str = "") -> ConsentRule | ProxyAuthority:
    """What a Consent states: who acts for the person, or who may see what."""
    return read_proxy(resource, name) if is_proxy_consent(resource) else read_consent(resource)


def is_proxy_consent(resource: Json) -> bool:
    """Whether this Consent is about somebody who acts for the person."""
    rule = resource.get("policyRule")
    if not isinstance(rule, dict) or not isinstance(rule.get("coding"), list):
        return False
    return any(isinstance(one, dict) and one.get("system") in _BASES for one in rule["coding"])


def read_proxy(resource: Json, name: str) -> ProxyAuthority:
    """The authority that a Consent states; whom it names is as `proxy_named` gives them."""
    fhir.only_known(resource, _ELEMENTS, "Consent")
    for element in _READ:
        fhir.no_extension(resource.get(element), f"Consent.{element}")
    check_scope(resource)
    check_statement(resource)
    _, user = proxy_named(resource)
    basis = basis_of(resource)
    start, end = _period(resource)
    said = _extensions(resource)
    _check_reason(resource, said)
    if GRANTOR in said:
        _check_grantor(*said[GRANTOR])
    able = _may_act_now(said, end) if basis == ATTORNEY else True
    return ProxyAuthority(user, basis, is_active(resource) and able, start, end, name)


def proxy_named(resource: Json) -> tuple[str, str]:
    """System and value of the one identifier of who acts."""
    performers = list(fhir.each(resource, "performer", "Consent"))
    if len(performers) != 1:
        raise UnsupportedConsentError("Consent.performer", "the one who acts is needed, alone")
    performer, path = fhir.an_object(performers[0][0], performers[0][1]), performers[0][1]
    fhir.only_known(performer, {"type", "identifier", "display"}, path)
    identifier = fhir.an_object(performer.get("identifier"), f"{path}.identifier")
    system = fhir.a_string(identifier.get("system"), f"{path}.identifier.system")
    if system != NUMBER_SYSTEM and ACTOR_SYSTEMS.get(system) is not ActorKind.PERSON:
        raise UnsupportedConsentError(f"{path}.identifier.system", "this system names no proxy")
    return system, fhir.a_string(identifier.get("value"), f"{path}.identifier.value")


def basis_of(resource: Json) -> str:
    """The one legal basis."""
    path = "Consent.policyRule"
    found = fhir.codings(resource.get("policyRule"), path)
    if len(found) != 1 or found[0][0][0] not in _BASES:
        raise UnsupportedConsentError(f"{path}.coding", "one legal basis is needed, alone")
    return found[0][0][1]


def _period(resource: Json) -> tuple[datetime, datetime]:
    path = "Consent.provision"
    part = fhir.an_object(resource.get("provision"), path)
    fhir.only_known(part, {"type", "period"}, path)
    if part.get("type") != "permit":
        raise UnsupportedConsentError(f"{path}.type", "permit is needed")
    start, end = fhir.period(part.get("period"), f"{path}.period")
    if start == BEGINNING:
        raise UnsupportedConsentError(f"{path}.period.start", "the first day is needed")
    return start, end


def _extensions(resource: Json) -> dict[str, tuple[Json, str]]:
    """Each extension with its path, by url; every one has a meaning here, and stands once."""
    found: dict[str, tuple[Json, str]] = {}
    if "extension" not in resource:
        return found
    for value, where in fhir.each(resource, "extension", "Consent"):
        extension = fhir.an_object(value, where)
        url = fhir.a_string(extension.get("url"), f"{where}.url")
        if url not in _EXTENSIONS or url in found:
            raise UnsupportedConsentError(where, "this extension is not supported")
        found[url] = extension, where
    return found


def _check_reason(resource: Json, said: dict[str, tuple[Json, str]]) -> None:
    """The reason fits the status, and is there where the status needs one."""
    if STATUS_REASON not in said:
        if resource.get("status") in _SAY_WHY:
            raise UnsupportedConsentError("Consent.extension", "the reason of the status is needed")
        return
    extension, where = said[STATUS_REASON]
    path = f"{where}.valueCodeableConcept"
    for (system, code), at in fhir.codings(extension.get("valueCodeableConcept"), path):
        if system != STATUS_REASON_SYSTEM:
            raise UnsupportedConsentError(at, "a reason of the status is needed")
        if is_active(resource) and code not in _IN_FORCE:
            raise UnsupportedConsentError(at, "the reason contradicts the status")


def _check_grantor(extension: Json, where: str) -> None:
    """Who checked the authority is an organisation."""
    path = f"{where}.valueReference"
    reference = fhir.an_object(extension.get("valueReference"), path)
    identifier = fhir.an_object(reference.get("identifier"), f"{path}.identifier")
    system = fhir.a_string(identifier.get("system"), f"{path}.identifier.system")
    fhir.a_string(identifier.get("value"), f"{path}.identifier.value")
    if ACTOR_SYSTEMS.get(system) is not ActorKind.ORGANISATION:
        raise UnsupportedConsentError(f"{path}.identifier.system", "an ODS code is needed")


def _may_act_now(said: dict[str, tuple[Json, str]], end: datetime) -> bool:
    """Whether the person was found to lack capacity, which an end bounds."""
    if LACKS_CAPACITY not in said:
        text = "whether the person lacks capacity is needed on this legal basis"
        raise UnsupportedConsentError("Consent.extension", text)
    extension, where = said[LACKS_CAPACITY]
    lacks = extension.get("valueBoolean")
    if not isinstance(lacks, bool):
        raise UnsupportedConsentError(f"{where}.valueBoolean", "true or false is needed")
    if lacks and end == FOREVER:
        text = "an end is needed, by which capacity is assessed again"
        raise UnsupportedConsentError("Consent.provision.period.end", text)
    return lacks
