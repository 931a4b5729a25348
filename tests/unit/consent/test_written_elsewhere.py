"""Consents in the forms that other countries and engines write: refused whole, with the place that
says something we give no meaning to. The shapes are theirs; the words are invented here."""

import pytest

from consent.fhir_values import UnsupportedConsentError
from consent.from_fhir import read_consent
from tests.unit.consent.fhir_consents import actor, coded, consent_resource

HL7 = "http://terminology.hl7.org/CodeSystem"
SOMEWHERE = "https://registry.example"
RECEIVER = {"role": coded(f"{HL7}/v3-ParticipationType", "IRCP")}
EXCEPTION = {"type": "deny", "actor": [actor("IRCP", "X26")]}


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        # the meaning of an exception stands in an extension, and its type nowhere
        (
            {
                "provision": {
                    "provision": [{"extension": [{"url": SOMEWHERE, "valueCode": "opt-out"}]}]
                }
            },
            "Consent.provision.provision[0].extension",
        ),
        # everything rests on a national policy that a rule names
        (
            {"policyRule": coded("urn:ietf:rfc:3986", "urn:policies:access-level:full")},
            "Consent.policyRule.coding[0]",
        ),
        (
            {"policyRule": coded(f"{HL7}/consentpolicycodes", "hipaa-auth")},
            "Consent.policyRule.coding[0]",
        ),
        # the base decision is of the rule, and the provision says none
        (
            {"policyRule": coded(f"{HL7}/v3-ActCode", "OPTIN"), "provision": {"type": None}},
            "Consent.provision.type",
        ),
        # whoever is of a profession, named by a word of display
        (
            {"provision": {"actor": [RECEIVER | {"reference": {"display": "all"}}]}},
            "Consent.provision.actor[0].reference.reference",
        ),
        (
            {"provision": {"actor": [actor("HCP", "X26", role_system="urn:oid:2.16.756.5.30")]}},
            "Consent.provision.actor[0].role",
        ),
        # who witnessed it stands among the actors
        (
            {
                "provision": {
                    "actor": [actor("EVTWIT", "X26", role_system=f"{HL7}/contractsignertypecodes")]
                }
            },
            "Consent.provision.actor[0].role",
        ),
        # modules of a research consent, purposes and labels by the name of a value set
        (
            {
                "provision": {
                    "provision": [{"type": "permit", "code": [coded("urn:oid:2.16.840.1", "6")]}]
                }
            },
            "Consent.provision.provision[0].code[0].coding[0]",
        ),
        (
            {"provision": {"purpose": [{"system": f"{HL7}/v3-PurposeOfUse", "code": "HMARKT"}]}},
            "Consent.provision.purpose[0]",
        ),
        (
            {
                "provision": {
                    "securityLabel": [
                        {"system": f"{HL7}/v3-InformationSensitivityPolicy", "code": "HIV"}
                    ]
                }
            },
            "Consent.provision.securityLabel[0]",
        ),
        # data in the words of another system, actions without a system
        (
            {"provision": {"data": [{"meaning": "instance", "reference": {"reference": "c1"}}]}},
            "Consent.provision.data[0].reference.reference",
        ),
        (
            {"provision": {"action": [{"coding": [{"code": "access"}]}]}},
            "Consent.provision.action[0].coding[0].system",
        ),
        # the names of a later release
        ({"decision": "permit"}, "Consent.decision"),
        ({"regulatoryBasis": [coded(HL7, "x")]}, "Consent.regulatoryBasis"),
        ({"subject": {"reference": "Patient/p1"}}, "Consent.subject"),
        # a scope that is said among the categories
        (
            {"scope": None, "category": [coded(f"{HL7}/consentscope", "patient-privacy")]},
            "Consent.scope",
        ),
        # a research consent whose modules a national register numbers, and one of organ donors
        ({"scope": coded(f"{HL7}/consentscope", "research")}, "Consent.scope"),
        ({"scope": coded(f"{HL7}/consentscope", "adr")}, "Consent.scope"),
        # the rules that the document was made under, what is contained, exceptions of old
        ({"implicitRules": "generated"}, "Consent.implicitRules"),
        ({"contained": [{"resourceType": "Provenance"}]}, "Consent.contained"),
        ({"except": [EXCEPTION]}, "Consent.except"),
        # a moment of nowhere, a person by a national number alone, a sender by its OID
        ({"dateTime": "2020-02-10T14:00:00"}, "Consent.dateTime"),
        (
            {"patient": {"identifier": {"system": "urn:oid:2.16.840.1", "value": "1"}}},
            "Consent.patient.reference",
        ),
        (
            {"provision": {"actor": [actor("IRCP", "2.16", "urn:ietf:rfc:3986")]}},
            "Consent.provision.actor[0].reference.identifier.system",
        ),
        (
            {
                "provision": {
                    "actor": [
                        actor("datasubject", "p1", role_system=f"{HL7}/extra-security-role-type")
                    ]
                }
            },
            "Consent.provision.actor[0].role",
        ),
        # what is redacted is an action
        (
            {
                "provision": {
                    "provision": [
                        {"type": "permit", "action": [coded(f"{HL7}/v3-ActCode", "REDACT")]}
                    ]
                }
            },
            "Consent.provision.provision[0].action[0].coding[0]",
        ),
        # exceptions of exceptions, and an exception that is no list
        (
            {"provision": {"provision": [EXCEPTION | {"provision": [EXCEPTION]}]}},
            "Consent.provision.provision[0].provision",
        ),
        ({"provision": {"provision": EXCEPTION}}, "Consent.provision.provision"),
    ],
)
def test_what_is_written_for_another_engine_is_refused_by_its_place(changes, path):
    with pytest.raises(UnsupportedConsentError) as refused:
        read_consent(consent_resource(**changes))
    assert refused.value.path == path
