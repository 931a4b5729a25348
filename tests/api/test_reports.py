"""Reports: a board's month in figures; what a person is given of their record, and by whom."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from gateway.audit.entry import decode
from gateway.flows.asking import sight
from gateway.flows.asking.alert_entries import words_of
from gateway.flows.audit import subject_access
from gateway.flows.audit.reports_board import FEW, span_of, told
from gateway.flows.reading import assemble
from gateway.store.audit import audit_reads
from tests.api.opened import alert_rows, break_glass, post
from tests.api.rows import goal_row, put
from tests.api.service import is_outcome
from tests.api.world import BOB, COUNCIL, HOSPITAL, NORMA, PRACTICE, World

DECEMBER = datetime(2026, 12, 1, tzinfo=UTC)
LOOKED_AT = "rang the ward, the visit is in the diary"


@pytest.fixture
def world(start):
    return World(start())


@pytest.fixture
def lead(world):
    return world.service.token("governance-lead", "ig-1", COUNCIL)


@pytest.fixture
def norma_herself(world):
    return world.service.token("patient", "p-1", patient=world.norma)


def _board(world, role, user, org, month="2026-11") -> dict:
    """What they are told, with a token of this moment."""
    who = world.service.token(role, user, org)
    answer = world.service.get(f"/ig/reports/board?month={month}", who)
    assert answer.status_code == 200, answer.text
    return answer.json()


def _copy(world, who, **asked) -> list[dict]:
    if asked:
        answer = post(world.service, "/ig/reports/subject-access", who, **asked)
    else:
        answer = world.service.get("/access/record", who)
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


def _records(lines) -> list[dict]:
    return [one["resource"] for one in lines if one["part"] == "record"]


# A board's figures


def test_small_counts_are_not_told_and_no_others_to_the_unit():
    assert [told(n) for n in (0, 1, 4, 5, 7, 8, 12, 13)] == [0, FEW, FEW, 5, 5, 10, 10, 15]
    assert span_of("2026-12")[1] == span_of("2027-01")[0]


def test_a_board_is_told_a_month_of_its_own_staff_in_figures(world):
    service = world.service
    for _ in range(9):
        service.get(f"Patient/{world.norma}", world.social_worker)
    assert break_glass(service, world.doctor, world.norma).status_code == 201
    service.at = DECEMBER
    before = service.size()
    made = _board(world, "governance-lead", "ig-1", COUNCIL)
    assert made["running"] is False
    (own,) = made["organisations"]
    assert own["organisation"] == COUNCIL
    assert own["accesses"] == 10
    assert own["break_glass"] == own["self_claims"] == 0
    assert own["alerts"] == {}
    assert own["median_hours_to_settle"] is None
    (looked,) = service.entries(before)
    assert (looked.event, looked.query) == ("audit-view", "board-figures")
    officer = ("privacy-officer", "po-1", HOSPITAL)
    (other,) = _board(world, *officer)["organisations"]
    assert (other["break_glass"], other["alerts"]) == (FEW, {"break-glass": FEW})
    service.at += timedelta(days=31)
    (after,) = _board(world, *officer, "2026-12")["organisations"]
    assert (after["break_glass"], after["alerts"]) == (0, {})


def test_who_asks_again_and_again_sees_no_access_as_it_comes(world):
    """A month that is not over is said to be running: it looks the same whatever happens in it."""
    service, lead = world.service, ("governance-lead", "ig-1", COUNCIL)
    seen = []
    for _ in range(8):
        service.get(f"Patient/{world.norma}", world.social_worker)
        seen.append(_board(world, *lead))
    assert all(one == seen[0] for one in seen)
    assert (seen[0]["running"], seen[0]["organisations"]) == (True, [])
    ahead = _board(world, *lead, "2027-01")
    assert (ahead["running"], ahead["organisations"]) == (False, [])


def test_what_became_of_alerts_and_how_soon_is_told(world):
    service, board = world.service, ("privacy-officer", "po-1", HOSPITAL)
    service.at = DECEMBER - timedelta(hours=12)
    for number in range(6):
        doctor = service.token("hospital-doctor", f"hd-{number}", HOSPITAL)
        assert break_glass(service, doctor, world.norma).status_code == 201
    service.at += timedelta(hours=3)
    officer = service.token("privacy-officer", "po-1", HOSPITAL)
    first, *rest = [one.alert_id for one in alert_rows(service)]
    for alert in rest:
        path = f"/ig/alerts/{alert}/justify"
        assert post(service, path, officer, reason=LOOKED_AT).status_code == 200
    service.at = DECEMBER
    (made,) = _board(world, *board)["organisations"]
    assert made["outcomes"] == {"justified": 5, "open": FEW}
    assert made["median_hours_to_settle"] == 3.0
    assert made["overdue"] == 0
    service.at += timedelta(days=8)
    assert _board(world, *board)["organisations"][0]["overdue"] == FEW
    assert first


def test_a_boards_figures_are_for_governance_and_of_nobody(world, lead):
    for role in ("gp", "hospital-doctor", "researcher", "commissioner"):
        who = world.service.token(role, "u-1", PRACTICE)
        assert is_outcome(world.service.get("/ig/reports/board?month=2026-11", who), 403)
    for month in ("2026", "2026-13", "2026-1", "x"):
        asked = world.service.get(f"/ig/reports/board?month={month}", lead)
        assert is_outcome(asked, 400), month
    assert world.service.get(f"Patient/{world.norma}", world.social_worker).status_code == 200
    assert world.service.get(f"Patient/{world.bob}", world.other_gp).status_code == 200
    world.service.at = DECEMBER
    text = json.dumps(_board(world, "borough-governance", "bg-1", "QWE"))
    assert {COUNCIL, PRACTICE} <= {one["organisation"] for one in json.loads(text)["organisations"]}
    for name in (world.norma, NORMA["nhs_number"], NORMA["family"], "social-worker"):
        assert name not in text


def test_alerts_of_one_kind_are_a_queue_of_their_own(world):
    assert break_glass(world.service, world.doctor, world.norma).status_code == 201
    officer = world.service.token("privacy-officer", "po-1", HOSPITAL)
    for kind, number in (("break-glass", 1), ("self-claim", 0), ("", 1)):
        found = world.service.get(f"/ig/alerts?kind={kind}", officer).json()["alerts"]
        assert len(found) == number, kind
    assert is_outcome(world.service.get("/ig/alerts?kind=other", officer), 400)


# What a person is given


def test_a_person_is_given_what_they_see_and_who_looked(world, norma_herself):
    service = world.service
    service.get(f"Patient/{world.norma}", world.social_worker)
    everything = service.get(f"Patient/{world.norma}/$everything?_count=500", norma_herself).json()
    shown = [one["resource"] for one in everything["entry"]]
    before = service.size()
    lines = _copy(world, norma_herself)
    assert (lines[0]["part"], lines[0]["person"]) == ("about", world.norma)
    assert _records(lines) == shown
    told = [one for one in lines if one["part"] == "access"]
    assert any(one["organisation"] == COUNCIL for one in told)
    assert lines[-1] == {"part": "end", "records": len(shown), "accesses": len(told)}
    first, *_ = service.entries(before)
    assert (first.event, first.outcome) == ("export", "served")
    assert len(first.resources) >= len(shown)


def test_what_is_held_back_from_the_person_is_held_back_here(world, norma_herself):
    norma = _council_id(world)
    for hold in ("SAFEG", "THIRDPARTY", "SERIOUSHARM", "NOPAT"):
        name = f"h-{hold.lower()}"
        put(world.service, norma, goal_row(name, norma, name), COUNCIL, hold=hold)
    put(world.service, norma, goal_row("o-note", norma, "open"), COUNCIL)
    lead = world.service.token("governance-lead", "ig-1", COUNCIL)
    for lines in (
        _copy(world, norma_herself),
        _copy(world, lead, patient=_council_id(world), reference="SAR 1"),
    ):
        text = json.dumps(lines)
        assert "o-note" in text
        assert not [one for one in _records(lines) if one["id"].startswith("h-")]


def _council_id(world) -> str:
    norma = world.norma

    async def ask(conn):
        return await conn.fetch(
            "SELECT patient_id FROM source_record WHERE source_org = $1 AND person_id = $2",
            (COUNCIL, norma),
        )

    return world.service.write(ask)[0][0]


def test_a_lead_answers_for_what_their_organisation_holds_and_is_looked_at(world, lead):
    service = world.service
    put(service, _council_id(world), goal_row("c-note", _council_id(world), "ours"), COUNCIL)
    patient, before = _council_id(world), service.size()
    lines = _copy(world, lead, patient=patient, reference="SAR 17")
    assert _records(lines)
    for one in _records(lines):
        source = one["meta"].get("source", f":{COUNCIL}:")
        assert COUNCIL in source, one
    assert NORMA["nhs_number"] in json.dumps(lines)
    (row,) = alert_rows(service)
    assert (row.kind, row.org) == ("subject-access", COUNCIL)
    exported = service.entries(before)[0]
    assert (exported.event, exported.agent.user_id) == ("export", "ig-1")
    assert "SAR 17" not in repr(exported.detail)
    officer = service.token("privacy-officer", "po-1", COUNCIL)
    found = service.get(f"/ig/alerts/{row.alert_id}", officer).json()
    assert found["words"] == "SAR 17"
    own = service.token("patient", "p-1", patient=world.norma)
    words = [one["words"] for one in service.get("/access/log", own).json()["accesses"]]
    assert any(f"at {COUNCIL} made a copy of your record" in one for one in words)


def test_a_copy_is_in_words_for_who_asks_for_text(world, norma_herself):
    lines = _copy(world, norma_herself)
    answer = world.service.get("/access/record", norma_herself | {"Accept": "text/plain"})
    assert answer.headers["content-type"].startswith("text/plain")
    assert 'filename="record.txt"' in answer.headers["content-disposition"]
    text = answer.text
    assert NORMA["nhs_number"] in text
    goals = [one for one in _records(lines) if one["resourceType"] == "Goal"]
    assert goals
    assert all(one["description"]["text"] in text for one in goals)
    looks = [one["words"] for one in lines if one["part"] == "access"]
    assert looks
    assert all(words in text for words in looks)
    assert text.splitlines()[-1].startswith(f"The end. Items: {len(_records(lines))}. ")
    for used_by_programs in ("http", "urn:", "coding", world.norma, *(one["id"] for one in goals)):
        assert used_by_programs not in text


def test_every_entry_of_a_copy_names_what_was_asked(world, lead):
    service = world.service
    patient, before = _council_id(world), service.size()
    _copy(world, lead, patient=patient, reference="SAR 18")

    async def read() -> list[tuple[str, str | None]]:
        found = audit_reads.entries(service.site.store.engine, before)
        records = [decode(record) async for _, record, _, _ in found]
        return [(one.entry.event, await words_of(service.site, one)) for one in records]

    words = dict(service.run(read()))
    assert (words["export"], words["audit-view"]) == ("SAR 18", "SAR 18")


def test_a_lead_is_told_of_no_emergency_at_another_organisation(world, lead, norma_herself):
    assert break_glass(world.service, world.doctor, world.norma).status_code == 201
    lines = _copy(world, lead, patient=f"Patient/{_council_id(world)}", reference="SAR 4")
    told = [one for one in lines if one["part"] == "access"]
    assert told
    assert HOSPITAL not in json.dumps(told)
    lines = _copy(world, norma_herself)
    assert any(one.get("organisation") == HOSPITAL and one["break_glass"] for one in lines)


@pytest.mark.parametrize("what", ["everything_page", "lines_of"])
def test_a_copy_that_stops_on_the_way_has_no_end(world, norma_herself, monkeypatch, what):
    """The record is the person's no more after the first page, or before the last."""
    monkeypatch.setattr(subject_access, "_PAGE", 2)
    asked, whole = [], sight.sight_of
    pages = len([one for one in _copy(world, norma_herself) if one["part"] == "progress"])
    assert pages > 1
    left = 1 if what == "everything_page" else pages

    async def sight_of(*given):
        asked.append(given)
        return await whole(*given) if len(asked) <= left else None

    monkeypatch.setattr(subject_access, "sight_of", sight_of)
    parts = [one["part"] for one in _copy(world, norma_herself)]
    assert parts.count("progress") == left
    assert parts[-1] == "progress"


def test_each_page_of_a_copy_is_asked_for_and_in_the_log_at_its_own_time(
    world, norma_herself, monkeypatch
):
    monkeypatch.setattr(subject_access, "_PAGE", 2)
    service, whole = world.service, assemble.everything_page

    async def slowly(*given):
        service.at += timedelta(minutes=1)
        return await whole(*given)

    monkeypatch.setattr(subject_access, "everything_page", slowly)
    before = service.size()
    _copy(world, norma_herself)
    times = [one.recorded for one in service.entries(before) if one.event == "export"]
    assert len(times) > 1
    assert len(set(times)) == len(times)


def test_a_decision_about_a_copy_is_made_again(world, lead, norma_herself):
    service, patient = world.service, _council_id(world)
    borough = service.token("borough-governance", "bg-1", "QWE")
    for who, asked in (
        (lead, {"patient": patient, "reference": "SAR 5"}),
        (borough, {"patient": world.norma, "reference": "SAR 5"}),
        (norma_herself, {}),
    ):
        before = service.size()
        _copy(world, who, **asked)
        number = before + [one.event for one in service.entries(before)].index("export")
        replayed = post(service, "/access/replay", borough, entry=number).json()
        assert replayed["same"] is True, replayed
        assert "own-record" in replayed["again"]["reasons"]


def test_nobody_is_given_anothers_record(world, lead):
    service = world.service
    hospital = service.token("governance-lead", "ig-2", HOSPITAL)
    bob = world.person(BOB, service.token("gp", "gp-9", "H85002"))
    missing = post(
        service, "/ig/reports/subject-access", hospital, patient="nobody", reference="SAR 2"
    )
    assert is_outcome(missing, 404)
    for who, patient in ((hospital, world.norma), (hospital, _council_id(world)), (lead, bob)):
        answer = post(
            service, "/ig/reports/subject-access", who, patient=patient, reference="SAR 2"
        )
        assert (answer.status_code, answer.content) == (missing.status_code, missing.content)
    others = [service.token(one, "u-1", COUNCIL) for one in ("gp", "social-worker", "receptionist")]
    proxy = service.token("proxy", "u-1", patient=world.norma)
    for role, who in enumerate([*others, proxy]):
        asked = {"patient": world.norma, "reference": "SAR 3"}
        assert is_outcome(post(service, "/ig/reports/subject-access", who, **asked), 403), role
        assert is_outcome(service.get("/access/record", who), 403), role
        assert is_outcome(post(service, "/ig/reports/subject-access", who), 403), "first of all"
    for asked in ({"patient": world.norma}, {"patient": world.norma, "reference": "x"}):
        assert is_outcome(post(service, "/ig/reports/subject-access", lead, **asked), 400)
