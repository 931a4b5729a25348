"""Shredding over HTTP: two of the borough's governance, never one, and nobody else."""

import json

import pytest

from tests.api.opened import alert_rows
from tests.api.service import Service
from tests.api.world import COUNCIL, HOSPITAL, NORMA, PRACTICE, World

OTHERS = ["gp", "social-worker", "governance-lead", "privacy-officer", "identity-officer"]
ASK = {"basis": "request", "reason": "file 112"}
PATHS = [
    ("GET", "/ig/shredding"),
    ("POST", "/ig/shredding/requests"),
    ("POST", "/ig/shredding/requests/x/confirm"),
    ("POST", "/ig/shredding/requests/x/withdraw"),
    ("POST", "/ig/shredding/holds"),
    ("POST", "/ig/shredding/holds/x/lift"),
]


@pytest.fixture
def gateway(start, tmp_path):
    """With a register of its own: what is in another's is shredded as it starts."""
    return start(shred_register=tmp_path / "shredded")


def post(service: Service, user: str, path: str, **sent: str):
    who = service.token("borough-governance", user, COUNCIL, purpose="HCOMPL")
    headers = {"Content-Type": "application/json"}
    body = json.dumps(sent)
    return service.ask("POST", f"/ig/shredding/{path}", who, content=body, headers=headers)


def listed(service: Service) -> dict:
    who = service.token("borough-governance", "cg-1", COUNCIL, purpose="HCOMPL")
    return service.ask("GET", "/ig/shredding", who).json()


@pytest.mark.parametrize(("method", "path"), PATHS)
def test_no_other_role_learns_whether_anything_is_open(gateway, world, method, path):
    for role in OTHERS:
        before = gateway.size()
        answer = gateway.ask(method, path, gateway.token(role, "u-1", PRACTICE), content=b"{}")
        assert answer.status_code == 403, (role, answer.text)
        assert gateway.size() == before + 1
    assert gateway.ask(method, path, content=b"{}").status_code == 401
    system = gateway.token("provider", "system", HOSPITAL, feeds=["hospital"])
    assert gateway.ask(method, path, system, content=b"{}").status_code == 403
    herself = gateway.token("patient", "norma", patient=world.norma)
    assert gateway.ask(method, path, herself, content=b"{}").status_code == 403


def test_s65_one_asks_and_another_confirms(gateway, world: World):
    norma = world.norma
    made = post(gateway, "cg-1", "requests", record=norma, **ASK)
    assert (made.status_code, made.json()["asked_by"]) == (201, f"cg-1@{COUNCIL}")
    name = made.json()["request"]
    assert [one["request"] for one in listed(gateway)["requests"]] == [name]
    assert gateway.get(f"Patient/{norma}", world.gp).status_code == 200
    alone = post(gateway, "cg-1", f"requests/{name}/confirm")
    assert (alone.status_code, "somebody else" in alone.text) == (400, True)
    done = post(gateway, "cg-2", f"requests/{name}/confirm")
    assert (done.status_code, done.json()["state"]) == (200, "done")
    assert gateway.get(f"Patient/{norma}", world.gp).status_code == 404
    found = listed(gateway)
    assert (found["requests"], found["shredded"]) == ([], made.json()["records"])
    assert post(gateway, "cg-1", f"requests/{name}/withdraw", reason="late").status_code == 400


def test_a_hold_stands_in_the_way_until_it_is_lifted(gateway, world: World):
    until = (gateway.at.date().replace(year=gateway.at.year + 1)).isoformat()
    said = {"record": world.norma, "review": until, "reason": "an inquiry"}
    held = post(gateway, "cg-1", "holds", **said)
    assert held.status_code == 201
    assert post(gateway, "cg-1", "requests", record=world.norma, **ASK).status_code == 400
    for same in ("cg-1", "CG-1"):
        alone = post(gateway, same, f"holds/{held.json()['hold']}/lift", reason="it is closed")
        assert (alone.status_code, "somebody else" in alone.text) == (400, True)
    assert post(gateway, "cg-2", "requests", record=world.norma, **ASK).status_code == 400
    lifted = post(gateway, "cg-2", f"holds/{held.json()['hold']}/lift", reason="it is closed")
    assert lifted.status_code == 200
    made = post(gateway, "cg-1", "requests", record=world.norma, **ASK)
    assert made.status_code == 201
    gone = post(gateway, "cg-2", f"requests/{made.json()['request']}/withdraw", reason="a mistake")
    assert (gone.status_code, gone.json()["state"]) == (200, "withdrawn")
    assert gateway.get(f"Patient/{world.norma}", world.gp).status_code == 200


def test_who_has_several_ids_is_one_and_nobody_decides_on_themselves(start, tmp_path):
    book = tmp_path / "staff.toml"
    known = (("cg-1", "9990000409"), ("cg-one", "9990000409"), ("cg-9", NORMA["nhs_number"]))
    book.write_text(
        "".join(
            f'[[staff]]\nuser_id = "{user}"\norg = "{COUNCIL}"\nnhs_number = "{number}"\n'
            for user, number in known
        )
    )
    gateway = start(staff_file=book, shred_register=tmp_path / "shredded")
    world = World(gateway)
    assert post(gateway, "cg-9", "requests", record=world.norma, **ASK).status_code == 400
    name = post(gateway, "cg-1", "requests", record=world.norma, **ASK).json()["request"]
    for user in ("cg-1", "CG-1", "cg-one", " Cg-One", "cg-9"):
        assert post(gateway, user, f"requests/{name}/confirm").status_code == 400, user
    assert gateway.get(f"Patient/{world.norma}", world.gp).status_code == 200
    assert post(gateway, "cg-2", f"requests/{name}/confirm").status_code == 200


def test_a_look_at_what_is_open_is_an_alert_as_every_borough_wide_one(gateway, world):
    before = gateway.size()
    for _ in range(2):
        listed(gateway)
    entries = gateway.entries(before)
    assert [entry.event for entry in entries] == ["alert", "review"] * 2
    assert [(one.kind, one.user_id) for one in alert_rows(gateway)] == [("borough-view", "cg-1")]


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("requests", {"record": "x", "reason": "file 112", "basis": "because"}),
        ("requests", {"record": "x", "reason": " ", "basis": "request"}),
        ("requests", {"record": "x", "basis": "request"}),
        ("holds", {"record": "x", "reason": "an inquiry", "review": "soon"}),
        ("holds", {"record": "x", "reason": "an inquiry", "review": "2020-01-01"}),
    ],
)
def test_what_is_not_said_well_is_refused_by_field(gateway, world, path, sent):
    answer = post(gateway, "cg-1", path, **sent)
    assert (answer.status_code, answer.json()["resourceType"]) == (400, "OperationOutcome")


def test_nothing_of_nobody(gateway, world):
    assert post(gateway, "cg-1", "requests", record="nobody", **ASK).status_code == 404
    assert post(gateway, "cg-1", "requests/none/confirm").status_code == 404
    assert post(gateway, "cg-1", "holds/none/lift", reason="none").status_code == 404
