"""The example Consents of the FHIR specification: refused, but for what can be understood."""

import pytest

from consent.fhir_values import UnsupportedConsentError
from consent.from_fhir import read_consent
from tests.consent_cases.outside import actors_of, cases

WITH_A_ROOT_TYPE = "consent-example-notOrg"
OF_ANOTHER_KIND = {"consent-example-Emergency", "consent-example-signature"}


def refused(consent) -> str | None:
    try:
        read_consent(consent, actors_of(consent, {}))
    except UnsupportedConsentError as error:
        return error.path
    return None


@pytest.fixture(scope="module")
def consents(shared_folder):
    return {each["id"]: each for each in cases(shared_folder, "fhir-r4-spec/consents.json")}


def test_every_example_is_refused_with_a_path(consents):
    paths = {name: refused(consent) for name, consent in consents.items()}
    assert len(paths) == 12
    assert all(path and path.startswith("Consent.") for path in paths.values())


def test_the_examples_without_a_root_type_are_refused_for_it_once_the_rest_is_there(consents):
    stated = {
        "performer": [{"reference": "Patient/f001"}],
        "policy": [{"uri": "https://care-gateway.example/policy"}],
    }
    whole = {
        name: {**{k: v for k, v in consent.items() if k != "policyRule"}, **stated}
        for name, consent in consents.items()
        if "provision" in consent
    }
    paths = {name: refused(consent) for name, consent in whole.items()}
    assert paths.pop(WITH_A_ROOT_TYPE) is None
    others = {paths.pop(name) for name in OF_ANOTHER_KIND & paths.keys()}
    assert others <= {"Consent.category[0].coding[0]"}, "an emergency alone, a notice"
    assert {*paths.values()} == {"Consent.provision.type"}


def test_a_deny_that_contradicts_its_policy_rule_is_refused(consents):
    stated = {"performer": [{"reference": "Patient/f001"}]}
    consent = {**consents[WITH_A_ROOT_TYPE], **stated}
    assert refused(consent) == "Consent.policyRule.coding[0]"
