"""Attacks on the code of a key safe: who is shown it, when, and what the log says of it.

It is a label of its own: dominance hides the row from every role that no visit opens it for.
"""

import json
from datetime import timedelta

import pytest

from tests.api.messages import goal, support_plan
from tests.api.opened import break_glass
from tests.api.world import COUNCIL, NORMA, council_person, put_on_caseload

CODE = "4711"
WAY_IN = {"id": "W1", "kind": "key safe", "where": "by the side door", "code": CODE}
CARERS, NURSES = "XK2", "RY9"
HOUR = timedelta(hours=1)
VISITING = [
    ("home-care", CARERS), ("community-nurse", NURSES), ("reablement-worker", CARERS),
    ("therapist", NURSES), ("childrens-nurse", NURSES),
]  # fmt: skip
NEVER = [
    ("gp", "H85001"), ("social-worker", COUNCIL), ("amhp", COUNCIL), ("emergency", "RRU"),
    ("receptionist", "H85001"), ("hospital-doctor", "RAX"), ("case-coordinator", COUNCIL),
    ("mental-health-nurse", "RQY"), ("safeguarding-adviser", COUNCIL), ("wellbeing", CARERS),
    ("navigator", CARERS), ("circle-member", CARERS), ("clinical-safety-officer", COUNCIL),
]  # fmt: skip


def _push_plan(gateway, way_in=WAY_IN, **more):
    gateway.at += timedelta(minutes=5)
    plan = {"id": "HC-1", "type": "home care", "written_at": gateway.at.isoformat()}
    body = support_plan(
        council_person(NORMA), plan, goals=[goal("G1", "At home")], home_access=[way_in], **more
    )
    return gateway.push("social-care", COUNCIL, body)


def _visit(gateway, start, *, org=CARERS, state="planned", name="V1", lasts=HOUR, written=None):
    end = (start + lasts).isoformat() if lasts else None
    document = {
        "document": "visit", "version": "1", "written_at": (written or gateway.at).isoformat(),
        "person": {"local_id": "SC-ASHDOWN", "nhs_number": NORMA["nhs_number"]},
        "plan": {"id": "HC-1"},
        "visit": {
            "id": name, "state": state, "planned_start": start.isoformat(), "by_ods": org,
            **({"planned_end": end} if end else {}),
        },
    }  # fmt: skip
    gateway.push("social-care", COUNCIL, json.dumps(document).encode())


@pytest.fixture
def told(gateway, world):
    """Norma's way in, with everybody on her caseload; nobody is to visit."""
    for org in sorted({org for _, org in (*VISITING, *NEVER)} - {COUNCIL}):
        put_on_caseload(gateway, world.norma, org)
    answer = _push_plan(gateway)
    named = [one["reference"] for one in answer["resources"] if one["reference"][:5] == "Flag/"]
    assert len(named) == 1
    return named[0]


def _who(gateway, role, org):
    return gateway.token(role, f"{role}-1", org)


def _asked(gateway, world, who, flag):
    """Whether any way of asking shows it."""
    ways = (
        flag, f"{flag}/_history", f"{flag}/_history/1", f"{flag}/$lineage",
        f"Flag?patient={world.norma}&_count=500", f"Flag?_id={flag.removeprefix('Flag/')}",
        f"Patient/{world.norma}/$everything?_count=500",
    )  # fmt: skip
    return any(CODE in gateway.get(way, who).text for way in ways)


@pytest.mark.parametrize(("role", "org"), NEVER)
def test_a_role_that_does_not_visit_never_sees_it_whoever_visits(gateway, world, told, role, org):
    _visit(gateway, gateway.at, org=org)
    assert not _asked(gateway, world, _who(gateway, role, org), told)


@pytest.mark.parametrize("kind", ["a neighbour", "keysafe", "front door", "garage"])
def test_whatever_the_way_in_is_called_it_is_hidden(gateway, world, kind):
    put_on_caseload(gateway, world.norma, CARERS)
    answer = _push_plan(gateway, WAY_IN | {"kind": kind})
    (flag,) = (o["reference"] for o in answer["resources"] if o["reference"][:5] == "Flag/")
    carer, worker = _who(gateway, "home-care", CARERS), _who(gateway, "social-worker", COUNCIL)
    assert not any(_asked(gateway, world, who, flag) for who in (carer, worker))
    _visit(gateway, gateway.at)
    shown = gateway.get(flag, carer).json()
    assert CODE in shown["code"]["text"]
    assert [one["code"] for one in shown["meta"]["security"]].count("HOMEACCESS") == 1


@pytest.mark.parametrize(("role", "org"), VISITING)
def test_who_visits_sees_it_near_the_visit_and_at_no_other_time(gateway, world, told, role, org):
    start = gateway.at + timedelta(hours=3)
    _visit(gateway, start, org=org)
    seen = []
    for moment in (
        gateway.at, start - HOUR - timedelta(seconds=1), start - HOUR, start + HOUR,
        start + 1.5 * HOUR, start + 1.5 * HOUR + timedelta(seconds=1), start + 9 * HOUR,
    ):  # fmt: skip
        gateway.at = moment
        seen.append(CODE in gateway.get(told, _who(gateway, role, org)).text)
    assert seen == [False, False, True, True, True, False, False]


def test_another_organisations_visit_shows_it_to_nobody_else(gateway, world, told):
    _visit(gateway, gateway.at, org=NURSES)
    assert not _asked(gateway, world, _who(gateway, "home-care", CARERS), told)
    assert _asked(gateway, world, _who(gateway, "community-nurse", NURSES), told)


@pytest.mark.parametrize("state", ["cancelled", "missed", "refused", "sent in error"])
def test_a_visit_that_is_called_off_closes_it_at_once(gateway, world, told, state):
    who, start = _who(gateway, "home-care", CARERS), gateway.at
    _visit(gateway, start)
    assert CODE in gateway.get(told, who).text
    gateway.at += timedelta(minutes=1)
    _visit(gateway, start, state=state)
    assert gateway.get(told, who).status_code == 404


def test_a_visit_that_never_ends_opens_it_for_no_longer_than_the_policy_says(gateway, world, told):
    start = gateway.at
    _visit(gateway, start, lasts=None)
    _visit(gateway, start, name="V2", org=NURSES, lasts=timedelta(days=300))
    gateway.at = start + 2 * HOUR
    assert gateway.get(told, _who(gateway, "home-care", CARERS)).status_code == 404
    nurse = _who(gateway, "community-nurse", NURSES)
    assert CODE in gateway.get(told, nurse).text
    gateway.at = start + 25 * HOUR
    assert gateway.get(told, _who(gateway, "community-nurse", NURSES)).status_code == 404


def test_no_emergency_opens_it(gateway, world, told):
    for role, org in (("emergency", "RRU"), ("gp", "H85001"), ("community-nurse", NURSES)):
        who = _who(gateway, role, org)
        assert break_glass(gateway, who, world.norma).status_code == 201
        assert not _asked(gateway, world, who, told)


def test_hidden_it_is_as_if_it_were_not(gateway, world, told):
    who = _who(gateway, "home-care", CARERS)
    missing = gateway.get("Flag/00000000-0000-8000-8000-000000000000", who)
    answer = gateway.get(told, who)
    assert (answer.status_code, answer.content) == (missing.status_code, missing.content)
    counted = gateway.get(f"Flag?patient={world.norma}&_summary=count", who).json()["total"]
    assert counted == len(world.of("Flag", world.norma, who))


def test_a_meeting_sees_it_only_where_each_of_them_visits(gateway, world, told):
    _visit(gateway, gateway.at)
    alone = _who(gateway, "home-care", CARERS)
    beside = alone | {"X-Present": "gp;H85001;gp-1"}
    assert CODE in gateway.get(told, alone).text
    assert gateway.get(told, beside).status_code == 404


def test_its_showing_is_an_entry_of_its_own_that_does_not_hold_it(gateway, world, told):
    _visit(gateway, gateway.at)
    who = _who(gateway, "home-care", CARERS)
    for way in (told, f"Flag?patient={world.norma}", f"Patient/{world.norma}/$everything"):
        before = gateway.size()
        assert CODE in gateway.get(way, who).text
        entries = gateway.entries(before)
        (look,) = [one for one in entries if one.event != "home-access"]
        assert look.event in ("read", "search", "operation")
        (shown,) = [one for one in entries if one.event == "home-access"]
        assert shown.agent.user_id == "home-care-1"
        assert [f"{kind}/{name}" for kind, name, _ in shown.resources] == [told]
        assert CODE not in repr(entries)
    norma, before = world.norma, gateway.size()
    assert gateway.get(f"Goal?patient={norma}", who).status_code == 200
    assert [one.event for one in gateway.entries(before)] == ["search"]
    lead = gateway.token("governance-lead", "ig-2", COUNCIL)
    found = gateway.get("AuditEvent?subtype=home-access", lead).json()
    assert found["total"] == 3


def test_where_it_came_from_is_told_without_it_and_is_no_showing(gateway, world, told):
    _visit(gateway, gateway.at)
    who, before = _who(gateway, "home-care", CARERS), gateway.size()
    answer = gateway.get(f"{told}/$lineage", who)
    assert answer.status_code == 200
    assert CODE not in answer.text
    (entry,) = gateway.entries(before)
    assert [f"{kind}/{name}" for kind, name, _ in entry.resources] == [told]
    assert entry.event == "operation"


def test_the_person_and_the_system_that_sent_it_see_it(gateway, world, told):
    person = gateway.token("patient", "p-1", patient=world.norma)
    assert CODE in gateway.get(told, person).text
    system = gateway.token("provider", "system", COUNCIL)
    assert CODE in gateway.get(told, system).text
    other = gateway.token("provider", "system", CARERS)
    assert gateway.get(told, other).status_code == 404


def test_a_code_in_other_words_is_told_to_the_sender_and_hides_the_part(gateway, world, told):
    action = {"id": "A1", "what": f"Morning call. Key safe {CODE}", "state": "going on"}
    answer = _push_plan(gateway, actions=[action])
    (issue,) = [one for one in answer["issues"] if one["code"] == "code-in-words"]
    assert issue["path"] == "actions[0].what"
    assert CODE not in json.dumps(answer)
    carer = _who(gateway, "home-care", CARERS)
    assert CODE not in gateway.get(f"ServiceRequest?patient={world.norma}", carer).text
    _visit(gateway, gateway.at)
    assert CODE in gateway.get(f"ServiceRequest?patient={world.norma}", carer).text


def test_a_visit_of_long_ago_is_not_kept(gateway, world, told):
    _visit(gateway, gateway.at - timedelta(days=90), name="V-old", state="done")
    _visit(gateway, gateway.at)

    async def kept(conn):
        return (await conn.fetch("SELECT COUNT(*) FROM home_visit"))[0][0]

    assert gateway.write(kept) == 1
