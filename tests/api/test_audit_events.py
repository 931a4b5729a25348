"""The log as AuditEvent, for governance roles; rows audit-03, audit-04, date-08, reference-09."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest

from gateway.flows.asking.search_log import Operator
from gateway.flows.identity.decide_identity import decide
from gateway.identity.statements import Verdict
from gateway.store.audit import audit_reads
from gateway.store.audit.audit_reads import Wanted
from gateway.store.database.engine import Delete, Insert, Row, Update
from mappings.core.checking.validate import validate
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


def test_a39_s61_audit_04_a_refused_look_is_there_with_its_reason_and_no_content(gateway, world):
    gateway.get(f"Patient/{world.alice}", gateway.token("community-nurse", "cn-7", COUNCIL))
    gateway.get(f"Patient/{world.bob}", world.social_worker)
    (event,) = _events(gateway, _lead(gateway), "agent=sw-1&outcome=refused")
    assert event["outcome"] == "4"
    assert "no-relationship" in str(event)
    for words in ("PENDLETON", "9990000239", "Hypertensive"):
        assert words not in str(event)


def test_a39_s61_a_search_of_the_log_is_itself_recorded(gateway, world):
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


def test_an_event_that_is_read_by_its_number_says_no_more_than_in_a_search(gateway, world):
    """Of what others' staff saw, a lead reads the part that is of the own organisation's data."""
    gateway.get(f"Patient/{world.alice}/$everything?_count=500", world.gp)
    whole = gateway.entries()[-1]
    assert {"Condition", "Goal"} <= {part[0] for part in whole.resources}
    found = _events(gateway, _lead(gateway), "agent=gp-1&subtype=operation")
    assert found
    for one in found:
        read = gateway.get(f"AuditEvent/{one['id']}", _lead(gateway))
        assert read.json() == one
        assert "Condition/" not in read.text
        assert PRACTICE not in str(read.json()["entity"])


@pytest.mark.parametrize(
    "role",
    ["gp", "social-worker", "receptionist", "researcher", "commissioner", "feed-operator"],
)
def test_other_roles_are_refused_and_the_refusal_recorded(gateway, world, role):
    before = gateway.size()
    assert is_outcome(gateway.get("AuditEvent", gateway.token(role, org=COUNCIL)), 403)
    assert is_outcome(gateway.get("AuditEvent/1", gateway.token(role, org=COUNCIL)), 403)
    for asked in ("AuditEvent?nonsense=1", "/ig/log/csv?nonsense=1", "/ig/log/pdf"):
        answer = gateway.get(asked, gateway.token(role, org=COUNCIL))
        assert is_outcome(answer, 403), "the role is looked at before what is asked"
    outcomes = [(e.event, e.outcome) for e in gateway.entries(before)]
    assert outcomes == [("audit-view", "refused")] * 5


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


@pytest.mark.changes_nothing
@pytest.mark.parametrize(
    "query",
    ["bogus=1", "date=x", "date=", "subtype=nosuch", "outcome=x", "_count=x", "agent.name=x",
     "_total=x", "_sort=date", "_sort=-agent"],
)  # fmt: skip
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
def test_s61_each_criterion_narrows_by_what_the_entry_says(gateway, world, query, found):
    norma = world.norma
    gateway.get(f"Patient/{norma}", world.social_worker)
    gateway.get(f"Goal?patient={norma}", world.social_worker)
    events = _events(gateway, _lead(gateway), f"agent=sw-1&{query}")
    assert {_kind(event) for event in events} == found


@pytest.mark.changes_nothing
@pytest.mark.parametrize(
    "query",
    ["action=X", "purpose=FUN", "break-glass=maybe", "break-glass=true,false", "outcome=5",
     "date=2026&date=2025&date=2024", "patient=a&entity=Goal/b", "entity=Goal/a,Goal/b",
     "patient=Goal/a", "patient=Patient/", "patient=Patient/a/b", "patient=a,Goal/b",
     "patient=https://elsewhere.example/Patient/a", "patient=%20", "patient=Patient/a%20b",
     "entity=Goal/", "entity=/a", "entity=Goal/a/_history/1", "agent=%20,", "agent-org=XK1|",
     "agent-org=|", "purpose=|", "subtype=|", "action=%20", "date=2026,2025", "date=ge",
     "date=ne2026", "agent:not=a"],
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


def _records(gateway, whom):
    """The source records that are one person now."""

    async def read(conn):
        sql = "SELECT patient_id FROM source_record WHERE person_id = $1 ORDER BY patient_id"
        return [row[0] for row in await conn.fetch(sql, (whom,))]

    return gateway.write(read)


def _say(gateway, one, other, verdict):
    operator = Operator("an-operator", gateway.at)
    gateway.run(decide(gateway.site.store, operator, (one, other, verdict), "as they said"))


def test_by_a_person_what_stands_under_every_id_they_went_by(gateway, world):
    """Two records are parted and put together again: a look counts for all that it was made of."""
    norma = world.norma
    one, other = _records(gateway, norma)
    parted = other if one == norma else one
    gateway.get(f"Patient/{norma}", world.gp)
    together = str(gateway.size() - 1)
    _say(gateway, one, other, Verdict.DIFFERENT)
    gateway.get(f"Patient/{parted}", world.gp)
    apart = str(gateway.size() - 1)
    assert gateway.entries(int(apart))[0].person_id == parted
    borough = gateway.token("borough-governance", "cg-1", "ICB1")

    def found(whom):
        return {e["id"] for e in _events(gateway, borough, f"patient={whom}&agent=gp-1")}

    assert found(parted) >= {together, apart}
    assert apart not in found(norma)
    gateway.at += timedelta(seconds=1)
    _say(gateway, one, other, Verdict.SAME)
    for whom in (one, other):
        assert found(whom) >= {together, apart}


class _Asked:
    """Stands for a connection: keeps what it is asked."""

    lock_rows = ""
    writes = False
    busy: tuple[type[Exception], ...] = ()

    def __init__(self) -> None:
        self.said: list[tuple[str, Sequence[Any]]] = []
        self.own: dict[str, Any] = {}

    async def fetch(
        self, sql: str, args: Sequence[Any] = (), seconds: float | None = None
    ) -> list[Row]:
        self.said.append((sql, args))
        return [(0, b"")]

    async def execute(self, sql: str, args: Sequence[Any] = ()) -> int:
        raise NotImplementedError

    async def executemany(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        raise NotImplementedError

    async def add(self, insert: Insert | Update, rows: Iterable[Sequence[Any]]) -> None:
        raise NotImplementedError

    async def remove(self, several: Mapping[Delete, Sequence[Sequence[Any]]]) -> None:
        raise NotImplementedError

    async def settle(self) -> None:
        raise NotImplementedError


@pytest.mark.parametrize("within", [None, COUNCIL])
def test_a_search_by_a_person_reads_their_entries_and_never_the_log(gateway, within):
    """By the plan of the database, and not by the clock."""
    wanted = Wanted(people=("a", "b"), outcomes=("served",), within_org=within)

    async def plans():
        asked, found = _Asked(), []
        await audit_reads.total(asked, wanted)
        await audit_reads.search(asked, wanted, 10)
        async with gateway.site.store.engine.reading() as conn:
            if conn.lock_rows:
                await conn.execute("SET enable_seqscan = off")
            word = "EXPLAIN" if conn.lock_rows else "EXPLAIN QUERY PLAN"
            for sql, args in asked.said:
                found += [str(row[-1]) for row in await conn.fetch(f"{word} {sql}", args)]
        return found

    steps = gateway.run(plans())
    assert any("audit_person" in step for step in steps)
    assert any("shown" in step for step in steps)
    for step in steps:
        assert "SCAN audit_entry" not in step or "audit_safeguarding" in step
        assert "Seq Scan on audit_entry" not in step


def test_by_a_resource_of_others_a_lead_learns_nothing_of_other_staff(gateway, world):
    (condition, *_) = world.of("Condition", world.alice, world.gp)
    gateway.get(f"Condition/{condition['id']}", world.gp)
    query = f"entity=Condition/{condition['id']}"
    assert _events(gateway, _lead(gateway), query) == []
    own = _events(gateway, _lead(gateway, PRACTICE), query)
    assert [_kind(event) for event in own] == ["read", "search", "push"]
    named = [one.get("what", {}).get("reference") for one in own[0]["entity"]]
    assert f"Patient/{world.alice}" in named
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


def test_in_the_order_and_with_the_total_that_it_has(gateway, world):
    plain = gateway.get("AuditEvent?_count=3&agent=gp-1", _lead(gateway)).json()
    asked = "AuditEvent?_count=3&agent=gp-1&_sort=-date&_total=accurate"
    sorted_so = gateway.get(asked, _lead(gateway)).json()
    assert (sorted_so["entry"], sorted_so["total"]) == (plain["entry"], plain["total"])


def test_by_form_the_same(gateway, world):
    gateway.get(f"Patient/{world.norma}", world.social_worker)
    form = gateway.search("AuditEvent", _lead(gateway), agent="sw-1", subtype="read").json()
    assert form["total"] == 1
