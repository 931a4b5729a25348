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


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("agent-org=xk1", {"read", "search"}),
        ("agent-org=H85002", set()),
        ("action=R", {"read"}),
        ("action=E", {"search"}),
        ("action=R,E", {"read", "search"}),
        ("action=R&subtype=search", set()),
        ("subtype=http://hl7.org/fhir/restful-interaction|read", {"read"}),
        ("outcome=0", {"read", "search"}),
        ("outcome=4", set()),
        ("outcome=4,served", {"read", "search"}),
        ("outcome=12", set()),
        ("purpose=TREAT", {"read", "search"}),
        ("purpose=CAREMGT", set()),
        ("break-glass=false", {"read", "search"}),
        ("break-glass=true", set()),
        ("date=ge2026-11-21&date=lt2026-11-22", {"read", "search"}),
        ("date=ge2026-11-21&date=lt2026-11-21", set()),
        ("agent-org=XK1&action=R&outcome=0&purpose=TREAT&date=2026-11-21", {"read"}),
    ],
)
def test_each_criterion_narrows_by_what_the_entry_says(gateway, world, query, found):
    norma = world.norma
    gateway.get(f"Patient/{norma}", world.social_worker)
    gateway.get(f"Goal?patient={norma}", world.social_worker)
    events = _events(gateway, _lead(gateway), f"agent=sw-1&{query}")
    assert {_kind(event) for event in events} == found


@pytest.mark.parametrize(
    "query",
    ["action=X", "purpose=FUN", "break-glass=maybe", "break-glass=true,false", "outcome=5",
     "date=2026&date=2025&date=2024", "patient=a&entity=Goal/b", "entity=Goal/a,Goal/b"],
)  # fmt: skip
def test_a_criterion_that_cannot_be_read_is_refused(gateway, world, query):
    assert is_outcome(gateway.get(f"AuditEvent?{query}", _lead(gateway)), 400, "invalid")


def test_by_a_resource_those_who_were_shown_it_in_pages(gateway, world):
    norma = world.norma
    (goal, other, *_) = world.of("Goal", norma, world.gp)
    for _ in range(3):
        gateway.get(f"Goal/{goal['id']}", world.social_worker)
    gateway.get(f"Goal/{other['id']}", world.social_worker)
    query = f"AuditEvent?entity=Goal/{goal['id']}&agent=sw-1&_count=2"
    pages = gateway.walk(query, _lead(gateway))
    assert [len(page.get("entry", [])) for page in pages] == [2, 1]
    assert {page["total"] for page in pages} == {3}
    nothing = gateway.get("AuditEvent?entity=Goal/none", _lead(gateway)).json()
    assert nothing["total"] == 0


def test_by_a_resource_of_others_a_lead_learns_nothing_of_other_staff(gateway, world):
    (condition, *_) = world.of("Condition", world.alice, world.gp)
    gateway.get(f"Condition/{condition['id']}", world.gp)
    query = f"entity=Condition/{condition['id']}"
    assert _events(gateway, _lead(gateway), query) == []
    own = _events(gateway, _lead(gateway, PRACTICE), query)
    kinds = [_kind(event) for event in own]
    assert kinds[:2] == ["read", "search"]
    assert set(kinds[2:]) == {"push"}, "each delivery that said something of it"
    assert _events(gateway, _lead(gateway), f"{query}&agent-org={PRACTICE}") == []


def test_the_borough_wide_view_is_itself_an_alert(gateway, world):
    borough = gateway.token("borough-governance", "cg-1", "ICB1")
    before = gateway.size()
    for _ in range(2):
        assert gateway.get("AuditEvent?agent=gp-1", borough).status_code == 200
    entries = gateway.entries(before)
    assert [entry.event for entry in entries] == ["alert", "audit-view"] * 2
    assert entries[0].reasons == ("borough-wide-view",)

    async def alerts(conn):
        return await conn.fetch("SELECT kind, org, user_id FROM access_alert")

    assert [tuple(row) for row in gateway.write(alerts)] == [("borough-view", "ICB1", "cg-1")]
    before = gateway.size()
    gateway.get("AuditEvent?agent=gp-1", _lead(gateway))
    assert [entry.event for entry in gateway.entries(before)] == ["audit-view"]


def test_an_entry_of_somebody_unknown_is_a_valid_event(gateway, world):
    gateway.get("Goal")
    borough = gateway.token("borough-governance", "cg-1", "ICB1")
    (event, *_) = _events(gateway, borough, "subtype=login&outcome=refused")
    assert validate(event, local_references=False) == ()
    (caller,) = [agent for agent in event["agent"] if agent["requestor"]]
    assert caller["who"] == {"display": "unknown"}
    assert caller["network"]["address"] == "127.0.0.1"


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
