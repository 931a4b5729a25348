"""Who may not ask is told that, and nothing of what they asked: the role comes before any shape."""

import pytest

from tests.api.service import is_outcome
from tests.api.world import COUNCIL, PRACTICE

LONG = "x" * 65
MISSHAPEN = [
    ("GET", "/ig/recall?resource=" + "x" * 201, "lead"),
    ("POST", "/ig/recall?days=0", "lead"),
    ("GET", "/ig/discards?count=x", "lead"),
    ("GET", "/ig/discards/x", "lead"),
    ("GET", "/ig/alerts?count=0", "lead"),
    ("GET", f"/ig/alerts/{LONG}", "lead"),
    ("POST", f"/ig/alerts/{LONG}/dismiss", "lead"),
    ("GET", "/ig/reports/board", "lead"),
    ("GET", "/ig/reports/board?month=2026-011", "lead"),
    ("GET", f"/ig/searches/{LONG}", "lead"),
    ("DELETE", f"/ig/searches/{LONG}", "lead"),
    ("GET", f"/ig/searches/{LONG}/events", "lead"),
    ("GET", "/safeguarding/concerns?count=0", "safeguarding-adviser"),
    ("POST", "/safeguarding/concerns/none/take", "safeguarding-adviser"),
    ("GET", "/safeguarding/suspensions?count=x", "safeguarding-adviser"),
    ("POST", "/safeguarding/suspensions/none/lift", "safeguarding-adviser"),
    ("GET", "/identity/queue?limit=0", "identity-officer"),
    ("GET", "/access/log?count=0", "person"),
    ("GET", "/feeds/gp/report?days=0", "practice"),
]


@pytest.fixture
def gateway(shared):
    return shared


def _may_ask(gateway, world, role):
    match role:
        case "lead":
            return world.lead
        case "person":
            return gateway.token("patient", patient=world.norma)
        case "practice":
            return gateway.token("provider", "system", PRACTICE, feeds=["gp"])
        case _:
            return gateway.token(role, "u-1", COUNCIL)


@pytest.mark.parametrize(("method", "path", "role"), MISSHAPEN)
def test_a_shape_is_judged_after_the_role(gateway, world, method, path, role):
    before = gateway.size()
    assert is_outcome(gateway.ask(method, path, world.gp), 403, "forbidden")
    (entry,) = gateway.entries(before)
    assert (entry.outcome, entry.agent.role) == ("refused", "gp")
    who = _may_ask(gateway, world, role)
    assert is_outcome(gateway.ask(method, path, who), 400)
