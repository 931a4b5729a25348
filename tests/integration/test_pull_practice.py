"""Practices that are asked by GP Connect: who is asked for, what leaves, what is taken in."""

import asyncio
import base64
import json
from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest

from gateway.cli.demo import cast, places
from gateway.cli.demo.datasets import community_submission
from gateway.cli.demo.gp import structured_record
from gateway.flows.intake import gp_connect
from gateway.flows.intake.gp_connect import Answer
from gateway.flows.intake.pull_practice import MOST_SILENCES, again_after
from gateway.flows.intake.pull_source import pull_due, source_states
from gateway.flows.intake.pulling import Puller
from gateway.sources import GpConnectSource, Practitioner, Sources
from gateway.store.commit.units import Store
from mappings.registry import FEEDS
from tests.dripping import dripping
from tests.integration.practice import FakePractice, outcome, serving
from tests.integration.taking import (
    Clock,
    Delivery,
    opened,
    provider,
    state_of,
    taken,
    upgraded,
    verified,
)

CODE: Final = "H85904"
PEOPLE: Final = tuple(
    replace(one, practice=next(p for p in places.PRACTICES if p.code == CODE), dirt="")
    for one in (cast.NORMA, cast.ALICE, cast.BOB)
)
NUMBERS: Final = {one.nhs_number for one in PEOPLE}


def _source(address: str, **more) -> GpConnectSource:
    given = {
        "name": "practice",
        "reviewed": "this test",
        "kind": "gp-connect",
        "feed": "gp",
        "org": CODE,
        "base_url": address,
        "every_minutes": 60,
        "from_asid": "200000000115",
        "to_asid": "200000000116",
        "consumer_org": "X1K01",
        "consumer_name": "Borough",
        "consumer_url": "https://gateway.example",
        "practitioner": Practitioner(
            user_id="555", role_profile_id="444", family="Answerable", given="Ann"
        ),
    }
    return GpConnectSource.model_validate(given | more)


class _Setting:
    """A store that a community trust has told of the practice's people, and the practice."""

    def __init__(self, store: Store, clock: Clock, practice: FakePractice, address: str) -> None:
        self.store = store
        self.clock = clock
        self.practice = practice
        self.source = _source(address)
        self.puller = Puller(store, FEEDS, clock, 10_000_000, 10_000_000)

    async def pull(self, *, forced: bool = True, **more):
        sources = Sources(source=(self.source.model_copy(update=more),))
        return (await pull_due(self.puller, sources, forced=forced)).get("practice")

    async def rows(self, sql: str, *args):
        async with self.store.engine.reading() as conn:
            return await conn.fetch(sql, args)


@pytest.fixture
def run(database_url, tmp_path):
    """Run a scenario over a setting."""
    upgraded(database_url)

    def go(scenario, practice=None):
        practice = practice or FakePractice(PEOPLE)

        async def all_of_it(address: str) -> None:
            clock = Clock()
            async with opened(database_url, provider(tmp_path), clock) as store:
                told = Delivery("community", community_submission(PEOPLE), "application/zip")
                assert (await taken(store, told))["items"]["taken"]
                await scenario(_Setting(store, clock, practice, address))
                assert await verified(store)

        with serving(practice) as address:
            asyncio.run(all_of_it(address))
        return practice

    return go


def test_everybody_registered_with_the_practice_is_asked_for_and_taken_in(run):
    async def scenario(one: _Setting) -> None:
        ended = await one.pull()
        assert (ended.outcome, ended.taken, ended.failed, ended.waiting) == ("done", 3, 0, 0)
        kinds = {row[0] for row in await one.rows(
            "SELECT resource_type FROM resource WHERE source_org = $1", CODE
        )}  # fmt: skip
        assert {"Patient", "Condition"} <= kinds
        assert all(len(group) == 2 for group in (await state_of(one.store)).groups)

    practice = run(scenario)
    assert {asked["number"] for asked in practice.asked} == NUMBERS


def test_the_number_is_in_the_body_alone_and_who_asks_is_said_as_the_specification_wants(run):
    async def scenario(one: _Setting) -> None:
        await one.pull()

    for asked in run(scenario).asked:
        assert asked["path"] == f"/gpc/fhir/{gp_connect.OPERATION}"
        headers = asked["headers"]
        assert headers["Ssp-From"] == "200000000115"
        assert headers["Ssp-To"] == "200000000116"
        assert headers["Ssp-InteractionID"] == gp_connect.INTERACTION
        head, claims, signature = headers["Authorization"].removeprefix("Bearer ").split(".")
        opened_claims = base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)).decode()
        said = json.loads(opened_claims)
        assert signature == ""
        assert json.loads(base64.urlsafe_b64decode(head + "=="))["alg"] == "none"
        assert said["reason_for_request"] == "directcare"
        assert said["exp"] - said["iat"] == 300
        assert said["requesting_practitioner"]["id"] == said["sub"] == "555"
        elsewhere = json.dumps([headers, asked["path"], opened_claims])
        assert not any(number in elsewhere for number in NUMBERS)
        assert "includeDiaryEntries" in {part["name"] for part in asked["body"]["parameter"]}


def test_the_log_says_who_is_asked_for_before_the_practice_does(run):
    async def scenario(one: _Setting) -> None:
        seen = []

        async def logged() -> None:
            rows = await one.rows("SELECT person_id FROM audit_entry WHERE event = 'fetch'")
            seen.append(len(rows))

        real = gp_connect.Practice.structured_record

        async def asking(practice, number, trace_id, at):
            await logged()
            return await real(practice, number, trace_id, at)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(gp_connect.Practice, "structured_record", asking)
            await one.pull()
        assert seen == [1, 2, 3]
        rows = await one.rows(
            "SELECT event, org, record FROM audit_entry WHERE event = 'fetch' ORDER BY seq"
        )
        assert {row[1] for row in rows} == {CODE}
        assert not any(number.encode() in bytes(row[2]) for row in rows for number in NUMBERS)

    run(scenario)


def test_nobody_is_asked_for_again_before_they_are_due(run):
    async def scenario(one: _Setting) -> None:
        await one.pull()
        asked = len(one.practice.asked)
        again = await one.pull()
        assert (again.outcome, again.taken, len(one.practice.asked)) == ("done", 0, asked)
        assert await one.pull(forced=False) is None
        one.clock.at += timedelta(hours=25)
        later = await one.pull(forced=False)
        assert (later.taken, later.duplicates) == (0, 3)
        assert len(one.practice.asked) == 2 * asked

    run(scenario)


def test_a_run_asks_for_so_many_and_the_next_goes_on(run):
    async def scenario(one: _Setting) -> None:
        first = await one.pull(most_people=2)
        assert (first.taken, first.waiting) == (2, 1)
        second = await one.pull(most_people=2)
        assert (second.taken, second.waiting) == (1, 0)

    practice = run(scenario)
    assert len(practice.asked) == 3


def test_one_who_cannot_be_had_keeps_nobody_else_out_and_is_asked_for_later(run):
    missing = PEOPLE[1].nhs_number

    def reply(number):
        return (404, {}, outcome("PATIENT_NOT_FOUND")) if number == missing else None

    async def scenario(one: _Setting) -> None:
        ended = await one.pull()
        assert (ended.outcome, ended.taken, ended.failed) == ("partly", 2, 1)
        assert ended.reason == "patient-not-found"
        (state,) = await source_states(one.store.engine, Sources(source=(one.source,)))
        assert (state["outcome"], state["reason"], state["taken"]) == (
            "partly",
            "patient-not-found",
            2,
        )
        assert not any(number in json.dumps(state) for number in NUMBERS)
        rows = await one.rows("SELECT failures FROM pull_person WHERE failures > 0")
        assert [tuple(row) for row in rows] == [(1,)]
        failed = await one.rows("SELECT outcome FROM audit_entry WHERE event = 'fetch'")
        assert sorted(row[0] for row in failed) == ["failed", "unknown", "unknown", "unknown"]

    run(scenario, FakePractice(PEOPLE, reply=reply))


def test_a_record_of_somebody_else_is_not_taken(run):
    """The practice answers for Alice whoever is asked for."""
    alice = PEOPLE[1]

    async def scenario(one: _Setting) -> None:
        ended = await one.pull()
        assert (ended.taken, ended.failed, ended.reason) == (1, 2, "about-somebody-else")
        rows = await one.rows("SELECT COUNT(*) FROM delivery WHERE feed = 'gp'")
        assert rows[0][0] == 1

    run(scenario, FakePractice(PEOPLE, reply=lambda _n: (200, {}, structured_record(alice))))


def test_a_redirection_is_not_followed(run):
    elsewhere = FakePractice(PEOPLE)

    async def scenario(one: _Setting) -> None:
        ended = await one.pull()
        assert (ended.outcome, ended.taken, ended.reason) == ("failed", 0, "status-307")

    with serving(elsewhere) as address:
        moved = (307, {"Location": f"{address}/{gp_connect.OPERATION}"}, b"")
        run(scenario, FakePractice(PEOPLE, reply=lambda _n: moved))
    assert elsewhere.asked == []


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ((200, {}, b"{"), "unfit-answer"),
        ((200, {}, b'{"resourceType": "Patient"}'), "unfit-answer"),
        ((200, {"Content-Encoding": "gzip"}, b"\x1f\x8b"), "too-large-or-packed"),
        ((200, {}, b" " * 10_000_001), "too-large-or-packed"),
        ((503, {}, b"SECRET"), "status-503"),
        ((400, {}, outcome("SECRET_CODE")), "status-400"),
    ],
)
def test_what_is_no_record_is_told_in_our_own_words(reply, reason, run):
    async def scenario(one: _Setting) -> None:
        ended = await one.pull(most_people=1)
        assert (ended.outcome, ended.reason) == ("failed", reason)
        rows = await one.rows("SELECT COUNT(*) FROM delivery WHERE feed = 'gp'")
        assert rows[0][0] == 0

    run(scenario, FakePractice(PEOPLE, reply=lambda _n: reply))


def test_a_practice_that_is_not_there_ends_the_run_and_everybody_stays_due(run, monkeypatch):
    monkeypatch.setattr("gateway.flows.intake.pull_practice.MOST_SILENCES", 2)
    assert MOST_SILENCES > 2

    async def scenario(one: _Setting) -> None:
        ended = await one.pull(base_url="http://127.0.0.1:1/fhir")
        assert (ended.outcome, ended.reason) == ("failed", "not-reached")
        assert (ended.failed, ended.waiting) == (2, 1)
        one.clock.at += timedelta(minutes=6)
        assert (await one.pull()).taken == 3

    run(scenario)


def test_a_practice_that_drips_its_answer_is_as_one_that_is_not_there(run, monkeypatch):
    monkeypatch.setattr("gateway.flows.intake.pull_practice.MOST_SILENCES", 1)

    async def scenario(one: _Setting) -> None:
        with dripping() as address:
            ended = await one.pull(base_url=address, timeout_seconds=0.3)
        assert (ended.outcome, ended.reason) == ("failed", "not-reached")

    run(scenario)


@pytest.mark.parametrize(
    ("fact", "value"), [("opted-out", "yes"), ("pds", "REDACTED"), ("deceased", "yes")]
)
def test_who_opted_out_died_or_is_redacted_is_not_asked_for(fact, value, run):
    async def scenario(one: _Setting) -> None:
        rows = await one.rows("SELECT patient_id FROM source_record ORDER BY patient_id")
        async with one.store.engine.writing() as conn:
            await conn.execute(
                "INSERT INTO person_fact (patient_id, fact, origin, value, claim, said_by,"
                " recorded_at) VALUES ($1, $2, 'operator', $3, '', 'test', 0)",
                (rows[0][0], fact, value),
            )
        ended = await one.pull()
        assert (ended.taken, ended.waiting) == (2, 0)

    assert len(run(scenario).asked) == 2


def test_who_moved_to_another_practice_is_not_asked_for(run):
    async def scenario(one: _Setting) -> None:
        moved = replace(PEOPLE[0], practice=places.PRACTICES[0])
        body = structured_record(moved).replace(b"T06:00:00", b"T07:00:00")
        await taken(
            one.store, Delivery("gp", body, gp_connect.MEDIA_TYPE, places.PRACTICES[0].code)
        )
        assert (await one.pull()).taken == 2

    practice = run(scenario)
    assert {asked["number"] for asked in practice.asked} == NUMBERS - {PEOPLE[0].nhs_number}


def test_asking_again_is_put_off_longer_each_time():
    source = _source("https://practice.example/fhir", refresh_hours=24)
    soon = [again_after(source, Answer(reason="x", later=True), n) for n in (1, 2, 3, 12)]
    assert soon == [timedelta(minutes=n) for n in (5, 10, 20)] + [timedelta(days=1)]
    late = [again_after(source, Answer(reason="x"), n) for n in (1, 2, 99)]
    assert late == [timedelta(days=1), timedelta(days=2), timedelta(days=30)]
    assert again_after(source, Answer(b"record"), 0) == timedelta(hours=24)
