"""A plan that one feed alone brings, and every way out by which it might be found."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from consent.feeds import FeedState
from consent.periods import MAX_MICROS, MIN_MICROS
from gateway.flows.asking.search_log import Operator
from gateway.flows.feeds.feed_state import set_state
from gateway.store.access import caseload
from tests.api.messages import goal, support_plan
from tests.api.rows import goal_row, put
from tests.api.world import ALICE, NHS, PRACTICE, World, council_person

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


def hidden_and_never(
    start: Callable[[], Any], hide: Callable[[Any], object]
) -> Iterator[tuple[list[tuple], list[tuple]]]:
    """For each of three callers: what every way answers where the canary came and was hidden, and
    where nothing was ever sent."""
    told = []
    for number, service in enumerate((start(), start())):
        world = World(service)
        plan = min(one["id"] for one in world.of("CarePlan", world.alice, world.gp))
        put(service, world.alice, goal_row("g-team", world.alice, "the team's own"), org=PRACTICE)
        if number == 0:
            push_canary(service)
            name = canary(world, world.gp)
            hide(service)
        asked = ways(world, name, plan)
        callers = (world.gp, world.social_worker, world.doctor)
        told.append([answers_of(service, world, who, asked) for who in callers])
    yield from zip(*told, strict=True)


def lookers(service, world) -> tuple[dict[str, str], ...]:
    """Who sees the canary in an open feed: the practice, the trust's own nurse, the person, and
    the trust's safety officer."""
    entry = caseload.Entry(
        world.alice, "trust", TRUST, "", "caseload", MIN_MICROS, MAX_MICROS, "list", ""
    )
    service.write(lambda conn: caseload.insert(conn, [entry]))
    own = service.token("mental-health-nurse", "mh-1", TRUST)
    person = service.token("patient", "alice", "", patient=world.alice)
    officer = service.token("clinical-safety-officer", "so-1", TRUST, purpose="PATSFTY")
    return world.gp, own, person, officer


def pages_since(service, world, hide: Callable[[Any], object]) -> list[dict[str, Any]]:
    """The pages of a search after its first, walked once something was hidden."""
    first = service.get(f"Goal?patient={world.alice}&_count=1", world.gp).json()
    (following,) = [one["url"] for one in first["link"] if one["relation"] == "next"]
    hide(service)
    return list(service.walk(following, world.gp))
