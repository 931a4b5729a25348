"""Searches of the log that governance keeps, and the log taken away as it is found."""

import csv
import io
import json
from datetime import timedelta
from urllib.parse import urlencode

import pytest

from gateway.api.desks import log_desk
from gateway.errors import AuditUnavailableError
from gateway.flows.audit import export_events
from gateway.store.audit import audit_reads
from gateway.store.site import site_data
from gateway.store.site.site_data import Entry
from mappings.core.checking.validate import validate
from tests.api.opened import post
from tests.api.service import is_outcome, resources
from tests.api.world import COUNCIL, HOSPITAL
from tests.security.test_attacks_export_ends import Cut

NHS_NUMBER = "9990000077"
CALLED = f"Norma Ashdown {NHS_NUMBER}"


@pytest.fixture
def lead(gateway):
    return gateway.token("governance-lead", "ig-1", COUNCIL)


def _keep(gateway, who, name="refusals", query="outcome=refused", **more):
    body = json.dumps({"name": name, "query": query, **more})
    return gateway.ask("POST", "/ig/searches", who, content=body)


def _change(gateway, who, search_id, **sent):
    return gateway.ask("PUT", f"/ig/searches/{search_id}", who, content=json.dumps(sent))


def _found(gateway, who, search_id) -> list[dict]:
    answer = gateway.get(f"/ig/searches/{search_id}/events", who)
    assert answer.status_code == 200, answer.text
    return resources(answer.json())


def _take(gateway, who, form="ndjson", **asked):
    return gateway.get(f"/ig/log/{form}?{urlencode(asked)}", who)


def _lines(answer) -> list[dict]:
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


def _events(answer) -> list[dict]:
    return [one["event"] for one in _lines(answer) if one["part"] == "event"]


# Searches that are kept


def test_a_search_is_kept_run_changed_and_deleted_by_its_owner(gateway, world, lead):
    gateway.get(f"Patient/{world.bob}", world.social_worker)
    gateway.get(f"Patient/{world.norma}", world.social_worker)
    kept = _keep(gateway, lead, query="agent=sw-1&outcome=refused")
    assert kept.status_code == 201
    saved = kept.json()
    assert kept.headers["location"].endswith(f"/ig/searches/{saved['id']}")
    assert gateway.get("/ig/searches", lead).json() == {"searches": [saved]}
    assert gateway.get(f"/ig/searches/{saved['id']}", lead).json() == saved
    assert [one["outcome"] for one in _found(gateway, lead, saved["id"])] == ["4"]
    changed = _change(gateway, lead, saved["id"], query="agent=sw-1&subtype=read")
    assert changed.json()["name"] == "refusals"
    assert [one["outcome"] for one in _found(gateway, lead, saved["id"])] == ["0", "4"]
    assert gateway.ask("DELETE", f"/ig/searches/{saved['id']}", lead).status_code == 204
    assert is_outcome(gateway.get(f"/ig/searches/{saved['id']}/events", lead), 404)
    assert gateway.get("/ig/searches", lead).json() == {"searches": []}


def test_keeping_running_and_deleting_are_in_the_log_by_id_alone(gateway, world, lead):
    norma, before = world.norma, gateway.size()
    saved = _keep(gateway, lead, CALLED, f"patient={norma}").json()
    _change(gateway, lead, saved["id"], query="outcome=refused")
    _found(gateway, lead, saved["id"])
    gateway.ask("DELETE", f"/ig/searches/{saved['id']}", lead)
    entries = gateway.entries(before)
    assert [(one.event, one.outcome) for one in entries] == [
        ("create", "stored"),
        ("update", "stored"),
        ("audit-view", "served"),
        ("audit-view", "served"),
        ("delete", "stored"),
    ]
    assert {dict(one.detail).get("search") for one in entries} == {saved["id"], None}
    assert CALLED not in str(entries)
    shown = resources(gateway.get("AuditEvent?agent=ig-1&_count=500", lead).json())
    assert len(shown) >= len(entries)
    assert [validate(one, local_references=False) for one in shown] == [()] * len(shown)
    assert norma not in str([one for one in entries if one.query == "saved-search"])


def test_what_is_no_search_of_ones_own_is_not_said_to_be_served_nor_repeated(gateway, world, lead):
    before = gateway.size()
    for path in (f"searches/{NHS_NUMBER}", f"searches/{NHS_NUMBER}/events"):
        assert is_outcome(gateway.get(f"/ig/{path}", lead), 404)
    assert is_outcome(_take(gateway, lead, search=NHS_NUMBER), 404)
    entries = gateway.entries(before)
    assert [(one.event, one.outcome) for one in entries] == [("audit-view", "not-found")] * 3
    assert NHS_NUMBER not in str(entries)


def test_what_a_search_asks_and_is_called_stands_sealed(gateway, world, lead):
    saved = _keep(gateway, lead, CALLED, f"patient={NHS_NUMBER}").json()

    async def stored() -> str:
        async with gateway.site.store.engine.reading() as conn:
            rows = await conn.fetch("SELECT * FROM saved_search")
            kept = await conn.fetch("SELECT record FROM audit_entry")
        return str(
            [[bytes(v) if not isinstance(v, str | int) else v for v in r] for r in rows + kept]
        )

    words = gateway.run(stored())
    assert saved["id"] in words
    for told in ("Ashdown", NHS_NUMBER, "ig-1|"):
        assert told not in words


def test_a_search_is_nobody_elses(gateway, world, lead):
    saved = _keep(gateway, lead).json()
    for other in (
        gateway.token("governance-lead", "ig-2", COUNCIL),
        gateway.token("governance-lead", "ig-1", HOSPITAL),
        gateway.token("borough-governance", "cg-1", "ICB1"),
    ):
        path = f"/ig/searches/{saved['id']}"
        missing = gateway.get("/ig/searches/none", other)
        assert is_outcome(missing, 404)
        for method, more in (("GET", ""), ("GET", "/events"), ("DELETE", ""), ("PUT", "")):
            sent = {"content": b'{"query": ""}'} if method == "PUT" else {}
            answer = gateway.ask(method, path + more, other, **sent)
            assert (answer.status_code, answer.json()) == (404, missing.json())
        assert gateway.get("/ig/searches", other).json() == {"searches": []}
        assert is_outcome(_take(gateway, other, search=saved["id"]), 404)
    assert gateway.get(f"/ig/searches/{saved['id']}", lead).json() == saved


def test_what_a_leaver_kept_is_deleted_unseen_by_their_own_organisation_alone(gateway, lead):
    leaver = gateway.token("governance-lead", "ig-2", COUNCIL)
    for name in ("one", "two"):
        assert _keep(gateway, leaver, name).status_code == 201
    mine = _keep(gateway, lead).json()
    for who in (
        gateway.token("governance-lead", "ig-3", HOSPITAL),
        gateway.token("borough-governance", "cg-1", "ICB1"),
    ):
        assert is_outcome(_forgotten(gateway, who), 404)
    gp = gateway.token("gp", "gp-1", COUNCIL)
    assert is_outcome(_forgotten(gateway, gp), 403)
    before = gateway.size()
    answer = _forgotten(gateway, lead)
    assert (answer.status_code, answer.content) == (204, b"")
    (entry,) = gateway.entries(before)
    assert (entry.event, entry.outcome, entry.query) == ("delete", "stored", "saved-search")
    assert entry.detail[:2] == (("searches", "2"), ("user", "ig-2"))
    assert gateway.get("/ig/searches", leaver).json() == {"searches": []}
    assert gateway.get("/ig/searches", lead).json() == {"searches": [mine]}
    assert is_outcome(_forgotten(gateway, lead), 404)
    assert is_outcome(gateway.ask("POST", "/ig/searches/forget", lead, content="{}"), 400)


def _forgotten(gateway, who):
    return post(gateway, "/ig/searches/forget", who, user="ig-2")


def test_what_somebody_keeps_who_has_a_post_is_not_deleted(gateway, lead):
    leaver = gateway.token("governance-lead", "ig-2", COUNCIL)
    assert _keep(gateway, leaver).status_code == 201
    today = gateway.at.date().isoformat()
    for posts, wanted in (
        ([{"organisation": COUNCIL}], 400),
        ([{"organisation": COUNCIL, "starts": today, "ends": today}], 400),
        ([{"organisation": HOSPITAL}, {"organisation": COUNCIL, "ends": "2020-01-31"}], 204),
    ):
        _employed(gateway, posts)
        assert _forgotten(gateway, lead).status_code == wanted, posts
    assert gateway.get("/ig/searches", leaver).json() == {"searches": []}


def _employed(gateway, posts):
    """The site knows of these posts of ig-2."""
    rows = [Entry("practitioner", "p", "", '{"id": "p", "user_id": "ig-2"}')]
    rows += [
        Entry("post", f"{n}", "", json.dumps({"id": f"{n}", "practitioner": "p"} | one))
        for n, one in enumerate(posts)
    ]
    gateway.write(lambda conn: site_data.replace(conn, rows, []))


def test_a_kept_search_shows_what_its_owners_role_shows_them_now(gateway, world):
    """It holds what is asked, and no authority: who changed role runs it under the new one."""
    gateway.get(f"Patient/{world.bob}", world.other_gp)
    borough = gateway.token("borough-governance", "ig-1", COUNCIL)
    saved = _keep(gateway, borough, query="agent=gp-2").json()
    assert _found(gateway, borough, saved["id"])
    lead = gateway.token("governance-lead", "ig-1", COUNCIL)
    assert _found(gateway, lead, saved["id"]) == []
    moved = gateway.token("social-worker", "ig-1", COUNCIL)
    before = gateway.size()
    assert is_outcome(gateway.get(f"/ig/searches/{saved['id']}/events", moved), 403)
    assert [one.outcome for one in gateway.entries(before)] == ["refused"]


def test_a_search_of_the_last_days_looks_from_when_it_is_run(gateway, world, lead):
    gateway.get(f"Patient/{world.norma}", world.social_worker)
    saved = _keep(gateway, lead, query="agent=sw-1&subtype=read", days=7).json()
    assert len(_found(gateway, lead, saved["id"])) == 1
    gateway.at += timedelta(days=8)
    fresh = gateway.token("governance-lead", "ig-1", COUNCIL)
    assert _found(gateway, fresh, saved["id"]) == []


@pytest.mark.parametrize(
    "sent",
    [
        {"name": "a", "query": "surname=Ashdown"},
        {"name": "a", "query": "outcome=maybe"},
        {"name": "a", "query": "_page=x"},
        {"name": "a", "query": "date=2026-11-01", "days": 3},
        {"name": "a", "query": "", "days": True},
        {"name": "a", "query": "", "days": -1},
        {"name": "a", "query": "", "days": 10**9},
        {"name": " ", "query": ""},
        {"name": "a\nb", "query": ""},
        {"name": "n" * 101, "query": ""},
        {"name": "a", "query": "agent=" + "u," * 2_100 + "u"},
        {"name": "a", "query": "", "owner": "ig-2"},
        {"query": ""},
        ["a"],
    ],
)
def test_what_the_log_would_not_be_asked_is_not_kept(gateway, lead, sent):
    answer = gateway.ask("POST", "/ig/searches", lead, content=json.dumps(sent))
    assert is_outcome(answer, 400)
    assert "Ashdown" not in answer.text
    assert gateway.get("/ig/searches", lead).json() == {"searches": []}


def test_a_name_is_given_once_and_there_is_an_end_to_them(gateway, lead, monkeypatch):
    assert _keep(gateway, lead).status_code == 201
    assert is_outcome(_keep(gateway, lead, " refusals "), 412)
    monkeypatch.setattr("gateway.flows.audit.saved_searches.MOST", 2)
    assert _keep(gateway, lead, "another").status_code == 201
    assert is_outcome(_keep(gateway, lead, "a third"), 400)


# The log taken away


def test_what_is_taken_is_what_a_search_finds(gateway, world, lead):
    gateway.get(f"Condition?patient={world.alice}", world.gp)
    gateway.get(f"Goal?patient={world.alice}", world.gp)
    gateway.get(f"Patient/{world.bob}", world.other_gp)
    for asked in ({}, {"agent": "gp-1"}, {"agent": "gp-2"}, {"patient": world.alice}):
        size = gateway.size()
        taken = _events(_take(gateway, lead, **asked))
        searched = gateway.get(f"AuditEvent?_count=500&{urlencode(asked)}", lead).json()
        assert taken == [one for one in resources(searched) if int(one["id"]) < size]
    assert _events(_take(gateway, lead, agent="gp-2")) == []
    assert "Condition/" not in _take(gateway, lead, agent="gp-1", subtype="search").text


def test_a_resource_is_followed_through_all_pages(gateway, world, lead, monkeypatch):
    gateway.get(f"Goal?patient={world.norma}", world.social_worker)
    shown = [part for part in gateway.entries()[-1].resources if part[0] == "Goal"]
    for _ in range(4):
        gateway.get(f"Patient/{world.norma}", world.social_worker)
        gateway.get(f"Goal/{shown[0][1]}", world.social_worker)
    monkeypatch.setattr(export_events, "_PAGE", 2)
    answer = _take(gateway, lead, entity=f"Goal/{shown[0][1]}", subtype="read")
    assert answer.headers["x-entries"] == "4"
    assert len(_events(answer)) == 4
    assert _events(_take(gateway, lead, entity="Goal/none")) == []


def test_it_says_how_far_it_is_and_that_it_is_whole(gateway, world, lead, monkeypatch):
    for _ in range(5):
        gateway.get(f"Patient/{world.norma}", world.social_worker)
    monkeypatch.setattr(export_events, "_PAGE", 2)
    size = gateway.size()
    lines = _lines(_take(gateway, lead, agent="sw-1"))
    assert lines[0] == {"part": "about", "made": lines[0]["made"], "size": size, "entries": 5}
    told = [(one["entries"], one["of"]) for one in lines if one["part"] == "progress"]
    assert told == [(2, 5), (4, 5), (5, 5)]
    assert lines[-1] == {"part": "end", "entries": 5}


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20"])
def test_rows_for_a_spreadsheet_hold_no_formulas(gateway, world, lead, sign):
    norma, who = world.norma, gateway.token("social-worker", f"{sign}cmd()", COUNCIL)
    gateway.get(f"Patient/{norma}", who)
    answer = _take(gateway, lead, "csv", subtype="read")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    (row,) = csv.DictReader(io.StringIO(answer.text, newline=""))
    assert row["caller"] == f"'{sign}cmd()"
    assert (row["event"], row["outcome"]) == ("read", "served")
    gateway.get(f"Patient/{norma}", world.social_worker)
    rows = list(csv.DictReader(io.StringIO(_take(gateway, lead, "csv", agent="sw-1").text)))
    assert f"Patient/{norma}/_history/" in rows[0]["shown"]


def test_who_takes_what_is_in_the_log_first_and_nothing_leaves_otherwise(
    gateway, world, lead, monkeypatch
):
    norma, before = world.norma, gateway.size()
    _take(gateway, lead, "csv", patient=norma)
    (entry,) = gateway.entries(before)
    assert (entry.event, entry.outcome, entry.person_id) == ("audit-export", "served", norma)
    assert dict(entry.detail)["form"] == "csv"
    assert dict(entry.detail)["size"] == str(before)

    async def failing(*_given):
        raise AuditUnavailableError

    monkeypatch.setattr(type(gateway.site.store.log), "append", failing)
    answer = _take(gateway, lead)
    assert is_outcome(answer, 503, "transient")
    assert "AuditEvent" not in answer.text


def test_what_breaks_on_the_way_has_a_completion_entry(gateway, world, lead, monkeypatch):
    for _ in range(3):
        gateway.get(f"Patient/{world.norma}", world.social_worker)
    before, real, asked = gateway.size(), audit_reads.search, []

    async def breaking(*given):
        asked.append(given)
        if len(asked) > 1:
            raise RuntimeError
        return await real(*given)

    monkeypatch.setattr(export_events, "_PAGE", 1)
    monkeypatch.setattr(audit_reads, "search", breaking)
    cut = Cut(gateway, "/ig/log/ndjson", lead)
    assert (cut.status, cut.is_whole) == (200, False)
    monkeypatch.undo()
    last = gateway.entries(before)
    assert [one.event for one in last] == ["audit-export", "completion"]
    assert last[-1].reasons == ("broke-off",)


def test_a_caller_takes_so_much_of_the_log_at_once_and_others_go_on(start, monkeypatch):
    gateway = start(export_files_at_once=1)
    lead, other = (gateway.token("governance-lead", name, COUNCIL) for name in ("ig-1", "ig-2"))
    transfers = gateway.app.state.transfers
    one, callers = transfers.one, list[str]()

    def noted(name):
        callers.append(name)
        return one(name)

    monkeypatch.setattr(transfers, "one", noted)
    assert _take(gateway, lead).status_code == 200
    with one(callers[0]):
        size = gateway.size()
        refused = _take(gateway, lead)
        assert is_outcome(refused, 429, "throttled")
        assert int(refused.headers["retry-after"]) > 0
        (entry,) = gateway.entries(size)
        assert (entry.event, entry.outcome) == ("operation", "refused")
        assert _take(gateway, other).status_code == 200
    assert _lines(_take(gateway, lead))[-1]["part"] == "end", "however one ended, it is let go"


@pytest.mark.parametrize("role", ["gp", "receptionist", "researcher", "commissioner"])
def test_others_are_given_nothing_and_the_refusal_is_recorded(gateway, role):
    who, before = gateway.token(role, org=COUNCIL), gateway.size()
    assert is_outcome(_take(gateway, who), 403)
    assert is_outcome(gateway.get("/ig/searches", who), 403)
    assert is_outcome(_keep(gateway, who), 403)
    told = [(one.event, one.outcome) for one in gateway.entries(before)]
    assert told == [("audit-view", "refused")] * 3


def test_the_borough_wide_view_is_an_alert_here_too(gateway, world):
    borough = gateway.token("borough-governance", "cg-1", "ICB1")
    before = gateway.size()
    _take(gateway, borough)
    assert [one.event for one in gateway.entries(before)] == ["alert", "audit-export"]


def test_what_is_asked_by_a_form_or_by_a_kept_search_is_the_same(gateway, world, lead):
    gateway.get(f"Patient/{world.norma}", world.social_worker)
    asked = {"patient": world.norma, "subtype": "read"}
    plain = _events(_take(gateway, lead, **asked))
    by_form = gateway.ask("POST", "/ig/log/ndjson", lead, data=asked)
    saved = _keep(gateway, lead, query=urlencode(asked)).json()
    kept = _take(gateway, lead, search=saved["id"])
    assert len(plain) == 1
    assert _events(by_form) == _events(kept) == plain


def test_what_is_no_form_and_what_would_widen_is_refused(gateway, lead):
    assert is_outcome(_take(gateway, lead, "xlsx"), 404)
    assert is_outcome(_take(gateway, lead, agent=""), 400)
    assert is_outcome(_take(gateway, lead, _page="x"), 400)
    assert is_outcome(_take(gateway, lead, search="x", agent="y"), 400)
    assert set(log_desk._MEDIA_TYPES) == {"ndjson", "csv"}
