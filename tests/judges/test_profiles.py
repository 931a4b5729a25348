"""UK Core's profiles, held against all that the feeds make, whole and as it is masked; and that
the judge can refuse."""

import copy

import pytest
from fhirpathpy import evaluate

from gateway.api.answers import interweave
from gateway.api.answers.profiles import NOT_HELD, UK_CORE, claimed
from gateway.api.fhir.metadata import claims
from gateway.store.clear.columns import references
from gateway.store.clear.cutting import cut
from mappings.core.applying.apply import map_item
from mappings.core.checking.profiles import RULES, check_profile, is_known
from mappings.core.checking.validate import validate
from mappings.core.r4.profiles import EXTENSIONS, PROFILES, VALUE_SETS
from mappings.registry import FEEDS
from tests.judges.test_site import made as made_of_site
from tests.judges.test_xml import golden_resources
from tests.samples.test_laws import _items, _sources
from tests.unit.consent.world import policy

NHS = "https://fhir.nhs.uk/Id/nhs-number"
SITE = "https://fhir.nhs.uk/Id/ods-site-code"
ODS = "https://fhir.nhs.uk/Id/ods-organization-code"
UND = {"coding": [{"system": "urn:ietf:bcp:47", "code": "und"}], "text": "her own signs"}
PERSON = {"reference": "Patient/norma"}
PLAN = {
    "resourceType": "CarePlan",
    "id": "p",
    "status": "active",
    "intent": "plan",
    "subject": PERSON,
}


def ext(name, **said):
    return {"url": f"https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-{name}"} | said


def status(code):
    system = "https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatusEngland"
    concept = {"coding": [{"system": system, "code": code}]}
    return ext("NHSNumberVerificationStatus", valueCodeableConcept=concept)


def of(kind, **said):
    return {"resourceType": kind, **said}


def number(**said):
    return of("Patient", identifier=[{"system": NHS, "value": "9990000018"} | said])


PROFICIENCY = {"url": "http://hl7.org/fhir/StructureDefinition/patient-proficiency"}
WORDS = {"text": "words"}
CONCEPT = {"valueCodeableConcept": WORDS}
VISIT = of("Encounter", status="planned", **{"class": {"code": "HH"}})
JAB = of("Immunization", status="not-done", vaccineCode=WORDS, patient=PERSON)


def twice(kind, name, **said):
    return of(kind, extension=[ext(name, **(said or CONCEPT))] * 2)


def checked(**said):
    """A Patient whose number bears a verification status of this kind."""
    return number(extension=[ext("NHSNumberVerificationStatus", **said)])


BROKEN = [
    ("AllergyIntolerance.code", of("AllergyIntolerance", patient=PERSON)),
    ("Appointment.extension", twice("Appointment", "DeliveryChannel")),
    (
        "DiagnosticReport.performer[0].extension",
        of("DiagnosticReport", performer=[{"extension": [ext("DeviceReference")] * 2}]),
    ),
    ("Encounter.extension", twice("Encounter", "DischargeMethod")),
    ("Encounter.extension[0].value", of("Encounter", extension=[ext("DischargeMethod")])),
    (
        "Encounter.extension[0].valueString",
        of("Encounter", extension=[ext("DischargeMethod", valueString="A")]),
    ),
    ("Encounter.extension[0]", VISIT | {"extension": [ext("AdmissionMethod", **CONCEPT)]}),
    (
        "Encounter.hospitalization.extension[0].value",
        VISIT | {"hospitalization": {"extension": [ext("AdmissionMethod")]}},
    ),
    (
        "Encounter.hospitalization.extension[0].valueString",
        VISIT | {"hospitalization": {"extension": [ext("AdmissionMethod", valueString="A")]}},
    ),
    ("HealthcareService.communication[0]", of("HealthcareService", communication=[WORDS])),
    ("Practitioner.communication[0]", of("Practitioner", communication=[WORDS])),
    ("Immunization", JAB),
    ("Immunization.extension", JAB | twice("Immunization", "VaccinationProcedure")),
    ("Immunization.extension[0].value", JAB | {"extension": [ext("VaccinationProcedure")]}),
    (
        "Immunization.extension[0].valueString",
        JAB | {"extension": [ext("VaccinationProcedure", valueString="A")]},
    ),
    ("List.extension", twice("List", "CareSettingType")),
    ("List.extension", twice("List", "RelatedProblemHeader")),
    ("Location.identifier[0].value", of("Location", identifier=[{"system": SITE}])),
    ("Location.identifier", of("Location", identifier=[{"system": SITE, "value": "A"}] * 2)),
    ("MedicationRequest.substitution", of("MedicationRequest")),
    (
        "MedicationStatement.identifier[0].system",
        of("MedicationStatement", identifier=[{"value": "1"}]),
    ),
    (
        "MedicationStatement.identifier[0].value",
        of("MedicationStatement", identifier=[{"system": "urn:a"}]),
    ),
    ("Organization.identifier", of("Organization", identifier=[{"system": ODS, "value": "A"}] * 2)),
    ("Organization.identifier[0].value", of("Organization", identifier=[{"system": ODS}])),
    (
        "Organization.identifier",
        of("Organization", identifier=[{"system": SITE, "value": "A"}] * 2),
    ),
    ("Organization.identifier[0].value", of("Organization", identifier=[{"system": SITE}])),
    ("Patient.extension", twice("Patient", "EthnicCategory")),
    (
        "Patient.extension[0].extension",
        of("Patient", extension=[ext("DeathNotificationStatus")]),
    ),
    ("Patient.extension[0]", of("Patient", extension=[ext("DischargeMethod", **CONCEPT)])),
    ("Patient.extension[0].value", of("Patient", extension=[ext("EthnicCategory")])),
    (
        "Patient.extension[0].valueString",
        of("Patient", extension=[ext("EthnicCategory", valueString="A")]),
    ),
    ("Patient.identifier", of("Patient", identifier=[{"system": NHS, "value": "9"}] * 2)),
    ("Patient.identifier[0].value", of("Patient", identifier=[{"system": NHS}])),
    ("Patient.identifier[0].extension", number(extension=[status("01"), status("02")])),
    (
        "Patient.identifier[0].extension[0].valueCodeableConcept",
        number(extension=[status("9")]),
    ),
    ("Patient.identifier[0].extension[0].value", checked()),
    ("Patient.identifier[0].extension[0].valueString", checked(valueString="01")),
    (
        "Patient.identifier[0].extension[0].extension",
        number(extension=[status("01") | {"extension": [{"url": "a", "valueString": "b"}]}]),
    ),
    ("Patient.communication[0].language", of("Patient", communication=[{"language": WORDS}])),
    (
        "Patient.communication[0].extension",
        of("Patient", communication=[{"language": UND, "extension": [PROFICIENCY] * 2}]),
    ),
    (
        "RelatedPerson.communication[0].language",
        of("RelatedPerson", communication=[{"language": {"coding": [{"code": "en"}]}}]),
    ),
    ("ServiceRequest.extension", twice("ServiceRequest", "Coverage")),
    ("ServiceRequest.extension", twice("ServiceRequest", "SourceOfServiceRequest")),
]
"""Where the judge finds fault, and what is at fault there."""


@pytest.fixture(scope="module")
def made():
    return list(golden_resources())


def faults(resource, profile=""):
    return check_profile(resource, profile or UK_CORE + resource["resourceType"])


@pytest.mark.parametrize(("path", "resource"), BROKEN)
def test_what_a_profile_forbids_is_found_at_its_place(path, resource):
    assert path in [one.path for one in faults(resource)]


def test_what_conforms_is_not_found_at_fault():
    languages = {"communication": [{"language": UND}]}
    assert faults(number(extension=[status("01")]) | languages) == ()
    assert faults(JAB | {"statusReason": WORDS}) == ()
    assert faults(of("Organization", identifier=[{"system": ODS}, {"system": SITE}])) != ()
    stay = {"extension": [ext("AdmissionMethod", **CONCEPT)]}
    assert faults(VISIT | {"hospitalization": stay}) == ()


def told_of_examples():
    return [faults(one) for _, one in BROKEN]


def test_no_demand_of_uk_core_goes_without_an_example(monkeypatch):
    told, unheard = told_of_examples(), []
    for table, place in ((PROFILES, 3), (EXTENSIONS, 1)):
        for url, row in list(table.items()):
            for fact in row[place] if url != interweave.PROFILE else ():
                fewer = tuple(one for one in row[place] if one != fact)
                if fact[1] in ("min", "max", "codes", "types", "rule"):
                    monkeypatch.setitem(table, url, (*row[:place], fewer))
                    unheard += [fact] if told_of_examples() == told else []
                    monkeypatch.setitem(table, url, row)
    assert unheard == []


@pytest.mark.parametrize("key", RULES)
def test_a_rule_in_code_says_what_its_fhirpath_says(key):
    stated = [
        value.partition(" ")[2]
        for *_, facts in PROFILES.values()
        for _, kind, value in facts
        if kind == "rule" and value.startswith(f"{key} ")
    ]
    (expression,) = stated
    for case in (JAB, JAB | {"statusReason": WORDS}, JAB | {"status": "completed"}):
        assert evaluate(copy.deepcopy(case), expression) == [RULES[key][1](case)]


def test_every_rule_and_every_set_of_the_table_can_be_judged():
    rows = [fact for *_, facts in PROFILES.values() for fact in facts]
    rows += [fact for _, facts in EXTENSIONS.values() for fact in facts]
    assert {value.partition(" ")[0] for _, kind, value in rows if kind == "rule"} == set(RULES)
    listed = {value for _, kind, value in rows if kind == "codes"} - {
        "http://hl7.org/fhir/ValueSet/all-languages"
    }
    assert listed == set(VALUE_SETS)


def test_a_profile_is_known_by_its_type_and_its_version():
    assert is_known(UK_CORE + "Patient", "Patient")
    assert is_known(UK_CORE + "Patient|2.6.0", "Patient")
    assert not is_known(UK_CORE + "Patient|1.0.0", "Patient")
    assert not is_known(UK_CORE + "Patient", "RelatedPerson")
    assert not is_known(UK_CORE + "Goal", "Goal")


def test_claimed_is_what_is_in_force_and_held_by_all_that_the_feeds_make(made):
    broken = {one["resourceType"] for one in made if is_judged(one) and faults(one)}
    assert broken == set(NOT_HELD)
    held = {row[0] for row in PROFILES.values() if row[2] == "active"} - broken
    said = {
        one["type"]
        for one in claims()
        if any(url.startswith(UK_CORE) for url in one.get("supportedProfile", ()))
    }
    assert said == held
    assert all("|" in url for kind in held for url in claimed(kind) if url.startswith(UK_CORE))


def is_judged(resource):
    return is_known(UK_CORE + resource["resourceType"], resource["resourceType"])


def is_claimed(resource):
    return resource["resourceType"] not in NOT_HELD and is_judged(resource)


def test_what_is_claimed_holds_however_a_resource_is_masked(made):
    rules = policy()
    masks = (*rules.location_mask, *rules.reason_mask)
    changed = 0
    for one in filter(is_claimed, made):
        shown = cut(one, set(references(one)), masks)
        changed += shown.changed
        assert faults(shown.resource) == (), one["resourceType"]
    assert changed > 100


def test_what_a_site_is_made_of_holds():
    assert [one for one in made_of_site() if is_judged(one) and faults(one)] == []
    assert {"Organization", "Location", "HealthcareService"} <= {
        one["resourceType"] for one in made_of_site() if is_judged(one)
    }


def made_of_samples(folder):
    for feed in FEEDS:
        for source in _sources(folder / feed):
            for kind, item in _items(feed, source):
                yield from (one.resource for one in map_item(kind, item).resources)


def test_all_that_is_made_of_the_real_samples_holds(shared_folder):
    every = list(made_of_samples(shared_folder / "samples"))
    judged = [one for one in every if is_claimed(one) and validate(one) == ()]
    assert len(judged) > 1000
    assert [one["resourceType"] for one in judged if faults(one)] == []
    plans = [one for one in every if one["resourceType"] == "CarePlan"]
    assert [one for one in plans if faults(interweave.viewed(one)[0], interweave.PROFILE)] == []
    assert plans


def test_a_plan_in_interweaves_profile_conforms_to_it_and_to_r4(made):
    plans = [one for one in made if one["resourceType"] == "CarePlan"]
    assert len([one for one in plans if faults(one, interweave.PROFILE)]) == len(plans) > 50
    for one in plans:
        view, _ = interweave.viewed(one)
        assert faults(view, interweave.PROFILE) == ()
        assert validate(view) == ()


def test_interweaves_profile_can_refuse():
    source = {"system": "https://fhir.interweavedigital.nhs.uk/Source"}
    wrong = {
        "CarePlan.subject.display": PLAN,
        "CarePlan.supportingInfo": PLAN | {"supportingInfo": [PERSON]},
        "CarePlan.encounter.reference": PLAN | {"encounter": WORDS},
        "CarePlan.subject": PLAN | {"subject": {"reference": "Group/1", "display": "A"}},
        "CarePlan.meta.tag[0].code": PLAN | {"meta": {"tag": [source]}},
        "CarePlan.meta.tag": PLAN | {"meta": {"tag": [source] * 2}},
        "CarePlan.identifier[0].period": PLAN
        | {"identifier": [{"system": interweave.LOCAL_ID, "value": "A", "period": {}}]},
        "CarePlan.activity[0].detail.instantiatesUri": PLAN
        | {"activity": [{"detail": {"status": "scheduled", "instantiatesUri": ["urn:a"]}}]},
    }
    for path, plan in wrong.items():
        assert path in [one.path for one in faults(plan, interweave.PROFILE)], path
