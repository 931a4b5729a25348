"""A record names staff by number; whoever may look them up asks and writes by their id as well."""

from typing import Any

import pytest

from tests.api.rows import mark, put
from tests.api.service import is_outcome, references
from tests.api.test_site import load
from tests.api.test_staff import GMC, SDS, doctor
from tests.api.world import World
from tests.api.writing import binary, bundle, entry, patch, send
from tests.api.writing import put as put_back

OKAFOR = {"system": SDS, "value": "555000000102"}
NAIR = {"system": GMC, "value": "9990101"}


@pytest.fixture
def known(start):
    """People with records, and the site's staff."""
    gateway = start()
    load(gateway)
    return gateway, World(gateway)


def team(person_id, *members, **more):
    return {"resourceType": "CareTeam", "status": "active",
            "subject": {"reference": f"Patient/{person_id}"},
            "participant": [{"member": one} for one in members], **more}  # fmt: skip


def named(number):
    return {"type": "Practitioner", "identifier": number, "display": "A name"}


def total(gateway, who, query):
    answer = gateway.get(query, who)
    assert answer.status_code == 200, answer.text
    assert answer.json()["total"] == len(answer.json().get("entry", ()))
    return answer.json()["total"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("CareTeam?participant=Practitioner/okafor", 1),
        ("CareTeam?participant={base}/Practitioner/okafor", 1),
        ("CareTeam?participant:Practitioner=okafor", 1),
        ("CareTeam?participant=okafor", 1),
        ("CareTeam?participant=Practitioner/nair", 1),
        ("CareTeam?participant=Practitioner/lindqvist,Practitioner/nair", 1),
        ("CareTeam?participant=Practitioner/lindqvist", 0),
        ("CareTeam?participant=Practitioner/no-such", 0),
        ("CareTeam?participant:RelatedPerson=okafor", 0),
        ("CareTeam?participant=PractitionerRole/okafor", 0),
        ("CarePlan?care-team.participant=Practitioner/okafor", 1),
        ("CarePlan?care-team.participant=Practitioner/lindqvist", 0),
        ("Patient?_has:CareTeam:patient:participant=Practitioner/okafor", 1),
        ("Patient?_has:CareTeam:patient:participant=Practitioner/lindqvist", 0),
        ("Patient/{norma}/CareTeam?participant=Practitioner/okafor", 1),
    ],
)
def test_a_record_is_searched_by_the_staff_it_names(known, query, found):
    gateway, world = known
    put(gateway, world.norma, {"id": "t-1", **team(world.norma, named(OKAFOR), named(NAIR))},
        category="team")  # fmt: skip
    plan = {"resourceType": "CarePlan", "id": "p-1", "status": "active", "intent": "plan",
            "subject": {"reference": f"Patient/{world.norma}"},
            "careTeam": [{"reference": "CareTeam/t-1"}]}  # fmt: skip
    put(gateway, world.norma, plan)
    base = f"{gateway.settings.base_url}/fhir/R4"
    assert total(gateway, world.gp, query.format(base=base, norma=world.norma)) == found


def test_what_is_written_of_staff_by_id_is_kept_and_found_by_their_number(known):
    gateway, world = known
    base = f"{gateway.settings.base_url}/fhir/R4/"
    by_id = {"reference": "Practitioner/okafor", "display": "Grace Okafor"}
    by_address = {"reference": f"{base}Practitioner/nair"}
    made = gateway.create(team(world.norma, by_id, by_address), world.gp)
    assert made.status_code == 201, made.text
    first, second = (one["member"] for one in made.json()["participant"])
    assert first == {"type": "Practitioner", "identifier": OKAFOR, "display": "Grace Okafor"}
    assert second["identifier"] == {"system": SDS, "value": "555000000101"}
    found = gateway.get(
        "CareTeam?participant=Practitioner/okafor&_include=CareTeam:participant", world.gp
    ).json()
    path = f"CareTeam/{made.json()['id']}"
    assert references(found) == [path, "Practitioner/nair", "Practitioner/okafor"]
    fewer = made.json() | {"participant": [{"member": by_id}]}
    changed = put_back(gateway, fewer, world.gp, 1)
    assert [one["member"] for one in changed.json()["participant"]] == [first]
    added = {"op": "add", "path": "/participant/-", "value": {"member": by_address}}
    patched = patch(gateway, path, world.gp, added, version=2)
    assert [one["member"] for one in patched.json()["participant"]] == [first, second]
    assert total(gateway, world.gp, "CareTeam?participant=Practitioner/nair") == 1


@pytest.mark.parametrize(
    ("agent", "found"),
    [
        ("Practitioner/nair", True),
        ("{base}/Practitioner/nair", True),
        ("Practitioner/lindqvist,Practitioner/nair", True),
        ("555000000101", True),
        ("Practitioner/okafor", False),
        ("Practitioner/no-such", False),
        ("PractitionerRole/nair", False),
    ],
)
def test_reference_09_a_lead_asks_the_log_of_staff_who_are_shown(known, agent, found):
    gateway, world = known
    gateway.get(f"Patient/{world.norma}", gateway.token("gp", "555000000101", "H85901"))
    gateway.get(f"Patient/{world.norma}", gateway.token("gp", "555000000102", "H85901"))
    lead = gateway.token("governance-lead", "ig-1", "H85901")
    asked = agent.format(base=f"{gateway.settings.base_url}/fhir/R4")
    events = gateway.get("AuditEvent", lead, params={"agent": asked, "action": "R"}).json()
    assert events["total"] == found
    whole = {"subtype": "read", "agent": asked}
    lines = gateway.get("/ig/log/csv", lead, params=whole).text
    assert ("555000000101" in lines) == found
    assert "555000000102" not in lines


def test_a_transaction_names_staff_by_id_too(known):
    gateway, world = known
    full = "urn:uuid:6f1c7a10-0000-4000-8000-00000000aa02"
    member = {"reference": "Practitioner/okafor"}
    sent = bundle("transaction", entry("POST", "CareTeam", team(world.norma, member), full))
    answer = send(gateway, sent, world.gp)
    assert answer.status_code == 200, answer.text
    assert total(gateway, world.gp, "CareTeam?participant=Practitioner/okafor") == 1
    path = answer.json()["entry"][0]["response"]["location"].partition("/fhir/R4/")[2]
    path = path.partition("/_history")[0]
    more = {"op": "add", "path": "/participant/-",
            "value": {"member": {"reference": "Practitioner/nair"}}}  # fmt: skip
    sent = bundle("transaction", entry("PATCH", path, binary(more), ifMatch='W/"1"'))
    assert send(gateway, sent, world.gp).status_code == 200
    assert total(gateway, world.gp, "CareTeam?participant=Practitioner/nair") == 1


def test_a_person_joined_to_a_team_by_id_is_joined_as_by_number(known):
    gateway, world = known
    member = {"member": {"reference": "Practitioner/okafor"},
              "onBehalfOf": {"identifier": {"system": "https://fhir.nhs.uk/Id/ods-organization-code",
                                            "value": "RY9"}}}  # fmt: skip
    nurse = gateway.token("community-nurse", "555000000102", "RY9")
    assert gateway.get(f"Patient/{world.norma}", nurse).status_code == 404
    made = gateway.create(team(world.norma) | {"participant": [member]}, world.gp)
    assert made.status_code == 201, made.text
    assert gateway.get(f"Patient/{world.norma}", nurse).status_code == 200


@pytest.mark.parametrize(
    "literal", ["Practitioner/no-such", "Practitioner/nair", "PractitionerRole/okafor-district"]
)
def test_a13_a15_staff_who_are_not_shown_are_nobody_to_who_writes(known, literal):
    gateway, world = known
    who = gateway.token("gp", "gp-1", "H85001", scope="user/CareTeam.crus user/Patient.rs")
    answer = gateway.create(team(world.norma, {"reference": literal}), who)
    assert is_outcome(answer, 422, "not-found")
    (issue,) = answer.json()["issue"]
    assert issue["expression"] == ["CareTeam.participant[0].member"]
    assert literal not in answer.text
    path = "CareTeam?participant=Practitioner/okafor"
    assert gateway.create(team(world.norma, named(OKAFOR)), who).status_code == 201
    assert (total(gateway, who, path), total(gateway, doctor(gateway), path)) == (0, 1)
    together = doctor(gateway) | {"X-Present": "circle-member;XV1;c"}
    assert gateway.get(path, together).json()["total"] == 0


def test_a5_a9_no_search_by_staff_finds_who_is_restricted(known):
    gateway, world = known
    put(gateway, world.norma, {"id": "t-1", **team(world.norma, named(OKAFOR))}, category="team")
    ways = ("CareTeam?participant=Practitioner/okafor", "CareTeam?participant=okafor",
            "Patient?_has:CareTeam:patient:participant=Practitioner/okafor")  # fmt: skip
    assert [total(gateway, world.gp, way) for way in ways] == [1, 1, 1]
    mark(gateway, world.norma, pds="R")
    assert [total(gateway, world.gp, way) for way in ways] == [0, 0, 0]
    assert total(gateway, world.gp, f"CareTeam?patient={world.norma}&_id=t-1") == 1
    assert total(gateway, world.gp, f"CareTeam?participant=Patient/{world.norma}") == 0


def test_a_search_by_staff_counts_hidden_rows_for_nobody(known):
    gateway, world = known
    hidden = {"id": "t-psy", **team(world.norma, named(OKAFOR))}
    put(gateway, world.norma, hidden, category="mental-health", sens="PSY")
    path = "CareTeam?participant=Practitioner/okafor"
    assert total(gateway, world.social_worker, path) == 0
    assert gateway.get(f"{path}&_summary=count", world.social_worker).json()["total"] == 0


@pytest.mark.parametrize(
    ("letters", "read", "found"), [("r", 200, 0), ("s", 404, 1), ("rs", 200, 1)]
)
def test_a_scope_to_read_is_none_to_search(known, letters, read, found):
    gateway, world = known
    put(gateway, world.norma, {"id": "t-1", **team(world.norma, named(OKAFOR))}, category="team")
    scope = f"user/CareTeam.rs user/Practitioner.{letters}"
    who = gateway.token("gp", "gp-1", "H85001", scope=scope)
    assert gateway.get("Practitioner/okafor", who).status_code == read
    assert total(gateway, who, "Practitioner?family=okafor") == found
    assert total(gateway, who, "CareTeam?participant=Practitioner/okafor") == found
    answer = gateway.get("CareTeam?_id=t-1&_include=CareTeam:participant", who).json()
    assert references(answer)[1:] == ["Practitioner/okafor"] * found


def test_a_doctor_is_known_by_the_code_of_a_consultant_too(known):
    gateway, world = known
    consultant = {"system": GMC, "value": "C9990101"}
    put(gateway, world.norma, {"id": "t-1", **team(world.norma, named(consultant))},
        category="team")  # fmt: skip
    path = "CareTeam?participant=Practitioner/nair&_include=CareTeam:participant"
    found = gateway.get(path, world.gp).json()
    assert references(found) == ["CareTeam/t-1", "Practitioner/nair"]


@pytest.mark.parametrize("depth", [100, 240, 450])
def test_a42_what_is_nested_too_deep_is_refused_though_it_names_staff(known, depth):
    gateway, world = known
    made = gateway.create(team(world.norma, named(OKAFOR)), world.gp).json()
    value: dict[str, Any] = {"url": "urn:x", "valueReference": {"reference": "Practitioner/okafor"}}
    for _ in range(depth):
        value = {"url": "urn:x", "extension": [value]}
    add = {"op": "add", "path": "/extension", "value": [value]}
    assert is_outcome(patch(gateway, f"CareTeam/{made['id']}", world.gp, add), 422)
    sent = team(world.norma, {"reference": "urn:uuid:none"}, extension=[value])
    answer = send(gateway, bundle("transaction", entry("POST", "CareTeam", sent)), world.gp)
    assert is_outcome(answer, 422 if depth == 100 else 400)
