"""A report is never less restricted than its results: its conclusion tells them in words."""

import pytest

from tests.unit.mappings.gp import bundles, resources

HIV = {"coding": [{"system": bundles.SNOMED, "code": "165816005"}]}
NOPAT = {"security": [{"system": "http://hl7.org/fhir/v3/ActCode", "code": "NOPAT"}]}
SAID = {
    "resourceType": "DiagnosticReport",
    "id": "d",
    "status": "final",
    "code": {"text": "Serology"},
    "conclusion": "Positive.",
    "result": [{"reference": "Observation/a"}, {"reference": "Observation/gone"}],
}


def _labels(outcome):
    (made,) = bundles.of_type(outcome, "DiagnosticReport")
    return {one["code"] for one in made["meta"]["security"]}


@pytest.mark.parametrize(
    ("result", "found"),
    [
        (bundles.observation("a", "1"), set()),
        (bundles.observation("a", "1") | {"code": HIV}, {"HIV", "R"}),
        (bundles.observation("a", "1") | {"meta": NOPAT}, {"NOPAT"}),
    ],
)
def test_a_report_in_stu3_has_the_labels_of_its_results(result, found):
    made = _labels(bundles.mapped(result, SAID))
    assert made & {"HIV", "R", "NOPAT"} == found


def test_a_report_in_r4_has_the_labels_of_its_results():
    plain = resources.observed("a")
    about = SAID | {"subject": resources.WHO}
    assert "HIV" not in _labels(resources.mapped(resources.bundle(plain, about)))
    hidden = resources.observed("a", code=HIV)
    assert {"HIV", "R"} <= _labels(resources.mapped(resources.bundle(hidden, about)))
