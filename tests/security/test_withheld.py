"""Attacks on being told that something is withheld: by whom, of whom, and never of what.

It is the one exemption from non-interference: off by default, signed by the controllers, told to
who may break the glass, where that would show them more.
"""

from typing import Any

import pytest

from gateway.errors import ConfigurationError
from gateway.main import policy_of
from gateway.settings import Settings
from gateway.sign_offs import check_signed
from tests.api.messages import goal, support_plan
from tests.api.opened import break_glass
from tests.api.rows import goal_row, mark, plan_row, put
from tests.api.service import Service, resources
from tests.api.world import (
    BOB,
    COUNCIL,
    HOSPITAL,
    PRACTICE,
    World,
    council_person,
    put_on_caseload,
)

WORDS = "Some information about this person is withheld."
HEADER = "care-record-withheld"
OPENED: dict[str, Any] = {"conf": "R", "sens": "HIV"}
"""Hidden from a hospital doctor, and opened by an emergency."""
NEVER: list[dict[str, Any]] = [
    {"conf": "R", "sens": "HIV", "legal": "SEALED"},
    {"legal": "GRA"},
    {"conf": "V"},
    {"conf": "V", "sens": "PSY"},
    {"own": "HOMEACCESS"},
    {"sens": "NOVEL"},
    {"category": "finance"},
]
_IDS = ("x-request-id", "traceparent")


def _signed(folder, **chosen) -> dict:
    """Settings under which it is told, and a file of who signed them."""
    wanted = {"tell_withheld": True, **chosen}
    policy = policy_of(Settings(_env_file=None, **wanted))
    file = folder / "signed.toml"
    file.write_text(
        f'controllers = ["{PRACTICE}"]\n[[signed]]\ncontroller = "{PRACTICE}"\n'
        f'by = "A. Guardian, Caldicott"\non = 2026-11-02\npolicy = "{policy.hash}"\n',
        encoding="utf-8",
    )
    return {**wanted, "policy_sign_offs": file}


@pytest.fixture
def telling(start, tmp_path):
    return start(**_signed(tmp_path))


def _norma(gateway: Service) -> str:
    norma = World(gateway).norma
    put_on_caseload(gateway, norma, HOSPITAL)
    put(gateway, norma, goal_row("g-open", norma, "Open words"))
    return norma


def _doctor(gateway: Service, **more):
    return gateway.token("hospital-doctor", "hd-1", HOSPITAL, **more)


def _ways(person: str) -> list[str]:
    return [
        f"Patient/{person}/$everything",
        f"Patient/{person}/$everything?_type=Encounter",
        f"Patient/{person}/Goal",
        f"Goal?patient={person}&_id=none",
        f"Patient?_id={person}",
    ]


def _told(gateway: Service, who, person: str) -> set[str | None]:
    """What each way of asking says; the words are the same or none is said."""
    answers = [gateway.get(way, who) for way in _ways(person)]
    assert {one.status_code for one in answers} == {200}
    return {one.headers.get(HEADER) for one in answers}


def _answers(gateway: Service, who, person: str) -> list:
    found = []
    for way in [*_ways(person), "Goal/g-hid", "Goal/g-open", f"Patient/{person}", "Goal"]:
        answer = gateway.get(way, who)
        headers = sorted((k, v) for k, v in answer.headers.items() if k not in _IDS)
        found.append((way, answer.status_code, answer.content, headers))
    return found


def test_who_may_break_the_glass_is_told_in_constant_words_and_the_log_says_so(telling):
    norma = _norma(telling)
    assert _told(telling, _doctor(telling), norma) == {None}
    put(telling, norma, goal_row("g-hid", norma, "Hidden words"), **OPENED)
    before = telling.size()
    assert _told(telling, _doctor(telling), norma) == {WORDS}
    entries = telling.entries(before)
    assert len(entries) == len(_ways(norma))
    assert {dict(one.detail).get("withheld") for one in entries} == {"told"}
    assert telling.get("Goal/g-hid", _doctor(telling)).status_code == 404
    assert HEADER not in telling.get("Goal/g-open", _doctor(telling)).headers
    assert HEADER not in telling.get("Goal", _doctor(telling)).headers
    norma_and_nobody = f"Goal?patient={norma},none"
    assert HEADER not in telling.get(norma_and_nobody, _doctor(telling)).headers


def test_the_glass_once_broken_shows_it_and_nothing_more_is_told(telling):
    norma = _norma(telling)
    put(telling, norma, goal_row("g-hid", norma, "Hidden words"), **OPENED)
    assert break_glass(telling, _doctor(telling), norma).status_code == 201
    assert _told(telling, _doctor(telling), norma) == {None}
    assert "Hidden words" in telling.get("Goal/g-hid", _doctor(telling)).text


def test_which_kind_is_hidden_and_how_much_changes_no_byte(telling):
    norma = _norma(telling)
    put(telling, norma, goal_row("g-hid", norma, "Hidden words"), **OPENED)
    one = _answers(telling, _doctor(telling), norma)
    for number, word in enumerate(("SDV", "STD")):
        row = goal_row(f"g-more-{number}", norma, "Hidden")
        put(telling, norma, row, conf="R", sens=word)
    put(telling, norma, plan_row("p-more", norma, "g-hid"), **OPENED)
    assert _answers(telling, _doctor(telling), norma) == one


def test_an_entry_of_a_bundle_tells_nothing_and_the_log_does_not_say_it_did(telling):
    norma = _norma(telling)
    put(telling, norma, goal_row("g-hid", norma, "Hidden words"), **OPENED)
    asked = [{"request": {"method": "GET", "url": way}} for way in _ways(norma)]
    for kind in ("batch", "transaction"):
        before = telling.size()
        bundle = {"resourceType": "Bundle", "type": kind, "entry": asked}
        answer = telling.ask("POST", "", _doctor(telling), json=bundle)
        assert answer.status_code == 200
        assert WORDS not in answer.text
        assert HEADER not in answer.headers
        assert not [e for e in telling.entries(before) if dict(e.detail).get("withheld")]


def test_off_nothing_hidden_changes_a_byte(gateway):
    norma = _norma(gateway)
    without = _answers(gateway, _doctor(gateway), norma)
    put(gateway, norma, goal_row("g-hid", norma, "Hidden words"), **OPENED)
    assert _answers(gateway, _doctor(gateway), norma) == without
    assert not [one for one in gateway.entries() if dict(one.detail).get("withheld")]


def test_what_no_emergency_opens_is_never_hinted_at(telling):
    norma = _norma(telling)
    without = _answers(telling, _doctor(telling), norma)
    for number, labels in enumerate(NEVER):
        put(telling, norma, goal_row(f"g-never-{number}", norma, "Hidden"), **labels)
    put(telling, norma, plan_row("g-hid", norma, "g-never-0"), legal="HFEA")
    told = {
        "resourceType": "Provenance", "id": "told", "recorded": "2026-11-01T10:00:00Z",
        "target": [{"reference": "Goal/g-never-0"}], "agent": [{"who": {"display": "x"}}],
    }  # fmt: skip
    put(telling, norma, told, **OPENED)
    assert _answers(telling, _doctor(telling), norma) == without


@pytest.mark.parametrize("role", ["social-worker", "home-care", "receptionist", "navigator"])
def test_to_every_other_role_it_changes_no_byte(telling, role):
    norma = _norma(telling)
    who = telling.token(role, "u-1", COUNCIL)
    without = _answers(telling, who, norma)
    put(telling, norma, goal_row("g-hid", norma, "Hidden words"), **OPENED)
    assert _answers(telling, who, norma) == without


def test_a_stranger_and_a_meeting_are_told_nothing(telling):
    norma = _norma(telling)
    put(telling, norma, goal_row("g-hid", norma, "Hidden words"), **OPENED)
    stranger = telling.token("hospital-doctor", "hd-9", "RZZ")
    missing = telling.get(f"Goal?patient={norma}", stranger)
    assert HEADER not in missing.headers
    assert telling.get(f"Patient/{norma}/$everything", stranger).status_code == 404
    beside = _doctor(telling) | {"X-Present": f"gp;{PRACTICE};gp-1"}
    assert HEADER not in telling.get(f"Goal?patient={norma}", beside).headers


def test_who_sees_what_their_own_organisation_sent_alone_is_told_nothing(telling):
    """The council has a record of Bob and no tie to him: that others hold more is not told."""
    bob, holder = World(telling).bob, telling.token("hospital-doctor", "hd-9", COUNCIL)
    plan = support_plan(council_person(BOB), {"id": "SP-B"}, goals=[goal("G1", "I want to cycle.")])
    telling.push("social-care", COUNCIL, plan)
    (own,) = resources(telling.search("Patient", holder, family=BOB["family"]).json())
    assert own["id"] != bob
    put(telling, own["id"], goal_row("g-hid", own["id"], "Hidden words"), **OPENED)
    for way in _ways(own["id"]):
        answer = telling.get(way, holder)
        assert (answer.status_code, HEADER in answer.headers) == (200, False)
    put_on_caseload(telling, bob, COUNCIL)
    assert HEADER in telling.get(f"Goal?patient={own['id']}", holder).headers


def test_of_a_very_restricted_person_nothing_is_told(telling):
    norma = _norma(telling)
    put(telling, norma, goal_row("g-hid", norma, "Hidden words"), **OPENED)
    mark(telling, norma, pds="V")
    answer = telling.get(f"Goal?patient={norma}", _doctor(telling))
    assert (answer.json()["total"], HEADER in answer.headers) == (0, False)


def test_it_is_not_served_before_it_is_signed():
    chosen = Settings(_env_file=None, tell_withheld=True)
    with pytest.raises(ConfigurationError, match="no controller's sign-off"):
        check_signed(chosen, policy_of(chosen))
    assert policy_of(chosen).hash != policy_of(Settings(_env_file=None)).hash
