"""The queue over HTTP, for the role that decides, and nobody else."""

import json
from datetime import timedelta

import pytest

from tests.api.service import Service
from tests.api.world import COUNCIL, HOSPITAL, NORMA, PRACTICE, World
from tests.integration.test_ingest_identity import seen_by

OTHERS = ["gp", "social-worker", "governance-lead", "feed-operator", "privacy-officer"]
PATHS = [
    ("GET", "/identity/queue"),
    ("GET", "/identity/records/x"),
    ("POST", "/identity/decisions"),
    ("POST", "/identity/statements"),
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
