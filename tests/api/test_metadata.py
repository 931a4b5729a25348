"""The CapabilityStatement, and that what it claims is what is served; rows cap-01 to cap-05."""

import csv

import pytest

from gateway.api.metadata import RELEASED
from mappings.core.validate import validate
from tests.api.service import is_outcome


@pytest.fixture
def gateway(shared):
    return shared


@pytest.fixture
def statement(gateway):
    return gateway.get("metadata").json()


def test_cap_01_without_a_token(gateway, statement):
    assert statement["resourceType"] == "CapabilityStatement"
    assert (statement["status"], statement["kind"]) == ("active", "instance")
    assert statement["fhirVersion"] == "4.0.1"
    assert statement["format"] == ["application/fhir+json"]
    assert statement["date"] == RELEASED
    assert statement["rest"][0]["mode"] == "server"


def test_cap_02_every_claim_is_served(gateway, world, statement):
    for resource in statement["rest"][0]["resource"]:
        name = resource["type"]
        who = world.lead if name == "AuditEvent" else world.gp
        codes = {one["code"] for one in resource["interaction"]}
        searched = gateway.get(f"{name}?_count=1", who)
        assert (searched.status_code == 200) == ("search-type" in codes), name
        assert is_outcome(gateway.get(f"{name}/none", who), 404)
        history = gateway.get(f"{name}/none/_history", who)
        assert history.status_code == 404
        created = gateway.create({"resourceType": name}, who)
        assert (created.status_code != 405) == ("create" in codes), name
        assert resource["updateCreate"] is False
        for method in ("PUT", "PATCH", "DELETE"):
            assert is_outcome(gateway.ask(method, f"{name}/none", who), 405, "not-supported")


def test_cap_03_every_listed_parameter_is_accepted(gateway, world, statement):
    values = {"date": "2026", "reference": "Patient/none", "token": "x", "uri": "x"}
    for resource in statement["rest"][0]["resource"]:
        who = world.lead if resource["type"] == "AuditEvent" else world.gp
        for parameter in resource.get("searchParam", []):
            value = values[parameter["type"]]
            if resource["type"] == "AuditEvent" and parameter["type"] == "token":
                value = {"subtype": "read", "outcome": "served"}[parameter["name"]]
            path = f"{resource['type']}?{parameter['name']}={value}"
            assert gateway.get(path, who).status_code == 200, path


def test_cap_03_every_definition_is_r4s(statement, shared_folder):
    with (shared_folder / "search-params-r4.tsv").open(encoding="utf-8") as lines:
        known = {
            (row["type"], row["code"], row["kind"], row["url"])
            for row in csv.DictReader(lines, delimiter="\t")
        }
    for resource in statement["rest"][0]["resource"]:
        for parameter in resource.get("searchParam", []):
            name = parameter["name"]
            owner = "Resource" if name.startswith("_") else resource["type"]
            row = (owner, name, parameter["type"], parameter["definition"])
            assert row in known, row


def test_cap_04_05_it_is_valid_and_claims_no_sign_in_it_has_not(gateway, statement):
    assert validate(statement, local_references=False) == ()
    assert "service" not in statement["rest"][0]["security"]
    assert is_outcome(gateway.get("/.well-known/smart-configuration"), 404)
    assert gateway.get("metadata?_format=json").json() == statement
    assert gateway.get("metadata", headers={"Accept": "application/json"}).json() == statement
