"""Attacks on what a locality has switched off: nothing of it is found by any way out."""

import json

import pytest

from gateway.flows.asking.search_log import Operator
from gateway.flows.outbound import outbound
from gateway.flows.outbound.outbound_profiles import Outbound
from gateway.flows.upkeep.load_site import load_site
from mappings.registry import FEEDS
from tests.api.messages import goal, support_plan
from tests.api.rows import goal_row, put
from tests.api.service import resources
from tests.api.world import ALICE, COUNCIL, HOSPITAL, PRACTICE, World, council_person
from tests.security.canary import (
    CANARY,
    TRUST,
    canary,
    hidden_and_never,
    lookers,
    pages_since,
    push_canary,
    set_feed,
)
from tests.security.test_outbound import profile

SITE = """
reviewed = "The safety officer, 2026-11-20"
[borough]
id = "borough"
name = "The Borough"
[[locality]]
id = "north"
name = "North"
feeds_off = {feeds}
features_off = {features}
[[locality]]
id = "south"
name = "South"
[[practice]]
ods = "H85001"
name = "Practice A"
locality = "{locality}"
[[practice]]
ods = "H85002"
name = "Practice B"
locality = "south"
"""


def switch(service, *, feeds=(), features=(), locality: str = "north"):
    """The site, with this switched off in the north; Alice's practice in a locality."""
    text = SITE.format(
        feeds=json.dumps(list(feeds)), features=json.dumps(list(features)), locality=locality
    )
    work = load_site(
        service.site.store,
        Operator("operator", service.at),
        [("site.toml", text.encode())],
        FEEDS,
    )
    return service.run(work)


def goals(world: World, who) -> str:
    return json.dumps(world.of("Goal", world.alice, who))


def without_the_feed(service):
    return switch(service, feeds=["mental-health"])


def test_a_feed_that_is_switched_off_is_found_by_no_way_out(start):
    """The same bytes as where nothing was ever sent."""
    for hidden, never in hidden_and_never(start, without_the_feed):
        assert hidden == never
        assert CANARY not in str(hidden)


def test_no_role_and_no_tie_opens_what_is_switched_off(gateway, world):
    push_canary(gateway)
    name = canary(world, world.gp)
    callers = lookers(gateway, world)
    assert [gateway.get(f"Goal/{name}", who).status_code for who in callers] == [200] * 4
    switch(gateway, feeds=["mental-health"])
    assert [gateway.get(f"Goal/{name}", who).status_code for who in callers] == [404] * 4
    set_feed(gateway, "safety-access")
    assert [gateway.get(f"Goal/{name}", who).status_code for who in callers] == [404] * 4
    set_feed(gateway, "open")
    switch(gateway)
    assert [gateway.get(f"Goal/{name}", who).status_code for who in callers] == [200] * 4


def test_a_switch_is_of_the_people_of_its_practices_and_of_nobody_else(gateway, world):
    push_canary(gateway)
    alice = world.alice
    bob = gateway.get(f"Condition?patient={world.bob}", world.other_gp).json()
    switch(gateway, feeds=["mental-health", "gp"])
    nurse = gateway.token("mental-health-nurse", "mh-1", TRUST)
    assert gateway.get(f"Patient/{alice}", nurse).status_code == 404
    again = gateway.get(f"Condition?patient={world.bob}", world.other_gp).json()
    assert resources(again) == resources(bob) != []


def test_a_practice_that_moves_takes_its_people_with_it_from_the_next_request(gateway, world):
    push_canary(gateway)
    switch(gateway, feeds=["mental-health"])
    assert CANARY not in goals(world, world.gp)
    switch(gateway, feeds=["mental-health"], locality="south")
    assert CANARY in goals(world, world.gp)


@pytest.mark.parametrize("state", ["open", "sandbox"])
def test_a_feed_that_has_not_joined_moves_nobody_out_of_their_locality(gateway, world, state):
    """A newer word of where somebody is registered counts from a feed that has joined alone."""
    push_canary(gateway)
    name, alice = canary(world, world.gp), world.alice
    switch(gateway, feeds=["mental-health"])
    claim = (
        "UPDATE source_record SET practice = 'H85002', practice_claim = '9999', feed = 'gp'"
        " WHERE source_org = $1 AND person_id = $2"
    )
    assert gateway.write(lambda conn: conn.execute(claim, (TRUST, alice))) == 1
    set_feed(gateway, state, TRUST, "gp")
    expected = 200 if state == "open" else 404
    assert gateway.get(f"Goal/{name}", world.gp).status_code == expected


def test_a_feed_that_is_switched_off_gives_nobody_a_tie(gateway, world):
    put(gateway, world.alice, goal_row("g-council", world.alice, "of the council"), org=COUNCIL)
    assert gateway.get("Goal/g-council", world.gp).status_code == 200
    gp, alice = world.gp, world.alice
    switch(gateway, feeds=["gp"])
    assert gateway.get("Goal/g-council", gp).status_code == 404
    assert gateway.get(f"Patient/{alice}", gp).status_code == 404


def test_what_came_by_nobody_knows_which_feed_is_hidden_with_who_sends_that_feed(gateway, world):
    push_canary(gateway)
    person = world.alice
    put(gateway, person, goal_row("g-old", person, "from before feeds were kept"), org=TRUST)
    put(gateway, person, goal_row("g-own", person, "of another"), org=HOSPITAL)
    assert gateway.get("Goal/g-old", world.gp).status_code == 200
    switch(gateway, feeds=["mental-health"])
    assert gateway.get("Goal/g-old", world.gp).status_code == 404
    assert gateway.get("Goal/g-own", world.gp).status_code == 200


def test_a_page_token_of_before_shows_nothing_of_what_is_off_since(gateway, world):
    push_canary(gateway)
    rest = pages_since(gateway, world, without_the_feed)
    assert CANARY not in json.dumps(rest)
    assert {page["total"] for page in rest} == {5}


def test_a_file_for_an_organisation_holds_nothing_of_what_is_off(gateway, world, tmp_path):
    push_canary(gateway)
    switch(gateway, feeds=["social-care"])
    of = profile(PRACTICE, "gp")
    given_to = Outbound(tmp_path / "files", (of,))
    gateway.run(outbound.run(gateway.site, given_to, of, lambda: gateway.at))
    written = [one.read_bytes() for one in (tmp_path / "files").rglob("*") if one.is_file()]
    assert written
    swim = world.of("Goal", world.alice, world.gp)
    assert CANARY in json.dumps(swim)
    assert "swim" not in json.dumps(swim)


def test_without_the_shared_record_each_organisation_sees_its_own_alone(gateway, world):
    assert "swim" in goals(world, world.gp)
    person = gateway.token("patient", "alice", "", patient=world.alice)
    switch(gateway, features=["shared-record"])
    assert goals(world, world.gp) == "[]"
    assert world.of("Condition", world.alice, world.gp)
    assert "swim" in json.dumps(world.of("Goal", world.alice, world.social_worker))
    assert "swim" in json.dumps(world.of("Goal", world.alice, person))
    doctor = gateway.get(f"Patient/{world.alice}", world.doctor)
    missing = gateway.get("Patient/00000000-0000-8000-8000-000000000000", world.doctor)
    assert (doctor.status_code, doctor.content) == (404, missing.content)


def test_without_the_own_record_the_person_is_shown_nothing_and_the_team_all(gateway, world):
    alice = world.alice
    person = gateway.token("patient", "alice", "", patient=alice)
    assert "swim" in json.dumps(world.of("Goal", alice, person))
    switch(gateway, features=["own-record"])
    for way in (f"Patient/{alice}", f"Patient/{alice}/$everything"):
        assert gateway.get(way, person).status_code == 404
    answer = gateway.get(f"Goal?patient={alice}", person).json()
    assert (answer["total"], resources(answer)) == (0, [])
    assert "swim" in goals(world, world.gp)


def test_what_is_off_is_still_taken_and_shown_once_it_is_on(gateway, world):
    switch(gateway, feeds=["mental-health"])
    body = support_plan(council_person(ALICE), {"id": "SP-T"}, goals=[goal("G1", CANARY)])
    answer = gateway.push("mental-health", TRUST, body)
    assert answer["status"] == "taken"
    assert CANARY not in goals(world, world.gp)
    switch(gateway)
    assert CANARY in goals(world, world.gp)


def test_a_change_of_the_site_by_hand_holds_from_the_next_request(gateway, world):
    push_canary(gateway)
    switch(gateway)
    assert CANARY in goals(world, world.gp)
    by_hand = "INSERT INTO site_switch (locality, kind, name) VALUES ('north', 'feed', $1)"
    gateway.write(lambda conn: conn.execute(by_hand, ("mental-health",)))
    assert CANARY not in goals(world, world.gp)
    gateway.write(lambda conn: conn.execute("DELETE FROM site_entry WHERE kind = 'practice'"))
    assert CANARY in goals(world, world.gp)
