"""Whom a suspension reaches: every record of the person it was ordered of, through merging and
parting in any order, and every user id that the named person goes by.
"""

from datetime import timedelta

import pytest

from gateway.flows.asking.search_log import Operator
from gateway.flows.identity import shred
from gateway.flows.identity.shred import Basis
from tests.api.acting import a_child, acting, again, proxy, recorded
from tests.api.opened import post
from tests.api.service import is_outcome
from tests.api.test_identity import officer
from tests.api.test_identity import post as decide
from tests.api.world import COUNCIL, HOSPITAL, NORMA, PRACTICE, put_on_caseload
from tests.integration.test_ingest_identity import seen_by
from tests.security.test_attacks_safeguarding import WHY, raise_concern, suspend
from tests.unit.consent.fhir_consents import USER
from tests.unit.consent.proxy_consents import by_number

WORKER = ("social-worker", "hc-9", "XHC")
GRAN = "9990000328"
SAID = {"review": "2026-12-01", "reason": WHY}


@pytest.fixture
def adviser(gateway):
    return gateway.token("safeguarding-adviser", "sa-1", COUNCIL)


def _records(gateway, person):
    """The person's source records, by organisation."""
    told = gateway.get(f"/identity/records/{person}", officer(gateway)).json()["records"]
    return {one["organisation"]: one["source_record"] for one in told}


def _sees(gateway, person, who=WORKER):
    return gateway.get(f"Patient/{person}", gateway.token(*who)).status_code == 200


def _said(gateway, one, other, verdict):
    gateway.at += timedelta(minutes=1)
    said = {"record": one, "other": other, "verdict": verdict, "reason": "looked at it again"}
    answer = decide(gateway, "/identity/decisions", **said)
    assert answer.status_code == 201, answer.text


def _suspended(gateway, adviser, person):
    made = suspend(gateway, adviser, person, WORKER[1])
    assert made.status_code == 201, made.text
    return made.json()["suspensions"][0]


def test_a21_it_stays_on_every_record_it_was_ordered_of_when_they_are_parted(
    gateway, world, adviser
):
    norma = world.norma
    records = _records(gateway, norma)
    for one in records.values():
        put_on_caseload(gateway, one, *reversed(WORKER[1:]))
    assert _sees(gateway, norma)
    name = _suspended(gateway, adviser, norma)
    _said(gateway, records[PRACTICE], records[COUNCIL], "different")
    for one in records.values():
        assert not _sees(gateway, one), one
    listed = gateway.get("/safeguarding/suspensions", adviser).json()["suspensions"]
    assert [set(one["patients"]) for one in listed] == [set(records.values())]
    _said(gateway, records[PRACTICE], records[COUNCIL], "same")
    assert not _sees(gateway, norma)
    _said(gateway, records[PRACTICE], records[COUNCIL], "different")
    lifted = post(gateway, f"/safeguarding/suspensions/{name}/lift", adviser, reason=WHY)
    assert lifted.status_code == 200, lifted.text
    for one in records.values():
        assert _sees(gateway, one), one


def test_a21_it_is_over_who_is_found_to_be_the_same_person_while_they_are(gateway, world, adviser):
    gateway.at += timedelta(minutes=5)
    wrong_date = seen_by("RAX", NORMA["nhs_number"], "19430403").body
    gateway.push("hospital", HOSPITAL, wrong_date)
    (other,) = [
        row["record"]["source_record"]
        for row in gateway.get("/identity/queue", officer(gateway)).json()["queue"]
        if row["record"]["organisation"] == HOSPITAL
    ]
    norma = world.norma
    for one in (norma, other):
        put_on_caseload(gateway, one, *reversed(WORKER[1:]))
    _suspended(gateway, adviser, norma)
    assert _sees(gateway, other)
    _said(gateway, other, norma, "same")
    assert not _sees(gateway, other)
    assert not _sees(gateway, norma)
    _said(gateway, other, norma, "different")
    assert _sees(gateway, other), "it was ordered of somebody else"
    assert not _sees(gateway, norma)


def test_it_stays_with_the_records_that_the_person_keeps_when_others_are_shredded(
    gateway, world, adviser, tmp_path
):
    norma, store = world.norma, gateway.site.store
    old = _records(gateway, norma)
    name = _suspended(gateway, adviser, norma)
    gateway.at += timedelta(minutes=5)
    later = seen_by(HOSPITAL, NORMA["nhs_number"], NORMA["born"].replace("-", "")).body
    gateway.push("hospital", HOSPITAL, later)
    (kept,) = {*_records(gateway, norma).values()} - {*old.values()}
    put_on_caseload(gateway, kept, *reversed(WORKER[1:]))
    anne, ben = (Operator(one, gateway.at) for one in ("anne", "ben"))
    for one in old.values():
        made = gateway.run(shred.ask(store, anne, one, Basis.RETENTION, "file 112", whole=False))
        gateway.run(shred.confirm(store, ben, made["request"], tmp_path / "register"))
    assert not _sees(gateway, kept)
    (listed,) = gateway.get("/safeguarding/suspensions", adviser).json()["suspensions"]
    assert listed["patients"] == [kept]
    lifted = post(gateway, f"/safeguarding/suspensions/{name}/lift", adviser, reason=WHY)
    assert lifted.status_code == 200, lifted.text
    assert _sees(gateway, kept)


def test_a8_what_an_adviser_is_kept_from_leaves_no_short_page(gateway, world, adviser):
    for person in (world.norma, world.norma, world.alice):
        raise_concern(gateway, world.stranger, patient=person)
        gateway.at += timedelta(minutes=1)
    named = gateway.token("safeguarding-adviser", "sa-3", COUNCIL)
    adviser = gateway.token("safeguarding-adviser", "sa-1", COUNCIL)
    suspend(gateway, adviser, world.norma, "sa-3")
    suspend(gateway, adviser, world.alice, "hd-1")
    for path in ("concerns", "suspensions"):
        told = gateway.get(f"/safeguarding/{path}?count=1", named).json()[path]
        assert len(told) == 1, path


def test_s39_a_proxy_is_suspended_by_the_number_that_names_them(gateway, world, adviser):
    """Nobody at the desk knows by which user id they sign in."""
    child = a_child(gateway)
    put_on_caseload(gateway, child, COUNCIL)
    recorded(gateway, child, performer=by_number(f"{GRAN[:3]} {GRAN[3:6]} {GRAN[6:]}"))
    user = gateway.site.store.vault.hasher.keyed_uuid("proxy", GRAN)
    assert gateway.get(f"Patient/{child}", proxy(gateway, child, user)).status_code == 200
    before = gateway.size()
    made = suspend(gateway, adviser, child, nhs_numbers=[GRAN])
    assert made.status_code == 201, made.text
    assert is_outcome(gateway.get(f"Patient/{child}", proxy(gateway, child, user)), 404)
    assert GRAN not in repr(gateway.entries(before))
    assert GRAN not in gateway.get("/safeguarding/suspensions", adviser).text
    size = gateway.size()
    for name, whom in (("nhs_numbers", ["9990000329"]), ("users", [GRAN]), ("users", [])):
        said = SAID | {"patient": child, name: whom}
        wrong = post(gateway, "/safeguarding/suspensions", adviser, **said)
        assert is_outcome(wrong, 400), name
        assert "99900003" not in wrong.text
        assert GRAN not in repr(gateway.entries(size))


@pytest.fixture
def book(tmp_path):
    path = tmp_path / "staff.toml"
    path.write_text(
        f'[[staff]]\nuser_id = "gp-1"\norg = "{PRACTICE}"\nnhs_number = "{GRAN}"\n'
        f'[[staff]]\nuser_id = "hc-9"\norg = "XHC"\nnhs_number = "{GRAN}"\n'
    )
    return path


def test_a38_staff_do_not_name_themselves_by_their_number_as_who_acts(start, book):
    gateway = start(staff_file=book)
    child, gp = a_child(gateway), gateway.token("gp", "gp-1", PRACTICE)
    for performer in (by_number(GRAN), [{"identifier": {"system": USER, "value": "hc-9"}}]):
        refused = gateway.create(acting(child, performer=performer), gp)
        assert is_outcome(refused, 403), performer
    colleague = gateway.token("gp", "gp-7", PRACTICE)
    consent = recorded(gateway, child, performer=by_number(GRAN), who=colleague)
    longer = consent["provision"] | {"period": {"start": "2026-01-05", "end": "2040-01-01"}}
    assert is_outcome(again(gateway, consent, gp, provision=longer), 403)


def test_a38_who_acts_for_somebody_says_as_staff_neither_who_else_does(start, book):
    gateway = start(staff_file=book)
    child, gp = a_child(gateway), gateway.token("gp", "gp-1", PRACTICE)
    colleague = gateway.token("gp", "gp-7", PRACTICE)
    recorded(gateway, child, performer=by_number(GRAN), who=colleague)
    assert is_outcome(gateway.create(acting(child, "her-husband"), gp), 403)
    assert gateway.create(acting(child, "an-aunt"), colleague).status_code == 201


def test_a_suspended_member_of_staff_is_so_by_every_id_that_is_known_of_them(start, book):
    gateway = start(staff_file=book)
    adviser = gateway.token("safeguarding-adviser", "sa-1", COUNCIL)
    child = a_child(gateway)
    colleague = gateway.token("gp", "gp-7", PRACTICE)
    recorded(gateway, child, performer=by_number(GRAN), who=colleague)
    put_on_caseload(gateway, child, COUNCIL)
    put_on_caseload(gateway, child, "XHC", "hc-9")
    user = gateway.site.store.vault.hasher.keyed_uuid("proxy", GRAN)
    ways = [
        proxy(gateway, child, user),
        gateway.token("gp", "gp-1", PRACTICE),
        gateway.token("gp", "GP-1", PRACTICE),
        gateway.token(*WORKER),
    ]
    for who in ways:
        assert gateway.get(f"Patient/{child}", who).status_code == 200
    assert suspend(gateway, adviser, child, "gp-1").status_code == 201
    for who in ways:
        assert is_outcome(gateway.get(f"Patient/{child}", who), 404)


def test_nobody_decides_at_the_desk_on_what_they_raised_as_who_acts_for_the_person(start, book):
    gateway = start(staff_file=book)
    child, colleague = a_child(gateway), gateway.token("gp", "gp-7", PRACTICE)
    recorded(gateway, child, performer=by_number(GRAN), who=colleague)
    user = gateway.site.store.vault.hasher.keyed_uuid("proxy", GRAN)
    name = raise_concern(gateway, proxy(gateway, child, user), patient=child).json()["concern"]
    path = f"/safeguarding/concerns/{name}/close"
    herself = gateway.token("safeguarding-adviser", "gp-1", COUNCIL)
    assert is_outcome(post(gateway, path, herself, reason=WHY), 403)
    another = gateway.token("safeguarding-adviser", "sa-1", COUNCIL)
    assert post(gateway, path, another, reason=WHY).status_code == 200


def test_suspensions_that_are_ordered_at_once_all_hold(gateway, world, adviser):
    norma, alice = world.norma, world.alice
    asked = [
        ("POST", "/safeguarding/suspensions", SAID | {"patient": one, "users": ["gp-1"]})
        for one in (norma, alice, norma, alice)
    ]
    answers = gateway.at_once(asked, adviser)
    assert {one.status_code for one in answers} == {201}, [one.text for one in answers]
    for one in (norma, alice):
        assert not _sees(gateway, one, ("gp", "gp-1", PRACTICE))


@pytest.mark.parametrize(
    "copied", ["hc\u200b-9", "hc-9\ufeff", "\u2060HC\u00ad-9", "\uff48\uff43-9"]
)
def test_a_suspension_reaches_whom_a_copied_text_names(gateway, world, adviser, copied):
    """What nobody sees comes along when an id is copied from a page; and stays out of the desk's
    sight."""
    norma = world.norma
    put_on_caseload(gateway, norma, *reversed(WORKER[1:]))
    assert _sees(gateway, norma)
    assert suspend(gateway, adviser, norma, copied).status_code == 201
    assert not _sees(gateway, norma)
    nobody = suspend(gateway, adviser, norma, "\u200b", "\u3164")
    assert is_outcome(nobody, 400)
