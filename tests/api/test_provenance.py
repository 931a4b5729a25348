"""Provenance of what is stored: who sent or wrote each version, found and read as R4 has it."""

import pytest

from consent.terms import CallerKind, Present
from gateway.flows.reading.people_found import is_told_of_staff
from mappings.core.checking.validate import validate
from tests.api.consents import organisation, team
from tests.api.rows import put
from tests.api.service import is_outcome, references, resources
from tests.api.world import COUNCIL, HOSPITAL, PRACTICE, World
from tests.api.writing import goal, plan
from tests.unit.consent.world import caller

ODS = "https://fhir.nhs.uk/Id/ods-organization-code"


@pytest.fixture
def world(start):
    return World(start())


def _found(world, path, who=None) -> list[dict]:
    answer = world.service.get(path, who or world.gp)
    assert answer.status_code == 200, answer.text
    return resources(answer.json())


def _total(world, path) -> int:
    return world.service.get(path, world.gp).json()["total"]


def _goal(world) -> dict:
    return world.of("Goal", world.norma, world.gp)[0]


def test_a_version_that_was_sent_names_its_source_its_delivery_and_its_mapping(world):
    goal = _goal(world)
    (told,) = _found(world, f"Provenance?target=Goal/{goal['id']}")
    assert told["target"] == [{"reference": f"Goal/{goal['id']}/_history/1"}]
    assert told["recorded"] == goal["meta"]["lastUpdated"] == told["meta"]["lastUpdated"]
    assert told["meta"]["security"] == goal["meta"]["security"]
    author, assembler = told["agent"]
    assert author["who"]["identifier"] == {"system": ODS, "value": COUNCIL}
    lineage = world.service.get(f"Goal/{goal['id']}/$lineage", world.gp).json()["parameter"]
    parts = {one["name"]: one.get("valueString") for one in lineage[0]["part"]}
    assert told["entity"][0]["what"]["identifier"]["value"] == parts["delivery"]
    assert assembler["who"]["identifier"]["value"] == parts["mappingVersion"]
    assert told["activity"]["coding"][0]["code"] == "CREATE"


def test_it_is_r4_and_reads_as_it_is_found(world):
    several = _found(world, f"Provenance?patient={world.norma}&_count=500")
    assert len(several) > 5
    for told in several:
        assert not validate(told)
    name = several[0]["id"]
    read = world.service.get(f"Provenance/{name}", world.gp)
    assert read.json() == several[0]
    assert read.headers["etag"] == 'W/"1"'
    version = world.service.get(f"Provenance/{name}/_history/1", world.gp)
    assert version.json() == several[0]
    assert _total(world, f"Provenance?_id={name}") == 1
    assert is_outcome(world.service.get("Provenance/none.1", world.gp), 404)


def test_what_a_member_of_a_team_wrote_names_them_to_staff_alone(world):
    made = world.service.create(team(world.norma, organisation(HOSPITAL)), world.coordinator).json()
    (told,) = _found(world, f"Provenance?target=CareTeam/{made['id']}")
    assert told["agent"][0]["who"]["type"] == "Practitioner"
    user = told["agent"][0]["who"]["identifier"]["value"]
    assert told["agent"][0]["onBehalfOf"]["identifier"]["value"] == PRACTICE
    for one in _found(world, f"Provenance?target=CareTeam/{made['id']}", world.social_worker):
        assert one["agent"] == told["agent"]
    person = world.service.token("patient", patient=world.norma)
    for one in _found(world, "Provenance?_count=500", person):
        assert f"'{user}'" not in str(one), one


def test_no_lay_caller_is_told_of_staff_nor_who_looks_beside_one(world):
    site = world.service.site
    for name, role in site.policy.roles.items():
        professional = role.kind is CallerKind.STAFF and not role.lay
        assert is_told_of_staff(site, caller(name)) is professional, name
        beside = caller("gp", present=(Present(name, PRACTICE, "x"),))
        assert is_told_of_staff(site, beside) is not role.lay, name


def test_each_version_has_its_own(world):
    plan = world.of("CarePlan", world.norma, world.gp)[0]
    world.revise("2026-11-21T11:00:00Z", title="another title")
    several = _found(world, f"Provenance?target=CarePlan/{plan['id']}&_sort=_lastUpdated")
    made = [one for one in several if "." in one["id"]]
    assert [one["id"] for one in made] == [f"{plan['id']}.1", f"{plan['id']}.2"]
    assert [one["activity"]["coding"][0]["code"] for one in made] == ["CREATE", "UPDATE"]


def test_its_target_as_it_stands_finds_the_provenance_of_that_resource(world):
    told = _found(world, f"Provenance?target=Goal/{_goal(world)['id']}")
    (target,) = {one["target"][0]["reference"] for one in told}
    assert _found(world, f"Provenance?target={target}") == told
    absolute = f"{world.service.site.base_url}/fhir/R4/{target}"
    assert _found(world, f"Provenance?target={absolute}") == told


def test_it_goes_with_what_a_search_shows_and_brings_what_it_tells_of(world):
    path = f"Goal?patient={world.norma}&_revinclude=Provenance:target&_count=500"
    goals = [one for one in _found(world, path) if one["resourceType"] == "Goal"]
    told = [one for one in _found(world, path) if one["resourceType"] == "Provenance"]
    assert {one["id"] for one in told} == {
        f"{one['id']}.{one['meta']['versionId']}" for one in goals
    }
    name = told[0]["id"]
    found = world.service.get(f"Provenance?_id={name}&_include=Provenance:target", world.gp)
    assert references(found.json()) == [f"Provenance/{name}", f"Goal/{name.partition('.')[0]}"]
    path = f"Patient?_id={world.norma}&_revinclude=Provenance:target"
    targets = [one["target"][0]["reference"] for one in _found(world, path)[1:]]
    assert targets == [f"Patient/{world.norma}"] * 2


def test_it_is_found_by_who_and_when(world):
    several = _found(world, f"Provenance?patient={world.norma}&_count=500")
    sent = [one["recorded"] for one in several if "." not in one["id"]]
    whole = len(several)
    by = {
        org: _total(world, f"Provenance?patient={world.norma}&agent:identifier={ODS}|{org}")
        for org in (PRACTICE, COUNCIL, HOSPITAL)
    }
    assert min(by[PRACTICE], by[COUNCIL]) > 0
    assert by[HOSPITAL] == 0
    assert by[PRACTICE] + by[COUNCIL] == whole - len(sent)
    for query, found in (
        ("recorded=ge2026-11-21", whole - len(sent)),
        ("recorded=lt2026-11-21", len(sent)),
        ("_lastUpdated=gt2027", 0),
        ("target:missing=true", 0),
        ("recorded:missing=false", whole),
        ("when:missing=true", whole - len(sent)),
        ("target:Goal.lifecycle-status=active", len(world.of("Goal", world.norma, world.gp))),
        (f"target:Patient=Patient/{world.norma}", 2),
        ("entity=Goal/none", 0),
        ("entity:missing=false", whole - len(sent)),
    ):
        assert _total(world, f"Provenance?patient={world.norma}&{query}") == found, query
    assert _total(world, f"Provenance?agent=Organization/{COUNCIL}") == 0
    refused = world.service.get(f"Provenance?agent:Organization={COUNCIL}", world.gp)
    assert is_outcome(refused, 400, "invalid")
    asked = f"Goal?patient={world.norma}&_has:Provenance:target:agent:identifier={ODS}|"
    assert _total(world, asked + COUNCIL)
    assert not _total(world, asked + PRACTICE)
    people = "Patient?_has:Provenance:patient:recorded=ge2026-11-21"
    assert world.norma in [one["id"] for one in _found(world, people)]


@pytest.mark.parametrize("order", ["", "&_sort=-_lastUpdated", "&_sort=-_id", "&_sort=when,_id"])
def test_pages_hold_each_once_whatever_the_order(world, order):
    path = f"Provenance?patient={world.norma}{order}"
    whole = [one["id"] for one in _found(world, f"{path}&_count=500")]
    pages = world.service.walk(f"{path}&_count=3", world.gp)
    paged = [one["id"] for page in pages for one in resources(page)]
    assert paged == whole
    assert len(set(whole)) == len(whole) == _total(world, path)


def test_an_agent_of_the_record_is_found_by_reference(world):
    told = {
        "resourceType": "Provenance", "id": "p-told", "recorded": "2026-11-01T10:00:00Z",
        "target": [{"reference": f"Goal/{_goal(world)['id']}"}],
        "agent": [{"who": {"reference": f"Patient/{world.norma}"}}],
    }  # fmt: skip
    put(world.service, world.norma, told, category="provenance")
    for agent in (f"agent=Patient/{world.norma}", f"agent:Patient={world.norma}"):
        assert [one["id"] for one in _found(world, f"Provenance?{agent}")] == ["p-told"], agent
    assert not _found(world, f"Provenance?agent=Patient/{world.alice}")


def test_of_what_was_deleted_it_names_the_version_to_whoever_sees_its_history(world):
    service = world.service
    very = {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "V"}
    made = service.create(goal(world.norma, meta={"security": [very]}), world.gp).json()
    holding = service.create(plan(world.norma, f"Goal/{made['id']}"), world.gp).json()
    assert service.ask("DELETE", f"Goal/{made['id']}", world.gp).status_code == 204
    versions = service.get(f"Goal/{made['id']}/_history", world.gp).json()["total"]
    names = [f"{made['id']}.{number}" for number in range(1, versions + 1)]
    pages = service.walk(f"Provenance?patient={world.norma}&_count=12", world.gp)
    told = {one["id"]: one for page in pages for one in resources(page)}
    for name in names:
        version = name.rpartition(".")[2]
        assert told[name]["target"] == [{"reference": f"Goal/{made['id']}/_history/{version}"}]
        assert not validate(told[name])
        assert service.get(f"Provenance/{name}", world.gp).json() == told[name]
    assert "goal" not in service.get(f"CarePlan/{holding['id']}", world.gp).json()
    path = f"Provenance?patient={world.norma}&_count=500"
    assert not {one["id"] for one in _found(world, path, world.social_worker)} & set(names)
    for name in names:
        assert is_outcome(service.get(f"Provenance/{name}", world.social_worker), 404)
