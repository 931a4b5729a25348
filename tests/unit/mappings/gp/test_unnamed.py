"""UK Core resources that can name nobody by themselves: told under their own type."""

import pytest

from tests.unit.mappings.gp.bundles import issues
from tests.unit.mappings.gp.resources import PERSON, goal, mapped


def sent(resource_type, **more):
    return {"resourceType": resource_type, "id": "x", **more}


def together(*resources):
    entries = [{"resource": one} for one in resources]
    profile = {"profile": ["https://fhir.hl7.org.uk/StructureDefinition/UKCore-Bundle"]}
    return {"resourceType": "Bundle", "type": "collection", "meta": profile, "entry": entries}


@pytest.mark.parametrize(
    ("body", "path", "code"),
    [
        (sent("RiskAssessment", status="final"), "RiskAssessment", "kind-not-mapped"),
        (sent("Claim", patient={"reference": "Patient/a"}), "Claim", "kind-not-mapped"),
        (sent("Organization", name="North"), "Organization", "names-nobody"),
        (sent("Questionnaire", status="active"), "Questionnaire", "names-nobody"),
        (sent("Provenance", recorded="2026-01-01T00:00:00Z"), "Provenance", "names-nobody"),
        (together(sent("Organization"), sent("Claim")), "Claim", "kind-not-mapped"),
        (together(sent("Practitioner"), sent("Location")), "Practitioner", "names-nobody"),
        (sent("StructureDefinition", url="x"), "StructureDefinition", "names-nobody"),
        (together(sent("ValueSet"), sent("CodeSystem")), "ValueSet", "names-nobody"),
        (together(sent("ValueSet"), sent("Claim")), "Claim", "kind-not-mapped"),
        (together(), "Bundle.entry", "names-nobody"),
        (together(sent("NoSuchType")), "Bundle.entry", "names-nobody"),
    ],
)
def test_what_can_name_nobody_is_told_so_under_its_own_type(body, path, code):
    outcome = mapped(body)
    assert outcome.quarantined
    assert [(str(i.severity), i.path, i.code) for i in outcome.issues] == [("error", path, code)]


def test_what_could_name_somebody_and_does_not_is_told_where_the_number_belongs():
    outcome = mapped({**goal(), "subject": {"display": "Ada"}})
    assert issues(outcome, "names-nobody") == [("error", "Patient.identifier")]


def test_beside_somebody_who_is_named_they_stand_in_nobodys_way():
    outcome = mapped(together(PERSON, sent("Organization"), sent("Claim"), goal()))
    assert not outcome.quarantined
    assert {one.type for one in outcome.resources} == {"Patient", "Goal"}


@pytest.mark.parametrize(
    ("body", "path", "said"),
    [
        (sent("Organization"), "Organization", "is read in a bundle with the Patient"),
        (sent("Provenance"), "Provenance", "is read in a bundle with the Patient"),
        (sent("AuditEvent"), "AuditEvent", "never taken into the record: who looked at"),
        (sent("Questionnaire"), "Questionnaire", "never taken into the record: the form, not"),
        (together(sent("List"), sent("Location")), "Location", "is read in a bundle with"),
        (together(), "Bundle.entry", "holds no resource of FHIR R4"),
    ],
)
def test_who_is_told_to_send_it_with_somebody_is_told_so_only_where_that_helps(body, path, said):
    (issue,) = mapped(body).issues
    assert (issue.path, said in issue.text) == (path, True)
