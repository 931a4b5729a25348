"""A plan that one feed alone brings, and every way out by which it might be found."""

import json

from consent.feeds import FeedState
from gateway.flows.feed_state import set_state
from gateway.flows.search_log import Operator
from tests.api.messages import goal, support_plan
from tests.api.world import ALICE, NHS, council_person

CANARY = "I want to see the canary."
TRUST = "RQY"
FEEDS = ("social-care", "gp", "mental-health")


def set_feed(service, state: str, org: str = TRUST, feed: str = "mental-health"):
    """The state of a feed, with a reason."""
    work = set_state(
        service.site.store,
        Operator("operator", service.at),
        (org, feed),
        FeedState(state),
        "agreed with the trust",
        FEEDS,
    )
    return service.run(work)


def push_canary(service) -> None:
    """A support plan of the trust, as its mental-health feed would bring it."""
    body = support_plan(council_person(ALICE), {"id": "SP-T"}, goals=[goal("G1", CANARY)])
    service.push("mental-health", TRUST, body)


def canary(world, who) -> str:
    """The id of the goal that tells, for somebody who sees it."""
    (found,) = [one for one in world.of("Goal", world.alice, who) if CANARY in json.dumps(one)]
    return str(found["id"])


def ways(world, name: str, plan: str) -> list[str]:
    """Every way to ask for the goal and its plan."""
    person = world.alice
    return [
        f"Goal/{name}", f"Goal/{name}/_history", f"Goal/{name}/_history/1",
        f"Goal/{name}/$lineage", f"Goal?_id={name}", f"Goal?patient={person}&_count=500",
        f"Goal?patient={person}&_summary=count", f"Patient/{person}/$everything?_count=500",
        f"CarePlan?patient={person}&_include=CarePlan:goal&_count=500", f"CarePlan/{plan}",
        f"Patient/{person}", f"Patient?_id={person}", f"AuditEvent?patient={person}",
    ]  # fmt: skip


def answers_of(service, world, who, asked) -> list[tuple]:
    """What each way answers, the ids of the request itself left out."""
    found = []
    for way in asked:
        answer = service.get(way, who)
        text = answer.text.replace(answer.headers.get("x-request-id", "-"), "")
        found.append((way, answer.status_code, text))
    number = service.search("Patient", who, identifier=f"{NHS}|{ALICE['nhs_number']}")
    return [*found, ("number", number.status_code, number.text)]
