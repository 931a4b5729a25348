"""Clients that nobody here wrote, against a running gateway: they just work.

fhirpy, fhirclient (SMART's) and, where node is, fhir-kit-client: read, search, pages, histories,
a Consent, operations; and what each makes of a refusal.
"""

import json
import shutil
import subprocess
from pathlib import Path

import httpx
import pytest
from fhirclient import client as smart
from fhirclient.models import capabilitystatement, goal
from fhirclient.server import FHIRNotFoundException
from fhirpy import AsyncFHIRClient, SyncFHIRClient
from fhirpy.base.exceptions import OperationOutcome, ResourceNotFound
from requests import HTTPError

from tests.api.world import NHS, NORMA, PRACTICE
from tests.integration.served import Served
from tests.judges.examples import concept
from tests.judges.openid import provider

HERE = Path(__file__).resolve().parent / "clients"


class Borough:
    """A running gateway, a GP's token, and one person."""

    def __init__(self, database: Path, keys: Path, folder: Path) -> None:
        self.served = Served(f"sqlite:///{database}", keys, folder)
        self.base = f"{self.served.base_url}/fhir/R4"
        self.who = self.served.token("gp", user="gp-1", org=PRACTICE)
        form = {"identifier": f"{NHS}|{NORMA['nhs_number']}"}
        found = httpx.post(f"{self.base}/Patient/_search", data=form, headers=self.who).json()
        self.norma = found["entry"][0]["resource"]["id"]
        goals = httpx.get(f"{self.base}/Goal?patient={self.norma}", headers=self.who).json()
        self.goals = [one["resource"]["id"] for one in goals["entry"]]

    @property
    def authorization(self) -> str:
        return self.who["Authorization"]

    def consent(self) -> dict:
        return {
            "resourceType": "Consent",
            "status": "active",
            "scope": concept("consentscope", "patient-privacy"),
            "category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}],
            "patient": {"reference": f"Patient/{self.norma}"},
            "dateTime": "2026-01-05T09:30:00Z",
            "performer": [{"reference": f"Patient/{self.norma}"}],
            "policyRule": concept("v3-ActCode", "OPTIN"),
            "provision": {"type": "permit"},
        }


@pytest.fixture(scope="module")
def borough(filled_sqlite, key_file, tmp_path_factory):
    folder = tmp_path_factory.mktemp("clients")
    shutil.copy(filled_sqlite, folder / "world.db")
    made = Borough(folder / "world.db", key_file, folder)
    yield made
    made.served.kill()


def test_fhirpy_reads_searches_pages_and_creates(borough):
    fhirpy = SyncFHIRClient(borough.base, authorization=borough.authorization)
    goals = fhirpy.resources("Goal").search(patient=borough.norma)
    assert goals.count() == len(borough.goals) > 1
    assert [one.id for one in goals.limit(1).fetch_all()] == borough.goals
    first = goals.first()
    assert first is not None
    assert first.id == borough.goals[0]
    read = fhirpy.reference("Goal", borough.goals[0]).to_resource()
    assert read.get_by_path(["description", "text"])
    assert read.is_valid()
    history = fhirpy.execute(f"Goal/{read.id}/_history", method="get")
    assert history["type"] == "history"
    everything = fhirpy.execute(f"Patient/{borough.norma}/$everything", method="get")
    assert everything["total"] == len(everything["entry"])
    consent = fhirpy.resource("Consent", **borough.consent())
    consent.save()
    assert consent.id
    assert fhirpy.reference("Consent", consent.id).to_resource()["status"] == "active"


def _goal(borough) -> dict:
    return {
        "lifecycleStatus": "active",
        "description": {"text": "I want to bake again."},
        "subject": {"reference": f"Patient/{borough.norma}"},
    }


def test_fhirpy_writes_changes_and_deletes(borough):
    fhirpy = SyncFHIRClient(borough.base, authorization=borough.authorization)
    made = fhirpy.resource("Goal", **_goal(borough))
    made.save()
    made["note"] = [{"text": "On Fridays."}]
    made.save()
    assert made["meta"]["versionId"] == "2"
    sent = {"resourceType": "Goal", **_goal(borough)}
    entry = {"resource": sent, "request": {"method": "POST", "url": "Goal"}}
    several = {"resourceType": "Bundle", "type": "transaction", "entry": [entry, entry]}
    answer = fhirpy.execute("", data=several)
    assert [one["response"]["status"] for one in answer["entry"]] == ["201 Created"] * 2
    for one in (made, *(entry["resource"] for entry in answer["entry"])):
        fhirpy.reference("Goal", one["id"]).delete()
    with pytest.raises(ResourceNotFound):
        fhirpy.reference("Goal", made.id).to_resource()


def test_fhirclient_writes_changes_and_deletes(borough):
    settings = {"app_id": "judge", "api_base": borough.base}
    client = smart.FHIRClient(settings=settings)
    client.server.session.headers["Authorization"] = borough.authorization
    created = goal.Goal(_goal(borough) | {"resourceType": "Goal"}).create(client.server)
    read = goal.Goal.read(created["id"], client.server)
    read.description.text = "I want to dance."
    assert read.update(client.server)["meta"]["versionId"] == "2"
    read.delete(client.server)
    with pytest.raises(HTTPError, match="410"):
        goal.Goal.read(read.id, client.server)


def test_fhirpy_takes_our_refusals_as_its_own_errors(borough):
    fhirpy = SyncFHIRClient(borough.base, authorization=borough.authorization)
    with pytest.raises(ResourceNotFound):
        fhirpy.reference("Goal", "none").to_resource()
    with pytest.raises(OperationOutcome):
        fhirpy.resources("Goal").search(nosuch="x").fetch()
    with pytest.raises(OperationOutcome):
        fhirpy.resource("Consent", status="bogus").save()
    with pytest.raises(OperationOutcome):
        fhirpy.resource("Goal", status="bogus").is_valid(raise_exception=True)


@pytest.mark.anyio
async def test_fhirpy_asks_without_waiting(borough):
    fhirpy = AsyncFHIRClient(borough.base, authorization=borough.authorization)
    goals = fhirpy.resources("Goal").search(patient=borough.norma).limit(1)
    assert [one.id async for one in goals] == borough.goals


def test_fhirclient_reads_and_searches(borough):
    settings = {"app_id": "judge", "api_base": borough.base}
    client = smart.FHIRClient(settings=settings)
    client.server.session.headers["Authorization"] = borough.authorization
    statement = capabilitystatement.CapabilityStatement.read_from("metadata", client.server)
    assert statement.fhirVersion == "4.0.1"
    assert {one.type for one in statement.rest[0].resource} >= {"Goal", "CarePlan", "Consent"}
    read = goal.Goal.read(borough.goals[0], client.server)
    assert read.id == borough.goals[0]
    found = goal.Goal.where({"patient": borough.norma, "_count": "1"})
    assert [one.id for one in found.perform_resources_iter(client.server)] == borough.goals
    with pytest.raises(FHIRNotFoundException):
        goal.Goal.read("none", client.server)


def test_fhir_kit_client_asks_for_everything(borough, tmp_path, unavailable):
    try:
        provider.install(tmp_path, HERE, ("package.json", "package-lock.json", "ask.mjs"))
    except provider.JudgeUnavailableError as reason:
        unavailable("node", str(reason))
    token = borough.authorization.removeprefix("Bearer ")
    consent = json.dumps(borough.consent())
    command = ["node", "ask.mjs", borough.base, token, borough.norma, consent]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["fhirVersion"] == "4.0.1"
    assert told["token"] == f"{borough.served.base_url}/oauth/token"
    assert told["goals"] == borough.goals
    assert told["total"] == len(borough.goals)
    assert told["read"] == borough.goals[0]
    assert (told["vread"], told["history"], told["missing"]) == ("1", 1, 404)
    assert told["validated"] == 3
    assert told["everything"] > len(borough.goals)
