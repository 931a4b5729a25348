"""The log as AuditEvent, for governance roles; rows audit-03, audit-04, date-08, reference-09."""

from datetime import timedelta

import pytest

from mappings.core.validate import validate
from tests.api.consents import dissent
from tests.api.service import is_outcome, resources
from tests.api.world import COUNCIL, PRACTICE


def _lead(gateway, org=COUNCIL):
    return gateway.token("governance-lead", f"ig-{org}", org)


def _events(gateway, who, query=""):
    bundle = gateway.get(f"AuditEvent?_count=500&{query}", who).json()
    assert len(bundle.get("entry", [])) == bundle["total"]
    return resources(bundle)


def _kind(event):
    return event["subtype"][-1]["code"]


def test_audit_03_one_event_for_each_interaction(gateway, world):
    norma, before = world.norma, len(_events(gateway, _lead(gateway)))
    gateway.get(f"Patient/{norma}", world.social_worker)
    gateway.get(f"Goal?patient={norma}", world.social_worker)
    gateway.create(dissent(norma), world.social_worker)
    for name in ("entity", "patient"):
        events = _events(gateway, _lead(gateway), f"{name}=Patient/{norma}&agent=sw-1")
        assert [_kind(e) for e in events] == ["consent-change", "search", "read"]
    for event in events:
        assert validate(event, local_references=False) == ()
        assert event["outcome"] == "0"
        assert any(f"Patient/{norma}" in str(entity) for entity in event["entity"])
    assert [e["action"] for e in events] == ["C", "E", "R"] or events[2]["action"] == "R"
    assert len(_events(gateway, _lead(gateway))) > before


def test_audit_04_a_refused_look_is_there_with_its_reason_and_no_content(gateway, world):
    gateway.get(f"Patient/{world.alice}", gateway.token("community-nurse", "cn-7", COUNCIL))
    gateway.get(f"Patient/{world.bob}", world.social_worker)
    (event,) = _events(gateway, _lead(gateway), "agent=sw-1&outcome=refused")
    assert event["outcome"] == "4"
    assert "no-relationship" in str(event)
    for words in ("PENDLETON", "9990000239", "Hypertensive"):
        assert words not in str(event)


def test_a_search_of_the_log_is_itself_recorded(gateway, world):
    before = gateway.size()
    _events(gateway, _lead(gateway), f"patient={world.norma}")
    entry = gateway.entries()[-1]
    assert gateway.size() > before
    assert (entry.event, entry.agent.user_id) == ("audit-view", f"ig-{COUNCIL}")
    assert entry.person_id == world.norma
    (event, *_) = _events(gateway, _lead(gateway), "subtype=audit-view")
    assert event["agent"][0]["who"] or event["agent"]


def test_a_lead_sees_own_staff_and_own_data_and_no_more(gateway, world):
    gateway.get(f"Condition?patient={world.alice}", world.gp)
    gateway.get(f"Goal?patient={world.alice}", world.gp)
    gateway.get(f"Patient/{world.bob}", world.other_gp)
    council = _events(gateway, _lead(gateway), "agent=gp-1&subtype=search")
    assert all("Condition/" not in str(e["entity"]) for e in council)
    assert any("Goal/" in str(e["entity"]) for e in council)
    assert _events(gateway, _lead(gateway), "agent=gp-2") == []
    assert not any(PRACTICE in str(e["entity"]) for e in council), "whose else she is"
    theirs = _events(gateway, _lead(gateway, PRACTICE), "agent=gp-1")
    assert any("Condition/" in str(e["entity"]) for e in theirs)
    borough = gateway.token("borough-governance", "cg-1", "ICB1")
    assert len(_events(gateway, borough, "agent=gp-2")) >= 1


def test_reading_one_event_within_the_scope(gateway, world):
    gateway.get(f"Patient/{world.bob}", world.other_gp)
    number = gateway.size() - 1
    assert gateway.entries()[number].agent.user_id == "gp-2"
    assert is_outcome(gateway.get(f"AuditEvent/{number}", _lead(gateway)), 404)
    own = gateway.token("governance-lead", "ig-2", "H85002")
    event = gateway.get(f"AuditEvent/{number}", own).json()
    assert event["id"] == str(number)
    for wrong in ("99999", "x", "-1", "1" * 30, "%00"):
        assert is_outcome(gateway.get(f"AuditEvent/{wrong}", own), 404)


@pytest.mark.parametrize(
    "role",
    ["gp", "social-worker", "receptionist", "researcher", "commissioner", "feed-operator"],
)
def test_other_roles_are_refused_and_the_refusal_recorded(gateway, world, role):
    before = gateway.size()
    assert is_outcome(gateway.get("AuditEvent", gateway.token(role, org=COUNCIL)), 403)
    assert is_outcome(gateway.get("AuditEvent/1", gateway.token(role, org=COUNCIL)), 403)
    outcomes = [(e.event, e.outcome) for e in gateway.entries(before)]
    assert outcomes == [("audit-view", "refused")] * 2


@pytest.mark.parametrize("role", ["patient", "proxy"])
def test_the_person_and_proxies_have_no_view_of_the_log_yet(gateway, world, role):
    who = gateway.token(role, "u", patient=world.norma)
    assert is_outcome(gateway.get(f"AuditEvent?patient={world.norma}", who), 403, "forbidden")


def test_date_08_zones_and_bounds(gateway, world):
    gateway.at += timedelta(hours=1)
    gateway.get(f"Patient/{world.norma}", gateway.token("social-worker", "sw-9", COUNCIL))
    lead = _lead(gateway)
    for date, found in (
        ("ge2026-11-21T13:00:00Z", 1),
        ("ge2026-11-21T14:00:00%2B01:00", 1),
        ("ge2026-11-21T13:00:01Z", 0),
        ("lt2026-11-21T13:00:00Z", 0),
        ("2026-11-21", 1),
        ("le2026-11-20", 0),
        ("gt2026-11-21", 0),
    ):
        assert len(_events(gateway, lead, f"agent=sw-9&date={date}")) == found, date


@pytest.mark.parametrize(
    "query",
    ["bogus=1", "date=x", "date=", "subtype=nosuch", "outcome=x", "_count=x", "agent.name=x"],
)
def test_what_the_log_is_not_searched_by(gateway, world, query):
    answer = gateway.get(f"AuditEvent?{query}", _lead(gateway))
    assert is_outcome(answer, 400, "invalid")
    assert answer.json()["issue"][0]["expression"] == [query.partition("=")[0]]


def test_pages_of_the_log_lose_and_repeat_nothing(gateway, world):
    for _ in range(5):
        gateway.get(f"Patient/{world.norma}", world.social_worker)
    pages = gateway.walk("AuditEvent?agent=sw-1&subtype=read&_count=2", _lead(gateway))
    ids = [event["id"] for page in pages for event in resources(page)]
    assert [len(page["entry"]) for page in pages] == [2, 2, 1]
    assert len(set(ids)) == 5
    assert ids == sorted(ids, key=int, reverse=True)
    token = pages[0]["link"][1]["url"]
    assert is_outcome(gateway.get(token, _lead(gateway, PRACTICE)), 404)
    assert is_outcome(gateway.get(token.replace("_page=", "_page=A"), _lead(gateway)), 404)


def test_by_form_the_same(gateway, world):
    gateway.get(f"Patient/{world.norma}", world.social_worker)
    form = gateway.search("AuditEvent", _lead(gateway), agent="sw-1", subtype="read").json()
    assert form["total"] == 1
