import base64
import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from gateway.errors import ConfigurationError
from gateway.store.keyring.keys import (
    PURPOSES,
    FileKeyProvider,
    add_key,
    create_key_file,
    drop_keys,
)


@pytest.fixture
def path(tmp_path):
    create_key_file(tmp_path / "keys.json")
    return tmp_path / "keys.json"


def changed(path, change):
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


def test_a_new_key_file_is_for_its_owner_and_holds_every_purpose(path):
    assert path.stat().st_mode & 0o777 == 0o600
    content = json.loads(path.read_text())
    assert tuple(content["keys"]) == PURPOSES
    keys = [row["key"] for rows in content["keys"].values() for row in rows]
    assert len(set(keys)) == len(PURPOSES)
    assert all(len(base64.b64decode(key)) == 32 for key in keys)


def test_keys_that_are_added_and_dropped_at_once_lose_none(path):
    """A key that is lost takes with it what it wrapped meanwhile."""
    older = FileKeyProvider.read(path).current_kek_id()
    with ThreadPoolExecutor(4) as together:
        added = [together.submit(add_key, path, "key-encryption") for _ in range(30)]
        dropped = [together.submit(drop_keys, path, "key-encryption", {older}) for _ in range(10)]
        made = {one.result() for one in added}
        for one in dropped:
            one.result()
    kept = {row["id"] for row in json.loads(path.read_text())["keys"]["key-encryption"]}
    assert kept == made


def test_a_key_file_says_whether_it_is_for_development(path, tmp_path):
    create_key_file(tmp_path / "dev.json", development=True)
    assert FileKeyProvider.read(tmp_path / "dev.json").development
    assert not FileKeyProvider.read(path).development


def test_an_existing_key_file_is_never_overwritten(path):
    before = path.read_bytes()
    with pytest.raises(ConfigurationError, match="already there"):
        create_key_file(path)
    assert path.read_bytes() == before


def test_the_same_file_gives_the_same_keys(path):
    one, other = FileKeyProvider.read(path), FileKeyProvider.read(path)
    assert one.hasher.keyed_uuid("resource", "RAX") == other.hasher.keyed_uuid("resource", "RAX")
    public = [keys.log_keys.at(0).public_key().public_bytes_raw() for keys in (one, other)]
    assert public[0] == public[1]
    numbers = [keys.token_signing_key[1].private_numbers() for keys in (one, other)]
    assert numbers[0] == numbers[1]


@pytest.mark.parametrize("purpose", ["key-encryption", "index", "log-signing", "token-signing"])
def test_an_added_key_is_current_and_the_old_stays(path, purpose):
    before = json.loads(path.read_text())["keys"][purpose]
    added = add_key(path, purpose)
    after = json.loads(path.read_text())["keys"][purpose]
    assert after[:-1] == before
    assert after[-1]["id"] == added
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["keys.json"]


def test_rotated_keys_are_used_in_their_order(path):
    old = FileKeyProvider.read(path)
    for purpose in ("key-encryption", "index", "log-signing", "token-signing"):
        add_key(path, purpose)
    new = FileKeyProvider.read(path)
    assert new.current_kek_id() != old.current_kek_id()
    assert new.token_signing_key[0] != old.token_signing_key[0]
    assert set(old.token_signing_keys) < set(new.token_signing_keys)
    assert new.log_public_keys[:-1] == old.log_public_keys
    assert len(new.log_public_keys) == 2
    before, after = old.hasher.keyed_uuid("person", "x"), new.hasher.keyed_uuid("person", "x")
    assert before == after


def test_a_new_index_key_is_known_at_the_next_look_up_and_used_when_it_is_said(path):
    keys = FileKeyProvider.read(path)
    (before,) = keys.hasher.keyed_hashes("nhs-number", "9990000018")
    add_key(path, "index")
    newest, oldest = keys.hasher.keyed_hashes("nhs-number", "9990000018")
    assert oldest == before == keys.hasher.keyed_hash("nhs-number", "9990000018")
    keys.hasher.generation = 2
    assert keys.hasher.keyed_hash("nhs-number", "9990000018") == newest


def test_a_key_file_that_cannot_be_read_for_a_moment_changes_nothing(path):
    keys = FileKeyProvider.read(path)
    before = keys.hasher.keyed_hashes("nhs-number", "9990000018")
    path.write_text("{")
    assert keys.hasher.keyed_hashes("nhs-number", "9990000018") == before


def test_wrapping_keys_are_dropped_but_never_the_newest(path):
    first = FileKeyProvider.read(path).current_kek_id()
    second = add_key(path, "key-encryption")
    drop_keys(path, "key-encryption", [first, second])
    kept = FileKeyProvider.read(path)
    assert not kept.holds(first)
    assert kept.current_kek_id() == second
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("purpose", ["identity", "unknown"])
def test_ids_are_never_rotated(path, purpose):
    with pytest.raises(ConfigurationError, match="cannot be rotated"):
        add_key(path, purpose)


BROKEN = {
    "identity": lambda content: content["keys"]["identity"].append(
        {"id": "x", "key": "A" * 43 + "="}
    ),
    "no index": lambda content: content["keys"].pop("index"),
    "empty": lambda content: content["keys"].update(index=[]),
    "short": lambda content: content["keys"]["index"][0].update(key="c2hvcnQ="),
    "not base64": lambda content: content["keys"]["index"][0].update(key="SECRET WORD"),
    "a number": lambda content: content["keys"]["index"][0].update(key=5),
    "no id": lambda content: content["keys"]["index"][0].pop("id"),
    "same id": lambda content: content["keys"]["index"].append(content["keys"]["index"][0]),
    "format": lambda content: content.update(format=2),
    "environment": lambda content: content.update(environment="staging"),
    "keys": lambda content: content.update(keys=[]),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_key_file_says_so_and_shows_no_key(path, fault):
    changed(path, BROKEN[fault])
    with pytest.raises(ConfigurationError) as caught:
        FileKeyProvider.read(path)
    assert "key" in str(caught.value)
    assert "SECRET" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_file_that_is_no_key_file_is_refused(path):
    with pytest.raises(ConfigurationError, match="cannot be read"):
        FileKeyProvider.read(path.with_name("absent.json"))
    for content, text in ((b"{", "not JSON"), (b"[]", "format"), (b"\xff", "cannot be read")):
        path.write_bytes(content)
        with pytest.raises(ConfigurationError, match=text):
            FileKeyProvider.read(path)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_a_key_file_open_to_others_is_refused(path, mode):
    path.chmod(mode)
    with pytest.raises(ConfigurationError, match="owner only"):
        FileKeyProvider.read(path)


def test_a_repr_shows_no_key(path):
    keys = FileKeyProvider.read(path)
    stored = [row["key"] for rows in json.loads(path.read_text())["keys"].values() for row in rows]
    assert not any(key in repr(keys) + repr(keys.hasher) for key in stored)
