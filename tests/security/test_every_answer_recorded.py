"""Nothing answers unrecorded: what no flow records is recorded as the answer leaves; bounded."""

import asyncio
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest

from gateway.audit.entry import Agent, AuditEntry
from gateway.errors import AuditUnavailableError
from gateway.flows.asking import record_answer
from gateway.flows.asking.record_answer import Answered, Refusals
from gateway.flows.audit import export_events
from tests.api.service import is_outcome
from tests.api.world import COUNCIL, PRACTICE


@pytest.mark.parametrize(
    ("method", "path", "status", "event", "outcome"),
    [
        ("GET", "Goal", 401, "login", "refused"),
        ("GET", "AuditEvent", 401, "login", "refused"),
        ("POST", "/feeds/social-care", 401, "login", "refused"),
        ("GET", "/ig/discards", 401, "login", "refused"),
        ("GET", "nothing/of/this/name/here", 404, "operation", "not-found"),
    ],
)
def test_a34_a_refused_token_leaves_an_entry(gateway, method, path, status, event, outcome):
    before = gateway.size()
    answer = gateway.ask(method, path, {"X-Request-Id": "refused-one"})
    assert answer.status_code == status
    (entry,) = gateway.entries(before)
    assert (entry.event, entry.outcome, entry.request_id) == (event, outcome, "refused-one")
    assert entry.agent.network == "127.0.0.1"
    assert entry.agent.user_id == ""
    assert "Goal?" not in entry.query


@pytest.mark.parametrize(
    ("method", "path", "more", "status"),
    [
        ("DELETE", "Patient/none", {}, 405),
        ("GET", "Goal", {"Accept": "text/csv"}, 406),
        ("POST", "Goal/_search", {"Content-Type": "text/csv"}, 415),
        ("GET", "Goal?nosuch=1", {}, 400),
        ("POST", "/feeds/nosuch", {}, 404),
        ("GET", "/feeds/gp/deliveries/none", {}, 403),
    ],
)
def test_an_answer_that_no_flow_records_names_its_caller(
    gateway, world, method, path, more, status
):
    before = gateway.size()
    answer = gateway.ask(method, path, world.gp | more, content=b"x" if method == "POST" else b"")
    assert answer.status_code == status
    (entry,) = gateway.entries(before)
    assert (entry.agent.user_id, entry.reasons) == ("gp-1", (f"http-{status}",))
    assert "none" not in entry.query
    assert "nosuch" not in entry.query


def test_an_answer_once_given_to_a_system_is_recorded_when_given_again(gateway):
    body = b'{"document": "support-plan"'
    who = gateway.token("provider", "system", COUNCIL, feeds=["social-care"])
    gateway.ask("POST", "/feeds/social-care", who, content=body)
    before = gateway.size()
    assert gateway.get("/feeds/social-care/report", who).status_code == 200
    assert [entry.agent.user_id for entry in gateway.entries(before)] == ["system"]


def test_a_flood_of_refusals_is_counted_and_not_a_flood_of_entries(gateway):
    before = gateway.size()
    for _ in range(record_answer.SINGLE + 30):
        assert gateway.get("Goal").status_code == 401
    assert gateway.size() - before == record_answer.SINGLE
    gateway.at += timedelta(minutes=1)
    assert gateway.get("Goal").status_code == 401
    *_, counted, single = gateway.entries(before)
    assert (counted.reasons, dict(counted.detail)) == (("counted",), {"count": "30"})
    assert single.reasons == ("http-401",)


def test_what_was_counted_is_recorded_as_the_service_ends(gateway):
    for _ in range(record_answer.SINGLE + 2):
        gateway.get("Goal")
    gateway.run(gateway.app.state.refusals.close())
    assert dict(gateway.entries()[-1].detail) == {"count": "2"}


def test_a_flood_by_nobody_does_not_count_the_refusals_of_a_caller(gateway, world):
    for _ in range(record_answer.SINGLE + 5):
        gateway.get("Goal")
    before = gateway.size()
    assert gateway.ask("DELETE", "Patient/none", world.gp).status_code == 405
    assert [entry.agent.user_id for entry in gateway.entries(before)] == ["gp-1"]


@pytest.mark.parametrize(
    ("method", "path", "form", "status", "said"),
    [
        ("GET", "/sign-in", {}, 200, ("operation", "served", ("http-200",))),
        ("GET", "/sign-in/callback/any?code=x&state=y", {}, 401,
         ("login", "refused", ("attempt",))),
        ("POST", "/sign-in/back-channel-logout", {"logout_token": "x"}, 400,
         ("logout", "refused", ("logout-token",))),
        ("POST", "/oauth/token",
         {"grant_type": "client_credentials", "client_assertion": "x", "client_assertion_type":
          "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}, 401,
         ("login", "refused", ("assertion",))),
    ],
)  # fmt: skip
def test_a_flood_by_somebody_who_proved_nothing_is_counted_too(
    gateway, method, path, form, status, said
):
    before, body = gateway.size(), urlencode(form).encode()
    typed = {"Content-Type": "application/x-www-form-urlencoded"}
    for _ in range(record_answer.SINGLE + 7):
        assert gateway.ask(method, path, typed, content=body).status_code == status
    made = gateway.entries(before)
    assert {(str(one.event), str(one.outcome), one.reasons) for one in made} == {said}
    assert {one.agent.network for one in made} == {"127.0.0.1"}
    assert len(made) == record_answer.SINGLE
    gateway.run(gateway.app.state.refusals.flush())
    last = gateway.entries()[-1]
    assert (last.event, last.reasons, dict(last.detail)) == (said[0], ("counted",), {"count": "7"})


def test_what_anybody_may_read_of_nobody_leaves_no_entry(gateway):
    before = gateway.size()
    for path in ("metadata", ".well-known/smart-configuration", "/.well-known/smart-configuration"):
        assert gateway.get(path).status_code == 200
    assert gateway.size() == before


def test_a_count_that_could_not_be_recorded_is_kept_until_it_is(gateway, world):
    callers: tuple[dict[str, str], ...] = ({}, world.gp)
    for who in callers:
        for _ in range(record_answer.SINGLE + 3):
            gateway.ask("DELETE", "Patient/none", who)
    refusals, log = gateway.app.state.refusals, gateway.site.store.log
    object.__setattr__(gateway.site.store, "log", _FailingLog())
    for _ in range(2):
        with pytest.raises(AuditUnavailableError):
            gateway.run(refusals.flush())
    object.__setattr__(gateway.site.store, "log", log)
    before = gateway.size()
    gateway.run(refusals.flush())
    counted = {entry.agent.user_id: dict(entry.detail) for entry in gateway.entries(before)}
    assert counted == {"": {"count": "3"}, "gp-1": {"count": "3"}}


class _BusyLog:
    """Stands for the appender, and for the store that has it: while the first count is written,
    the flood goes on."""

    def __init__(self) -> None:
        self.log = self
        self.refusals = Refusals(self)  # type: ignore[arg-type]
        self.counts: list[str] = []

    async def flood(self, more: int) -> None:
        at = datetime(2026, 11, 21, 12, tzinfo=UTC)
        answered = Answered(Agent("", "", network="192.0.2.9"), at, "r", "GET", "/x", 403)
        for _ in range(record_answer.SINGLE + more):
            await self.refusals.record(answered)

    async def append(self, entry: AuditEntry) -> int:
        if entry.reasons == ("counted",):
            self.counts.append(dict(entry.detail)["count"])
            if len(self.counts) == 1:
                await self.flood(2)
        return 0


def test_what_is_counted_while_a_count_is_recorded_is_recorded_as_the_next_minute_ends(monkeypatch):
    monkeypatch.setattr(record_answer, "MINUTE", timedelta(0))

    async def scenario() -> list[str]:
        log = _BusyLog()
        await log.flood(3)
        while log.refusals._timer is not None:
            await asyncio.sleep(0)
        return log.counts

    assert asyncio.run(scenario()) == ["3", "2"]


class _FailingLog:
    """Stands for the appender of a log that cannot be written."""

    async def append(self, _entry: AuditEntry) -> int:
        raise AuditUnavailableError


def test_a29_without_the_log_nothing_that_no_flow_records_is_answered(gateway):
    who = gateway.token("provider", "system", COUNCIL, feeds=["social-care"])
    object.__setattr__(gateway.site.store, "log", _FailingLog())
    for path, caller in (("Goal", {}), ("/feeds/social-care/report", who)):
        answer = gateway.get(path, caller)
        assert is_outcome(answer, 503, "transient")
        assert answer.headers["retry-after"] == "1"
        assert answer.headers["x-request-id"]
        assert "rows" not in answer.text


def _asked(gateway, path, who, received, after=0):
    """What is sent to a caller of whom the server hears `received` next, or once so many parts of
    the body were sent; and `turn`, where others had theirs after the first of it."""
    sent, heard = [], asyncio.Event()
    path = path if path.startswith("/") else f"/fhir/R4/{path}"
    scope = {
        "type": "http", "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": path, "raw_path": b"", "root_path": "", "query_string": b"",
        "server": ("t", 80), "client": ("192.0.2.9", 1),
        "headers": [(b"authorization", who["Authorization"].encode())],
    }  # fmt: skip

    async def receive():
        if received is None or after:
            await heard.wait()
        return received

    async def send(message):
        sent.append(message["type"])
        if len(sent) == 1:
            asyncio.get_running_loop().call_soon(sent.append, "turn")
        if after and sent.count("http.response.body") == after:
            asyncio.get_running_loop().call_soon(heard.set)

    gateway.run(gateway.app(scope, receive, send))
    return sent


def test_a_caller_who_is_gone_before_the_last_byte_leaves_a_completion_entry(gateway, world):
    path, who = f"Patient/{world.norma}", world.gp
    before = gateway.size()
    _asked(gateway, path, who, {"type": "http.disconnect"})
    served, completed = gateway.entries(before)
    assert (served.event, served.outcome) == ("read", "served")
    assert (completed.event, completed.outcome) == ("completion", "unknown")
    assert completed.request_id == served.request_id
    assert completed.agent.network == "192.0.2.9"


def test_what_is_streamed_to_a_caller_who_goes_away_ends_there_and_leaves_a_completion_entry(
    gateway, world, monkeypatch
):
    for _ in range(30):
        gateway.get("Patient/nobody", world.gp)
    monkeypatch.setattr(export_events, "_PAGE", 1)
    who = gateway.token("governance-lead", "ig-1", PRACTICE)
    before = gateway.size()
    sent = _asked(gateway, "/ig/log/ndjson", who, {"type": "http.disconnect"}, after=3)
    assert sent.count("http.response.body") < 20
    taken, completed = gateway.entries(before)
    assert (taken.event, taken.outcome) == ("audit-export", "served")
    assert (completed.event, completed.outcome) == ("completion", "unknown")
    assert completed.reasons == ("caller-gone",)


def test_a_caller_who_is_there_leaves_none(gateway, world):
    path, who = f"Patient/{world.norma}", world.gp
    before = gateway.size()
    sent = _asked(gateway, path, who, None)
    assert sent[:2] == ["http.response.start", "http.response.body"], "it was waited for"
    assert [entry.event for entry in gateway.entries(before)] == ["read"]


def test_an_answer_that_fails_after_its_entry_leaves_a_completion_entry(
    gateway, world, monkeypatch
):
    path, who = f"Patient/{world.norma}", world.gp

    def failing(*_arguments):
        raise ValueError

    monkeypatch.setattr("gateway.api.fhir.records.of_view", failing)
    before = gateway.size()
    assert is_outcome(gateway.get(path, who), 500, "exception")
    served, completed = gateway.entries(before)
    assert (served.outcome, completed.event, completed.outcome) == (
        "served",
        "completion",
        "failed",
    )
    assert completed.reasons == ("http-500",)
