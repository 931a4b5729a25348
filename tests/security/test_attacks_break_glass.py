"""Emergency access: what it opens, and every way of opening more with it."""

from datetime import timedelta

import pytest

from consent.from_fhir import BINDS_BREAK_GLASS
from tests.api.consents import against, dissent, organisation, practitioner, team
from tests.api.opened import WHY, alert_rows, break_glass, post, self_claim
from tests.api.rows import goal_row, mark, put
from tests.api.service import is_outcome, resources
from tests.api.world import BOB, COUNCIL, HOSPITAL, NORMA, PRACTICE, World
from tests.api.writing import put as update

BINDING = {"modifierExtension": [{"url": BINDS_BREAK_GLASS, "valueBoolean": True}]}
NOT_BINDING = [{"url": BINDS_BREAK_GLASS, "valueBoolean": False}]


def without_ids(answer):
    """What a caller sees of an answer, ids of the request aside."""
    headers = {k: v for k, v in answer.headers.items() if k not in ("x-request-id", "traceparent")}
    return answer.status_code, answer.content, headers


def test_s25_s72_an_emergency_opens_one_record_for_hours_and_is_alerted(gateway, world):
    norma = world.norma
    assert is_outcome(gateway.get(f"Patient/{norma}", world.doctor), 404)
    before = gateway.size()
    made = break_glass(gateway, world.doctor, norma, reason="cannot-be-asked")
    assert made.status_code == 201, made.text
    assert made.json()["patient"] == norma
    assert made.json()["until"] == "2026-11-21T16:00:00Z"
    (entry,) = gateway.entries(before)
    assert (entry.event, entry.outcome, entry.person_id) == ("break-glass-open", "stored", norma)
    assert WHY not in repr(entry)
    (alert,) = alert_rows(gateway)
    assert (alert.kind, alert.org, alert.patient_id) == ("break-glass", HOSPITAL, norma)
    assert ("alert", alert.alert_id) in entry.detail
    before = gateway.size()
    assert gateway.get(f"Patient/{norma}", world.doctor).status_code == 200
    (looked,) = gateway.entries(before)
    assert "break-glass" in looked.reasons
    assert f"access-grant/{made.json()['grant']}" in looked.evidence


def test_s25_restricted_and_dissented_items_are_shown_and_very_restricted_ones_are_not(
    gateway, world
):
    norma = world.norma
    put(gateway, norma, goal_row("g-r", norma, "restricted"), conf="R")
    put(gateway, norma, goal_row("g-v", norma, "very restricted"), conf="V")
    gateway.create(dissent(norma, **against(HOSPITAL)), world.gp)
    assert is_outcome(gateway.get("Goal/g-r", world.doctor), 404)
    assert break_glass(gateway, world.doctor, norma).status_code == 201
    assert gateway.get("Goal/g-r", world.doctor).status_code == 200
    assert is_outcome(gateway.get("Goal/g-v", world.doctor), 404)


def test_s30_a_consent_that_binds_break_glass_still_hides(gateway, world):
    norma = world.norma
    bound = dissent(norma, **against(HOSPITAL), period={"end": "2027-01-01"}) | BINDING
    proposed = gateway.create(bound | {"status": "proposed"}, world.gp).json()
    assert gateway.get(f"Patient/{norma}", world.doctor).status_code == 404
    colleague = gateway.token("gp", "gp-9", PRACTICE)
    assert update(gateway, proposed | {"status": "active"}, colleague, 1).status_code == 200
    refused = break_glass(gateway, world.doctor, norma)
    missing = break_glass(gateway, world.doctor, "no-such-person")
    assert is_outcome(refused, 404)
    assert without_ids(refused) == without_ids(missing)
    assert is_outcome(gateway.get(f"Patient/{norma}", world.doctor), 404)


def test_s30_nobody_alone_closes_a_record_to_an_emergency(gateway, world):
    norma = world.norma
    herself = gateway.token("patient", "norma", patient=norma)
    colleague = gateway.token("gp", "gp-9", PRACTICE)
    bound = dissent(norma, **against(HOSPITAL), period={"end": "2027-01-01"}) | BINDING
    for who in (world.gp, herself):
        answer = gateway.create(bound, who)
        assert is_outcome(answer, 422, "business-rule")
        assert answer.json()["issue"][0]["expression"] == ["Consent.status"]
    plain = gateway.create(bound | {"modifierExtension": NOT_BINDING}, world.gp).json()
    assert is_outcome(update(gateway, plain | BINDING, colleague, 1), 422, "business-rule")
    proposed = gateway.create(bound | {"status": "proposed"}, world.gp).json()
    other = {"provision": bound["provision"] | {"period": {"end": "2027-02-01"}}}
    assert is_outcome(update(gateway, proposed | {"status": "active"}, world.gp, 1), 422)
    assert is_outcome(update(gateway, proposed | {"status": "active"} | other, colleague, 1), 422)
    assert is_outcome(update(gateway, proposed | {"status": "active"}, herself, 1), 422)
    same = gateway.token("gp", "GP-1", PRACTICE)
    assert is_outcome(update(gateway, proposed | {"status": "active"}, same, 1), 422)
    made = update(gateway, proposed | {"status": "active"}, colleague, 1)
    assert made.status_code == 200
    assert is_outcome(update(gateway, made.json() | other, world.gp, 2), 422, "business-rule")


def test_s30_a_colleagues_touch_is_no_second_persons_word(gateway, world):
    bound = dissent(world.norma, **against(COUNCIL), period={"end": "2026-12-20"}) | BINDING
    kept = gateway.create(bound | {"status": "proposed"}, world.gp).json()
    nurse = gateway.token("practice-nurse", "pn-1", PRACTICE)
    number = [{"system": "https://records.example/dissent", "value": "1"}]
    touched = update(gateway, kept | {"identifier": number}, nurse, 1)
    assert touched.status_code == 200
    for who in (world.gp, nurse):
        active = touched.json() | {"status": "active"}
        assert is_outcome(update(gateway, active, who, 2), 422, "business-rule")
    third = gateway.token("gp", "gp-9", PRACTICE)
    made = update(gateway, active, third, 2)
    assert made.status_code == 200
    renumbered = made.json() | {"identifier": [number[0] | {"value": "2"}]}
    assert update(gateway, renumbered, world.gp, 3).status_code == 200, "it rules nothing else"


def test_s30_none_binds_in_an_emergency_for_longer_than_the_policy_says(gateway, world):
    """It would shut everybody out, and nobody of the staff could see it to end it."""
    last = gateway.at + timedelta(days=gateway.site.policy.break_glass.binding_days)
    bound = dissent(world.norma, period={}) | BINDING
    norma = gateway.token("patient", "norma", patient=world.norma)
    for end in (f"{last + timedelta(seconds=1):%Y-%m-%dT%H:%M:%SZ}", "2999-12-31"):
        for who in (world.gp, world.social_worker, norma):
            answer = gateway.create(
                bound | {"provision": {"type": "deny", "period": {"end": end}}}, who
            )
            assert is_outcome(answer, 422, "not-supported")
            assert answer.json()["issue"][0]["expression"] == ["Consent.provision.period.end"]
    off = bound | {"status": "inactive", "provision": {"type": "deny", "period": {"end": "2999"}}}
    assert gateway.create(off, norma).status_code == 201, "what is withdrawn binds nobody"
    bound["provision"]["period"]["end"] = f"{last - timedelta(seconds=1):%Y-%m-%dT%H:%M:%SZ}"
    proposed = bound | {"status": "proposed"}
    kept = gateway.create(proposed, world.gp)
    assert kept.status_code == 201, kept.text
    longer = kept.json() | {"provision": {"type": "deny", "period": {"end": "2999-12-31"}}}
    colleague = gateway.token("gp", "gp-9", PRACTICE)
    assert is_outcome(update(gateway, longer | {"status": "active"}, colleague, 1), 422)
    assert update(gateway, kept.json() | {"status": "active"}, colleague, 1).status_code == 200


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"text": None}, "text"),
        ({"text": "  short   "}, "text"),
        ({"text": "x" * 2001}, "text"),
        ({"text": 7}, "text"),
        ({"reason": "curious"}, "reason"),
        ({"reason": None}, "reason"),
        ({"patient": None}, "patient"),
        ({"extra": "field"}, ""),
        ({"nhs_number": "9990000077", "birth_date": "1943-03-04"}, "patient"),
    ],
)
def test_a31_s24_without_a_reason_in_words_nothing_opens(gateway, world, change, path):
    norma, before = world.norma, gateway.size()
    answer = break_glass(gateway, world.doctor, norma, **change)
    assert is_outcome(answer, 400)
    expressions = [e for i in answer.json()["issue"] for e in i.get("expression", [""])]
    assert path in expressions
    assert is_outcome(gateway.get(f"Patient/{norma}", world.doctor), 404)
    entry = gateway.entries(before)[0]
    assert (entry.event, entry.outcome) == ("break-glass-open", "refused")
    assert [one.kind for one in alert_rows(gateway)] == ["break-glass-refused"]


@pytest.mark.parametrize("role", ["receptionist", "home-care", "wellbeing", "governance-lead"])
def test_s28_a_role_that_is_not_entitled_is_refused_whoever_the_person_is(gateway, world, role):
    who = gateway.token(role, "rec-1", HOSPITAL)
    answers = [break_glass(gateway, who, one) for one in (world.norma, "no-such-person")]
    assert {one.status_code for one in answers} == {403}
    assert answers[0].content == answers[1].content
    rows = alert_rows(gateway)
    assert [one.kind for one in rows] == ["break-glass-refused"] * 2
    assert {one.patient_id for one in rows} == {""}


@pytest.mark.parametrize("role", ["patient", "provider"])
def test_only_staff_break_the_glass(gateway, world, role):
    more = {"patient": world.norma} if role == "patient" else {"org": PRACTICE}
    who = gateway.token(role, "x", **more)
    assert is_outcome(break_glass(gateway, who, world.norma), 403)
    assert is_outcome(self_claim(gateway, who, world.norma), 403)


def test_a31_s26_it_is_of_one_person_one_user_one_role_one_organisation(gateway, world):
    norma = world.norma
    assert break_glass(gateway, world.doctor, norma).status_code == 201
    assert is_outcome(gateway.get(f"Patient/{world.bob}", world.doctor), 404)
    for who in (
        gateway.token("hospital-doctor", "hd-2", HOSPITAL),
        gateway.token("hospital-doctor", "hd-1", "RJ1"),
        gateway.token("pharmacist", "hd-1", HOSPITAL),
        gateway.token("hospital-doctor", "hd-1", HOSPITAL, purpose="CAREMGT"),
        gateway.token("hospital-doctor", "hd-1", HOSPITAL, purpose="HMARKT"),
    ):
        assert is_outcome(gateway.get(f"Patient/{norma}", who), 404)
    assert gateway.get(f"Patient/{norma}", world.doctor).status_code == 200


def test_a31_s27_it_ends_at_its_hour_in_the_middle_of_paging_too(gateway, world):
    norma = world.norma
    break_glass(gateway, world.doctor, norma)
    page = gateway.get(f"Goal?patient={norma}&_count=1", world.doctor).json()
    assert page["total"] > 1
    (following,) = [one["url"] for one in page["link"] if one["relation"] == "next"]
    gateway.at += timedelta(hours=4) - timedelta(microseconds=1)
    assert gateway.get(f"Patient/{norma}", world.doctor).status_code == 200
    gateway.at += timedelta(microseconds=1)
    assert is_outcome(gateway.get(f"Patient/{norma}", world.doctor), 404)
    left = gateway.get(following, world.doctor)
    assert left.status_code == 200
    assert resources(left.json()) == []
    assert left.json()["total"] == 0


def test_a31_it_is_not_renewed_before_its_end_and_after_it_only_so_often(gateway, world):
    norma = world.norma
    assert break_glass(gateway, world.doctor, norma).status_code == 201
    again = break_glass(gateway, world.doctor, norma)
    assert is_outcome(again, 400, "business-rule")
    gateway.at += timedelta(hours=4)
    assert break_glass(gateway, world.doctor, norma).status_code == 201
    rows = alert_rows(gateway)
    assert [one.kind for one in rows] == ["break-glass", "break-glass-refused", "break-glass"]


def test_a31_a_users_attempts_of_a_day_are_counted_and_end(gateway, world):
    norma, cap = world.norma, gateway.site.policy.break_glass.a_day
    for number in range(cap):
        answer = break_glass(gateway, world.doctor, f"nobody-{number}")
        assert is_outcome(answer, 404)
    over = [break_glass(gateway, world.doctor, one) for one in (norma, "nobody", norma)]
    assert {one.status_code for one in over} == {429}
    assert over[0].content == over[1].content
    elsewhere = gateway.token("hospital-doctor", "hd-1", "RJ1")
    assert break_glass(gateway, elsewhere, norma).status_code == 429
    assert len(alert_rows(gateway)) == cap + 1, "one stands for what comes after"
    colleague = gateway.token("hospital-doctor", "hd-2", HOSPITAL)
    assert break_glass(gateway, colleague, norma).status_code == 201
    gateway.at += timedelta(hours=12)
    assert break_glass(gateway, world.doctor, norma).status_code == 201


def test_two_at_once_do_not_open_more_than_the_day_allows(gateway, world):
    """What is counted is counted again in the writing that opens."""
    people, cap = (world.norma, world.bob), gateway.site.policy.break_glass.a_day
    for number in range(cap - 1):
        assert is_outcome(break_glass(gateway, world.doctor, f"nobody-{number}"), 404)
    asked = [{"patient": f"Patient/{one}", "reason": "emergency", "text": WHY} for one in people]
    answers = gateway.at_once([("POST", "/access/break-glass", one) for one in asked], world.doctor)
    assert sorted(one.status_code for one in answers) == [201, 429]


def test_a31_s29_it_writes_nothing_and_gives_no_lasting_tie(gateway, world):
    norma = world.norma
    break_glass(gateway, world.doctor, norma)
    mine = practitioner("hd-1", HOSPITAL)
    assert is_outcome(gateway.create(team(norma, mine), world.doctor), 403)
    assert is_outcome(gateway.create(dissent(norma, **against(COUNCIL)), world.doctor), 403)
    asked = {"patient": norma, "asked_how": "in-person", "kind": "standing"}
    assert is_outcome(post(gateway, "/access/permission", world.doctor, **asked), 404)
    export = gateway.get(f"Patient/{norma}/$export", world.doctor)
    assert export.status_code in (404, 405)
    gateway.at += timedelta(hours=5)
    assert is_outcome(gateway.get(f"Patient/{norma}", world.doctor), 404)


def test_a31_a22_a_person_who_is_not_here_and_one_who_is_not_opened_are_one_answer(gateway, world):
    norma = world.norma
    mark(gateway, norma, pds="V")
    answers = [break_glass(gateway, world.doctor, one) for one in (norma, "no-such-person")]
    assert without_ids(answers[0]) == without_ids(answers[1])
    assert is_outcome(answers[0], 404)
    rows = alert_rows(gateway)
    assert {one.kind for one in rows} == {"break-glass-refused"}
    assert any("restricted-person" in one.why for one in rows)


def test_s31_a_very_restricted_person_stays_closed(gateway, world):
    norma = world.norma
    break_glass(gateway, world.doctor, norma)
    assert gateway.get(f"Patient/{norma}", world.doctor).status_code == 200
    mark(gateway, norma, pds="V")
    assert is_outcome(gateway.get(f"Patient/{norma}", world.doctor), 404)
    assert "restricted-person" in {one.kind for one in alert_rows(gateway)}


def test_s34_an_emergency_opens_who_opted_out(gateway, world):
    norma = world.norma
    mark(gateway, norma, opted_out=1)
    assert is_outcome(gateway.get(f"Patient/{norma}", world.doctor), 404)
    assert break_glass(gateway, world.doctor, norma).status_code == 201
    assert gateway.get(f"Patient/{norma}", world.doctor).status_code == 200


def test_s32_s33_what_masks_a_whereabouts_masks_it_in_an_emergency(gateway, world):
    norma = world.norma
    mark(gateway, norma, pds="R")
    break_glass(gateway, world.doctor, norma)
    answer = gateway.get(f"Patient/{norma}", world.doctor)
    assert answer.status_code == 200
    assert "KT6" not in answer.text


def test_a31_closing_early_holds_from_the_next_request_and_is_for_who_opened_it(gateway, world):
    norma = world.norma
    grant = break_glass(gateway, world.doctor, norma).json()["grant"]
    close = f"/access/break-glass/{grant}/close"
    colleague = gateway.token("hospital-doctor", "hd-2", HOSPITAL)
    assert is_outcome(gateway.ask("POST", close, colleague), 404)
    elsewhere = gateway.token("hospital-doctor", "hd-1", PRACTICE)
    assert is_outcome(gateway.ask("POST", close, elsewhere), 404)
    assert is_outcome(gateway.ask("POST", f"/access/self-claim/{grant}/close", world.doctor), 404)
    assert gateway.get(f"Patient/{norma}", world.doctor).status_code == 200
    ended = gateway.ask("POST", close, world.doctor)
    assert (ended.status_code, ended.json()["until"]) == (200, "2026-11-21T12:00:00Z")
    assert is_outcome(gateway.get(f"Patient/{norma}", world.doctor), 404)
    gateway.at += timedelta(minutes=1)
    assert gateway.ask("POST", close, world.doctor).json() == ended.json()


def test_whoever_has_no_id_is_named_by_number_and_birth_date_together(gateway, world):
    norma = world.norma
    named = {"patient": None, "nhs_number": "999 000 0077"}
    wrong = break_glass(gateway, world.doctor, "", **named, birth_date=BOB["born"])
    assert is_outcome(wrong, 404)
    assert is_outcome(break_glass(gateway, world.doctor, "", **named), 400)
    right = break_glass(gateway, world.doctor, "", **named, birth_date=NORMA["born"])
    assert (right.status_code, right.json()["patient"]) == (201, norma)


def test_s71_s72_where_permission_is_recorded_an_emergency_needs_none(start):
    recorded = start(permission_to_view="recorded")
    world = World(recorded)
    norma = world.person(NORMA, world.gp)
    assert break_glass(recorded, world.doctor, norma, reason="cannot-be-asked").status_code == 201
    assert recorded.get(f"Patient/{norma}", world.doctor).status_code == 200


def test_a37_nobody_makes_a_team_of_an_organisation_they_broke_into(gateway, world):
    norma = world.norma
    break_glass(gateway, world.doctor, norma)
    assert is_outcome(gateway.create(team(norma, organisation(HOSPITAL)), world.doctor), 403)
