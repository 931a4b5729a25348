"""Update, row by row: versions, what is named by If-Match, and what an update cannot do."""

import asyncio
from datetime import timedelta

import pytest

from mappings.core.checking.validate import validate
from tests.api.consents import against, dissent, organisation, practitioner, team
from tests.api.service import FHIR, is_outcome, resources
from tests.api.world import COUNCIL, HOSPITAL, PRACTICE
from tests.api.writing import goal, on_shelf, others, plan, put


@pytest.fixture
def norma(world):
    return world.norma


@pytest.fixture
def shared_plan(gateway, world, norma):
    """A plan of the practice that the council's workers see and may change."""
    return gateway.create(plan(norma, meta=on_shelf("support-plan")), world.gp).json()


def test_update_01_06_07_12_a_new_version_of_the_servers_own_number(gateway, world, shared_plan):
    gateway.at += timedelta(minutes=1)
    meta = shared_plan["meta"] | {"versionId": "999", "lastUpdated": "2001-01-01T00:00:00Z"}
    changed = shared_plan | {"title": "For both", "meta": meta}
    answer = put(gateway, changed, world.social_worker, 1)
    assert answer.status_code == 200
    assert answer.headers["etag"] == 'W/"2"'
    body = answer.json()
    assert (body["title"], body["meta"]["versionId"]) == ("For both", "2")
    assert body["meta"]["lastUpdated"].startswith("2026-11-21T12:01")
    assert body["meta"]["source"] == f"urn:care-gateway:team:{COUNCIL}"
    read = gateway.get(f"CarePlan/{body['id']}", world.gp)
    assert (read.json(), read.headers["last-modified"]) == (body, answer.headers["last-modified"])
    again = put(gateway, body, world.social_worker, 2)
    assert (again.status_code, again.headers["etag"]) == (200, 'W/"2"')
    history = gateway.get(f"CarePlan/{body['id']}/_history", world.gp).json()
    sources = [one["meta"]["source"].rpartition(":")[2] for one in resources(history)]
    assert sources == [COUNCIL, PRACTICE], "who wrote which version is told"


def test_update_02_03_nothing_is_made_by_an_update(gateway, world, norma):
    before = gateway.size()
    answer = put(gateway, goal(norma, id="chosen"), world.gp, 1)
    assert is_outcome(answer, 405, "not-supported")
    assert is_outcome(gateway.get("Goal/chosen", world.gp), 404)
    assert [e.outcome for e in gateway.entries(before)] == ["refused", "refused"]


@pytest.mark.parametrize("body_id", ["another", None])
def test_update_04_05_the_body_is_of_the_id_in_the_address(gateway, world, shared_plan, body_id):
    sent = {k: v for k, v in (shared_plan | {"id": body_id}).items() if v is not None}
    assert is_outcome(put(gateway, sent, world.gp, 1, id=shared_plan["id"]), 400, "invalid")


def test_update_08_a_stale_version_is_412_with_what_changed(gateway, world, shared_plan):
    put(gateway, shared_plan | {"title": "First"}, world.social_worker, 1)
    answer = put(gateway, shared_plan | {"title": "Second"}, world.gp, 1)
    assert is_outcome(answer, 412, "conflict")
    told = [e for issue in answer.json()["issue"] for e in issue.get("expression", [])]
    assert told == ["CarePlan.title"]
    said = answer.json()["issue"][1]["diagnostics"]
    assert said.endswith(f": by {COUNCIL}, 2026-11-21T12:00:00Z")
    assert gateway.get(f"CarePlan/{shared_plan['id']}", world.gp).json()["title"] == "First"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"If_Match": "not-an-etag"}, 400),
        ({"If_Match": "*"}, 400),
        ({}, 400),
        ({"If_Match": 'W/"999"'}, 412),
        ({"If_Match": 'W/"1"', "If_None_Match": "*"}, 412),
    ],
)
def test_update_09_10_a_version_must_be_named(gateway, world, shared_plan, headers, status):
    meta = {name: one for name, one in shared_plan["meta"].items() if name != "versionId"}
    answer = put(gateway, shared_plan | {"title": "x", "meta": meta}, world.gp, **headers)
    assert is_outcome(answer, status)
    assert gateway.get(f"CarePlan/{shared_plan['id']}", world.gp).json() == shared_plan


def test_update_07_08_without_a_header_a_resource_is_of_the_version_that_it_says(
    gateway, world, shared_plan
):
    """As clients send it back that know no If-Match."""
    made = put(gateway, shared_plan | {"title": "Again"}, world.gp)
    assert (made.status_code, made.headers["etag"]) == (200, 'W/"2"')
    stale = put(gateway, shared_plan | {"title": "Once more"}, world.gp)
    assert is_outcome(stale, 412, "conflict")
    for wrong in ("x", "", "1.0", "9" * 10, 2, None):
        meta = shared_plan["meta"] | {"versionId": wrong}
        refused = put(gateway, shared_plan | {"title": "x", "meta": meta}, world.gp)
        assert refused.status_code in (400, 422), wrong
    assert gateway.get(f"CarePlan/{shared_plan['id']}", world.gp).json() == made.json()


def test_update_11_what_was_deleted_can_be_written_again(gateway, world, shared_plan):
    path = f"CarePlan/{shared_plan['id']}"
    assert gateway.ask("DELETE", path, world.gp).status_code == 204
    again = put(gateway, shared_plan | {"title": "Again"}, world.gp)
    assert (again.status_code, again.headers["etag"]) == (200, 'W/"3"')
    assert gateway.get(path, world.social_worker).json()["title"] == "Again"


def test_update_13_of_two_at_once_one_is_stale(gateway, world, shared_plan):
    async def both():
        headers = {"Content-Type": FHIR, "If-Match": 'W/"1"'}
        path = f"/fhir/R4/CarePlan/{shared_plan['id']}"
        return await asyncio.gather(
            *(
                gateway._client.put(
                    path, json=shared_plan | {"title": f"By {n}"}, headers=world.gp | headers
                )
                for n in range(2)
            )
        )

    answers = gateway.run(both())
    assert sorted(one.status_code for one in answers) == [200, 412]
    assert gateway.get(f"CarePlan/{shared_plan['id']}", world.gp).headers["etag"] == 'W/"2"'


def test_update_14_the_person_is_for_ever_the_same(gateway, world, shared_plan):
    for other in (world.alice, "none"):
        sent = shared_plan | {"subject": {"reference": f"Patient/{other}"}}
        answer = put(gateway, sent, world.gp, 1)
        assert is_outcome(answer, 422, "business-rule")
        assert answer.json()["issue"][0]["expression"] == ["CarePlan.subject"]
    assert gateway.get(f"CarePlan/{shared_plan['id']}", world.gp).json() == shared_plan


def test_what_a_feed_states_is_deleted_by_nobody_else(gateway, world, norma):
    for who in (world.gp, world.social_worker):
        (first, *_) = world.of("Goal", norma, who)
        path = f"Goal/{first['id']}"
        assert is_outcome(gateway.ask("DELETE", path, who), 422, "business-rule")
        assert gateway.get(path, who).json() == first


def test_a_feeds_next_message_leaves_what_a_team_wrote(gateway, world, norma, shared_plan):
    world.revise("2026-11-20T10:00:00Z", title="Changed by the council's system")
    assert gateway.get(f"CarePlan/{shared_plan['id']}", world.gp).json() == shared_plan


@pytest.mark.parametrize("place", range(3))
def test_every_other_type_that_a_team_writes_is_changed_and_deleted(gateway, world, norma, place):
    made = gateway.create(others(norma)[place], world.gp)
    assert made.status_code == 201, made.text
    body = made.json()
    path = f"{body['resourceType']}/{body['id']}"
    status = {"Task": "accepted", "Communication": "entered-in-error"}
    changed = body | {"status": status.get(body["resourceType"], "completed")}
    assert put(gateway, changed, world.gp, 1).json()["status"] == changed["status"]
    assert gateway.ask("DELETE", path, world.gp).status_code == 204
    assert is_outcome(gateway.get(path, world.gp), 410)


def test_a_role_may_write_on_its_own_shelves_alone(gateway, world, norma):
    care_plan = gateway.create(plan(norma), world.gp).json()
    assert [c["code"] for c in care_plan["meta"]["security"]] == ["N", "care-plan"]
    seen = gateway.get(f"CarePlan/{care_plan['id']}", world.social_worker)
    assert seen.status_code == 200
    refused = put(gateway, care_plan | {"title": "x"}, world.social_worker, 1)
    assert is_outcome(refused, 403, "forbidden")
    assert is_outcome(gateway.create(goal(norma, meta=on_shelf("safety")), world.gp), 422)
    mental = goal(norma, meta=on_shelf("mental-health"))
    assert is_outcome(gateway.create(mental, world.social_worker), 403)
    by_worker = gateway.create(goal(norma), world.social_worker).json()
    assert by_worker["meta"]["security"][1]["code"] == "support-plan"


def test_labels_rise_with_an_update_and_never_fall(gateway, world, shared_plan):
    raised = shared_plan | {"meta": on_shelf("support-plan", "ETH")}
    assert is_outcome(put(gateway, raised, world.social_worker, 1), 403)
    body = put(gateway, raised, world.gp, 1).json()
    assert "ETH" in [c["code"] for c in body["meta"]["security"]]
    lowered = body | {"title": "x", "meta": on_shelf("support-plan")}
    body = put(gateway, lowered, world.gp, 2).json()
    assert "ETH" in [c["code"] for c in body["meta"]["security"]]
    assert is_outcome(gateway.get(f"CarePlan/{body['id']}", world.social_worker), 404)
    assert is_outcome(gateway.get(f"CarePlan/{body['id']}/_history/1", world.social_worker), 404)


def test_a_member_who_leaves_the_team_loses_sight_at_once_and_one_who_stays_does_not(
    gateway, world, norma
):
    other = gateway.token("community-nurse", "cn-2", "RY9")
    sent = team(norma, organisation("RY9"), practitioner("hd-1", HOSPITAL))
    made = gateway.create(sent, world.coordinator).json()
    for who in (other, world.doctor):
        assert gateway.get(f"Patient/{norma}", who).status_code == 200
    evidence = gateway.entries()[-1].evidence
    fewer = made | {"participant": made["participant"][1:]}
    assert put(gateway, fewer, world.coordinator, 1).status_code == 200
    assert is_outcome(gateway.get(f"Patient/{norma}", other), 404)
    assert gateway.get(f"Patient/{norma}", world.doctor).status_code == 200
    assert gateway.entries()[-1].evidence == evidence
    gone = gateway.ask("DELETE", f"CareTeam/{made['id']}", world.coordinator)
    assert gone.status_code == 204
    assert is_outcome(gateway.get(f"Patient/{norma}", world.doctor), 404)


def test_a_consent_is_superseded_by_its_new_version_and_never_deleted(gateway, world, norma):
    made = gateway.create(dissent(norma, **against(COUNCIL)), world.gp).json()
    assert is_outcome(gateway.get(f"Patient/{norma}", world.social_worker), 404)
    path = f"Consent/{made['id']}"
    assert is_outcome(gateway.ask("DELETE", path, world.gp), 405, "not-supported")
    assert put(gateway, made | {"status": "inactive"}, world.gp, 1).status_code == 200
    assert gateway.get(f"Patient/{norma}", world.social_worker).status_code == 200
    broken = made | {"provision": {"type": "deny", "purpose": [{"system": "x", "code": "y"}]}}
    assert is_outcome(put(gateway, broken, world.gp, 2), 422)
    events = [e.event for e in gateway.entries() if e.resources and e.resources[0][1] == made["id"]]
    assert events.count("consent-change") == 2


def test_each_element_tells_which_request_wrote_it(gateway, world, norma):
    mental = gateway.token("mental-health-nurse", "mh-1", PRACTICE)
    hidden = gateway.create(goal(norma, "Quiet.", meta=on_shelf("mental-health", "PSY")), mental)
    link = f"Goal/{hidden.json()['id']}"
    first = world.gp | {"X-Request-Id": "first-request"}
    made = gateway.create(plan(norma, link, meta=on_shelf("support-plan")), first).json()
    path = f"CarePlan/{made['id']}"
    seen = gateway.get(path, world.social_worker).json()
    second = world.social_worker | {"X-Request-Id": "second-request"}
    put(gateway, seen | {"title": "Changed"}, second, 1)
    for who, names_goal in ((world.gp, True), (world.social_worker, False)):
        told = {}
        for element in gateway.get(f"{path}/$lineage", who).json()["parameter"]:
            parts = {part["name"]: part for part in element["part"]}
            told[parts["path"]["valueString"]] = parts["delivery"]["valueString"]
            assert validate({"resourceType": "Parameters", "parameter": [element]}) == ()
        assert (told["title"], told["status"]) == ("second-request", "first-request")
        assert ("goal[0]" in told) == names_goal


def test_what_the_person_recorded_themselves_nobody_else_lifts(gateway, world, norma):
    herself = gateway.token("patient", "norma", patient=norma)
    made = gateway.create(dissent(norma, **against(COUNCIL)), herself).json()
    lifted = made | {"status": "inactive"}
    assert is_outcome(put(gateway, lifted, world.gp, 1), 403)
    assert put(gateway, lifted, herself, 1).status_code == 200
