"""The CapabilityStatement, and that what it claims is what is served; rows cap-01 to cap-05."""

import csv

import pytest

from gateway.api.fhir.metadata import RELEASED
from gateway.api.search import audit_params
from mappings.core.checking.validate import validate
from tests.api.service import FHIR, is_outcome
from tests.api.writing import goal


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
    assert statement["format"] == ["application/fhir+json", "application/fhir+xml"]
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
        for method, code in (("PUT", "update"), ("PATCH", "patch"), ("DELETE", "delete")):
            answer = gateway.ask(method, f"{name}/none", who)
            assert (answer.status_code != 405) == (code in codes), (method, name)


METHODS = {"PUT": "update", "PATCH": "patch", "DELETE": "delete"}


def test_cap_02_err_03_a_refusal_allows_what_is_claimed(gateway, world, statement):
    for resource in statement["rest"][0]["resource"]:
        name = resource["type"]
        codes = {one["code"] for one in resource["interaction"]}
        made = {method for method, code in METHODS.items() if code in codes}
        for path, tried, wanted in (
            (name, "OPTIONS", {"POST"} if "create" in codes else set()),
            (f"{name}/none", "POST", made),
        ):
            answer = gateway.ask(tried, path, world.gp)
            assert is_outcome(answer, 405, "not-supported"), path
            allowed = set(answer.headers["allow"].split(", "))
            if name != "Subscription" and path == name:
                allowed -= made  # by a condition
            assert allowed == wanted | {"GET", "HEAD"}, (tried, path)


@pytest.mark.parametrize(
    ("name", "tried", "allowed"),
    [
        ("Patient", {"DELETE": "none", "PATCH": "none"}, "GET, HEAD, PUT"),
        ("Group", {"POST": "", "PUT": "none", "DELETE": "none"}, "GET, HEAD"),
    ],
)
def test_cap_02_why_a_type_is_not_written_is_told_where_it_is_claimed_and_tried(
    gateway, world, statement, name, tried, allowed
):
    resources = statement["rest"][0]["resource"]
    claimed = next(one["documentation"] for one in resources if one["type"] == name)
    for method, resource_id in tried.items():
        answer = gateway.ask(method, f"{name}/{resource_id}".rstrip("/"), world.gp)
        told = answer.json()["issue"][0]["diagnostics"]
        assert told.removeprefix("This is not supported here. ") in claimed
        assert answer.headers["allow"] == allowed
    assert "Measure" not in {one["type"] for one in resources}
    assert "MeasureReport" in statement["rest"][0]["documentation"]


def test_cap_02_an_address_may_end_with_a_slash(gateway, world, statement):
    for resource in statement["rest"][0]["resource"]:
        who = world.lead if resource["type"] == "AuditEvent" else world.gp
        for path in (resource["type"], f"{resource['type']}/_search", f"{resource['type']}/none"):
            told = gateway.get(f"{path}/", who)
            assert told.status_code == gateway.get(path, who).status_code, path
    assert gateway.get("metadata/").json() == statement
    assert (
        gateway.get("Goal/?_count=1", world.gp).json()["link"][0]["url"].endswith("/Goal?_count=1")
    )
    named = f"Goal/{world.of('Goal', world.norma, world.gp)[0]['id']}"
    assert gateway.get(f"{named}/", world.gp).json() == gateway.get(named, world.gp).json()
    for path in ("Goal//", "Nosuch/", "/readyz/", f"{named}//"):
        assert gateway.get(path, world.gp).status_code == 404, path


def test_what_is_done_our_own_way_is_told(gateway, world, statement):
    rest = statement["rest"][0]
    assert rest["compartment"] == ["http://hl7.org/fhir/CompartmentDefinition/patient"]
    told = rest["documentation"]
    held = goal(world.norma, contained=[{"resourceType": "Patient", "id": "p"}])
    held |= {"expressedBy": {"reference": "#p"}}
    refused = gateway.create(held, world.gp)
    assert is_outcome(refused, 422, "not-supported")
    assert "one with contained resources is refused" in told
    assert is_outcome(gateway.get("?_type=Patient", world.gp), 400, "invalid")
    assert "A search over several types is of those of a patient's compartment, and Task" in told
    assert is_outcome(gateway.get("Organization?_sort=_id", world.gp), 400, "invalid")
    assert "where nothing stands, it is not" in told
    (provenance,) = [one for one in rest["resource"] if one["type"] == "Provenance"]
    assert "patient finds those of a whole record" in provenance["documentation"]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "CarePlan", "DELETE, GET, HEAD, PATCH, POST"),
        ("DELETE", "Consent/none", "GET, HEAD, PATCH, PUT"),
        ("PUT", "Goal/none", "DELETE, GET, HEAD, PATCH"),
        ("PUT", "Patient/$export", "GET, HEAD, POST"),
        ("DELETE", "Patient/$match", "POST"),
        ("OPTIONS", "Patient/_search", "GET, HEAD, POST"),
    ],
)
def test_err_03_what_is_allowed_instead(gateway, world, method, path, allowed):
    body = goal(world.norma, id="none", meta={"versionId": "1"})
    more = {"json": body, "headers": {"Content-Type": FHIR}} if method == "PUT" else {}
    answer = gateway.ask(method, path, world.gp, **more)
    assert (answer.status_code, answer.headers.get("allow")) == (405, allowed), answer.text


LOG_VALUES = {
    "subtype": "read",
    "outcome": "served",
    "action": "R",
    "agent-org": "RAX01",
    "purpose": "TREAT",
    "break-glass": "true",
}


def test_cap_03_every_listed_parameter_is_accepted(gateway, world, statement):
    values = {"date": "2026", "reference": "Patient/none", "token": "x", "uri": "x", "string": "x"}
    for resource in statement["rest"][0]["resource"]:
        who = world.lead if resource["type"] == "AuditEvent" else world.gp
        for parameter in resource.get("searchParam", []):
            value = values[parameter["type"]]
            if resource["type"] == "AuditEvent" and parameter["type"] == "token":
                value = LOG_VALUES[parameter["name"]]
            path = f"{resource['type']}?{parameter['name']}={value}"
            assert gateway.get(path, who).status_code == 200, path


def test_cap_03_every_definition_is_r4s(statement, shared_folder):
    with (shared_folder / "search-params-r4.tsv").open(encoding="utf-8") as lines:
        known = {
            (row["type"], row["code"], row["kind"], row["url"])
            for row in csv.DictReader(lines, delimiter="\t")
        }
    listed = {owner for owner, _, _, _ in known}
    for resource in statement["rest"][0]["resource"]:
        if resource["type"] not in listed:
            assert resource["type"] in ("FamilyMemberHistory", "Immunization", "MedicationRequest")
            continue
        for parameter in resource.get("searchParam", []):
            name = parameter["name"]
            if resource["type"] == "AuditEvent" and name in audit_params.OWN:
                assert parameter["documentation"]
                continue
            owner = "Resource" if name.startswith("_") else resource["type"]
            row = (owner, name, parameter["type"], parameter["definition"])
            assert row in known, row


def test_cap_03_every_include_is_taken(gateway, world, statement):
    for resource in statement["rest"][0]["resource"]:
        whose = "_id" if resource["type"] == "Patient" else "patient"
        kept = {one["name"] for one in resource.get("searchParam", ())} & {whose}
        query = f"{whose}={world.norma}" if kept else "_count=1"
        asked = [("_include", one) for one in resource.get("searchInclude", ())]
        asked += [("_revinclude", one) for one in resource.get("searchRevInclude", ())]
        for name, value in asked:
            path = f"{resource['type']}?{query}&{name}={value}"
            assert gateway.get(path, world.gp).status_code == 200, path


def test_cap_03_a_search_is_sorted_by_what_is_said_and_by_nothing_else(gateway, world, statement):
    for resource in statement["rest"][0]["resource"]:
        _, sorts, text = resource.get("documentation", "").rpartition("Sorted by ")
        named = text.removesuffix(".").split(", ") if sorts else []
        dates = {one["name"] for one in resource.get("searchParam", ()) if one["type"] == "date"}
        for name in dates | set(named):
            answer = gateway.get(f"{resource['type']}?_sort=-{name}", world.gp)
            assert (answer.status_code == 200) == (name in named), (resource["type"], name)


def test_cap_04_05_it_is_valid_and_says_where_systems_sign_in(gateway, statement):
    assert validate(statement, local_references=False) == ()
    security = statement["rest"][0]["security"]
    assert security["service"][0]["coding"][0]["code"] == "SMART-on-FHIR"
    told = gateway.get("/.well-known/smart-configuration").json()
    assert f" {told['issuer']}/.well-known/smart-configuration" in security["description"]
    assert "extension" not in security, "SMART's own needs an address where a person signs in"
    assert gateway.get("metadata?_format=json").json() == statement
    assert gateway.get("metadata", headers={"Accept": "application/json"}).json() == statement


@pytest.mark.parametrize(
    ("method", "path", "is_told"),
    [
        ("PATCH", "Patient", True),
        ("DELETE", "Patient/p-1", True),
        ("DELETE", "Patient/$match", False),
        ("PUT", "Patient/_search", False),
        ("DELETE", "Patient/p-1/_history", False),
    ],
)
def test_why_a_type_is_not_written_is_told_of_its_resources_alone(
    gateway, world, method, path, is_told
):
    answer = gateway.ask(method, path, world.gp, json={"resourceType": "Patient"})
    assert answer.status_code == 405
    assert ("stated by feeds alone" in answer.text) is is_told
