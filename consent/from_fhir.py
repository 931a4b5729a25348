"""A FHIR Consent in the strict profile, read as a ConsentRule.

In      a Consent as parsed JSON; the actors that its literal references name, if any.
Out     ConsentRule, or for security labels LabelParts (consent.labels).
Errors  UnsupportedConsentError(path, text): the Consent is refused whole, never half-read.
Rule    Scope patient-privacy; the root rule and every nested one has a type; two levels at
        most; patient, dateTime, performer and a policy are stated; a policyRule is OPTIN or
        OPTOUT and agrees with the root. Only the modifier extension of this gateway is known.
        dateTime decides nothing: a newer consent does not beat an older one.
Source  FHIR R4 Consent; IHE PCF (root type required). Details of one provision and how a
        category is written: consent.provisions.
Pure    No look-ups.
"""

from collections.abc import Mapping
from typing import Final

from consent import fhir_values as fhir
from consent.fhir_values import Json, UnsupportedConsentError
from consent.labels import labels_of as labels_of
from consent.periods import FOREVER
from consent.provisions import KnownActors, read_provision
from consent.rule import ConsentRule, Provision

SCOPE_SYSTEM: Final = "http://terminology.hl7.org/CodeSystem/consentscope"
PRIVACY: Final = (SCOPE_SYSTEM, "patient-privacy")
POLICY_RULE_SYSTEM: Final = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
BINDS_BREAK_GLASS: Final = "https://care-gateway.example/fhir/StructureDefinition/binds-break-glass"
NESTED_AT_MOST: Final = 100
CATEGORIES: Final = frozenset(
    {
        *(("http://loinc.org", code) for code in ("59284-0", "64292-6", "57016-8", "57017-6")),
        *((POLICY_RULE_SYSTEM, code) for code in ("INFA", "INFAO", "INFASO", "IDSCL")),
    }
)
"""Patient consent, release of information, privacy policy; information access and disclosure."""

_STATUSES: Final = frozenset(
    {"draft", "proposed", "active", "rejected", "inactive", "entered-in-error"}
)
_POLICY_RULES: Final = {"OPTIN": True, "OPTOUT": False}
_ELEMENTS: Final = frozenset(
    {
        *("resourceType", "meta", "language", "text", "identifier", "status", "scope"),
        *("category", "patient", "dateTime", "performer", "organization"),
        *("sourceAttachment", "sourceReference", "policy", "policyRule", "verification"),
        *("provision", "modifierExtension"),
    }
)
_RULING: Final = _ELEMENTS - {"meta", "text", "identifier", "modifierExtension"}
"""Elements of which each word is read, or stands for whom and by whom it was agreed."""
_NOBODY: Final[KnownActors] = {}


def is_privacy_consent(resource: Json) -> bool:
    """Whether this Consent is about who may see the record, and so must fit the profile; one whose
    scope cannot be read may be."""
    try:
        found = fhir.codings(resource.get("scope"), "Consent.scope")
    except UnsupportedConsentError:
        return True
    return any(system_and_code == PRIVACY for system_and_code, _ in found)


def read_consent(resource: Json, known: KnownActors = _NOBODY) -> ConsentRule:
    """The rule a Consent states. `known` gives the actors of a literal reference."""
    fhir.only_known(resource, _ELEMENTS, "Consent")
    if resource.get("resourceType") != "Consent":
        raise UnsupportedConsentError("Consent.resourceType", "Consent is needed")
    for name in sorted(_RULING & resource.keys()):
        fhir.no_extension(resource[name], f"Consent.{name}")
    check_scope(resource)
    _check_category(resource)
    check_statement(resource)
    root, nested = _provisions(resource, known)
    _check_policy(resource, root)
    return ConsentRule(
        root=root,
        nested=nested,
        active=is_active(resource),
        binds_break_glass=_binds_break_glass(resource, root),
        conversation=_had_conversation(resource),
    )


def check_scope(resource: Json) -> None:
    """It is about the sharing of the record, and nothing else."""
    found = fhir.codings(resource.get("scope"), "Consent.scope")
    if any(system_and_code != PRIVACY for system_and_code, _ in found):
        raise UnsupportedConsentError("Consent.scope", "patient-privacy alone is needed")


def _check_category(resource: Json) -> None:
    """It is a consent to sharing, and neither an emergency's alone, nor one to research."""
    for value, where in fhir.each(resource, "category", "Consent"):
        for system_and_code, at in fhir.codings(value, where):
            if system_and_code not in CATEGORIES:
                raise UnsupportedConsentError(at, "a category of consent to sharing is needed")


def check_statement(resource: Json) -> None:
    """Whose consent it is, stated by whom and when."""
    patient = fhir.an_object(resource.get("patient"), "Consent.patient")
    fhir.a_string(patient.get("reference"), "Consent.patient.reference")
    fhir.moment(resource.get("dateTime"), "Consent.dateTime")
    performers = list(fhir.each(resource, "performer", "Consent"))
    if not performers:
        raise UnsupportedConsentError("Consent.performer", "who agreed is needed")
    for value, where in performers:
        if not {"reference", "identifier"} & set(fhir.an_object(value, where)):
            raise UnsupportedConsentError(where, "a reference or an identifier is needed")


def _provisions(resource: Json, known: KnownActors) -> tuple[Provision, tuple[Provision, ...]]:
    path = "Consent.provision"
    part = fhir.an_object(resource.get("provision"), path)
    root = read_provision(part, path, known)
    nested = list(fhir.each(part, "provision", path))
    if len(nested) > NESTED_AT_MOST:
        raise UnsupportedConsentError(f"{path}.provision", "there are too many exceptions")
    for value, where in nested:
        if isinstance(value, Mapping) and "provision" in value:
            raise UnsupportedConsentError(f"{where}.provision", "two levels at most are read")
    return root, tuple(read_provision(value, where, known) for value, where in nested)


def _check_policy(resource: Json, root: Provision) -> None:
    uris = list(fhir.each(resource, "policy", "Consent"))
    for value, where in uris:
        policy = fhir.an_object(value, where)
        fhir.only_known(policy, {"uri", "authority"}, where)
        fhir.a_string(policy.get("uri"), f"{where}.uri")
    if "policyRule" in resource:
        _check_policy_rule(resource["policyRule"], root)
    elif not uris:
        raise UnsupportedConsentError("Consent.policy", "a policy or a policyRule is needed")


def _check_policy_rule(value: object, root: Provision) -> None:
    for (system, code), where in fhir.codings(value, "Consent.policyRule"):
        if system != POLICY_RULE_SYSTEM or code not in _POLICY_RULES:
            raise UnsupportedConsentError(where, "OPTIN or OPTOUT is needed")
        if _POLICY_RULES[code] != root.permit:
            raise UnsupportedConsentError(where, "the policyRule contradicts provision.type")


def is_active(resource: Json) -> bool:
    """Whether it holds, by its status."""
    status = fhir.a_string(resource.get("status"), "Consent.status")
    if status not in _STATUSES:
        raise UnsupportedConsentError("Consent.status", "a consent status is needed")
    return status == "active"


def _binds_break_glass(resource: Json, root: Provision) -> bool:
    """Whether it holds in an emergency too; such a rule must have an end, its review date."""
    binds = False
    for value, where in fhir.each(resource, "modifierExtension", "Consent"):
        extension = fhir.an_object(value, where)
        stated = extension.get("valueBoolean")
        if extension.get("url") != BINDS_BREAK_GLASS or not isinstance(stated, bool):
            raise UnsupportedConsentError(where, "this modifier extension is not supported")
        binds = binds or stated
    if binds and root.end == FOREVER:
        text = "a rule that binds in an emergency needs an end, its review date"
        raise UnsupportedConsentError("Consent.provision.period.end", text)
    return binds


def _had_conversation(resource: Json) -> bool:
    """Whether somebody verified it with the person, on a date."""
    had = False
    for value, where in fhir.each(resource, "verification", "Consent"):
        entry = fhir.an_object(value, where)
        fhir.only_known(entry, {"verified", "verifiedWith", "verificationDate"}, where)
        verified = entry.get("verified")
        if not isinstance(verified, bool):
            raise UnsupportedConsentError(f"{where}.verified", "true or false is needed")
        if "verificationDate" in entry:
            fhir.moment(entry["verificationDate"], f"{where}.verificationDate")
            had = had or verified
    return had
