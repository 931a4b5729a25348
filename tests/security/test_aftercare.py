"""Aftercare under section 117: for AMHPs, for the social worker who is named, for nobody beside."""

import json
from datetime import timedelta

import pytest

from tests.api.messages import goal, support_plan
from tests.api.world import COUNCIL, NORMA, PRACTICE, council_person, put_on_caseload
from tests.security.test_outbound import every_byte, profile, run

TRUST = "RQY"
CANARY = "canary"
AFTERCARE = {"since": "2026-01-05", "owed_by": f"{CANARY} council and trust", "words": CANARY}


@pytest.fixture(params=["mental-health", "social-care"])
def plan(request, gateway, world):
    """Norma's aftercare plan, by the trust or by the council; its resources."""
    org = TRUST if request.param == "mental-health" else COUNCIL
    gateway.at += timedelta(minutes=5)
    body = support_plan(
        council_person(NORMA),
        {
            "id": "S117", "type": "section 117 aftercare", "aftercare": AFTERCARE,
            "written_at": gateway.at.isoformat(), "funding": "section 117", "funded_by": CANARY,
        },
        goals=[goal("G1", CANARY)],
        actions=[{"id": "A1", "what": CANARY, "state": "going on", "goal_ids": ["G1"]}],
    )  # fmt: skip
    answer = gateway.push(request.param, org, body)
    put_on_caseload(gateway, world.norma, TRUST)
    return [one["reference"] for one in answer["resources"] if "Patient/" not in one["reference"]]


def _sees(gateway, who, plan):
    seen = [gateway.get(one, who).status_code == 200 for one in plan]
    assert len(set(seen)) == 1, "all of it, or none"
    return seen[0]


def test_0_7_the_amhp_sees_all_of_it(gateway, world, plan):
    assert {one.split("/")[0] for one in plan} == {
        "CarePlan", "Goal", "ServiceRequest", "Coverage", "Flag",
    }  # fmt: skip
    assert _sees(gateway, gateway.token("amhp", "am-1", COUNCIL), plan)


def test_0_7_a_social_worker_sees_it_where_a_team_names_them(gateway, world, plan):
    for user in ("sw-1", "sw-2"):
        who = gateway.token("social-worker", user, COUNCIL)
        assert not _sees(gateway, who, plan)
        for way in (f"Patient/{world.norma}/$everything?_count=500", f"Goal?patient={world.norma}"):
            assert CANARY not in gateway.get(way, who).text
    put_on_caseload(gateway, world.norma, COUNCIL, "sw-1", "care-team")
    put_on_caseload(gateway, world.norma, COUNCIL, "sw-2", "referral")
    assert _sees(gateway, gateway.token("social-worker", "sw-1", COUNCIL), plan)
    assert not _sees(gateway, gateway.token("social-worker", "sw-2", COUNCIL), plan)
    assert not _sees(gateway, gateway.token("social-worker", "sw-1", TRUST), plan)


@pytest.mark.parametrize(
    ("role", "org"),
    [("home-care", COUNCIL), ("wellbeing", COUNCIL), ("case-coordinator", COUNCIL),
     ("hospital-doctor", TRUST), ("receptionist", PRACTICE), ("community-nurse", TRUST)],
)  # fmt: skip
def test_0_7_nobody_else_sees_it_named_or_not(gateway, world, plan, role, org):
    put_on_caseload(gateway, world.norma, org, "u-1", "care-team")
    who = gateway.token(role, "u-1", org)
    assert not _sees(gateway, who, plan)
    assert CANARY not in gateway.get(f"Patient/{world.norma}/$everything?_count=500", who).text


def test_0_7_gp_and_mental_health_nurse_see_the_plan_and_not_the_money(gateway, world, plan):
    for role, org in (("gp", PRACTICE), ("mental-health-nurse", TRUST)):
        who = gateway.token(role, "u-1", org)
        seen = {one.split("/")[0]: gateway.get(one, who).status_code == 200 for one in plan}
        assert seen.pop("Coverage") is False
        assert set(seen.values()) == {True}


def test_0_7_what_bears_a_further_label_stays_closed(gateway, world):
    body = support_plan(
        council_person(NORMA), {"id": "S1"},
        goals=[goal("G1", f"{CANARY} one", sharing=["section 117 aftercare", "mental health"]),
               goal("G2", f"{CANARY} two", sharing=["section 117 aftercare", "HIV"])],
    )  # fmt: skip
    gateway.push("social-care", COUNCIL, body)
    put_on_caseload(gateway, world.norma, COUNCIL, "sw-1", "care-team")
    who = gateway.token("social-worker", "sw-1", COUNCIL)
    text = json.dumps(world.of("Goal", world.norma, who))
    assert f"{CANARY} one" in text
    assert f"{CANARY} two" not in text


_WAYS = [
    "{kind}/{id}/_history", "{kind}/{id}/_history/1", "{kind}/{id}/$lineage",
    "/access/explain?resource={kind}/{id}", "{kind}?patient={person}&_id={id}",
    "Patient?_id={person}&_has:{kind}:patient:_id={id}",
    "Provenance?target={kind}/{id}&_include=Provenance:target",
]  # fmt: skip


def test_0_7_naming_it_is_as_naming_what_is_not_there(gateway, world, plan):
    who = gateway.token("social-worker", "sw-2", COUNCIL)
    for kind, name in (one.split("/") for one in plan):
        missing = "00000000-0000-8000-8000-000000000000"
        for way in _WAYS:
            hidden, absent = (
                gateway.get(way.format(kind=kind, id=one, person=world.norma), who)
                for one in (name, missing)
            )
            assert hidden.status_code == absent.status_code
            assert hidden.text.replace(name, missing) == absent.text, way


def test_0_7_a_meeting_sees_it_only_where_it_is_opened_for_each_of_them(gateway, world, plan):
    put_on_caseload(gateway, world.norma, COUNCIL, "sw-1", "care-team")
    amhp = gateway.token("amhp", "am-1", COUNCIL)
    for user, seen in (("sw-1", True), ("sw-2", False)):
        together = amhp | {"X-Present": f"social-worker;{COUNCIL};{user}"}
        assert _sees(gateway, together, plan) is seen


def test_0_7_no_file_of_the_council_holds_it(gateway, world, plan, tmp_path):
    put_on_caseload(gateway, world.norma, COUNCIL, "sw-1", "care-team")
    run(gateway, tmp_path / "files", profile(COUNCIL, "social-worker"))
    files = every_byte(tmp_path / "files")
    assert world.norma in files
    assert CANARY not in files
