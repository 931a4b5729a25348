"""The queue over HTTP, for the role that decides, and nobody else."""

import json
from datetime import timedelta

import pytest

from tests.api.service import Service
from tests.api.world import COUNCIL, HOSPITAL, NORMA, PRACTICE, World
from tests.integration.test_ingest_identity import OTHER, seen_by

OTHERS = ["gp", "social-worker", "governance-lead", "feed-operator", "privacy-officer"]
PATHS = [
    ("GET", "/identity/queue"),
    ("GET", "/identity/records/x"),
    ("POST", "/identity/decisions"),
    ("POST", "/identity/statements"),
    ("POST", "/identity/settled"),
]


def officer(service: Service) -> dict[str, str]:
    return service.token("identity-officer", "io-1", COUNCIL, purpose="HSYSADMIN")


def post(service: Service, path: str, **sent: str):
    headers = {"Content-Type": "application/json"}
    body = json.dumps(sent)
    return service.ask("POST", path, officer(service), content=body, headers=headers)


@pytest.mark.changes_nothing
@pytest.mark.parametrize(("method", "path"), PATHS)
def test_no_other_role_learns_whether_anything_waits(gateway, world, method, path):
    for role in OTHERS:
        before = gateway.size()
        answer = gateway.ask(method, path, gateway.token(role, "u-1", PRACTICE), content=b"{}")
        assert answer.status_code == 403, (role, answer.text)
        assert gateway.size() == before + 1
    assert gateway.ask(method, path, content=b"{}").status_code == 401
    system = gateway.token("provider", "system", HOSPITAL, feeds=["hospital"])
    assert gateway.ask(method, path, system, content=b"{}").status_code == 403


def test_a_pair_is_seen_decided_and_taken_back(gateway, world: World):
    gateway.at += timedelta(minutes=5)  # the older record's id serves
    gateway.push("hospital", HOSPITAL, seen_by("RAX", NORMA["nhs_number"], "19430403").body)
    norma = world.norma
    (row,) = [
        row
        for row in gateway.get("/identity/queue", officer(gateway)).json()["queue"]
        if row["record"]["organisation"] == HOSPITAL
    ]
    assert row["record"]["state"] == "date-conflict"
    assert "ASHDOWN" not in json.dumps(row).upper()
    names = {"record": row["record"]["source_record"], "other": norma}
    made = post(gateway, "/identity/decisions", **names, verdict="same", reason="the ward rang")
    assert made.status_code == 201
    assert {one["person"] for one in made.json()["records"]} == {norma}
    told = gateway.get(f"/identity/records/{norma}", officer(gateway)).json()
    assert [said["by"] for said in told["statements"]] == [f"io-1@{COUNCIL}"]
    said = {"record": names["record"], "fact": "pds", "value": "R", "reason": "a letter"}
    assert post(gateway, "/identity/statements", **said).json()["stands"] == {"pds": "R"}
    assert "KT6 5ZZ" not in gateway.get(f"Patient/{norma}", world.gp).text
    post(gateway, "/identity/decisions", **names, verdict="different", reason="her twin")
    assert "KT6 5ZZ" in gateway.get(f"Patient/{norma}", world.gp).text


def _waiting(gateway: Service) -> list[tuple[str, str]]:
    """Each of the hospital's records that waits, and how it stands."""
    rows = gateway.get("/identity/queue", officer(gateway)).json()["queue"]
    named = [row[side] for row in rows for side in ("record", "other") if row[side]]
    found = {(one["source_record"], one["state"]) for one in named}
    return [one for one in found if one[1] == "says-otherwise"]


def test_a_decision_does_not_hold_for_whoever_bears_the_local_id_next(gateway, world: World):
    """From the next request nobody sees across it; it waits until somebody decides afresh."""
    gateway.at += timedelta(minutes=5)
    norma = world.norma
    gateway.push("hospital", HOSPITAL, seen_by(HOSPITAL, NORMA["nhs_number"], "19430403").body)
    record = gateway.get("/identity/queue", officer(gateway)).json()["queue"][0]["record"]
    names = {"record": record["source_record"], "other": norma, "verdict": "same"}
    assert post(gateway, "/identity/decisions", **names, reason="rang").status_code == 201
    path = f"Condition?patient={norma}"
    held = gateway.get(path, world.gp).text
    assert "Asthma" in held
    oliver = seen_by(HOSPITAL, OTHER, "19510622", at="20261003090000", name="Oliver")
    gateway.push("hospital", HOSPITAL, oliver.body)
    assert "Asthma" not in gateway.get(path, world.gp).text
    assert _waiting(gateway) == [(names["record"], "says-otherwise")]
    told = gateway.get(f"/identity/records/{names['record']}", officer(gateway)).json()
    assert [one["source_record"] for one in told["records"]] == [names["record"]]
    assert post(gateway, "/identity/decisions", **names, reason="once more").status_code == 201
    assert _waiting(gateway) == []
    assert "Asthma" in gateway.get(path, world.gp).text


def test_a_decision_on_what_the_queue_showed_is_refused_once_something_else_is_said(
    gateway, world: World
):
    """Said of the one or of the other; it leaves nothing, and holds once it was looked at again."""
    gateway.at += timedelta(minutes=5)
    norma = world.norma
    gateway.push("hospital", HOSPITAL, seen_by(HOSPITAL, NORMA["nhs_number"], "19430403").body)

    def decided(verdict: str) -> tuple[int, str]:
        (row,) = [
            row
            for row in gateway.get("/identity/queue", officer(gateway)).json()["queue"]
            if row["record"]["organisation"] == HOSPITAL and row["other"]
        ]
        names = {side: row[side]["source_record"] for side in ("record", "other")}
        sent = names | {"verdict": verdict, "reason": "rang", "seen": row["seen"]}
        later.pop()()
        answer = post(gateway, "/identity/decisions", **sent)
        return answer.status_code, answer.text

    def told_again(org: str, born: str, at: str, name: str) -> None:
        gateway.push("hospital", org, seen_by(org, NORMA["nhs_number"], born, at, name=name).body)

    later = [
        lambda: told_again(HOSPITAL, "19430403", "20261007090000", "Norma"),
        lambda: told_again(HOSPITAL, "19430403", "20261005090000", "Oliver"),
    ]
    status, text = decided("same")
    assert status == 412
    assert "look again" in text
    told = gateway.get(f"/identity/records/{norma}", officer(gateway)).json()
    assert told["statements"] == []
    assert decided("same")[0] == 201, "the same once more is nothing else"


@pytest.mark.changes_nothing
@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("decisions", {}),
        ("decisions", {"record": "a", "other": "b", "verdict": "perhaps", "reason": "x"}),
        ("decisions", {"record": "a", "other": "b", "verdict": "same", "reason": " "}),
        ("decisions", {"record": "a", "other": "a", "verdict": "same", "reason": "x"}),
        ("decisions", {"record": "a", "other": "b", "verdict": "same", "reason": "x", "y": "z"}),
        ("statements", {"record": "a", "fact": "age", "value": "1", "reason": "x"}),
        ("statements", {"record": "a", "fact": "pds", "value": "yes", "reason": "x"}),
    ],
)
def test_what_cannot_be_decided_is_told_by_field(gateway, world, path, sent):
    answer = post(gateway, f"/identity/{path}", **sent)
    assert answer.status_code == 400
    assert "perhaps" not in answer.text


def test_nobody_of_that_name_is_404(gateway, world):
    sent = {"record": "a", "other": "b", "verdict": "same", "reason": "x"}
    assert post(gateway, "/identity/decisions", **sent).status_code == 404
    assert gateway.get("/identity/records/a", officer(gateway)).status_code == 404
