"""What a Patient says of the person as a whole, and what it does not."""

import pytest

from mappings.core.model import systems
from mappings.core.shaping.person_said import deceased_of, protection_of, trace_of

CONF = systems.CONFIDENTIALITY


def labelled(*codes: str, system: str = CONF) -> dict:
    return {"meta": {"security": [{"system": system, "code": code} for code in codes]}}


@pytest.mark.parametrize(
    ("patient", "said"),
    [
        ({}, ""),
        ({"meta": {"security": "R"}}, ""),
        ({"meta": {"security": [3, {"code": ["R"]}]}}, ""),
        (labelled("N"), ""),
        (labelled("U"), "U"),
        (labelled("R", system="http://hl7.org/fhir/v3/Confidentiality"), "R"),
        (labelled("R", system="urn:elsewhere"), ""),
        ({"meta": {"security": [{"system": [CONF], "code": "R"}]}}, ""),
        ({"meta": {"security": [{"system": CONF, "code": ["R"]}]}}, ""),
        (labelled("U", "V", "R"), "V"),
        (labelled("REDACTED", "V"), "REDACTED"),
    ],
)
def test_protection_is_the_strictest_the_demographics_service_would_say(patient, said):
    assert protection_of(patient) == said


@pytest.mark.parametrize(
    ("patient", "died"),
    [
        ({}, None),
        ({"deceasedBoolean": False}, False),
        ({"deceasedBoolean": "true"}, None),
        ({"deceasedDateTime": "2026-01-02"}, True),
        ({"deceasedDateTime": "2026"}, True),
        ({"deceasedDateTime": "2026-01-02T10:00:00Z"}, True),
        ({"deceasedDateTime": "not known"}, None),
        ({"deceasedDateTime": "2026-02-30"}, None),
        ({"deceasedDateTime": ""}, None),
        ({"deceasedDateTime": "N/A", "deceasedBoolean": False}, False),
    ],
)
def test_death_is_said_or_not_said(patient, died):
    assert deceased_of(patient) is died


def traced(code: object, url: str = "https://x/Extension-UKCore-NHSNumberVerificationStatus"):
    said = {"url": url, "valueCodeableConcept": {"coding": [{"code": code}]}}
    own = {"system": "urn:x", "extension": [said | {"url": "u"}]}
    return {"identifier": [own, {"system": systems.NHS_NUMBER, "extension": [said]}]}


@pytest.mark.parametrize(
    ("patient", "status"),
    [
        ({}, ""),
        ({"identifier": [{"system": systems.NHS_NUMBER, "value": "1"}]}, ""),
        (traced("01"), "01"),
        (traced("4"), "04"),
        (traced("99"), ""),
        (traced(4), ""),
        (traced("01", url="urn:another"), ""),
    ],
)
def test_the_trace_status_is_that_of_the_nhs_number(patient, status):
    assert trace_of(patient) == status
