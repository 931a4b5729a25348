"""What fails, fails closed, for whom it concerns: the named scenario over HTTP.

Each test bears the id of its scenario; docs/security-ids.md lists them.
"""

import pytest

from gateway.store.access import consent_rules
from tests.api.consents import against, dissent
from tests.api.rows import goal_row, put
from tests.api.service import is_outcome, resources
from tests.api.world import COUNCIL, World
from tests.fake_log import FakeLog


@pytest.fixture(params=["sealed = substr(sealed, 1, 40)", "author = 'H85001'", "refs = ''"])
def broken(gateway, world, request):
    """Norma's id; her one Consent, which spoke of somebody else, was altered in the database."""
    sent = dissent(world.norma, **against("RZZ"))
    made = gateway.create(sent, world.gp)
    assert made.status_code == 201, made.text

    async def unit(conn):
        await conn.execute(
            f"UPDATE resource SET {request.param} WHERE resource_id = $1",  # noqa: S608
            (made.json()["id"],),
        )
        await conn.execute("UPDATE person SET epoch = epoch + 1")

    norma = world.norma
    gateway.write(unit)
    return norma


def test_s69_a_consent_that_cannot_be_opened_closes_one_record_and_no_other(
    gateway, world, broken, monkeypatch
):
    log = FakeLog()
    monkeypatch.setattr(consent_rules, "_log", log)
    norma, alice = broken, world.alice
    for who in (world.gp, world.social_worker):
        assert is_outcome(gateway.get(f"Patient/{norma}", who), 404)
        assert world.of("Goal", norma, who) == []
        assert gateway.get(f"Patient/{alice}", who).status_code == 200
        assert len(world.of("Goal", alice, who)) > 0
        over_all = gateway.get("Goal?_count=500", who)
        found = {one["subject"]["reference"] for one in resources(over_all.json())}
        assert f"Patient/{alice}" in found
        assert f"Patient/{norma}" not in found
    assert {event for event, _ in log.lines} == {"consent-unreadable"}
    assert all(fields == {} for _, fields in log.lines), "named nobody"
    herself = gateway.token("patient", "norma", patient=norma)
    assert gateway.get(f"Patient/{norma}", herself).status_code == 200


def test_s69_a_label_that_nobody_knows_closes_one_item_and_no_other(gateway, world):
    alice = world.alice
    put(gateway, alice, goal_row("g-known", alice, "words"))
    put(gateway, alice, goal_row("g-novel", alice, "words"), sens="NOVEL")
    put(gateway, alice, goal_row("g-level", alice, "words"), conf="X")
    for who in (world.gp, world.social_worker):
        assert gateway.get("Goal/g-known", who).status_code == 200
        for name in ("g-novel", "g-level"):
            assert is_outcome(gateway.get(f"Goal/{name}", who), 404)


def test_s71_where_permission_is_recorded_a_tie_alone_opens_nothing(start):
    """Asked and agreed for this visit: then, and until the visit is over."""
    gateway = start(permission_to_view="recorded")
    world = World(start(permission_to_view="implied"))
    alice, doctor, before = world.alice, world.doctor, gateway.size()
    assert is_outcome(gateway.get(f"Patient/{alice}", doctor), 404)
    assert gateway.entries(before)[-1].reasons == ("no-permission",)
    asked = {"patient": alice, "asked_how": "in-person", "kind": "visit"}
    assert gateway.ask("POST", "/access/permission", doctor, json=asked).status_code == 201
    looked = gateway.size()
    assert gateway.get(f"Patient/{alice}", doctor).status_code == 200
    assert "permission-recorded" in gateway.entries(looked)[0].reasons
    gateway.at = gateway.at.replace(day=23)
    assert is_outcome(gateway.get(f"Patient/{alice}", World(gateway).doctor), 404)
    colleague = gateway.token("social-worker", "sw-1", COUNCIL)
    assert is_outcome(gateway.get(f"Patient/{alice}", colleague), 404)
