"""A preview of a policy tells what the changed policy then does, in the situations that it speaks
of apart: an emergency, a claim, a visit, a named member of staff, and being told."""

import dataclasses
import tomllib
from collections.abc import Callable
from copy import deepcopy
from datetime import timedelta
from importlib.resources import files
from typing import Any, Final

from consent.policy import Policy
from gateway.flows.access.preview_policy import preview_policy
from gateway.flows.asking.search_log import Operator
from gateway.store.access.held import HeldCache
from tests.api.opened import break_glass, self_claim
from tests.api.rows import goal_row, put
from tests.api.world import COUNCIL, HOSPITAL, put_on_caseload
from tests.security.test_home_access import CARERS, _push_plan, _visit
from tests.security.test_withheld import HEADER

_DOCUMENT: Final = tomllib.loads(files("consent").joinpath("policy.toml").read_text("utf-8"))


def _changed(gateway, change: Callable[[dict], Any], **settings: Any) -> Policy:
    document = deepcopy(_DOCUMENT)
    change(document)
    chosen = dataclasses.replace(gateway.site.policy.settings, **settings)
    return Policy.parse(document, chosen)


def _deploy(gateway, policy: Policy) -> None:
    site = dataclasses.replace(gateway.site, policy=policy, known=HeldCache())
    gateway.app.state.site = site


def _changes(gateway, after: Policy, situation: str) -> list[dict[str, Any]]:
    both = (gateway.site.policy, after)
    work = preview_policy(gateway.site.store, Operator("op", gateway.at), both, 1_000)
    return [one for one in gateway.run(work)["changes"] if one["situation"] == situation]


def _told(gateway, after: Policy, situation: str) -> dict[tuple[str, str, str], list[str]]:
    """The items named, by way, role and organisation, in one situation."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for one in _changes(gateway, after, situation):
        place = (one["change"], one["role"], one["organisation"])
        found[place] = sorted((*found.get(place, []), *one["examples"]))
    return found


def _withheld(gateway, after: Policy) -> dict[tuple[str, str], int]:
    """Of how many people each would be told so."""
    found = _changes(gateway, after, "told-withheld")
    assert {(one["change"], one["items"], *one["examples"]) for one in found} == {("gains", 0)}
    return {(one["role"], one["organisation"]): one["people"] for one in found}


def _sees(gateway, reference: str, who) -> bool:
    return gateway.get(reference, who).status_code == 200


def test_what_an_emergency_opens_no_more_is_told_also_of_strangers(gateway, world):
    put(gateway, world.norma, goal_row("g-psy", world.norma, "x"), org=COUNCIL, sens="PSY")
    after = _changed(gateway, lambda one: one["break_glass"]["sensitivities"].remove("PSY"))
    assert _told(gateway, after, "ordinary") == {}
    told = _told(gateway, after, "emergency")
    assert "Goal/g-psy" in told["loses", "emergency", "any-other"]
    assert ("loses", "gp", "any-other") not in told, "psychiatric content is in the role"
    crew = gateway.token("emergency", "em-1", "RRU")
    assert break_glass(gateway, crew, world.norma).status_code == 201
    assert _sees(gateway, "Goal/g-psy", crew)
    _deploy(gateway, after)
    assert not _sees(gateway, "Goal/g-psy", crew)


def test_an_emergency_that_ends_sooner_is_told(gateway, world):
    after = _changed(gateway, lambda one: one["break_glass"].update(hours=1))
    goals = {f"Goal/{one['id']}" for one in world.of("Goal", world.norma, world.gp)}
    told = _told(gateway, after, "emergency")["loses", "emergency", "any-other"]
    assert goals <= set(told)
    assert _told(gateway, after, "ordinary") == {}


def test_a_role_that_may_claim_no_more_is_told(gateway, world):
    role = "hospital-doctor"
    after = _changed(gateway, lambda one: one["roles"][role].update(self_claim=False))
    goals = {f"Goal/{one['id']}" for one in world.of("Goal", world.norma, world.gp)}
    told = _told(gateway, after, "self-claim")
    assert set(told) == {("loses", role, "any-other")}
    assert goals <= set(told["loses", role, "any-other"])
    doctor = gateway.token(role, "hd-9", HOSPITAL)
    assert self_claim(gateway, doctor, world.norma).status_code == 201
    assert all(_sees(gateway, one, doctor) for one in goals)
    _deploy(gateway, after)
    assert not any(_sees(gateway, one, doctor) for one in goals)


def test_who_is_told_the_way_in_no_more_or_for_a_shorter_time_is_told(gateway, world):
    put_on_caseload(gateway, world.norma, CARERS)
    named = [one["reference"] for one in _push_plan(gateway)["resources"]]
    (flag,) = [one for one in named if one.startswith("Flag/")]
    without = _changed(gateway, lambda one: one["home_access"]["roles"].remove("home-care"))
    shorter = _changed(gateway, lambda one: one["home_access"].update(minutes_before=10))
    for after in (without, shorter):
        assert _told(gateway, after, "ordinary") == {}
        told = _told(gateway, after, "home-visit")
        assert told["loses", "home-care", CARERS] == [flag]
    assert ("loses", "therapist", CARERS) not in _told(gateway, without, "home-visit")
    assert _told(gateway, shorter, "home-visit")["loses", "therapist", CARERS] == [flag]
    _visit(gateway, gateway.at + timedelta(minutes=30))
    carer = gateway.token("home-care", "hc-1", CARERS)
    assert _sees(gateway, flag, carer)
    _deploy(gateway, shorter)
    assert not _sees(gateway, flag, carer)


def test_whom_a_team_names_and_what_they_lose_is_told(gateway, world):
    norma = world.norma
    put(gateway, norma, goal_row("g-117", norma, "x"), org=COUNCIL, own="S117")
    after = _changed(gateway, lambda one: one["aftercare"]["named_roles"].clear())
    assert _told(gateway, after, "named")["loses", "social-worker", COUNCIL] == ["Goal/g-117"]
    assert {role for _, role, _ in _told(gateway, after, "named")} == {"social-worker"}
    put_on_caseload(gateway, norma, COUNCIL, "sw-1")
    assert _sees(gateway, "Goal/g-117", world.social_worker)
    _deploy(gateway, after)
    assert not _sees(gateway, "Goal/g-117", world.social_worker)


def test_who_would_be_told_that_something_is_withheld_is_counted_and_no_item_named(gateway, world):
    norma = world.norma
    put_on_caseload(gateway, norma, HOSPITAL)
    assert HEADER not in gateway.get(f"Goal?patient={norma}", world.doctor).headers
    after = _changed(gateway, lambda _: None, tell_withheld=True)
    doctors = ("hospital-doctor", HOSPITAL)
    before = _withheld(gateway, after)[doctors]
    put(gateway, norma, goal_row("g-hiv", norma, "x"), org=COUNCIL, conf="R", sens="HIV")
    told = _withheld(gateway, after)
    assert told[doctors] == before + 1
    assert "any-other" not in {org for _, org in told}, "a stranger hears nothing"
    _deploy(gateway, after)
    assert HEADER in gateway.get(f"Goal?patient={norma}", world.doctor).headers
