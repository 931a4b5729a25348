"""The reason of a discard: opened for governance alone, and who opened it is in the log first."""

import pytest

from gateway.audit.events import Event
from gateway.errors import AuditUnavailableError
from gateway.flows.asking.search_log import Operator
from gateway.flows.feeds.discard import discard
from gateway.flows.feeds.feed_errors import Choice
from mappings.registry import FEEDS
from tests.api.service import is_outcome
from tests.api.world import COUNCIL, HOSPITAL

REASON = "Norma rang: the letter was about her neighbour"


@pytest.fixture
def number(gateway) -> int:
    """Of the entry of a discard of something that the council sent."""
    who = gateway.token("provider", "system", COUNCIL, feeds=["social-care"])
    headers = {"Content-Type": "application/json"}
    plan = b'{"document": "support-plan", "version": "1", "plan": {"id": "X"}}'
    gateway.ask("POST", "/feeds/social-care", who, content=plan, headers=headers)
    operator = Operator("an-operator", gateway.at)
    done = gateway.run(discard(gateway.site.store, Choice(FEEDS), operator, REASON))
    assert done["discarded"] == 1
    return gateway.size() - 1


@pytest.fixture
def borough(gateway):
    return gateway.token("borough-governance", "caldicott", "QWE")


def test_governance_reads_a_reason_and_the_look_is_recorded(gateway, world, number, borough):
    for who in (borough, world.lead):
        listed = gateway.get("/ig/discards", who)
        assert [one["number"] for one in listed.json()["discards"]] == [number]
        assert "neighbour" not in listed.text
        size = gateway.size()
        answer = gateway.get(f"/ig/discards/{number}", who)
        assert answer.json()["reason"] == REASON
        assert answer.json()["organisation"] == COUNCIL
        (entry,) = gateway.entries(size)
        assert (entry.event, str(entry.outcome)) == (Event.AUDIT_VIEW, "served")
        assert dict(entry.detail)["reason-of"] == str(number)


def test_nobody_else_reads_it_and_anothers_is_not_there(gateway, world, number):
    for role, org in (("social-worker", COUNCIL), ("researcher", COUNCIL), ("feed-operator", "")):
        for path in ("/ig/discards", f"/ig/discards/{number}"):
            who = gateway.token(role, org=org or COUNCIL)
            assert is_outcome(gateway.get(path, who), 403, "forbidden")
    other = gateway.token("governance-lead", "ig-9", HOSPITAL)
    assert gateway.get("/ig/discards", other).json() == {"discards": []}
    hidden = gateway.get(f"/ig/discards/{number}", other)
    assert is_outcome(hidden, 404)
    assert hidden.content == gateway.get("/ig/discards/999999", other).content
    assert gateway.get("/ig/discards/0", world.lead).status_code == 404  # a push, and no discard


def test_a29_without_the_log_no_reason(gateway, number, borough, monkeypatch):
    async def failing(_log, _entry):
        raise AuditUnavailableError

    monkeypatch.setattr(type(gateway.site.store.log), "append", failing)
    answer = gateway.get(f"/ig/discards/{number}", borough)
    assert is_outcome(answer, 503, "transient")
    assert "neighbour" not in answer.text
