"""Read, vread and history, row by row; a row's id is in the name of its test."""

from datetime import datetime
from email.utils import parsedate_to_datetime

import pytest

from gateway.api.answers.interweave import PROFILE
from tests.api.service import is_outcome
from tests.api.world import COUNCIL


@pytest.fixture
def plan(world) -> str:
    return world.of("CarePlan", world.norma, world.social_worker)[0]["id"]


def _goal(world, words: str) -> str:
    goals = world.of("Goal", world.norma, world.social_worker)
    return next(g["id"] for g in goals if words in g["description"]["text"])


def test_read_01_gives_the_resource_as_fhir_json(gateway, world, plan):
    answer = gateway.get(f"CarePlan/{plan}", world.social_worker)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/fhir+json;charset=utf-8"
    body = answer.json()
    assert (body["resourceType"], body["id"], body["status"]) == ("CarePlan", plan, "active")


@pytest.mark.changes_nothing
@pytest.mark.parametrize("kind", ["CarePlan", "Patient"])
def test_read_02_etag_and_last_modified_are_those_of_the_version(gateway, world, plan, kind):
    answer = gateway.get(f"{kind}/{plan if kind == 'CarePlan' else world.norma}", world.gp)
    meta = answer.json()["meta"]
    assert answer.headers["etag"] == f'W/"{meta["versionId"]}"'
    modified = datetime.fromisoformat(meta["lastUpdated"]).replace(microsecond=0)
    assert parsedate_to_datetime(answer.headers["last-modified"]) == modified


def test_read_03_no_such_id_is_404(gateway, world):
    assert is_outcome(gateway.get("CarePlan/no-such-id", world.gp), 404, "not-found")


def test_read_04_a_withdrawn_resource_is_410(gateway, world):
    goal = _goal(world, "breakfast")
    world.revise("2026-11-20T10:00:00Z", without="G2")
    assert is_outcome(gateway.get(f"Goal/{goal}", world.gp), 410, "deleted")
    assert is_outcome(gateway.get(f"CarePlan/{goal}", world.gp), 404)


@pytest.mark.changes_nothing
@pytest.mark.parametrize("path", ["NoSuchType/1", "Goal/not_a_valid_id", "Goal/%00", "Goal/%ff"])
def test_read_05_read_07_no_such_type_or_id_is_never_a_failure(gateway, world, path):
    assert is_outcome(gateway.get(path, world.gp), 404, "not-found")


def test_read_06_types_are_case_sensitive(gateway, world, plan):
    assert is_outcome(gateway.get(f"careplan/{plan}", world.social_worker), 404)


@pytest.mark.parametrize(
    ("held", "status"),
    [('W/"1"', 304), ('"1"', 304), ('W/"7", W/"1"', 304), ("*", 304), ('W/"7"', 200), ("1", 200)],
)
def test_read_08_read_09_held_versions(gateway, world, plan, held, status):
    assert gateway.get(f"CarePlan/{plan}", world.social_worker).status_code == 200
    who = world.social_worker | {"If-None-Match": held}
    answer = gateway.get(f"CarePlan/{plan}", who)
    assert answer.status_code == status
    assert bool(answer.content) == (status == 200)
    assert answer.headers["etag"] == 'W/"1"'


@pytest.mark.parametrize(
    ("first", "status"),
    [
        ("?_format=json", 304),
        ("?_format=application/fhir%2Bxml&_pretty=true", 304),
        ("?_elements=title", 200),
        ("?_summary=true", 200),
        (f"?_format=json;profile={PROFILE}", 200),
    ],
)
def test_read_08_who_was_given_all_of_it_in_any_format_holds_it(
    gateway, world, plan, first, status
):
    path = f"CarePlan/{plan}"
    assert gateway.get(f"{path}{first}", world.social_worker).status_code == 200
    held = world.social_worker | {"If-None-Match": '"1"'}
    assert gateway.get(f"{path}?_format=json", held).status_code == status


def test_who_asked_for_a_profile_in_whatever_letters_does_not_hold_the_plan(gateway, world, plan):
    asked = world.social_worker | {"Accept": f'application/fhir+json; PROFILE="{PROFILE}"'}
    assert "profile" in gateway.get(f"CarePlan/{plan}", asked).json()["meta"]
    held = world.social_worker | {"If-None-Match": '"1"'}
    assert gateway.get(f"CarePlan/{plan}", held).status_code == 200


@pytest.mark.parametrize("query", ["bogus=1", "status=active"])
def test_a_read_narrows_by_nothing(gateway, world, plan, query):
    answer = gateway.get(f"CarePlan/{plan}?{query}", world.gp)
    assert is_outcome(answer, 400, "invalid")
    assert answer.json()["issue"][0]["expression"] == [query.partition("=")[0]]


@pytest.mark.changes_nothing
@pytest.mark.parametrize("path", ["CarePlan/{}", "CarePlan/{}/_history", "CarePlan/{}/$lineage"])
def test_read_13_head_is_get_without_the_body(gateway, world, plan, path):
    got = gateway.get(path.format(plan), world.gp)
    headed = gateway.ask("HEAD", path.format(plan), world.gp)
    own = ("x-request-id", "traceparent")
    assert headed.status_code == got.status_code == 200
    assert headed.content == b""
    assert {k: v for k, v in headed.headers.items() if k not in own} == {
        k: v for k, v in got.headers.items() if k not in own
    }


def test_vread_01_vread_02_each_version_as_it_was(gateway, world, plan):
    world.revise("2026-11-20T10:00:00Z", title="Nearly there")
    first = gateway.get(f"CarePlan/{plan}/_history/1", world.gp)
    second = gateway.get(f"CarePlan/{plan}/_history/2", world.gp)
    assert [a.headers["etag"] for a in (first, second)] == ['W/"1"', 'W/"2"']
    assert [a.json()["meta"]["versionId"] for a in (first, second)] == ["1", "2"]
    assert [a.json()["title"] for a in (first, second)] == [
        "Getting back on my feet",
        "Nearly there",
    ]
    for version in ("9999", "0", "one", "1e3", "99999999999999999999"):
        assert is_outcome(gateway.get(f"CarePlan/{plan}/_history/{version}", world.gp), 404)


def test_vread_03_a_version_that_is_a_withdrawal_is_410(gateway, world):
    goal = _goal(world, "breakfast")
    world.revise("2026-11-20T10:00:00Z", without="G2")
    assert is_outcome(gateway.get(f"Goal/{goal}/_history/2", world.gp), 410, "deleted")
    assert gateway.get(f"Goal/{goal}/_history/1", world.gp).status_code == 200


def test_vread_04_history_05_no_such_id(gateway, world):
    assert is_outcome(gateway.get("CarePlan/no-such-id/_history/1", world.gp), 404)
    assert is_outcome(gateway.get("CarePlan/no-such-id/_history", world.gp), 404)


def test_history_01_newest_first_with_how_each_came_about(gateway, world, plan):
    world.revise("2026-11-20T10:00:00Z", title="Nearly there")
    world.revise("2026-11-21T10:00:00Z", title="There")
    bundle = gateway.get(f"CarePlan/{plan}/_history", world.gp).json()
    assert (bundle["type"], bundle["total"]) == ("history", 3)
    entries = bundle["entry"]
    assert [e["resource"]["meta"]["versionId"] for e in entries] == ["3", "2", "1"]
    assert [e["request"] for e in entries] == [
        {"method": "PUT", "url": f"CarePlan/{plan}"},
        {"method": "PUT", "url": f"CarePlan/{plan}"},
        {"method": "POST", "url": "CarePlan"},
    ]
    assert [e["response"]["status"] for e in entries] == ["200", "200", "201"]
    for e in entries:
        assert e["fullUrl"] == f"{gateway.settings.base_url}/fhir/R4/CarePlan/{plan}"
        assert e["response"]["etag"] == f'W/"{e["resource"]["meta"]["versionId"]}"'
        assert e["response"]["lastModified"] == e["resource"]["meta"]["lastUpdated"]


def test_history_02_pages_lose_and_repeat_nothing(gateway, world, plan):
    for day in (18, 19, 20, 21):
        world.revise(f"2026-11-{day}T10:00:00Z", title=f"Day {day}")
    pages = gateway.walk(f"CarePlan/{plan}/_history?_count=2", world.gp)
    assert [page["total"] for page in pages] == [5, 5, 5]
    versions = [e["resource"]["meta"]["versionId"] for p in pages for e in p["entry"]]
    assert versions == ["5", "4", "3", "2", "1"]


def test_history_03_history_04_since(gateway, world, plan):
    world.revise("2026-11-20T10:00:00Z", title="Nearly there")
    since = gateway.get(f"CarePlan/{plan}", world.gp).json()["meta"]["lastUpdated"]
    for moment in (since, since.replace("Z", "+00:00"), since.replace("Z", "%2B00:00")):
        bundle = gateway.get(f"CarePlan/{plan}/_history?_since={moment}", world.gp).json()
        assert [e["resource"]["meta"]["versionId"] for e in bundle["entry"]] == ["2"]
    for wrong in ("notadate", "", "0001-01-01T00:00:00%2B14:00"):
        path = f"CarePlan/{plan}/_history?_since={wrong}"
        assert is_outcome(gateway.get(path, world.gp), 400, "invalid")


def test_delete_05_the_newest_entry_of_a_withdrawn_resource_has_no_content(gateway, world):
    goal = _goal(world, "breakfast")
    world.revise("2026-11-20T10:00:00Z", without="G2")
    newest, first = gateway.get(f"Goal/{goal}/_history", world.gp).json()["entry"]
    assert newest["request"]["method"] == "DELETE"
    assert newest["response"]["status"] == "204"
    assert "resource" not in newest
    assert first["resource"]["id"] == goal


def test_delete_04_a_withdrawn_resource_is_not_found_by_search(gateway, world):
    goal = _goal(world, "breakfast")
    world.revise("2026-11-20T10:00:00Z", without="G2")
    answer = gateway.get(f"Goal?_id={goal}", world.gp).json()
    assert answer["total"] == 0
    assert "entry" not in answer


def test_a_resource_that_comes_back_is_readable_again(gateway, world):
    goal = _goal(world, "breakfast")
    world.revise("2026-11-20T10:00:00Z", without="G2")
    world.revise("2026-11-21T10:00:00Z")
    answer = gateway.get(f"Goal/{goal}", world.gp)
    assert answer.status_code == 200
    assert answer.headers["etag"] == 'W/"3"'
    methods = [
        e["request"]["method"]
        for e in gateway.get(f"Goal/{goal}/_history", world.gp).json()["entry"]
    ]
    assert methods == ["PUT", "DELETE", "POST"]


def test_a45_every_answer_carries_ids_and_the_constant_notice(gateway, world, plan):
    """Row leak-07 among them."""
    given = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    for path in (f"CarePlan/{plan}", "CarePlan/none", "Goal?bogus=1", "metadata"):
        who = world.gp | {"X-Request-Id": "abc-1", "traceparent": given}
        headers = gateway.get(path, who).headers
        assert headers["x-request-id"] == "abc-1"
        assert headers["traceparent"] == given
        assert headers["care-record-notice"].startswith("This view may not show everything")
        assert headers["cache-control"] == "private, no-store"
        assert headers["vary"] == "Accept"


def test_a_provider_system_reads_back_what_its_organisation_sent(gateway, world, plan):
    own = gateway.token("provider", "system", COUNCIL, feeds=["social-care"])
    other = gateway.token("provider", "system", "RY9", feeds=["community"])
    assert gateway.get(f"CarePlan/{plan}", own).status_code == 200
    assert is_outcome(gateway.get(f"CarePlan/{plan}", other), 404)
