"""The strict Consent profile: what is read, and what is refused with its path."""

from datetime import UTC, datetime

import pytest

from consent.fhir_values import UnsupportedConsentError
from consent.from_fhir import (
    BINDS_BREAK_GLASS,
    NESTED_AT_MOST,
    SCOPE_SYSTEM,
    is_privacy_consent,
    read_consent,
)
from consent.labels import CATEGORY_SYSTEM, CONFIDENTIALITY_SYSTEM, SENSITIVITY_SYSTEM
from consent.periods import LONDON, MAX_MICROS, MIN_MICROS, to_micros
from consent.provisions import (
    ACTION_SYSTEM,
    PURPOSE_SYSTEM,
    ROLE_CLASS_SYSTEM,
    ROLE_SYSTEM,
    TYPE_SYSTEM,
)
from consent.rule import Actor, ActorKind, DataReference, Meaning
from tests.unit.consent.fhir_consents import USER, actor, coded, consent_resource
from tests.unit.consent.world import COUNCIL, TRUST, in_role, org, somebody

OPT_OUT = coded(SENSITIVITY_SYSTEM, "OPTOUT")
BINDING = [{"url": BINDS_BREAK_GLASS, "valueBoolean": True}]
ENDING = {"type": "deny", "period": {"end": "2027"}}


def root(**provision):
    return read_consent(consent_resource(provision=provision)).root


def label(code, system=CONFIDENTIALITY_SYSTEM):
    return {"system": system, "code": code}


def data(reference, meaning="instance"):
    return {"meaning": meaning, "reference": {"reference": reference}}


def test_a_plain_permit_narrows_nothing():
    rule = read_consent(consent_resource())
    assert rule.active
    assert rule.root.permit
    assert not rule.nested
    assert (rule.root.askers, rule.root.categories, rule.root.data_start) == (
        frozenset(),
        frozenset(),
        MIN_MICROS,
    )


@pytest.mark.parametrize(
    ("stated", "asker"),
    [
        (actor("IRCP", COUNCIL), org(COUNCIL)),
        (actor("PRCP", "u1", USER), somebody("u1")),
        (actor("IRCP", "u2", "https://fhir.nhs.uk/Id/sds-user-id"), somebody("u2")),
        (actor("IRCP", "home-care", ROLE_SYSTEM), in_role("home-care")),
    ],
)
def test_who_asks_is_an_organisation_a_person_or_a_role(stated, asker):
    assert root(actor=[stated]).askers == asker


def test_a_literal_reference_names_those_who_are_known_by_it():
    known = {"Group/team": somebody("u1") | somebody("u2")}
    stated = {**actor("IRCP", ""), "reference": {"reference": "Group/team"}}
    resource = consent_resource(provision={"actor": [stated]})
    assert read_consent(resource, known).root.askers == known["Group/team"]


@pytest.mark.parametrize(
    ("stated", "orgs", "authors"),
    [
        (actor("CST", TRUST), {TRUST}, set()),
        (actor("PROV", TRUST, role_system=ROLE_CLASS_SYSTEM), {TRUST}, set()),
        (actor("AUT", TRUST), {TRUST}, set()),
        (actor("AUT", "u1", USER), set(), {"u1"}),
    ],
)
def test_whose_data_is_a_source_or_an_author(stated, orgs, authors):
    rule = root(actor=[stated])
    assert (rule.source_orgs, rule.authors, rule.askers) == (orgs, authors, frozenset())


def test_the_rest_of_a_provision_is_read():
    rule = root(
        type="deny",
        action=[coded(ACTION_SYSTEM, "access"), coded(ACTION_SYSTEM, "correct")],
        purpose=[{"system": PURPOSE_SYSTEM, "code": "TREAT"}],
        code=[coded(CATEGORY_SYSTEM, "medicines")],
        data=[data("Encounter/e-1", "related"), data("Goal/g-1")],
        dataPeriod={"start": "2022", "end": "2022-02-28"},
        **{"class": [{"system": TYPE_SYSTEM, "code": "Goal"}]},
    )
    assert rule.actions == {"read", "search", "history", "create", "update", "delete"}
    assert rule.purposes == {"TREAT", "COC", "ETREAT", "CAREMGT", "BTG"}
    assert rule.categories == {"medicines"}
    assert rule.resource_types == {"Goal"}
    assert rule.references == {
        DataReference("e-1", Meaning.RELATED),
        DataReference("g-1", Meaning.INSTANCE),
    }
    assert rule.data_start == to_micros(datetime(2022, 1, 1, tzinfo=UTC))
    assert rule.data_end == to_micros(datetime(2022, 3, 1, tzinfo=LONDON))
    by = {"meaning": "authoredby", "reference": actor("AUT", "u1", USER)["reference"]}
    assert root(data=[by]).authors == {"u1"}


def test_a_permit_takes_its_highest_level_and_a_deny_its_lowest():
    labels = [label("N"), label("R"), label("PSY", SENSITIVITY_SYSTEM)]
    assert (root(securityLabel=labels).confidentiality) == 2
    assert root(type="deny", securityLabel=labels).confidentiality == 1
    assert root(securityLabel=labels).sensitivities == 1


def test_exceptions_are_read_in_their_order():
    nested = [{"type": "deny"}, {"type": "permit", "id": "x"}]
    rule = read_consent(consent_resource(provision={"provision": nested}))
    assert [part.permit for part in rule.nested] == [False, True]


@pytest.mark.parametrize(
    "status", ["draft", "proposed", "rejected", "inactive", "entered-in-error"]
)
def test_only_an_active_consent_counts(status):
    assert not read_consent(consent_resource(status=status)).active


def test_a_policy_rule_may_stand_for_the_policy_and_must_agree():
    resource = consent_resource(policy=None, policyRule=OPT_OUT, provision={"type": "deny"})
    assert not read_consent(resource).root.permit


@pytest.mark.parametrize(
    "performer",
    [
        {"reference": "Practitioner/gp-1"},
        {"identifier": {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990000158"}},
        {"identifier": {"system": USER, "value": "u-gp"}, "display": "Dr Osei"},
    ],
)
def test_who_is_said_to_have_agreed_decides_nothing(performer):
    named = consent_resource(performer=[performer], organization=[actor("CST", TRUST)["reference"]])
    assert read_consent(named) == read_consent(consent_resource())


@pytest.mark.parametrize("text", ["9999", "9999-12-31", "9999-12-31T23:59:59Z"])
def test_what_ends_with_the_calendar_never_ends(text):
    open_end, ending = {"start": "2026"}, {"start": "2026", "end": text}
    assert root(period=ending) == root(period=open_end)
    assert root(dataPeriod=ending) == root(dataPeriod=open_end)
    assert root(dataPeriod={"end": text}).data_end == MAX_MICROS
    without = {"type": "deny", "period": {"end": text}}
    with pytest.raises(UnsupportedConsentError, match="needs an end, its review date"):
        read_consent(consent_resource(provision=without, modifierExtension=BINDING))


def test_what_binds_in_an_emergency_has_a_review_date():
    resource = consent_resource(modifierExtension=BINDING, provision=ENDING)
    assert read_consent(resource).binds_break_glass


@pytest.mark.parametrize(
    ("verification", "had"),
    [
        ([{"verified": True, "verificationDate": "2026-02-01"}], True),
        ([{"verified": True}], False),
        ([{"verified": False, "verificationDate": "2026-02-01"}], False),
    ],
)
def test_a_conversation_is_verified_and_dated(verification, had):
    assert read_consent(consent_resource(verification=verification)).conversation is had


REFUSED = [
    ({"resourceType": "Patient"}, "Consent.resourceType"),
    ({"implicitRules": "x"}, "Consent.implicitRules"),
    ({"contained": []}, "Consent.contained"),
    ({"scope": None}, "Consent.scope"),
    ({"scope": {"text": "privacy"}}, "Consent.scope.coding"),
    ({"scope": coded(SCOPE_SYSTEM, "adr")}, "Consent.scope"),
    ({"category": [{"text": "sharing"}]}, "Consent.category[0].coding"),
    ({"category": [coded(SENSITIVITY_SYSTEM, "EMRGONLY")]}, "Consent.category[0].coding[0]"),
    ({"extension": [{"url": "x"}]}, "Consent.extension"),
    ({"status": "revoked"}, "Consent.status"),
    ({"status": ["active"]}, "Consent.status"),
    ({"patient": None}, "Consent.patient"),
    ({"patient": {"display": "x"}}, "Consent.patient.reference"),
    ({"dateTime": None}, "Consent.dateTime"),
    ({"dateTime": "yesterday"}, "Consent.dateTime"),
    ({"dateTime": "2026-03-01T10:00:00"}, "Consent.dateTime"),
    ({"dateTime": "2026-13-01"}, "Consent.dateTime"),
    ({"performer": None}, "Consent.performer"),
    ({"performer": []}, "Consent.performer"),
    ({"performer": [{}]}, "Consent.performer[0]"),
    ({"policy": None}, "Consent.policy"),
    ({"policy": [{"authority": "x"}]}, "Consent.policy[0].uri"),
    (
        {"policy": [{"uri": "x", "modifierExtension": []}]},
        "Consent.policy[0].modifierExtension",
    ),
    ({"policyRule": OPT_OUT}, "Consent.policyRule.coding[0]"),
    ({"policyRule": coded(SENSITIVITY_SYSTEM, "EMRGONLY")}, "Consent.policyRule.coding[0]"),
    ({"modifierExtension": [{"url": "x"}]}, "Consent.modifierExtension[0]"),
    ({"modifierExtension": BINDING}, "Consent.provision.period.end"),
    ({"verification": [{"verified": "yes"}]}, "Consent.verification[0].verified"),
    ({"provision": None}, "Consent.provision"),
]
_NESTED = [{"type": "deny"}] * (NESTED_AT_MOST + 1)
_UNRESOLVED = {**actor("IRCP", ""), "reference": {"reference": "Organization/x"}}
_WRITTEN = {"meaning": "authoredby", "reference": actor("AUT", "u", USER)["reference"]}
REFUSED_PROVISIONS = [
    ({"type": None}, ".type"),
    ({"type": "forbid"}, ".type"),
    ({"modifierExtension": []}, ".modifierExtension"),
    ({"period": {}}, ".period"),
    ({"period": {"start": "2026", "end": "2025"}}, ".period"),
    ({"period": {"end": "9999-12-32"}}, ".period.end"),
    ({"period": {"end": 2026}}, ".period.end"),
    ({"actor": {}}, ".actor"),
    ({"actor": ["x"]}, ".actor[0]"),
    ({"actor": [actor("XXX", "x")]}, ".actor[0].role"),
    ({"actor": [_UNRESOLVED]}, ".actor[0].reference.reference"),
    ({"actor": [actor("IRCP", "x", "urn:other")]}, ".actor[0].reference.identifier.system"),
    ({"actor": [actor("IRCP", " ")]}, ".actor[0].reference.identifier.value"),
    ({"actor": [actor("CST", "u1", USER)]}, ".actor[0]"),
    ({"actor": [actor("AUT", "gp", ROLE_SYSTEM)]}, ".actor[0]"),
    ({"actor": [actor("CST", TRUST), actor("AUT", "u1", USER)]}, ".actor"),
    ({"action": [coded(ACTION_SYSTEM, "disclose")]}, ".action[0].coding[0]"),
    ({"action": [coded(ACTION_SYSTEM, "use")]}, ".action[0].coding[0]"),
    ({"purpose": [{"system": PURPOSE_SYSTEM, "code": "FooBar"}]}, ".purpose[0]"),
    ({"purpose": [{"code": "TREAT"}]}, ".purpose[0].system"),
    ({"code": [coded("http://loinc.org", "34133-9")]}, ".code[0].coding[0]"),
    ({"code": [coded(CATEGORY_SYSTEM, "gossip")]}, ".code[0].coding[0]"),
    ({"class": [{"system": TYPE_SYSTEM, "code": "goal"}]}, ".class[0]"),
    ({"class": [{"system": "urn:ietf:bcp:13", "code": "Goal"}]}, ".class[0]"),
    ({"securityLabel": [label("X")]}, ".securityLabel[0]"),
    ({"securityLabel": [label("SPI", SENSITIVITY_SYSTEM)]}, ".securityLabel[0]"),
    ({"data": [data("Goal/1", "nearby")]}, ".data[0].meaning"),
    ({"data": [{"meaning": ["instance"], "reference": {}}]}, ".data[0].meaning"),
    ({"data": [data("urn:uuid:1")]}, ".data[0].reference.reference"),
    ({"data": [data("Practitioner/u", "authoredby")]}, ".data[0].reference.reference"),
    ({"data": [data("Patient/p1", "dependents")]}, ".data[0].reference.reference"),
    ({"data": [data("Goal/1"), _WRITTEN]}, ".data[1]"),
    ({"actor": [actor("AUT", "u", USER)], "data": [_WRITTEN]}, ".data"),
    ({"provision": _NESTED}, ".provision"),
    ({"provision": [{"purpose": []}]}, ".provision[0].type"),
    ({"provision": ["deny"]}, ".provision[0]"),
    ({"provision": [{"type": "deny", "provision": []}]}, ".provision[0].provision"),
]


@pytest.mark.parametrize(("change", "path"), REFUSED)
def test_a_consent_outside_the_profile_is_refused(change, path):
    resource = {**consent_resource(), **change}
    with pytest.raises(UnsupportedConsentError) as refused:
        read_consent({name: value for name, value in resource.items() if value is not None})
    assert refused.value.path == path


@pytest.mark.parametrize(("change", "path"), REFUSED_PROVISIONS)
def test_a_provision_outside_the_profile_is_refused(change, path):
    with pytest.raises(UnsupportedConsentError) as refused:
        root(**change)
    assert refused.value.path == f"Consent.provision{path}"
    assert refused.value.text


def test_a_refusal_quotes_nothing_that_was_sent():
    secret = actor("IRCP", "SECRET WORD", "urn:SECRET WORD")
    with pytest.raises(UnsupportedConsentError) as refused:
        root(actor=[secret])
    assert "SECRET" not in str(refused.value)


def test_only_privacy_consents_are_about_the_record():
    assert is_privacy_consent(consent_resource())
    assert not is_privacy_consent(consent_resource(scope=coded(SCOPE_SYSTEM, "adr")))
    assert is_privacy_consent({}), "what cannot be read is not passed over"


def test_actors_of_one_organisation_are_one():
    assert Actor(ActorKind.ORGANISATION, TRUST) in org(TRUST)
