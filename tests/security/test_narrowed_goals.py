"""Attacks on the company of a goal whose audience was narrowed.

A stage names the goal in other words, and an action says what is done about it: whoever may not
see the goal reads it there. A16: what belongs to the hidden is hidden with it.
"""

import json
from datetime import timedelta
from typing import Any, Final

import pytest

from tests.api.messages import goal, support_plan
from tests.api.world import ALICE, COUNCIL, World, council_person

CANARY: Final = "canary"
NARROWED: Final = goal("H1", f"{CANARY} brother", sharing=["very restricted"])
STAGE: Final = goal(
    "H2",
    f"{CANARY} letter to him",
    stage_of="H1",
    baseline={"measure": f"{CANARY} letters", "value": 0, "on": "2026-11-01"},
    agreed=[{"who": f"{CANARY} sister", "on": "2026-11-01"}],
)
STAGE_OF_STAGE: Final = goal("H3", f"{CANARY} stamp", stage_of="H2")
OPEN: Final = goal("V1", "I want to knit.")


def _action(name: str, *goals: str, **more: Any) -> dict[str, Any]:
    what = f"{CANARY} visit" if any(one.startswith("H") for one in goals) else "Wool is bought"
    return {"id": name, "what": what, "state": "going on", "goal_ids": list(goals), **more}


ACTIONS: Final = [
    _action("A1", "H1", funding="direct payment", funded_by=f"{CANARY} trust"),
    _action("A2", "H3"),
    _action("A3", "V1", "H2"),
    _action("A4", "V1"),
]


def _tell(gateway, goals: list[dict[str, Any]]) -> None:
    gateway.at += timedelta(minutes=5)
    plan = {"id": "SP-T", "written_at": gateway.at.isoformat().replace("+00:00", "Z")}
    body = support_plan(council_person(ALICE), plan, goals=goals, actions=ACTIONS)
    gateway.push("social-care", COUNCIL, body)


@pytest.mark.parametrize("turned", [False, True])
def test_a16_the_stages_and_actions_of_a_narrowed_goal_are_narrowed_with_it(gateway, turned):
    goals = [OPEN, NARROWED, STAGE, STAGE_OF_STAGE]
    _tell(gateway, goals[::-1] if turned else goals)
    world = World(gateway)
    everything = gateway.get(f"Patient/{world.alice}/$everything?_count=500", world.social_worker)
    assert everything.status_code == 200
    assert "Wool is bought" in everything.text, "the caller sees nothing, and the test says nothing"
    assert "I want to knit." in everything.text
    assert CANARY not in everything.text
    held = json.dumps(world.of("Goal", world.alice, world.social_worker))
    held += json.dumps(world.of("ServiceRequest", world.alice, world.social_worker))
    assert CANARY not in held
    assert "H1" not in held
