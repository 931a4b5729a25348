"""Attacks by edits of what feeds state: an edit shows nobody more, and hides nothing from anybody.

Norma's goal is the council's; the practice edits it. Its edit is the practice's data.
"""

import json
from datetime import timedelta

import pytest

from gateway.flows.writing import write_beside
from gateway.flows.writing.change_notices import tell_changes
from tests.api.consents import ODS, dissent
from tests.api.rows import mark
from tests.api.service import is_outcome, resources
from tests.api.subscribing import look, pulled, subscribed
from tests.api.world import COUNCIL, EXAMPLE, NHS, PRACTICE
from tests.api.writing import patch, put
from tests.unit.consent.fhir_consents import actor

CANARY = "kanarienvogel"
HERS = {"text": CANARY}


@pytest.fixture
def shop(world):
    found = world.of("Goal", world.norma, world.gp)
    return next(one for one in found if "corner shop" in one["description"]["text"])


def _path(resource):
    return f"{resource['resourceType']}/{resource['id']}"


def _edit(gateway, resource, who, **more):
    gateway.at += timedelta(minutes=1)
    seen = gateway.get(_path(resource), who).json()
    answer = put(gateway, seen | more, who, int(seen["meta"]["versionId"]))
    assert answer.status_code == 200, answer.text
    return answer.json()


def _resend(gateway, at, **goal):
    document = json.loads(EXAMPLE.read_bytes()) | {"written_at": at}
    document["goals"][0] |= goal
    gateway.at += timedelta(minutes=5)
    gateway.push("social-care", COUNCIL, json.dumps(document).encode())


def _deny_the_practices_data_to_the_council(gateway, world, role="CST"):
    said = dissent(world.norma, actor=[actor("IRCP", COUNCIL), actor(role, PRACTICE)])
    assert gateway.create(said, world.gp).status_code == 201


def _told(gateway, world, shop, who):
    """Everything that somebody is told of the goal, in every way."""
    path = _path(shop)
    answers = [gateway.get(path + rest, who) for rest in ("", "/_history", "/$lineage")]
    answers += [gateway.get(f"{path}/_history/{n}", who) for n in range(1, 5)]
    answers += [
        gateway.get(f"Goal?patient={world.norma}", who),
        gateway.get(f"Patient/{world.norma}/$everything", who),
        gateway.get(f"CarePlan?patient={world.norma}&_include=CarePlan:goal", who),
        gateway.get(f"Provenance?target={path}", who),
        gateway.get(f"Goal?patient={world.norma}&_revinclude=Provenance:target", who),
    ]
    return "\n".join(one.text for one in answers)


@pytest.mark.parametrize(("resent", "role"), [(False, "CST"), (True, "CST"), (True, "AUT")])
def test_of_whom_the_data_is_kept_their_edit_is_kept(gateway, world, shop, resent, role):
    """Not in what is shown, nor where it differs from the source, nor in what was before."""
    _edit(gateway, shop, world.gp, description=HERS, priority=HERS)
    if resent:
        _resend(gateway, "2026-11-20T10:00:00Z", words="I want to take the bus.")
    assert CANARY in _told(gateway, world, shop, world.social_worker)
    _deny_the_practices_data_to_the_council(gateway, world, role)
    told = _told(gateway, world, shop, world.social_worker)
    assert CANARY not in told
    assert f"team:{PRACTICE}" not in told
    of_goal = gateway.get(f"Provenance?target={_path(shop)}", world.social_worker).json()
    assert len(resources(of_goal)) == 3 if resent else 2
    assert PRACTICE not in json.dumps(of_goal)
    named = f"Provenance?target={_path(shop)}&agent:identifier={ODS}|{PRACTICE}"
    found = gateway.get(named, world.social_worker)
    assert found.status_code == 400 or resources(found.json()) == []
    seen = gateway.get(_path(shop), world.social_worker).json()
    wanted = {"text": "I want to take the bus."} if resent else shop["description"]
    assert seen["description"] == wanted, "the source's own words are shown"
    assert CANARY in _told(gateway, world, shop, world.gp)


def test_s32_a_note_on_what_differs_tells_no_whereabouts_that_are_masked(gateway, world):
    """The practice names a surgery as who leads; the council names somebody else since."""
    (plan,) = world.of("CarePlan", world.norma, world.gp)
    surgery = {"type": "Organization", "display": f"{CANARY} surgery"}
    _edit(gateway, plan, world.gp, author=surgery)
    world.revise("2026-11-20T10:00:00Z", lead="Ann Lee, social worker")

    def told():
        ways = ("", "/_history", "/$lineage", f"?_id={plan['id']}")
        paths = [_path(plan) + way if way[:1] != "?" else f"CarePlan{way}" for way in ways]
        return "\n".join(gateway.get(path, world.social_worker).text for path in paths)

    assert f"{CANARY} surgery" in told(), "in the words of a note"
    mark(gateway, world.norma, pds="R")
    assert CANARY not in told()
    assert "Getting back on my feet" in told()


def test_what_was_taken_back_is_not_told_either(gateway, world, shop):
    _edit(gateway, shop, world.gp, priority=HERS)
    seen = gateway.get(_path(shop), world.gp).json()
    back = {name: value for name, value in seen.items() if name != "priority"}
    if "priority" in shop:
        back["priority"] = shop["priority"]
    answer = put(gateway, back, world.gp, int(seen["meta"]["versionId"]))
    assert answer.json()["meta"]["source"] == f"urn:care-gateway:team:{PRACTICE}"
    _deny_the_practices_data_to_the_council(gateway, world)
    told = _told(gateway, world, shop, world.social_worker)
    assert CANARY not in told
    assert f"team:{PRACTICE}" not in told


def test_a_hidden_edit_is_found_by_no_value(gateway, world, shop):
    _edit(gateway, shop, world.gp, lifecycleStatus="on-hold")
    _deny_the_practices_data_to_the_council(gateway, world)
    for status in ("on-hold", "active"):
        query = f"Goal?patient={world.norma}&lifecycle-status={status}"
        found = [one["id"] for one in resources(gateway.get(query, world.social_worker).json())]
        assert shop["id"] not in found
    plain = gateway.get(f"Goal?patient={world.norma}", world.social_worker).json()
    (seen,) = [one for one in resources(plain) if one["id"] == shop["id"]]
    assert seen["lifecycleStatus"] == shop["lifecycleStatus"]


def test_a9_a14_a_hidden_edit_of_a_date_moves_nothing_to_another_day(gateway, world, shop):
    """`$everything` of some days asks of a date that the caller is not shown."""
    _edit(gateway, shop, world.gp, startDate="2031-05-05")
    _deny_the_practices_data_to_the_council(gateway, world)
    of_days = f"Patient/{world.norma}/$everything?_type=Goal&start=2026&end=2026"
    for path in (of_days, f"{of_days}&_count=1"):
        pages = gateway.walk(path, world.social_worker)
        assert shop["id"] in [one["id"] for page in pages for one in resources(page)]
        hers = gateway.walk(path, world.gp)
        assert shop["id"] not in [one["id"] for page in hers for one in resources(page)]


def test_a_412_tells_nothing_of_a_hidden_edit(gateway, world, shop):
    _deny_the_practices_data_to_the_council(gateway, world)
    _edit(gateway, shop, world.gp, description=HERS)
    _resend(gateway, "2026-11-20T10:00:00Z", success_looks_like="Bread.")
    seen = gateway.get(_path(shop), world.social_worker).json()
    stale = put(gateway, seen | {"priority": HERS}, world.social_worker, 1)
    assert is_outcome(stale, 412, "conflict")
    told = [e for issue in stale.json()["issue"] for e in issue.get("expression", [])]
    assert all("description" not in path for path in told)
    assert PRACTICE not in stale.text


def test_who_does_not_see_an_edit_leaves_it(gateway, world, shop):
    _edit(gateway, shop, world.gp, priority=HERS, note=[{"text": CANARY}])
    _deny_the_practices_data_to_the_council(gateway, world)
    made = _edit(gateway, shop, world.social_worker, note=[{"text": "Mine."}])
    assert CANARY not in json.dumps(made)
    for_practice = gateway.get(_path(shop), world.gp).json()
    assert for_practice["priority"] == HERS
    assert {one["text"] for one in for_practice["note"]} >= {CANARY, "Mine."}


def test_who_sees_their_own_alone_sees_no_edit(gateway, world, shop):
    system = gateway.token("provider", "s", COUNCIL, feeds=["social-care"])
    mine = gateway.search("Patient", system, identifier=f"{NHS}|9990000077")
    (known,) = [one["id"] for one in resources(mine.json())]
    _edit(gateway, shop, world.gp, description=HERS, lifecycleStatus="on-hold")
    assert CANARY not in gateway.get(_path(shop), system).text
    found = gateway.get(f"Goal?patient={known}&lifecycle-status=on-hold", system)
    assert resources(found.json()) == []


def test_an_edit_moves_no_label_and_reaches_nobody_else(gateway, world, shop):
    before = {who: gateway.get(_path(shop), getattr(world, who)).status_code
              for who in ("gp", "social_worker", "doctor", "other_gp")}  # fmt: skip
    lowered = {"security": [one | {"code": "U"} if one["code"] == "N" else one
                            for one in shop["meta"]["security"]]}  # fmt: skip
    made = _edit(gateway, shop, world.gp, meta=shop["meta"] | lowered, priority=HERS)
    assert made["meta"]["security"] == shop["meta"]["security"]
    after = {who: gateway.get(_path(shop), getattr(world, who)).status_code for who in before}
    assert after == before


def test_nobody_edits_without_the_right_to_write(gateway, world, shop):
    body = {"patient": world.norma, "reason": "emergency", "text": "found unconscious at home"}
    doctor = world.doctor
    assert gateway.ask("POST", "/access/break-glass", doctor, json=body).status_code == 201
    operation = {"op": "add", "path": "/priority", "value": HERS}
    version = int(shop["meta"]["versionId"])
    assert is_outcome(patch(gateway, _path(shop), doctor, operation, version=version), 403)
    stranger = gateway.token("gp", "gp-9", "H85009")
    missing = patch(gateway, "Goal/none", stranger, operation, version=version)
    hidden = patch(gateway, _path(shop), stranger, operation, version=version)
    assert (hidden.status_code, hidden.content) == (missing.status_code, missing.content)
    assert gateway.get(_path(shop), world.gp).json() == shop


def test_what_the_writer_cannot_see_of_the_source_survives_the_edit(gateway, world):
    """A plan of six goals, of which the council's workers see some."""
    worker = world.social_worker
    (seen,) = [one for one in world.of("CarePlan", world.alice, worker) if one.get("goal")]
    before = gateway.get(_path(seen), world.gp).json()
    nurse = gateway.token("mental-health-nurse", "mh-1", PRACTICE)
    more = gateway.get(_path(seen), nurse).json()
    assert len(more["goal"]) > len(seen["goal"]), "something is hidden"
    made = _edit(gateway, seen, worker, title="Shared", goal=seen["goal"][1:])
    assert len(made["goal"]) == len(seen["goal"]) - 1
    gone = seen["goal"][0]
    for who, then in ((world.gp, before), (nurse, more)):
        now = gateway.get(_path(seen), who).json()
        assert now["title"] == "Shared"
        assert now["goal"] == [one for one in then["goal"] if one != gone]


def test_a_note_of_that_kind_cannot_be_forged(gateway, world, shop):
    mark = "https://care-gateway.example/fhir/StructureDefinition/differs-from-source"
    forged = {
        "extension": [{"url": mark, "valueString": "Goal.description"}],
        "authorString": COUNCIL, "time": "2026-11-20T10:00:00Z", "text": "Agreed by all.",
    }  # fmt: skip
    made = _edit(gateway, shop, world.gp, note=[forged], priority=HERS)
    assert "note" not in made or forged not in made["note"]


@pytest.mark.parametrize("is_kept", [True, False])
def test_a_subscriber_is_told_of_no_edit_that_is_kept_from_them(gateway, world, shop, is_kept):
    """Of what the source sends meanwhile they are."""
    if is_kept:
        _deny_the_practices_data_to_the_council(gateway, world)
    pulls = subscribed(gateway, world.social_worker, "goal-changed")
    look(gateway)
    _edit(gateway, shop, world.gp, priority=HERS)
    look(gateway)
    wanted = [] if is_kept else [(1, _path(shop))]
    assert pulled(gateway, world.social_worker, pulls)["events"] == wanted
    _resend(gateway, "2026-11-20T10:00:00Z", words="I want to take the bus.")
    _edit(gateway, shop, world.gp, priority={"text": "other"})
    look(gateway)
    now = pulled(gateway, world.social_worker, pulls)["events"]
    assert now == [*wanted, (len(wanted) + 1, _path(shop))]


def _tell(gateway):
    gateway.at += timedelta(minutes=1)
    return gateway.run(tell_changes(gateway.site, gateway.at))


def test_a_notice_of_an_edit_does_not_say_whose(gateway, world, shop):
    """The person may keep that organisation's data from its reader later."""
    assert _tell(gateway) == 0
    _edit(gateway, shop, world.gp, priority=HERS)
    assert _tell(gateway) >= 1
    _deny_the_practices_data_to_the_council(gateway, world)
    worker = world.social_worker
    tasks, news = (world.of(one, world.norma, worker) for one in ("Task", "Communication"))
    assert [one for one in tasks if one["code"]["text"].startswith("Something has changed")]
    assert PRACTICE not in json.dumps([tasks, news])


def test_an_edit_of_a_time_that_is_kept_is_told_by_no_notice(gateway, world):
    """The plan is of another time, and is seen."""
    worker = world.social_worker
    (plan,) = [one for one in world.of("CarePlan", world.norma, world.gp) if one.get("goal")]
    kept = {"start": "2026-10-01", "end": "2027-01-01"}
    said = dissent(
        world.norma, actor=[actor("IRCP", COUNCIL), actor("CST", PRACTICE)], dataPeriod=kept
    )
    assert gateway.create(said, world.gp).status_code == 201
    assert _tell(gateway) == 0
    period = {"start": "2026-01-05", "end": "2026-02-01"}
    _edit(gateway, plan, world.gp, title=CANARY, period=period)
    seen = gateway.get(_path(plan), worker)
    assert (seen.status_code, CANARY in seen.text) == (200, False)
    _tell(gateway)
    words = [one["code"]["text"] for one in world.of("Task", world.norma, worker)]
    assert not [one for one in words if one.startswith("Something has changed")]


@pytest.mark.parametrize(("bound", "most"), [("MOST_STATEMENTS", 3), ("MOST_BYTES", 200)])
def test_edits_of_one_resource_are_bounded(gateway, world, shop, monkeypatch, bound, most):
    monkeypatch.setattr(write_beside, bound, most)
    _edit(gateway, shop, world.gp, note=[{"text": "One."}, {"text": "Two."}])
    seen = gateway.get(_path(shop), world.gp).json()
    more = seen | {"note": [*seen["note"], {"text": "x" * 80}, {"text": "y" * 80}]}
    answer = put(gateway, more, world.gp, int(seen["meta"]["versionId"]))
    assert is_outcome(answer, 422, "too-long")
    assert gateway.get(_path(shop), world.social_worker).json()["note"] == seen["note"]
