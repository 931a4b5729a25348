"""Consents that are refused at the door: each says something that is given no meaning here.

The shapes are those of other countries, releases and engines; the words are invented. The place
was written down before it was run.
"""

import json
from dataclasses import dataclass

from consent.from_fhir import SCOPE_SYSTEM
from consent.provisions import ACTION_SYSTEM, ROLE_CLASS_SYSTEM
from tests.unit.consent.fhir_consents import USER, actor, coded, consent_resource
from tests.unit.consent.strangers import ASKER, data, kind, label, level, root, under, why
from tests.unit.consent.world import COUNCIL, TRUST

HL7 = "http://terminology.hl7.org/CodeSystem"
R5 = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Consent"
OID = "urn:oid:2.999"
ELSEWHERE = "https://consents.example"


@dataclass(frozen=True)
class Refused:
    """One that is refused at the door, at this place."""

    name: str
    path: str
    consent: dict


def _role(system, code, **reference):
    return {"role": coded(system, code), "reference": reference}


def _elsewhere(code, system, value):
    return actor(code, value, system)


_DEEP = {"type": "deny", "provision": [{"type": "permit", "provision": [{"type": "deny"}]}]}
_ROOT = "Consent.provision"
_ACTOR = f"{_ROOT}.actor[0]"
_SYSTEM = f"{_ACTOR}.reference.identifier.system"

REFUSED = [
    Refused(
        "a shared record of New Zealand: the facility opts in by an extension of its deny",
        f"{_ROOT}.provision[0].extension",
        under(
            {
                "type": "deny",
                "extension": [{"url": ELSEWHERE, "valueCodeableConcept": {"text": "opt in"}}],
                "data": [data("Condition/a")],
            },
            action=[coded(ACTION_SYSTEM, "access")],
        ),
    ),
    Refused(
        "a service of New Zealand: acknowledged as a notice, for a group that collects",
        "Consent.category[0].coding[0]",
        consent_resource(
            category=[coded(f"{HL7}/consentcategorycodes", "npp")],
            provision={
                "actor": [
                    _role(f"{HL7}/extra-security-role-type", "datacollector", reference="Group/g")
                ]
            },
        ),
    ),
    Refused(
        "a Danish record moved from one release to the next: actors stand in extensions",
        "Consent.extension",
        consent_resource(
            extension=[{"url": f"{ELSEWHERE}/STU3#Consent.actor.role", "valueString": "CST"}],
            provision={"type": "deny"},
        ),
    ),
    Refused(
        "a German prescription account: who may store what is charged",
        "Consent.category[0].coding[0]",
        consent_resource(
            category=[coded(f"{ELSEWHERE}/consent-type", "CHARGES")],
            policyRule=coded(f"{HL7}/v3-ActCode", "OPTIN"),
        ),
    ),
    Refused(
        "a German research consent under its own scope",
        "Consent.scope",
        consent_resource(
            scope=coded(SCOPE_SYSTEM, "research"),
            provision={"type": "deny", "provision": [{"type": "permit", "code": []}]},
        ),
    ),
    Refused(
        "a German research consent that says privacy, by the number of its modules",
        f"{_ROOT}.provision[0].code[0].coding[0]",
        under({"type": "permit", "code": [coded(f"{OID}.24.5.3", "8")]}, type="deny"),
    ),
    Refused(
        "a Swiss policy set: the person by number alone, the policy by reference",
        "Consent.patient.reference",
        consent_resource(
            patient={"identifier": {"system": f"{OID}.756", "value": "7"}},
            policyRule=coded("urn:ietf:rfc:3986", "urn:policies:full"),
        ),
    ),
    Refused(
        "a Swiss policy set for a group of professionals",
        f"{_ACTOR}.role",
        root(actor=[_role(f"{OID}.756.5", "GRP", identifier={"system": OID, "value": "1"})]),
    ),
    Refused(
        "a Dutch node network: the provider by its national number",
        _SYSTEM,
        consent_resource(
            category=[coded("http://loinc.org", "64292-6")],
            provision={"actor": [_elsewhere("PRCP", f"{OID}.528", "00000007")]},
        ),
    ),
    Refused(
        "a Dutch choice for a whole kind of provider, said in an extension of the actor",
        f"{_ACTOR}.extension",
        root(type="deny", actor=[ASKER | {"extension": [{"url": ELSEWHERE}]}]),
    ),
    Refused(
        "a Dutch treatment directive with a modifier of its own",
        "Consent.modifierExtension[0]",
        consent_resource(
            modifierExtension=[{"url": f"{ELSEWHERE}/other", "valueString": "only at home"}],
            provision={"type": "deny"},
        ),
    ),
    Refused(
        "a treatment directive by its scope",
        "Consent.scope",
        consent_resource(scope=coded(SCOPE_SYSTEM, "treatment"), provision={"type": "deny"}),
    ),
    Refused(
        "an advance directive by its category",
        "Consent.category[0].coding[0]",
        consent_resource(category=[coded(f"{HL7}/consentcategorycodes", "acd")]),
    ),
    Refused(
        "the appointment of a healthcare agent",
        f"{_ACTOR}.role",
        root(actor=[_role(ROLE_CLASS_SYSTEM, "HPOWATT", reference="RelatedPerson/r")]),
    ),
    Refused(
        "a do-not-resuscitate order that says privacy",
        "Consent.category[1].coding[0]",
        consent_resource(
            category=[
                coded("http://loinc.org", "59284-0"),
                coded(f"{HL7}/consentcategorycodes", "dnr"),
            ],
            provision={"type": "deny"},
        ),
    ),
    Refused(
        "an American federal rule as a label",
        f"{_ROOT}.securityLabel[0]",
        root(securityLabel=[label("42CFRPart2")]),
    ),
    Refused(
        "segmented data: a handling caveat among the labels",
        f"{_ROOT}.securityLabel[1]",
        root(type="deny", securityLabel=[label("PSY"), label("NORDSCLCD")]),
    ),
    Refused(
        "segmented data: a level of confidentiality that no row has here",
        f"{_ROOT}.securityLabel[0]",
        root(type="deny", securityLabel=[level("M")]),
    ),
    Refused(
        "a decision service of America: the provider by a national number",
        _SYSTEM,
        root(type="deny", actor=[_elsewhere("IRCP", "http://hl7.org/fhir/sid/us-npi", "9")]),
    ),
    Refused(
        "an opt-in with restrictions",
        "Consent.policyRule.coding[0]",
        consent_resource(policyRule=coded(f"{HL7}/v3-ActCode", "OPTINR")),
    ),
    Refused(
        "an opt-out with exceptions",
        "Consent.policyRule.coding[0]",
        consent_resource(
            policyRule=coded(f"{HL7}/v3-ActCode", "OPTOUTE"), provision={"type": "deny"}
        ),
    ),
    Refused(
        "a health information exchange: sharing in an emergency alone, as a category",
        "Consent.category[0].coding[0]",
        consent_resource(category=[coded(f"{HL7}/v3-ActCode", "EMRGONLY")]),
    ),
    Refused(
        "a release of what identifies nobody, to research",
        "Consent.category[0].coding[0]",
        consent_resource(category=[coded(f"{HL7}/consentcategorycodes", "rsdid")]),
    ),
    Refused(
        "a payer: disclosed for payment, in the code of an example",
        f"{_ROOT}.purpose[0]",
        root(purpose=[why("HPAYMT", f"{HL7}/v3-PurposeOfUse")]),
    ),
    Refused(
        "a directory: a restriction that says nothing but its rule",
        "Consent.policyRule.coding[0]",
        consent_resource(policyRule=coded(f"{HL7}/consentpolicycodes", "cric")),
    ),
    Refused(
        "the later release, whole",
        "Consent.date",
        {
            "resourceType": "Consent",
            "status": "active",
            "category": [coded("http://loinc.org", "59284-0")],
            "subject": {"reference": "Patient/p1"},
            "date": "2026-03-01",
            "grantor": [{"reference": "Patient/p1"}],
            "decision": "deny",
            "provision": [{"actor": [ASKER]}],
        },
    ),
    Refused(
        "the later release: an expression in an extension of the rule",
        f"{_ROOT}.extension",
        root(type="permit", extension=[{"url": f"{R5}.provision.expression"}]),
    ),
    Refused(
        "the later release: the decision in an extension of the whole",
        "Consent.extension",
        consent_resource(extension=[{"url": f"{R5}.decision", "valueCode": "deny"}]),
    ),
    Refused(
        "the later release: several provisions",
        _ROOT,
        consent_resource() | {"provision": [{"type": "deny"}]},
    ),
    Refused(
        "the later release: how it was verified",
        "Consent.verification[0].verificationType",
        consent_resource(verification=[{"verified": True, "verificationType": coded(HL7, "x")}]),
    ),
    Refused(
        "the later release: a status that this one does not have",
        "Consent.status",
        consent_resource(status="not-done"),
    ),
    Refused(
        "the former release: actors of the whole",
        "Consent.actor",
        consent_resource(actor=[ASKER], consentingParty=[{"reference": "Patient/p1"}]),
    ),
    Refused(
        "the former release: a period of data of the whole",
        "Consent.dataPeriod",
        consent_resource(dataPeriod={"start": "2022"}),
    ),
    Refused(
        "a type that is absent, with the reason for it",
        f"{_ROOT}._type",
        root(type=None, _type={"extension": [{"url": ELSEWHERE, "valueCode": "unknown"}]}),
    ),
    Refused(
        "documents of an exchange by their media type",
        f"{_ROOT}.class[0]",
        root(type="deny", **{"class": [kind("application/hl7-cda+xml", "urn:ietf:bcp:13")]}),
    ),
    Refused(
        "a patient's policy for documents by their code",
        f"{_ROOT}.code[0].coding[0]",
        root(type="deny", code=[coded("http://loinc.org", "34133-9")]),
    ),
    Refused(
        "a basic acknowledgement: the policy by its number",
        "Consent.policyRule.coding[0]",
        consent_resource(policyRule=coded("urn:ietf:rfc:3986", f"{OID}.3.1")),
    ),
    Refused(
        "a French space for health: a profession, and nobody of it",
        f"{_ACTOR}.role",
        root(type="deny", actor=[_role(f"{OID}.250.1", "G15")]),
    ),
    Refused(
        "a Japanese record: a category in words",
        "Consent.category[0].coding",
        consent_resource(category=[{"text": "sharing between clinics"}]),
    ),
    Refused(
        "an Estonian refusal: the doctor by a national register",
        _SYSTEM,
        root(type="deny", actor=[_elsewhere("IRCP", f"{OID}.233", "D00007")]),
    ),
    Refused(
        "a Swedish block: the unit that holds it by its address in a directory",
        _SYSTEM,
        root(type="deny", actor=[_elsewhere("CST", f"{OID}.752.29", "SE0000-0000")]),
    ),
    Refused(
        "an Australian purpose of use",
        f"{_ROOT}.purpose[0]",
        root(purpose=[why("TREAT", f"{ELSEWHERE}/purpose")]),
    ),
    Refused(
        "an Austrian opt-out of a document by its number in a registry",
        f"{_ROOT}.data[0].reference.reference",
        root(
            type="deny",
            data=[
                {
                    "meaning": "instance",
                    "reference": {"identifier": {"system": OID, "value": "doc-1"}},
                }
            ],
        ),
    ),
    Refused(
        "an Indian artefact: kinds of information by their names",
        f"{_ROOT}.class[0]",
        root(**{"class": [kind("Prescription", f"{ELSEWHERE}/hi-types")]}),
    ),
    Refused(
        "a Canadian lockbox: the group that it names is contained",
        "Consent.contained",
        consent_resource(contained=[{"resourceType": "Group", "id": "g"}]),
    ),
    Refused(
        "a team by a reference that nobody here answers to",
        f"{_ACTOR}.reference.reference",
        root(type="deny", actor=[_role(f"{HL7}/v3-ParticipationType", "IRCP", reference="G/1")]),
    ),
    Refused(
        "four rules deep",
        f"{_ROOT}.provision[0].provision",
        under(_DEEP),
    ),
    Refused(
        "a record withheld by its person, and all that refers to them",
        f"{_ROOT}.data[0].reference.reference",
        root(type="deny", data=[data("Patient/p1", "dependents")]),
    ),
    Refused(
        "what an organisation wrote, by a reference that is no author's number",
        f"{_ROOT}.data[0].reference.reference",
        root(type="deny", data=[data("Organization/o", "authoredby")]),
    ),
    Refused(
        "what an organisation wrote, where a person is meant",
        f"{_ROOT}.data[0].reference",
        root(
            type="deny",
            data=[{"meaning": "authoredby", "reference": actor("AUT", TRUST)["reference"]}],
        ),
    ),
    Refused(
        "an organisation by its code in small letters",
        f"{_ACTOR}.reference.identifier.value",
        root(type="deny", actor=[actor("IRCP", COUNCIL.lower())]),
    ),
    Refused(
        "a member of staff with a space after the number",
        f"{_ACTOR}.reference.identifier.value",
        root(type="deny", actor=[actor("IRCP", "u-gp ", USER)]),
    ),
    Refused(
        "a rule from a moment of nowhere on",
        f"{_ROOT}.provision[0].period.start",
        under({"type": "deny", "period": {"start": "2026-01-01T00:00:00"}}),
    ),
    Refused(
        "an opt-in whose first rule denies",
        "Consent.policyRule.coding[0]",
        consent_resource(
            policyRule=coded(f"{HL7}/v3-ActCode", "OPTIN"), provision={"type": "deny"}
        ),
    ),
    Refused(
        "a scope of two",
        "Consent.scope",
        consent_resource(
            scope={
                "coding": [
                    {"system": SCOPE_SYSTEM, "code": "patient-privacy"},
                    {"system": SCOPE_SYSTEM, "code": "treatment"},
                ]
            }
        ),
    ),
    Refused(
        "a scope that is one code, and another that cannot be read",
        "Consent.scope.coding[1].system",
        consent_resource(
            scope={
                "coding": [
                    {"system": SCOPE_SYSTEM, "code": "patient-privacy"},
                    {"code": "sharing"},
                ]
            }
        ),
    ),
    Refused(
        "who agreed, by a word of display",
        "Consent.performer[0]",
        consent_resource(performer=[{"display": "her daughter"}]),
    ),
    Refused(
        "disclosed by whoever holds it",
        f"{_ROOT}.action[0].coding[0]",
        root(type="deny", action=[coded(ACTION_SYSTEM, "disclose")]),
    ),
]


def _extended(*steps):
    """A deny of the council, one part of it with an extension: FHIR lets a reader ignore that."""
    asker = {**actor("IRCP", COUNCIL), "id": "a"}
    made = root(type="deny", actor=[asker], purpose=[why("TREAT")], **{"class": [kind("Goal")]})
    made = json.loads(json.dumps(made))
    part = made
    for step in steps:
        part = part[step]
    part["extension"] = [{"url": f"{ELSEWHERE}/meant", "valueString": "and whoever is below it"}]
    path = "".join(f"[{one}]" if isinstance(one, int) else f".{one}" for one in steps)
    return Refused(f"an extension of Consent{path}", f"Consent{path}.extension", made)


_FIRST = ("provision", "actor", 0)
REFUSED += [
    _extended(*_FIRST),
    _extended(*_FIRST, "role"),
    _extended(*_FIRST, "role", "coding", 0),
    _extended(*_FIRST, "reference"),
    _extended(*_FIRST, "reference", "identifier"),
    _extended("provision", "purpose", 0),
    _extended("provision", "class", 0),
    _extended("scope"),
    _extended("scope", "coding", 0),
    _extended("category", 0),
    _extended("patient"),
    _extended("performer", 0),
    _extended("policy", 0),
    Refused(
        "a member of staff by a number with a sign that nobody sees",
        f"{_ACTOR}.reference.identifier.value",
        root(type="deny", actor=[actor("IRCP", "u-1\u200b", USER)]),
    ),
]
