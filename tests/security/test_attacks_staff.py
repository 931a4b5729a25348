"""Staff and their own records: what a member of staff may not read, and what is told of it."""

import json
from datetime import timedelta

import pytest

from gateway.cli.opening import opened_store
from gateway.flows.access.triage import look_for_misuse
from gateway.flows.asking.search_log import Operator
from gateway.setting_parts import StaffFile
from tests.api.consents import practitioner, team
from tests.api.opened import alert_rows, break_glass, post, self_claim
from tests.api.service import is_outcome
from tests.api.world import ALICE, BOB, COUNCIL, HOSPITAL, NHS, NORMA

CARA = "sw-norma"
ELSEWHERE = "ig-bob"


@pytest.fixture
def file(tmp_path):
    """Norma works for the council: one of its users is her."""
    path = tmp_path / "staff.toml"
    rows = [
        (CARA, NORMA["nhs_number"]),
        ("sw-other", ""),
        ("sw-odd", "123"),
        (ELSEWHERE, BOB["nhs_number"]),
    ]
    path.write_text(
        "".join(
            f'[[staff]]\nuser_id = "{user}"\norg = "{COUNCIL}"\nnhs_number = "{number}"\n'
            for user, number in rows
        )
    )
    return path


@pytest.fixture
def gateway(start, file):
    return start(staff_file=file)


def _worker(gateway, user, role="social-worker"):
    return gateway.token(role, user, COUNCIL)


def _number(person):
    return f"{NHS}|{person['nhs_number']}"


def test_s42_staff_do_not_read_their_own_record_and_it_is_told(gateway, world):
    norma, own = world.norma, _worker(gateway, CARA)
    before = gateway.size()
    refused = gateway.get(f"Patient/{norma}", own)
    assert is_outcome(refused, 404)
    missing = gateway.get("Patient/00000000-0000-4000-8000-000000000000", own)
    assert refused.content == missing.content
    entry = gateway.entries(before)[0]
    assert (entry.outcome, entry.reasons) == ("refused", ("staff-own-record",))
    (alert,) = alert_rows(gateway)
    assert (alert.kind, alert.org, alert.user_id) == ("staff-own-record", COUNCIL, CARA)
    assert gateway.get(f"Patient/{norma}", own).status_code == 404
    assert len(alert_rows(gateway)) == 1, "one a day"
    assert is_outcome(gateway.get(f"Patient/{norma}", _worker(gateway, CARA.upper())), 404)


def test_s42_asking_why_or_answering_a_dispute_is_told_as_reading_is(gateway, world):
    person = gateway.token("patient", "p-1", patient=world.norma, purpose="PATRQT")
    goal = "Goal/" + world.of("Goal", world.norma, world.social_worker)[0]["id"]
    sent = {"resource": goal, "text": "I never said that I want this"}
    (task,) = post(gateway, "/access/disputes", person, **sent).json()["disputes"]
    answer = {"outcome": "stands", "reason": "it was said at the review, in their words"}
    path = f"/access/disputes/{task.removeprefix('Task/')}/answer"
    assert is_outcome(post(gateway, path, _worker(gateway, CARA), **answer), 404)
    adviser = _worker(gateway, "sw-adviser", "safeguarding-adviser")
    asked = f"/access/explain?resource={goal}&caller=hc-9&role=home-care&org=XHC"
    assert gateway.get(asked, adviser).status_code == 200
    before = [one for one in alert_rows(gateway) if one.kind == "staff-own-record"]
    assert [one.user_id for one in before] == [CARA], "one a day"
    gateway.at += timedelta(days=1)
    own = _worker(gateway, CARA, "safeguarding-adviser")
    assert is_outcome(gateway.get(asked, own), 404)
    after = [one for one in alert_rows(gateway) if one.kind == "staff-own-record"]
    assert len(after) == len(before) + 1


@pytest.mark.parametrize(
    "path",
    ["Goal?patient={0}", "Patient/{0}/$everything", "Patient/{0}/_history", "Patient?_id={0}"],
)
def test_s42_no_way_of_asking_shows_staff_their_own_record(gateway, world, path):
    norma, own = world.norma, _worker(gateway, CARA)
    colleague = _worker(gateway, "sw-other")
    asked = path.format(norma)
    assert norma in gateway.get(asked, colleague).text
    assert "ASHDOWN" not in gateway.get(asked, own).text
    found = gateway.search("Patient", own, identifier=_number(NORMA)).json()
    assert found["total"] == 0
    listed = gateway.get("Patient", own).json()
    assert norma not in [one["resource"]["id"] for one in listed.get("entry", ())]


def test_s42_neither_a_team_nor_an_emergency_nor_a_claim_opens_it(gateway, world):
    norma = world.norma
    gateway.create(team(norma, practitioner(CARA, COUNCIL)), world.coordinator)
    own = _worker(gateway, CARA)
    for opened in (break_glass, self_claim):
        assert opened(gateway, own, norma).status_code in (403, 404)
    assert is_outcome(gateway.get(f"Patient/{norma}", own), 404)


def test_s42_a_colleague_reads_with_a_relationship_and_is_told_to_the_privacy_officer(
    gateway, world, file
):
    assert gateway.get(f"Patient/{world.norma}", _worker(gateway, "sw-other")).status_code == 200
    assert alert_rows(gateway) == []
    day, staff = timedelta(days=1), StaffFile.read(file).staff
    look = look_for_misuse(
        gateway.site.store, Operator("privacy", gateway.at), staff, gateway.at - day,
        gateway.at + day,
    )  # fmt: skip
    whys = {
        (one.access.user_id, str(why)) for one, _ in gateway.run(look).suspicions for why in one.why
    }
    assert ("sw-other", "colleague") in whys


def test_s42_who_answers_for_a_person_does_not_answer_about_themselves(gateway, world):
    norma, before = world.norma, gateway.size()
    asked = {"patient": norma, "reference": "SAR 1"}
    for role, org in (("governance-lead", COUNCIL), ("borough-governance", "QWE")):
        own = gateway.token(role, CARA, org)
        assert is_outcome(post(gateway, "/ig/reports/subject-access", own, **asked), 404)
        entry = gateway.entries(before)[-1]
        assert (entry.outcome, entry.reasons) == ("refused", ("staff-own-record",))
        other = gateway.token(role, "ig-other", org)
        answer = post(gateway, "/ig/reports/subject-access", other, **asked)
        assert answer.status_code == 200, role
    kinds = [one.kind for one in alert_rows(gateway)]
    assert kinds.count("subject-access") == 2
    assert "staff-own-record" in kinds


@pytest.mark.parametrize(
    ("role", "org"), [("governance-lead", COUNCIL), ("borough-governance", "QWE")]
)
def test_s42_no_role_shows_its_holder_who_looked_at_their_own_record(gateway, world, role, org):
    """That is asked as the person, under the person's rules; by search, by number, as a file."""
    norma, alice = world.norma, world.person(ALICE, _worker(gateway, "sw-other"))
    before = gateway.size()
    for person in (norma, alice):
        assert gateway.get(f"Patient/{person}", _worker(gateway, "sw-other")).status_code == 200
    own, other = (gateway.token(role, user, org) for user in (CARA, "ig-other"))
    searches = ["agent=sw-other", f"patient={norma}", f"entity=Patient/{norma}"]
    for search in searches:
        found = gateway.get(f"AuditEvent?{search}", own).json()
        assert norma not in json.dumps(found.get("entry", [])), search
        assert norma in gateway.get(f"AuditEvent?{search}", other).text, search
        for form in ("ndjson", "csv"):
            assert norma not in gateway.get(f"/ig/log/{form}?{search}", own).text, (form, search)
    assert gateway.get(f"AuditEvent?patient={norma}", own).json()["total"] == 0
    assert gateway.get(f"AuditEvent?patient={alice}", own).json()["total"] > 0
    assert is_outcome(gateway.get(f"AuditEvent/{before}", own), 404)
    assert gateway.get(f"AuditEvent/{before}", other).status_code == 200


def test_s42_a_lead_who_is_nobodys_record_here_sees_as_before(gateway, world):
    assert gateway.get(f"Patient/{world.norma}", _worker(gateway, "sw-other")).status_code == 200
    own = gateway.token("governance-lead", ELSEWHERE, COUNCIL)
    assert gateway.get(f"AuditEvent?patient={world.norma}", own).json()["total"] > 0


def test_s42_a_lead_who_asks_who_looked_at_their_own_record_is_told_of(gateway, world):
    own = gateway.token("governance-lead", CARA, COUNCIL)
    for path in (f"AuditEvent?patient={world.norma}", f"/ig/log/csv?patient={world.norma}"):
        before = gateway.size()
        assert gateway.get(path, own).status_code == 200
        (entry,) = gateway.entries(before)
        assert (entry.outcome, entry.reasons) == ("refused", ("staff-own-record",)), path
    (alert,) = alert_rows(gateway)
    assert (alert.kind, alert.user_id, alert.patient_id) == ("staff-own-record", CARA, world.norma)


@pytest.mark.parametrize("first", [True, False])
def test_s42_who_asks_about_themselves_among_others_finds_nothing(gateway, world, first):
    """And the alert is about them, which their own queue does not list."""
    assert gateway.get(f"Patient/{world.alice}", world.gp).status_code == 200
    own = gateway.token("governance-lead", CARA, COUNCIL)
    asked = [world.norma, world.alice] if first else [world.alice, world.norma]
    before = gateway.size()
    answer = gateway.get(f"AuditEvent?patient={','.join(asked)}", own)
    assert answer.json()["total"] == 0
    (entry,) = gateway.entries(before)
    assert (entry.outcome, entry.person_id) == ("refused", world.norma)
    assert dict(entry.detail)["shown"] == "0"
    (alert,) = alert_rows(gateway)
    assert alert.patient_id == world.norma
    assert gateway.get("/ig/alerts", own).json()["alerts"] == []


@pytest.mark.parametrize(
    ("role", "org"), [("privacy-officer", HOSPITAL), ("borough-governance", "QWE")]
)
def test_s42_no_role_shows_its_holder_an_alert_about_their_own_record(gateway, world, role, org):
    """Neither in the queue, nor by a refusal where there is none for one that is not there."""
    assert break_glass(gateway, world.doctor, world.norma, defer="coercion").status_code == 201
    (alert,) = alert_rows(gateway)
    own, other = (gateway.token(role, user, org) for user in (CARA, "po-other"))
    assert gateway.get("/ig/alerts", own).json()["alerts"] == []
    assert [one["alert"] for one in gateway.get("/ig/alerts", other).json()["alerts"]] == [
        alert.alert_id
    ]
    before = gateway.size()
    refused = gateway.get(f"/ig/alerts/{alert.alert_id}", own)
    missing = gateway.get("/ig/alerts/none", own)
    assert is_outcome(refused, 404)
    assert refused.content == missing.content
    reason = "rang the ward, the visit is in the diary"
    settled = post(gateway, f"/ig/alerts/{alert.alert_id}/justify", own, reason=reason)
    unknown = post(gateway, "/ig/alerts/none/justify", own, reason=reason)
    assert is_outcome(settled, 404)
    assert settled.content == unknown.content
    outcomes = [one.outcome for one in gateway.entries(before)]
    assert outcomes == ["refused", "not-found", "refused", "not-found"]
    assert [one.status for one in alert_rows(gateway)] == ["open"]


@pytest.mark.parametrize(
    ("role", "org"), [("governance-lead", COUNCIL), ("borough-governance", "QWE")]
)
@pytest.mark.parametrize("way", ["GET", "POST"])
def test_s42_a_recall_shows_nobody_who_was_shown_their_own_record(gateway, world, role, org, way):
    norma, colleague = world.norma, _worker(gateway, "sw-other")
    goal = "Goal/" + world.of("Goal", norma, colleague)[0]["id"]
    assert gateway.get(goal, colleague).status_code == 200
    own, other = (gateway.token(role, user, org) for user in (CARA, "ig-other"))
    refused = gateway.ask(way, f"/ig/recall?resource={goal}", own)
    missing = gateway.ask(way, "/ig/recall?resource=Goal/none", own)
    assert is_outcome(refused, 404)
    assert refused.content == missing.content
    (alert,) = [one for one in alert_rows(gateway) if one.user_id == CARA]
    assert (alert.kind, alert.patient_id) == ("staff-own-record", norma)
    assert gateway.ask(way, f"/ig/recall?resource={goal}", other).status_code in (200, 201)


def test_s42_a_lead_who_asks_for_what_is_of_their_own_record_is_told_of(gateway, world):
    goal = "Goal/" + world.of("Goal", world.norma, _worker(gateway, "sw-other"))[0]["id"]
    own = gateway.token("governance-lead", CARA, COUNCIL)
    for path in (f"AuditEvent?entity={goal}", f"/ig/log/csv?entity={goal}"):
        before = gateway.size()
        assert gateway.get(path, own).status_code == 200
        (entry,) = gateway.entries(before)
        assert (entry.outcome, entry.reasons) == ("refused", ("staff-own-record",)), path
    assert {one.patient_id for one in alert_rows(gateway)} == {world.norma}
    assert gateway.get("/ig/alerts", own).json()["alerts"] == []


def test_s42_others_records_and_other_users_are_as_before(gateway, world):
    alice = world.person(ALICE, _worker(gateway, CARA))
    assert gateway.get(f"Patient/{alice}", _worker(gateway, CARA)).status_code == 200
    assert gateway.get(f"Patient/{world.norma}", _worker(gateway, "sw-odd")).status_code == 200
    doctor = gateway.token("hospital-doctor", CARA, HOSPITAL)
    assert is_outcome(gateway.get(f"Patient/{world.norma}", doctor), 404)
    assert {one.kind for one in alert_rows(gateway)} == {"staff-own-record"}


def test_s42_without_a_file_nobody_is_known_as_a_person(start):
    gateway = start()
    world_gp = gateway.token("gp", "gp-1", "H85001")
    found = gateway.search("Patient", world_gp, identifier=_number(NORMA)).json()
    norma = found["entry"][0]["resource"]["id"]
    assert gateway.get(f"Patient/{norma}", _worker(gateway, CARA)).status_code == 200


def test_s42_a_command_knows_staff_as_the_service_does(gateway, world):
    async def known():
        async with opened_store(gateway.settings) as store:
            hashes = store.vault.hasher.keyed_hashes("nhs-number", NORMA["nhs_number"])
            return store.vault.staff.users_of(hashes)

    assert gateway.run(known()) == {CARA}
