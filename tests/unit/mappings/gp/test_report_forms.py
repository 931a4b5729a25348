"""A report of GP Connect as the file it was sent in: carried with the report, under its labels."""

import pytest

from mappings.core.model import systems
from tests.unit.mappings.gp.bundles import issues, mapped, of_type

FORM = {"contentType": "application/pdf", "data": "JVBERi0x", "title": "Bone density"}


def _report(*forms, **more):
    report = {"resourceType": "DiagnosticReport", "id": "r", "status": "final"}
    return mapped(report | {"code": {"text": "Scan"}, "presentedForm": list(forms)} | more)


def _forms(outcome):
    (made,) = of_type(outcome, "DiagnosticReport")
    return made.get("presentedForm", [])


def test_the_file_of_a_report_is_carried_as_it_was_sent():
    linked = {"contentType": "text/html", "url": "https://a.example/r", "size": 3}
    outcome = _report(FORM | {"creation": "2026-10-01T09:30:00+01:00"}, linked)
    assert _forms(outcome) == [FORM | {"creation": "2026-10-01T09:30:00+01:00"}, linked]
    assert outcome.issues == ()


def test_it_is_under_the_labels_of_its_report():
    restricted = {"security": [{"system": systems.CONFIDENTIALITY, "code": "R"}]}
    (made,) = (one for one in _report(FORM, meta=restricted).resources if one.key.endswith("/r"))
    assert "R" in {label["code"] for label in made.resource["meta"]["security"]}


@pytest.mark.parametrize(
    ("bad", "code"),
    [({"data": "JVB*"}, "invalid-encoding"), ({"contentType": None}, "missing")],
)
def test_a_file_that_cannot_be_opened_is_left_out_and_told(bad, code):
    outcome = _report(FORM | bad, FORM)
    assert _forms(outcome) == [FORM]
    assert issues(outcome, code) == [("warning", "DiagnosticReport[0].presentedForm[0]")]
