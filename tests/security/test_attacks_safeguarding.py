"""A concern goes one way and is seen by the desk alone; a named source of harm sees nothing."""

from datetime import timedelta

import pytest

from gateway.audit.entry import decode
from gateway.audit.events import Event
from gateway.clock import to_micros
from gateway.flows.access.tell_alerts import tell_alerts
from gateway.flows.upkeep.serving import LOST, LOST_AFTER, Serving, settle_lost
from gateway.store.audit import audit_reads
from gateway.store.audit.audit_reads import Wanted
from tests.api.opened import alert_rows, break_glass, post, self_claim
from tests.api.rows import goal_row, put
from tests.api.service import is_outcome, resources
from tests.api.world import BOB, COUNCIL, HOSPITAL, NORMA, PRACTICE, put_on_caseload

FEARS = "she flinched when the visitor came in, and the purse was empty"
WHY = "named by two witnesses, and the police are told"
ROLES = ["gp", "home-care", "receptionist", "circle-member", "commissioner", "researcher"]


def raise_concern(gateway, who, **more):
    said = {"category": "financial", "text": FEARS, "immediate_danger": True} | more
    return post(gateway, "/safeguarding/concerns", who, **said)


def suspend(gateway, who, patient, *users, **more):
    said = {"patient": patient, "users": list(users), "review": "2026-12-01", "reason": WHY}
    return post(gateway, "/safeguarding/suspensions", who, **(said | more))


def seen(answer):
    """What a caller sees of an answer, ids of the request aside."""
    return answer.status_code, answer.content


def of_safeguarding(gateway):
    async def read():
        async with gateway.site.store.engine.reading() as conn:
            return await audit_reads.search(conn, Wanted(safeguarding=True), 100)

    return [decode(record).entry for _, record in gateway.run(read())]


@pytest.fixture
def adviser(gateway):
    return gateway.token("safeguarding-adviser", "sa-1", COUNCIL)


@pytest.fixture
def worker(gateway, world):
    """Somebody who goes to Norma's home, and is on her list by name."""
    put_on_caseload(gateway, world.norma, "XHC", "hc-9")
    return gateway.token("social-worker", "hc-9", "XHC")


@pytest.mark.parametrize("role", ROLES)
def test_every_role_raises_a_concern_and_is_told_nothing_of_it(gateway, world, adviser, role):
    who = gateway.token(role, "u-9", "RY9", **_purpose(role))
    raised = raise_concern(gateway, who, patient=world.norma)
    assert raised.status_code == 202, raised.text
    assert sorted(raised.json()) == ["concern", "received", "ring"]
    name = raised.json()["concern"]
    for path in ("/safeguarding/concerns", f"/safeguarding/concerns/{name}"):
        assert is_outcome(gateway.get(path, who), 403)
    told = gateway.get(f"/safeguarding/concerns/{name}", adviser).json()
    assert told["person"] == world.norma
    assert told["raised_by"] == {"user": "u-9", "role": role, "organisation": "RY9"}
    assert told["said"] == {"patient": world.norma, "text": FEARS}
    assert (told["category"], told["immediate_danger"]) == ("financial", True)


def _purpose(role):
    return {"commissioner": {"purpose": "HDM"}, "researcher": {"purpose": "HRESCH"}}.get(role, {})


def test_who_takes_a_concern_over_is_told_what_was_decided_and_who_raised_it_is_not(
    gateway, world, adviser
):
    raised = gateway.token("safeguarding-adviser", "sa-2", COUNCIL)
    name = raise_concern(gateway, raised, patient=world.norma).json()["concern"]
    path = f"/safeguarding/concerns/{name}"
    post(gateway, f"{path}/take", adviser, reason="rang her niece this morning")
    colleague = gateway.token("safeguarding-adviser", "sa-3", COUNCIL)
    (step,) = gateway.get(path, colleague).json()["steps"]
    assert (step["step"], step["reason"]) == ("take", "rang her niece this morning")
    assert gateway.get(path, raised).json()["steps"] == []


def test_the_person_a_proxy_and_a_provider_system_raise_one_too(gateway, world, adviser):
    own = gateway.token("patient", "p-1", patient=world.norma, purpose="PATRQT")
    raised = raise_concern(gateway, own, category="domestic")
    assert raised.status_code == 202, raised.text
    told = gateway.get(f"/safeguarding/concerns/{raised.json()['concern']}", adviser).json()
    assert told["person"] == world.norma
    system = gateway.token("provider", "sys", HOSPITAL)
    assert raise_concern(gateway, system, about="a man of sixty in bay 4").status_code == 202
    proxy = gateway.token("proxy", "son", patient=world.norma, purpose="FAMRQT")
    assert raise_concern(gateway, proxy).status_code == 202


def test_a22_a_concern_tells_nothing_of_whether_somebody_is_known(gateway, world):
    known = {"nhs_number": BOB["nhs_number"], "birth_date": BOB["born"]}
    unknown = {"nhs_number": "9990000999", "birth_date": "1950-01-01"}
    answers = [
        raise_concern(gateway, world.stranger, **whom)
        for whom in (known, unknown, {"patient": world.bob}, {"patient": "none"})
    ]
    assert {one.status_code for one in answers} == {202}
    shapes = {tuple(sorted(set(one.json()) - {"concern"})) for one in answers}
    assert len(shapes) == 1
    assert {len(one.content) for one in answers} == {len(answers[0].content)}
    assert is_outcome(gateway.get(f"Patient/{world.bob}", world.stranger), 404)
    assert [bool(row.patient_id) for row in alert_rows_of_desk(gateway)] == [True, False] * 2


def alert_rows_of_desk(gateway):
    from gateway.store.access import alerts

    async def read():
        async with gateway.site.store.engine.reading() as conn:
            desk = alerts.Desk(COUNCIL, "sa-1", to_micros(gateway.at))
            return await alerts.of_desk(conn, desk, alerts.CONCERN, 100, settled=True)

    return sorted(gateway.run(read()), key=lambda one: one.alert_id)


def test_a39_what_came_of_raising_a_concern_is_the_desks_too(gateway, world):
    """Refused as too long, or answered by a process that was lost: no completion tells of it."""
    norma = world.norma
    caldicott = gateway.token("borough-governance", "bg-1", COUNCIL)

    raise_concern(gateway, world.stranger, patient=norma, text=FEARS * 2_000)
    gateway.site.store.writer.serve_as("lost")
    own = Serving(gateway.site.store, lambda: gateway.at, "lost", gateway.app.state.under_way)
    gateway.run(own.turn())
    before = gateway.size()
    assert raise_concern(gateway, world.stranger, patient=norma).status_code == 202
    gateway.at += timedelta(hours=1)
    gateway.run(settle_lost(gateway.site.store, gateway.at, LOST_AFTER))
    unknown = [one for one in gateway.entries(before) if one.person_id and one.reasons == (LOST,)]
    assert [one.event for one in unknown] == [Event.SAFEGUARDING]
    for asked in (f"patient=Patient/{norma}", "agent=cn-1"):
        found = resources(gateway.get(f"AuditEvent?_count=200&{asked}", caldicott).json())
        assert [one for one in found if "cn-1" in repr(one)] == []


def test_a39_nobody_but_the_desk_sees_that_a_concern_is_there(gateway, world, adviser):
    norma = world.norma
    own = gateway.token("patient", "p-1", patient=norma, purpose="PATRQT")
    lead = gateway.token("governance-lead", "ig-9", "RY9")
    asked = [
        (own, f"Patient/{norma}"),
        (own, f"Patient/{norma}/$everything"),
        (world.gp, f"Patient/{norma}/$everything"),
        (world.gp, f"Communication?patient={norma}"),
        (world.gp, f"Flag?patient={norma}"),
        (world.gp, f"Task?patient={norma}"),
        (lead, "/ig/alerts"),
        (lead, "AuditEvent?_count=200&agent=cn-1"),
    ]
    before = [_told(gateway.get(path, who)) for who, path in asked]
    raised = raise_concern(gateway, world.stranger, patient=norma)
    name = raised.json()["concern"]
    for (who, path), earlier in zip(asked, before, strict=True):
        assert _told(gateway.get(path, who)) == earlier, path
    looked = gateway.get("/access/log", own)
    assert looked.status_code == 200
    assert "concern" not in looked.text.lower()
    for who in (lead, gateway.token("privacy-officer", "po-1", COUNCIL)):
        assert is_outcome(gateway.get(f"/ig/alerts/{name}", who), 404)
        settled = post(gateway, f"/ig/alerts/{name}/dismiss", who, reason="nothing to see here")
        assert is_outcome(settled, 404)
    assert alert_rows(gateway) == []
    assert FEARS not in repr(of_safeguarding(gateway))


def _told(answer):
    """An answer without what names this very request."""
    told = answer.json()
    for name in ("id", "meta", "link"):
        told.pop(name, None)
    return answer.status_code, told


def test_a_notice_names_nobody_and_where_to_look(gateway, world, tmp_path):
    name = raise_concern(gateway, world.stranger, patient=world.norma).json()["concern"]
    at = gateway.at + timedelta(seconds=30)
    assert gateway.run(tell_alerts(gateway.site.store, tmp_path, "https://g", at)) == 1
    said = (tmp_path / f"{name}.json").read_text()
    assert f"https://g/safeguarding/concerns/{name}" in said
    assert world.norma not in said
    assert FEARS not in said


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"text": "short"}, "text"),
        ({"category": "curious"}, "category"),
        ({"about": ""}, "about"),
        ({"immediate_danger": "yes"}, ""),
        ({"extra": "field"}, ""),
    ],
)
def test_a_concern_says_what_and_of_whom(gateway, world, change, path):
    answer = raise_concern(gateway, world.stranger, **({"about": "a man at the door"} | change))
    assert is_outcome(answer, 400)
    assert path in [e for i in answer.json()["issue"] for e in i.get("expression", [""])]


def test_a_desk_takes_a_concern_on_and_says_why(gateway, world, adviser):
    name = raise_concern(gateway, world.stranger, patient=world.norma).json()["concern"]
    other = gateway.token("safeguarding-adviser", "sa-2", COUNCIL)
    (listed,) = gateway.get("/safeguarding/concerns", other).json()["concerns"]
    assert listed["concern"] == name
    assert listed["due"] == "2026-11-21T16:00:00Z"
    assert not {"person", "patient"} & set(listed)
    taken = post(gateway, f"/safeguarding/concerns/{name}/take", adviser, reason=WHY)
    assert taken.json()["status"] == "taken"
    again = post(gateway, f"/safeguarding/concerns/{name}/take", adviser, reason=WHY)
    assert is_outcome(again, 400, "business-rule")
    closed = post(gateway, f"/safeguarding/concerns/{name}/close", adviser, reason=WHY)
    assert closed.json()["status"] == "closed"
    assert gateway.get("/safeguarding/concerns", other).json()["concerns"] == []
    mine = raise_concern(gateway, adviser, patient=world.norma).json()["concern"]
    assert is_outcome(
        post(gateway, f"/safeguarding/concerns/{mine}/close", adviser, reason=WHY), 403
    )


def test_an_alleged_source_of_harm_sees_nothing_from_the_next_request(
    gateway, world, adviser, worker
):
    norma, missing = world.norma, gateway.get("Patient/none", worker)
    assert gateway.get(f"Patient/{norma}", worker).status_code == 200
    goal = world.of("Goal", norma, worker)[0]["id"]
    nobody = seen(gateway.get("Goal?patient=none", worker))
    made = suspend(gateway, adviser, norma, "hc-9")
    assert made.status_code == 201, made.text
    for path in (f"Patient/{norma}", f"Goal/{goal}", f"Goal/{goal}/_history/1"):
        assert seen(gateway.get(path, worker)) == seen(missing), path
    assert seen(gateway.get(f"/access/explain?resource=Goal/{goal}", worker)) == seen(
        gateway.get("/access/explain?resource=Goal/none", worker)
    )
    (totals, _), (none, _) = _told(gateway.get(f"Goal?patient={norma}", worker)), (nobody[0], "")
    assert totals == none
    assert gateway.get(f"Goal?patient={norma}", worker).json()["total"] == 0
    assert gateway.get("Patient", worker).json()["total"] == 0
    assert gateway.get(f"Goal?patient={norma}", world.gp).json()["total"] > 0
    number = f"https://fhir.nhs.uk/Id/nhs-number|{NORMA['nhs_number']}"
    assert gateway.search("Patient", worker, identifier=number).json()["total"] == 0


def test_a31_it_holds_in_an_emergency_and_for_who_claims_a_tie(gateway, world, adviser):
    norma = world.norma
    assert break_glass(gateway, world.doctor, norma).status_code == 201
    assert gateway.get(f"Patient/{norma}", world.doctor).status_code == 200
    assert suspend(gateway, adviser, norma, "hd-1").status_code == 201
    assert is_outcome(gateway.get(f"Patient/{norma}", world.doctor), 404)
    missing = self_claim(gateway, world.doctor, "no-such-person")
    assert seen(self_claim(gateway, world.doctor, norma)) == seen(missing)
    gateway.at += timedelta(hours=5)
    assert seen(break_glass(gateway, world.doctor, norma)) == seen(missing)
    for role in ("social-worker", "pharmacist", "emergency"):
        who = gateway.token(role, "hd-1", COUNCIL)
        assert is_outcome(gateway.get(f"Patient/{norma}", who), 404)


def test_a11_nothing_is_written_by_who_is_suspended(gateway, world, adviser, worker):
    norma = world.norma
    goal = {"resourceType": "Goal", "lifecycleStatus": "active", "description": {"text": "Walk."}}
    mine = gateway.create(goal | {"subject": {"reference": f"Patient/{norma}"}}, worker)
    suspend(gateway, adviser, norma, "hc-9")
    missing = gateway.create(goal | {"subject": {"reference": "Patient/none"}}, worker)
    refused = gateway.create(goal | {"subject": {"reference": f"Patient/{norma}"}}, worker)
    assert seen(refused) == seen(missing)
    assert mine.status_code != refused.status_code


def test_what_the_log_says_of_the_suspended_is_what_it_says_of_strangers(
    gateway, world, adviser, worker
):
    norma = world.norma
    suspend(gateway, adviser, norma, "hc-9")
    before = gateway.size()
    gateway.get(f"Patient/{norma}", worker)
    gateway.get(f"Patient/{norma}", world.stranger)
    theirs, strangers = gateway.entries(before)
    assert theirs.reasons == strangers.reasons == ("no-relationship",)
    assert theirs.filter_hash == strangers.filter_hash
    lead = gateway.token("borough-governance", "bg-1", COUNCIL)
    assert "suspen" not in gateway.get("AuditEvent?_count=500", lead).text
    listed = gateway.get("/ig/alerts", lead).json()["alerts"]
    assert {one["kind"] for one in listed} == {"borough-view"}


def test_it_ends_by_decision_alone_and_is_due_to_be_looked_at(gateway, world, adviser, worker):
    norma = world.norma
    (name,) = suspend(gateway, adviser, norma, "hc-9").json()["suspensions"]
    gateway.at += timedelta(days=200)
    worker = gateway.token("social-worker", "hc-9", "XHC")
    adviser = gateway.token("safeguarding-adviser", "sa-1", COUNCIL)
    assert is_outcome(gateway.get(f"Patient/{norma}", worker), 404)
    (listed,) = gateway.get("/safeguarding/suspensions", adviser).json()["suspensions"]
    assert (listed["user"], listed["overdue"], listed["ended"]) == ("hc-9", True, None)
    path = f"/safeguarding/suspensions/{name}"
    kept = post(gateway, f"{path}/keep", adviser, reason=WHY, review="2027-06-20")
    assert kept.json()["overdue"] is False
    late = post(gateway, f"{path}/keep", adviser, reason=WHY, review="2028-01-01")
    assert is_outcome(late, 400)
    assert is_outcome(post(gateway, f"{path}/lift", worker, reason=WHY), 403)
    assert post(gateway, f"{path}/lift", adviser, reason=WHY).json()["ended"]
    assert gateway.get(f"Patient/{norma}", worker).status_code == 200
    assert is_outcome(post(gateway, f"{path}/lift", adviser, reason=WHY), 404)


def test_an_adviser_who_is_named_sees_nothing_at_the_desk_either(gateway, world, adviser):
    norma = world.norma
    name = raise_concern(gateway, world.stranger, patient=norma).json()["concern"]
    named = gateway.token("safeguarding-adviser", "sa-3", COUNCIL)
    assert gateway.get(f"/safeguarding/concerns/{name}", named).status_code == 200
    made = suspend(gateway, adviser, "", "sa-3", concern=name)
    assert made.status_code == 201, made.text
    missing = gateway.get("/safeguarding/concerns/none", named)
    assert seen(gateway.get(f"/safeguarding/concerns/{name}", named)) == seen(missing)
    assert gateway.get("/safeguarding/concerns", named).json() == {"concerns": []}
    assert gateway.get("/safeguarding/suspensions", named).json() == {"suspensions": []}
    (own,) = made.json()["suspensions"]
    lift = post(gateway, f"/safeguarding/suspensions/{own}/lift", named, reason=WHY)
    assert is_outcome(lift, 404)


def test_who_is_suspended_is_told_to_the_desk_and_to_no_governance(gateway, world, adviser, worker):
    goal = world.of("Goal", world.norma, adviser)
    plan = goal or world.of("CareTeam", world.norma, adviser) or [{"id": world.norma}]
    kind = plan[0].get("resourceType", "Patient")
    asked = (
        f"/access/explain?resource={kind}/{plan[0]['id']}&caller=hc-9&role=social-worker&org=XHC"
    )
    before = gateway.get(asked, adviser).json()
    assert (before["shown"], before["suspended"]) == (True, False)
    suspend(gateway, adviser, world.norma, "hc-9")
    told = gateway.get(asked, adviser).json()
    assert (told["shown"], told["suspended"]) == (False, True)
    lead = gateway.token("borough-governance", "bg-1", COUNCIL)
    assert "suspen" not in gateway.get(asked, lead).text
    assert gateway.get(asked, lead).json()["layers"] == told["layers"]
    assert is_outcome(gateway.get(asked, world.social_worker), 403)
    assert is_outcome(gateway.get(asked.replace(plan[0]["id"], "none"), adviser), 404)


def test_a_refusal_of_the_suspended_is_made_again_the_same_after_it_ended(
    gateway, world, adviser, worker
):
    norma = world.norma
    (name,) = suspend(gateway, adviser, norma, "hc-9").json()["suspensions"]
    gateway.at += timedelta(minutes=1)
    gateway.get(f"Patient/{norma}", worker)
    number = gateway.size() - 1
    gateway.at += timedelta(minutes=1)
    path = f"/safeguarding/suspensions/{name}/lift"
    assert post(gateway, path, adviser, reason=WHY).status_code == 200
    lead = gateway.token("borough-governance", "bg-1", COUNCIL)
    again = post(gateway, "/access/replay", lead, entry=number).json()
    assert (again["same"], again["again"]["reasons"]) == (True, ["no-relationship"])
    gateway.get(f"Patient/{norma}", worker)
    later = post(gateway, "/access/replay", lead, entry=gateway.size() - 1).json()
    assert later["decided"]["filter"] != again["decided"]["filter"]


@pytest.mark.parametrize("role", ["gp", "social-worker", "governance-lead", "privacy-officer"])
def test_a33_nobody_but_the_desk_suspends(gateway, world, role):
    who = gateway.token(role, "u-1", COUNCIL)
    answers = [suspend(gateway, who, one, "hc-9") for one in (world.norma, "none")]
    assert {one.status_code for one in answers} == {403}
    assert answers[0].content == answers[1].content


def test_an_adviser_suspends_for_whom_they_see_or_were_told_of(gateway, world, adviser):
    missing = suspend(gateway, adviser, "none", "gp-2")
    assert seen(suspend(gateway, adviser, world.bob, "gp-2")) == seen(missing)
    assert is_outcome(missing, 404)
    name = raise_concern(gateway, world.stranger, patient=world.bob).json()["concern"]
    assert suspend(gateway, adviser, "", "gp-2", concern=name).status_code == 201
    assert gateway.get("Patient", world.other_gp).json()["total"] == 0


def test_a39_an_adviser_learns_and_does_nothing_by_a_concern_of_their_own(gateway, world, adviser):
    name = raise_concern(gateway, adviser, patient=world.bob).json()["concern"]
    told = gateway.get(f"/safeguarding/concerns/{name}", adviser)
    assert (told.status_code, told.json()["person"]) == (200, None)
    missing = suspend(gateway, adviser, "", "gp-2", concern="none")
    assert seen(suspend(gateway, adviser, "", "gp-2", concern=name)) == seen(missing)
    assert is_outcome(missing, 404)
    assert gateway.get("Patient", world.other_gp).json()["total"] == 1


def test_a_closed_concern_keeps_nobody_away(gateway, world, adviser):
    name = raise_concern(gateway, world.stranger, patient=world.bob).json()["concern"]
    closed = post(gateway, f"/safeguarding/concerns/{name}/close", adviser, reason=WHY)
    assert closed.status_code == 200
    assert is_outcome(suspend(gateway, adviser, "", "gp-2", concern=name), 404)


def test_a33_nobody_but_the_desk_is_told_how_a_suspension_is_lifted_or_kept(gateway, world):
    for step in ("lift", "keep"):
        sent = {"reason": "", "review": "x"} if step == "keep" else {"reason": ""}
        answer = post(gateway, f"/safeguarding/suspensions/none/{step}", world.gp, **sent)
        assert is_outcome(answer, 403), step


def test_one_organisations_user_is_suspended_there_alone(gateway, world, adviser):
    norma = world.norma
    suspend(gateway, adviser, norma, "gp-1", organisation="RJ1")
    assert gateway.get(f"Patient/{norma}", world.gp).status_code == 200
    suspend(gateway, adviser, norma, "gp-1", organisation=PRACTICE)
    assert is_outcome(gateway.get(f"Patient/{norma}", world.gp), 404)


def test_the_person_is_never_kept_from_their_own_record(gateway, world, adviser):
    norma = world.norma
    own = gateway.token("patient", "p-1", patient=norma, purpose="PATRQT")
    suspend(gateway, adviser, norma, "p-1")
    assert gateway.get(f"Patient/{norma}", own).status_code == 200


def test_the_instruction_stays_for_who_visits_without_its_reason(gateway, world):
    norma = world.norma
    put_on_caseload(gateway, norma, "XHC", "hc-1")
    carer = gateway.token("home-care", "hc-1", "XHC")
    flag = goal_row("f-1", norma, "Visit in pairs")
    flag = flag | {"resourceType": "Flag", "status": "active", "code": {"text": "Visit in pairs"}}
    for name in ("lifecycleStatus", "description"):
        flag.pop(name, None)
    put(gateway, norma, flag, category="safety", sens="SDV", conf="R")
    put(gateway, norma, goal_row("g-9", norma, "the enquiry"), category="safeguarding", conf="R")
    told = gateway.get("Flag/f-1", carer)
    assert told.status_code == 200, told.text
    assert told.json()["code"]["text"] == "Visit in pairs"
    assert is_outcome(gateway.get("Goal/g-9", carer), 404)
