"""Formats, errors and what is not offered; rows neg, err, and those of later versions."""

from urllib.parse import unquote

import pytest

from consent.terms import Purpose
from mappings.core.checking.validate import validate
from tests.api.service import FHIR, is_outcome
from tests.api.world import PRACTICE
from tests.fake_log import FakeLog


@pytest.fixture
def gateway(shared):
    return shared


ACCEPTED = [
    ("", 200),
    ("*/*", 200),
    ("text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", 200),
    ("text/html", 200),
    ("application/fhir+json", 200),
    ("application/json;q=0.5", 200),
    ("application/fhir+xml;q=0.1, application/fhir+json", 200),
    ("application/fhir+json; fhirVersion=4.0", 200),
    ("application/fhir+json; fhirVersion=3.0", 406),
    ("application/fhir+xml;fhirVersion=3.0", 406),
    ("application/fhir+xml;q=0", 406),
    ("application/fhir+json;q=much", 406),
    ("image/png", 406),
    ("application/fhir+json;q=0", 406),
    ("application/fhir+turtle", 406),
]


@pytest.mark.parametrize(("accept", "status"), ACCEPTED)
@pytest.mark.parametrize("path", ["metadata", "Goal", "Goal/none", "AuditEvent"])
def test_neg_01_04_05_accept(gateway, world, accept, status, path):
    who = world.lead if path == "AuditEvent" else world.gp
    answer = gateway.get(path, who | {"Accept": accept})
    assert answer.headers["content-type"].startswith(FHIR)
    assert (answer.status_code == 406) == (status == 406)
    if status == 406:
        assert is_outcome(answer, 406, "not-supported")


@pytest.mark.parametrize(
    ("asked", "status"),
    [("json", 200), ("application/fhir%2Bjson", 200), ("xml%3B", 200), ("nosuch", 406), ("", 406)],
)
def test_neg_02_neg_03_format_wins_over_accept(gateway, world, asked, status):
    for accept in ("application/fhir+xml", "application/fhir+json"):
        answer = gateway.get(f"Goal?_format={asked}", world.gp | {"Accept": accept})
        assert answer.status_code == status
        kind = "xml" if "xml" in asked else "json"
        assert answer.headers["content-type"].startswith(f"application/fhir+{kind}")
    by_form = gateway.search("Goal", world.gp, _format=unquote(asked))
    assert by_form.status_code == status


def test_err_01_no_token_or_an_old_one(gateway, world):
    stale = gateway.issuer.issue("gp", user="g", org=PRACTICE, at=gateway.at.replace(year=2025))
    for who in ({}, {"Authorization": "Bearer x"}, {"Authorization": f"Bearer {stale}"}):
        answer = gateway.get("CarePlan/none", who)
        assert is_outcome(answer, 401, "login")
        assert answer.headers["www-authenticate"] == "Bearer"
        assert "traceparent" in answer.headers


SCOPES = [
    ("user/CarePlan.r", "CarePlan/none", 404),
    ("user/CarePlan.r", "CarePlan", 403),
    ("user/CarePlan.r", "Goal/none", 403),
    ("user/CarePlan.s", "CarePlan", 200),
    ("user/CarePlan.s", "CarePlan/none", 403),
    ("user/CarePlan.rs", "CarePlan/none/_history", 404),
    ("user/Goal.rs", "CarePlan/none/_history/1", 403),
    ("user/*.rs", "Patient/none/$everything", 404),
    ("user/Goal.rs", "Patient/none/$everything", 403),
    ("user/CarePlan.rs?category=x", "CarePlan", 403),
    ("user/*.cud", "Goal", 403),
    ("openid", "Goal", 200),
]


@pytest.mark.parametrize(("scope", "path", "status"), SCOPES)
def test_err_02_smart_09_a_scope_that_leaves_the_type_out(gateway, world, scope, path, status):
    who = gateway.token("gp", "gp-1", PRACTICE, scope=scope)
    before = gateway.size()
    answer = gateway.get(path, who)
    assert answer.status_code == status
    assert gateway.size() >= before + 1
    if status == 403:
        assert is_outcome(answer, 403, "forbidden")
        entry = gateway.entries(before)[0]
        assert (entry.outcome, entry.reasons) == ("refused", ("scope",))


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "metadata"),
        ("PUT", "CarePlan"),
        ("POST", "CarePlan/none"),
        ("DELETE", "Goal"),
        ("DELETE", "AuditEvent/1"),
        ("PUT", "AuditEvent/1"),
        ("POST", "AuditEvent"),
        ("DELETE", "Patient/none"),
        ("OPTIONS", "Goal"),
        ("DELETE", "Patient?identifier=s|v"),
    ],
)
def test_err_03_what_is_not_done_here_is_405(gateway, world, method, path):
    """Beside others cupdate-06, delete-06, delete-07, result-14 and reference-08."""
    answer = gateway.ask(method, path, world.gp)
    assert is_outcome(answer, 405, "not-supported")
    assert "GET" in answer.headers["allow"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/a/b/c/d"),
        ("GET", "/fhir/R4/_history"),
        ("GET", "/fhir/R4/CarePlan/_history"),
        ("GET", "/fhir/R4/Patient/none/Task"),
        ("GET", "/fhir/R4/CarePlan//"),
        ("GET", "/fhir/R4/Composition/none/$document"),
        *((method, "/fhir/R4/Nosuch") for method in ("GET", "POST", "PUT", "DELETE")),
        *((method, "/fhir/R4/Nosuch/none") for method in ("GET", "PUT", "PATCH", "DELETE")),
        ("GET", "/fhir/R4/Nosuch/none/_history"),
        ("POST", "/fhir/R4/Nosuch/_search"),
        ("POST", "/fhir/R4/$nosuch"),
        ("POST", "/fhir/R4/Goal/$nosuch"),
        ("POST", "/oauth/introspect"),
        ("GET", "//evil.example/fhir/R4/CarePlan//"),
    ],
)
def test_err_04_history_06_07_ops_07_what_is_not_here_is_no_address(gateway, world, method, path):
    answer = gateway.ask(method, path, world.gp)
    assert answer.status_code in (404, 405)
    assert is_outcome(answer, answer.status_code)
    assert "location" not in answer.headers


def test_err_05_every_outcome_is_valid_and_repeats_nothing(gateway, world):
    marker = "Zyxwv987"
    requests: list[tuple[str, str, dict]] = [
        ("GET", f"CarePlan/{marker}", {}),
        ("GET", f"CarePlan?patient={marker}&_sort={marker}", {}),
        ("GET", f"CarePlan?{marker}<b>=1", {}),
        ("GET", f"CarePlan?date={marker}", {}),
        ("GET", f"Goal?_page={marker}", {}),
        ("POST", "CareTeam", {"content": f'{{"resourceType":"{marker}"}}'}),
        ("POST", "CareTeam", {"content": f'{{"{marker}":'}),
        ("POST", "CareTeam", {"content": f'{{"resourceType":"CareTeam","{marker} x":1}}'}),
        ("GET", f"AuditEvent?date={marker}", {}),
        ("GET", f"{marker}", {}),
        ("PUT", f"Goal/{marker}", {}),
    ]
    for method, path, more in requests:
        headers = {"Content-Type": FHIR}
        answer = gateway.ask(method, path, world.gp, headers=headers, **more)
        assert 400 <= answer.status_code < 500
        assert validate(answer.json(), local_references=False) == ()
        shown = answer.text.replace(f'"expression":["{marker}"]', "")
        assert marker not in shown, (path, answer.text)
        assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    "path", ["Goal/x1", "Goal", "Goal/x1/_history", "Patient/x1/$everything", "Goal/x1/$lineage"]
)
def test_err_06_an_internal_fault_is_recorded_and_says_nothing(gateway, world, monkeypatch, path):
    before = gateway.size()

    async def broken(*_arguments):
        raise RuntimeError("secret 9990000077 inside")

    for name in ("whom", "caseload_of"):
        monkeypatch.setattr(f"gateway.store.access.facts.{name}", broken)
    answer = gateway.get(path, world.gp | {"X-Request-Id": "req-1"})
    monkeypatch.undo()
    assert is_outcome(answer, 500, "exception")
    assert "9990000077" not in answer.text
    assert answer.headers["x-request-id"] == "req-1"
    assert answer.headers["cache-control"] == "private, no-store"
    (entry,) = gateway.entries(before)
    assert (entry.outcome, entry.request_id) == ("failed", "req-1")


@pytest.mark.parametrize(
    ("path", "template"),
    [
        ("/fhir/R4/Goal/x1", "/fhir/R4/{resource_type}/{resource_id}"),
        ("/fhir/R4/Patient/x1/$everything", "/fhir/R4/Patient/{resource_id}/$everything"),
    ],
)
def test_an_internal_fault_is_noted_with_its_route_and_never_its_path(
    gateway, world, monkeypatch, path, template
):
    log = FakeLog()

    async def broken(*_arguments):
        raise RuntimeError("secret 9990000077 inside")

    monkeypatch.setattr("gateway.api.around.errors._log", log)
    monkeypatch.setattr("gateway.store.access.facts.whom", broken)
    assert is_outcome(gateway.get(path, world.gp), 500)
    assert log.lines == [("unexpected", {"fault": "RuntimeError", "route": template})]


def test_a_purpose_that_is_not_for_care_shows_nothing(gateway, world):
    who = gateway.token("gp", "gp-1", PRACTICE, purpose=Purpose.RESEARCH)
    assert is_outcome(gateway.get(f"Patient/{world.norma}", who), 404)
    assert gateway.get("Goal", who).json()["total"] == 0
