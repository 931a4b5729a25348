"""Attacks on how an export is recorded and ended: the log, broken files, jobs side by side."""

import asyncio
import secrets
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gateway.audit.events import Event, Outcome
from gateway.clock import to_micros
from gateway.errors import (
    AuditUnavailableError,
    NotFoundError,
    TooManyExportsError,
)
from gateway.flows.asking.views import views
from gateway.flows.export import export_files, export_jobs
from gateway.store.commit.writer import Writer
from gateway.store.leaving import exports
from tests.api.exports import (
    ASYNC,
    EVERYONE,
    begun,
    fetched,
    kick_off,
    kick_off_for,
    listed,
    named,
    system,
    write_clients,
)
from tests.api.service import is_outcome
from tests.api.world import ALICE, COUNCIL, HIDDEN_WORDS, NORMA, World
from tests.security.test_attacks_exporting import CANARY, jobs, of_type, opened, who_exports


@pytest.fixture(scope="module")
def clients_file(tmp_path_factory):
    return write_clients(tmp_path_factory.mktemp("clients"))


@pytest.fixture
def gateway(start, clients_file):
    return start(clients_file=clients_file)


@pytest.fixture
def mdt(gateway):
    return system(gateway)


def test_whom_a_list_of_types_tells_of_is_in_the_log_before_it_leaves(
    gateway, world, mdt, monkeypatch
):
    """Of somebody who is named alone it tells what there is of them."""
    job = begun(kick_off_for(gateway, mdt, [world.norma, world.bob]))
    size = gateway.size()

    async def failing(*_given):
        raise AuditUnavailableError

    monkeypatch.setattr(export_jobs, "record_owing", failing)
    assert is_outcome(gateway.get(job, mdt), 503, "transient")
    monkeypatch.undo()
    told = listed(gateway, mdt, job)
    (entry,) = [one for one in gateway.entries(size) if one.person_id]
    assert (entry.person_id, entry.event) == (world.norma, Event.EXPORT)
    assert set(entry.query.split()[2:]) == {one["type"] for one in told["output"]}
    assert dict(entry.detail)["job"] == job.rpartition("/")[2]
    assert entry.agent.user_id == "export:mdt-system"


def test_a27_no_address_names_anybody_and_nothing_that_is_exported_is_kept(gateway, world, mdt):
    answer = kick_off_for(gateway, mdt, [world.norma, world.alice])
    told = listed(gateway, mdt, begun(answer))
    fetched(gateway, mdt, told)
    said = f"{answer.headers} {answer.text} {told}"
    kept = " ".join(
        str(bytes(v) if isinstance(v, bytes) else v) for row in jobs(gateway) for v in row
    )
    for word in (world.norma, world.alice, NORMA["family"], ALICE["nhs_number"], *HIDDEN_WORDS):
        assert word not in said
        assert word not in kept


def test_every_person_in_a_page_is_in_the_log_before_the_page_leaves(
    gateway, world, mdt, monkeypatch
):
    told = listed(gateway, mdt, begun(kick_off(gateway, mdt)))
    size = gateway.size()
    shown = fetched(gateway, mdt, told)
    entries = [one for one in gateway.entries(size) if one.person_id]
    logged = {f"{kind}/{name}" for one in entries for kind, name, _ in one.resources}
    of_itself = {one for one in named(shown) if not one.startswith(("Patient/", "Provenance/"))}
    assert of_itself <= logged, "a Patient by its parts, a Provenance by the version it tells of"
    assert {one.person_id for one in entries} >= {world.norma, world.alice}
    for one in entries:
        assert (one.event, one.outcome) == (Event.EXPORT, Outcome.SERVED)
        assert (one.agent.org, one.agent.role) == (COUNCIL, "social-worker")
        assert (one.agent.client_id, one.agent.user_id) == ("mdt-system", "export:mdt-system")
        assert one.filter_hash
        assert dict(one.detail)["job"] in told["output"][0]["url"]
    fetches = [one for one in gateway.entries(size) if not one.person_id]
    assert len(fetches) == len(told["output"])
    assert {one.agent.user_id for one in fetches} == {"mdt-system"}


def test_a29_what_cannot_be_recorded_does_not_leave(gateway, world, mdt, monkeypatch):
    job = begun(kick_off(gateway, mdt))
    url = of_type(listed(gateway, mdt, job), "Goal")

    async def failing(*_given):
        raise AuditUnavailableError

    monkeypatch.setattr(export_files, "record_owing", failing)
    answer = gateway.get(url, mdt)
    assert is_outcome(answer, 503, "transient")
    monkeypatch.undo()
    monkeypatch.setattr(export_files, "_PAGE", 1)
    pages = opened(gateway, job, "Goal").pages()
    assert gateway.run(anext(pages))
    monkeypatch.setattr(export_files, "record_owing", failing)
    with pytest.raises(AuditUnavailableError):
        gateway.run(anext(pages))


class Cut:
    """A caller who asks as a server hands it on, and what came back."""

    def __init__(self, service, url: str, who, version: str = "1.1") -> None:
        path = url.removeprefix(service.settings.base_url)
        sent = [(name.lower().encode(), value.encode()) for name, value in who.items()]
        self.scope: dict[str, Any] = {
            "type": "http", "method": "GET", "path": path, "raw_path": path.encode(),
            "query_string": b"", "headers": sent, "http_version": version, "scheme": "http",
            "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 8000), "root_path": "",
        }  # fmt: skip
        self.got: list[dict[str, Any]] = []
        self.asked = False
        service.run(service.app(self.scope, self.receive, self.send))

    async def receive(self):
        if self.asked:
            await asyncio.Event().wait()  # the caller stays
        self.asked = True
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(self, message):
        self.got.append(message)

    @property
    def status(self) -> int:
        return self.got[0]["status"]

    @property
    def is_whole(self) -> bool:
        return not self.got[-1].get("more_body", False)


def test_a28_a_file_that_broke_off_is_left_unfinished_and_the_log_says_so(
    gateway, world, mdt, monkeypatch
):
    monkeypatch.setattr(export_files, "_PAGE", 1)
    job = begun(kick_off(gateway, mdt))
    url = of_type(listed(gateway, mdt, job), "Goal")
    assert Cut(gateway, url, mdt).is_whole
    asked = []

    def failing(*given):
        asked.append(1)
        if len(asked) > 1:
            raise RuntimeError(CANARY)
        return views(*given)

    monkeypatch.setattr(export_files, "views", failing)
    size = gateway.size()
    cut = Cut(gateway, url, mdt)
    assert cut.status == 200
    assert not cut.is_whole
    *_, last = gateway.entries(size)
    assert (last.event, last.outcome) == (Event.COMPLETION, Outcome.FAILED)
    assert last.reasons == ("broke-off",)
    assert last.agent.user_id == "mdt-system"


def test_a_system_fetches_so_many_files_at_once_and_others_go_on(start, clients_file, monkeypatch):
    gateway = start(clients_file=clients_file, export_files_at_once=1)
    World(gateway)
    mdt, other = system(gateway), system(gateway, "practice-system")
    goals, others = (
        of_type(listed(gateway, who, begun(kick_off(gateway, who))), "Goal") for who in (mdt, other)
    )
    with gateway.app.state.transfers.one("mdt-system"):
        size = gateway.size()
        refused = gateway.get(goals, mdt)
        assert is_outcome(refused, 429, "throttled")
        assert int(refused.headers["retry-after"]) > 0
        assert [one.outcome for one in gateway.entries(size)] == [Outcome.REFUSED]
        assert gateway.get(others, other).status_code == 200
    monkeypatch.setattr(export_files, "views", _failing)
    assert Cut(gateway, goals, mdt).status == 500
    monkeypatch.undo()
    assert Cut(gateway, goals, mdt).is_whole, "whatever ended it, it is counted no more"
    assert gateway.get(f"{goals}x", mdt).status_code == 404
    assert gateway.get(goals, mdt).status_code == 200


def _failing(*_given):
    raise RuntimeError(CANARY)


def test_a_file_that_could_look_whole_when_it_is_not_leaves_packed_alone(gateway, world, mdt):
    """HTTP/1.0 says that it is over by closing, whole or not; gzip has an end of its own."""
    url = of_type(listed(gateway, mdt, begun(kick_off(gateway, mdt))), "Goal")
    assert Cut(gateway, url, mdt, "1.0").status == 400
    packed = mdt | {"Accept-Encoding": "gzip"}
    assert Cut(gateway, url, packed, "1.0").status == 200


def test_what_is_called_off_or_over_ends_a_file_on_its_way(gateway, world, mdt, monkeypatch):
    monkeypatch.setattr(export_files, "_PAGE", 1)
    for called_off in (True, False):
        job = begun(kick_off(gateway, mdt))
        listed(gateway, mdt, job)
        pages = opened(gateway, job, "Goal").pages()
        assert gateway.run(anext(pages))
        if called_off:
            assert gateway.ask("DELETE", job, mdt).status_code == 202
        else:
            gateway.at += timedelta(hours=24)
        with pytest.raises(NotFoundError):
            gateway.run(anext(pages))


def test_a29_without_the_log_no_job_begins(gateway, mdt, monkeypatch):
    async def failing(*_given):
        raise AuditUnavailableError

    monkeypatch.setattr(export_jobs, "append", failing)
    assert is_outcome(kick_off(gateway, mdt), 503)
    assert jobs(gateway) == []


def test_jobs_at_the_same_moment_are_no_more_than_are_allowed(start, clients_file):
    gateway = start(clients_file=clients_file, exports_at_once=2)
    mdt = system(gateway)

    async def at_once() -> list[int]:
        asked = (gateway._client.get(f"/fhir/R4/{EVERYONE}", headers=mdt | ASYNC) for _ in range(8))
        return sorted(one.status_code for one in await asyncio.gather(*asked))

    assert gateway.run(at_once()) == [202] * 2 + [429] * 6
    assert len(jobs(gateway)) == 2


def test_jobs_of_two_processes_are_no_more_than_are_allowed(gateway, world, mdt):
    """The second waits for the first, and counts it."""
    rules = export_jobs.Exports(timedelta(hours=1), 1)
    store = gateway.site.store
    stores = [store, replace(store, writer=Writer(store.engine))]

    async def begin(of) -> None:
        who = await who_exports(gateway)
        job = exports.Job(
            secrets.token_hex(16), "mdt-system", COUNCIL, to_micros(gateway.at),
            to_micros(gateway.at) + 90_000_000, exports.Asked("", ("Goal",)),
        )  # fmt: skip

        async def unit(conn) -> None:
            await export_jobs._begin(gateway.site, who, rules, job, conn)
            await asyncio.sleep(0.05)

        await of.write(unit)

    async def both() -> list[Any]:
        told = await asyncio.gather(*map(begin, stores), return_exceptions=True)
        await stores[1].writer.close()
        return told

    told = [one for one in gateway.run(both()) if one is not None]
    assert [type(one) for one in told] == [TooManyExportsError]
    assert told[0].seconds == 90
    assert len(jobs(gateway)) == 1


def test_a_look_that_was_overtaken_takes_nothing_back(gateway, world, mdt, monkeypatch):
    job = begun(kick_off(gateway, mdt))
    behind = export_jobs._types
    told = []

    async def overtaken(site, who, of, people):
        found = await behind(site, who, of, people)
        monkeypatch.setattr(export_jobs, "_types", behind)
        told.append(await export_jobs.look(site, who, of.job_id))
        return found - {"Goal"}

    monkeypatch.setattr(export_jobs, "_types", overtaken)
    first = gateway.get(job, mdt).json()
    assert "Goal" in told[0].asked.found
    assert [one["type"] for one in first["output"]] == list(told[0].asked.found)
    assert listed(gateway, mdt, job) == first
