"""S64: the wrapping key is rotated while people read and write, in the key file and in a key
service; nothing fails, and the old key is needed no more."""

import asyncio
import json
import shutil
from datetime import timedelta
from functools import partial

import pytest

from gateway.cli import keyring
from gateway.custody import keys_of, wrapping_of
from gateway.errors import ConfigurationError
from gateway.settings import Settings
from gateway.store.commit.units import Store
from gateway.store.keyring.keys import (
    FileKeyProvider,
    KeyServiceError,
    KeyUnavailableError,
    WrappedKey,
)
from gateway.store.keyring.wrapping import FileWrapping
from tests.api.service import is_outcome
from tests.api.world import PRACTICE, World
from tests.integration.fake_transit import KEY, transit
from tests.integration.taking import opened, provider, run, taken, waits_or_ends
from tests.integration.test_ingest_identity import NORMA, seen_by

__all__ = ["transit"]

ROUNDS = 12


@pytest.fixture
def own_keys(start, tmp_path):
    """A service of this test's own key file, which it may change."""
    path = tmp_path / "own-keys.json"
    shutil.copy(start.key_file, path)
    start.key_file = path
    return path


@pytest.fixture(params=["file", "service"])
def gateway(request, start, own_keys):
    """Data keys are wrapped by the key file, or by a service that took over from it."""
    if request.param == "file":
        return start()
    return start(key_service=request.getfixturevalue("transit").setting)


async def operated(gateway, work):
    """The work of an operator beside the service: another process, with keys read anew."""
    settings = gateway.settings
    keys = keys_of(settings)
    store = await Store.open(
        settings.database_url, keys, lambda: gateway.at, wrapping_of(settings, keys)
    )
    try:
        return await work(settings, store)
    finally:
        await store.close()


async def under_load(gateway, world) -> list[int]:
    """Statuses of reads and writes, while the key is rotated and everything wrapped again, twice.
    Each request comes when what was kept of keys is too old to be used."""
    norma = world.norma_id
    goal = {
        "resourceType": "Goal",
        "lifecycleStatus": "active",
        "description": {"text": "walk to the shop"},
        "subject": {"reference": f"Patient/{norma}"},
    }
    statuses: list[int] = []

    async def ask(method: str, path: str, **more) -> None:
        for _ in range(ROUNDS):
            gateway.at += timedelta(minutes=6)
            who = gateway.token("gp", "gp-1", PRACTICE)
            answer = await gateway._client.request(method, f"/fhir/R4/{path}", headers=who, **more)
            statuses.append(answer.status_code)

    async def rotate() -> None:
        for _ in range(2):
            await operated(
                gateway, lambda settings, store: keyring.rotated(settings, store, "key-encryption")
            )
            await asyncio.sleep(0)
            await operated(gateway, keyring.rewrapped)

    await asyncio.gather(
        ask("GET", f"Goal?patient={norma}"),
        ask("GET", f"Patient/{norma}/$everything"),
        ask("POST", "Goal", json=goal),
        rotate(),
    )
    return statuses


class Asked:
    """Who asks about whom, found before the load begins."""

    def __init__(self, gateway) -> None:
        world = World(gateway)
        self.norma_id, self.who = world.norma, world.gp


def test_s64_nothing_fails_while_the_wrapping_key_is_rotated(gateway, own_keys):
    asked = Asked(gateway)
    before = gateway.run(operated(gateway, keyring.listed))
    statuses = gateway.run(under_load(gateway, asked))
    assert len(statuses) == 3 * ROUNDS
    assert set(statuses) <= {200, 201}
    gateway.run(operated(gateway, keyring.rewrapped))
    assert gateway.run(operated(gateway, keyring.rewrapped)) == 0
    wrapping = [
        one
        for one in gateway.run(operated(gateway, keyring.listed))
        if one["purpose"] == "key-encryption"
    ]
    (current,) = (one for one in wrapping if one["current"])
    assert current["id"] not in {one["id"] for one in before}
    assert {one["data_keys"] for one in wrapping if not one["current"]} == {0}
    _forget_all_but(own_keys, current["id"])
    gateway.at += timedelta(minutes=6)
    found = gateway.run(operated(gateway, lambda _, store: _keys_of(store, asked.norma_id)))
    assert found, "what was wrapped opens without the keys that went"


def _forget_all_but(path, name: str) -> None:
    content = json.loads(path.read_text())
    rows = content["keys"]["key-encryption"]
    kept = [row for row in rows if row["id"] == name] or rows[-1:]
    path.write_text(json.dumps(content | {"keys": content["keys"] | {"key-encryption": kept}}))


async def _keys_of(store: Store, owner: str):
    async with store.engine.reading() as conn:
        return (await store.vault.keys(conn, [owner])).by_owner[owner]


def test_s64_a_service_that_knows_an_older_key_file_opens_what_a_newer_one_wrapped(own_keys):
    """Two processes: one rotates, the other was started before."""

    async def both() -> bytes:
        older = FileWrapping(FileKeyProvider.read(own_keys))
        newer = FileWrapping(FileKeyProvider.read(own_keys))
        before = await newer.current()
        assert await newer.rotate() != before
        (wrapped,) = await newer.wrap([("owner", b"k" * 32)])
        (opened,) = await older.unwrap([("owner", wrapped)])
        assert await older.current() == wrapped.kek_id
        return opened

    assert asyncio.run(both()) == b"k" * 32


def test_a_service_takes_over_from_the_key_file(start, own_keys, transit):
    gateway = start(key_service=transit.setting)
    asked = Asked(gateway)
    assert gateway.run(operated(gateway, keyring.rewrapped)) > 0
    rows = gateway.run(operated(gateway, keyring.listed))
    (mine,) = (one for one in rows if one["id"] == f"vault:{KEY}:v1")
    assert mine["current"]
    assert mine["data_keys"] > 0
    gateway.at += timedelta(minutes=6)
    assert gateway.get(f"Goal?patient={asked.norma_id}", asked.who).status_code == 200
    transit.oldest = 2
    gateway.at += timedelta(minutes=6)
    assert is_outcome(gateway.get(f"Goal?patient={asked.norma_id}", asked.who), 500)


def test_a_deployment_leaves_the_key_service_again(start, own_keys, transit):
    """Wrapped by the file while the service still runs; then nobody needs the key service."""
    gateway = start(key_service=transit.setting)
    asked = Asked(gateway)
    gateway.run(operated(gateway, keyring.rewrapped))
    wrapped = gateway.run(operated(gateway, partial(keyring.rewrapped, to_file=True)))
    assert wrapped > 0
    assert gateway.run(operated(gateway, partial(keyring.rewrapped, to_file=True))) == 0
    transit.sealed = True
    gateway.at += timedelta(minutes=6)
    assert gateway.get(f"Goal?patient={asked.norma_id}", asked.who).status_code == 200
    alone = gateway.settings.model_copy(update={"key_service": None})

    async def without() -> bool:
        keys = keys_of(alone)
        store = await Store.open(alone.database_url, keys, lambda: gateway.at)
        try:
            return bool(await _keys_of(store, asked.norma_id))
        finally:
            await store.close()

    assert gateway.run(without())


def test_a43_a_retired_key_opens_no_older_copy(start, own_keys):
    """What makes a shredding hold against copies of the database in any hands."""
    gateway = start()
    asked = Asked(gateway)

    async def older(_settings, store):
        async with store.engine.reading() as conn:
            [row] = await conn.fetch(
                "SELECT kek_id, wrapped FROM data_key WHERE owner = $1", (asked.norma_id,)
            )
        return WrappedKey(row[0], bytes(row[1]))

    copy = gateway.run(operated(gateway, older))
    FileKeyProvider.read(own_keys).unwrap(copy, asked.norma_id)
    assert gateway.run(operated(gateway, keyring.retired)) == [], "one that wraps stays"
    gateway.run(operated(gateway, lambda s, store: keyring.rotated(s, store, "key-encryption")))
    assert gateway.run(operated(gateway, keyring.retired)) == [], "one that wraps still stays"
    gateway.run(operated(gateway, keyring.rewrapped))
    assert gateway.run(operated(gateway, keyring.retired)) == [copy.kek_id]
    with pytest.raises(KeyUnavailableError):
        FileKeyProvider.read(own_keys).unwrap(copy, asked.norma_id)
    gateway.at += timedelta(minutes=6)
    assert gateway.get(f"Goal?patient={asked.norma_id}", asked.who).status_code == 200


def test_a_key_file_of_before_the_last_rotation_is_given_no_wrapping_key_and_loses_none(
    start, own_keys
):
    gateway = start()
    older, rotate = own_keys.read_bytes(), partial(keyring.rotated, purpose="key-encryption")
    gateway.run(operated(gateway, rotate))
    gateway.run(operated(gateway, keyring.rewrapped))
    newest = own_keys.read_bytes()
    own_keys.write_bytes(older)
    for attempt in (rotate, keyring.retired):
        with pytest.raises(ConfigurationError, match="newest"):
            gateway.run(operated(gateway, attempt))
        assert own_keys.read_bytes() == older
    own_keys.write_bytes(newest)
    assert len(gateway.run(operated(gateway, keyring.retired))) == 1


def test_a_wrapping_key_is_not_retired_under_a_writing_that_used_it(postgres_url, tmp_path):
    """A long writing wrapped under the older key; what it wrote has to open once it commits."""

    async def scenario(store):
        settings = Settings(database_url=postgres_url, key_file=tmp_path / "keys.json")
        await taken(store, seen_by("RAX", NORMA))
        older = store.vault.provider.current_kek_id()
        async with opened(postgres_url, provider(tmp_path)) as beside:
            async with store.engine.writing() as conn:
                await store.vault.ensure(conn, ["late"])
                await keyring.rotated(settings, beside, "key-encryption")
                await keyring.rewrapped(settings, beside)
                gone = asyncio.create_task(keyring.retired(settings, beside))
                await waits_or_ends(store, gone)
                assert not gone.done()
            assert await gone == []
            await keyring.rewrapped(settings, beside)
            assert await keyring.retired(settings, beside) == [older]
            async with beside.engine.reading() as conn:
                assert "late" in (await beside.vault.keys(conn, ["late"])).by_owner

    run(postgres_url, tmp_path, scenario)


def test_a_process_that_was_started_before_wraps_under_the_key_that_came_since(own_keys):
    async def both() -> tuple[str, str]:
        older = FileWrapping(FileKeyProvider.read(own_keys))
        added = await FileWrapping(FileKeyProvider.read(own_keys)).rotate()
        (wrapped,) = await older.wrap([("owner", b"k" * 32)])
        return added, wrapped.kek_id

    added, used = asyncio.run(both())
    assert added == used


def test_while_the_key_service_is_away_nothing_new_opens_and_no_word_of_it_leaves(
    start, own_keys, transit
):
    gateway = start(key_service=transit.setting)
    asked = Asked(gateway)
    gateway.run(operated(gateway, keyring.rewrapped))
    path = f"Goal?patient={asked.norma_id}"
    assert gateway.get(path, asked.who).status_code == 200
    for name, value in (("sealed", True), ("tokens", set[str]())):
        setattr(transit, name, value)
        assert gateway.get(path, asked.who).status_code == 200, "for minutes it is remembered"
        gateway.at += timedelta(minutes=6)
        answer = gateway.get(path, asked.who)
        assert is_outcome(answer, 503, "transient")
        assert answer.headers["retry-after"]
        assert "vault" not in answer.text.lower()
        transit.sealed, transit.tokens = False, {transit.token_file.read_text().strip()}
        assert gateway.get(path, asked.who).status_code == 200


@pytest.fixture
def wrapping(own_keys, transit, start):
    """The service as a process has it."""
    settings = start(key_service={**transit.setting, "namespace": "care"}).settings
    return wrapping_of(settings, keys_of(settings))


def test_a_wrapped_key_opens_for_its_owner_alone(wrapping, transit):
    async def work():
        keys = [(f"o{n}", bytes([n]) * 32) for n in range(5)]
        wrapped = await wrapping.wrap(keys)
        owners = [owner for owner, _ in keys]
        assert await wrapping.unwrap(list(zip(owners, wrapped, strict=True))) == [
            key for _, key in keys
        ]
        with pytest.raises(KeyUnavailableError):
            await wrapping.unwrap([("o1", wrapped[0])])
        await wrapping.close()
        return wrapped

    wrapped = asyncio.run(work())
    assert {one.kek_id for one in wrapped} == {f"vault:{KEY}:v1"}
    assert transit.namespaces == {"care"}
    assert b"\x01" * 32 not in wrapped[1].wrapped


def test_many_keys_are_few_requests(wrapping, transit):
    async def work():
        keys = [(f"o{n}", b"k" * 32) for n in range(401)]
        wrapped = await wrapping.wrap(keys)
        pairs = [(owner, one) for (owner, _), one in zip(keys, wrapped, strict=True)]
        await wrapping.unwrap(pairs)
        await wrapping.close()

    asyncio.run(work())
    assert len(transit.asked) == 6


@pytest.mark.parametrize("kind", ["rsa-4096", "ed25519"])
def test_a_key_that_binds_no_owner_is_refused(wrapping, transit, kind):
    transit.kind = kind

    async def work():
        try:
            await wrapping.current()
        finally:
            await wrapping.close()

    with pytest.raises(KeyServiceError):
        asyncio.run(work())
