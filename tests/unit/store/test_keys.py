import base64
import hmac
import json
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import ConfigurationError
from gateway.store.keys import (
    PURPOSES,
    FileKeyProvider,
    KeyedHasher,
    add_key,
    create_key_file,
    framed,
)

HASHER = KeyedHasher((b"old" * 11, b"new" * 11), b"identity" * 4)
parts = st.lists(st.text(max_size=5), max_size=4)


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
    public = [keys.log_signing_key.public_key().public_bytes_raw() for keys in (one, other)]
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
    assert set(old.log_signing_keys) < set(new.log_signing_keys)
    before, after = old.hasher, new.hasher
    assert after.keyed_hashes("nhs-number", "9990000018") == (
        after.keyed_hash("nhs-number", "9990000018"),
        before.keyed_hash("nhs-number", "9990000018"),
    )
    assert before.keyed_uuid("person", "x") == after.keyed_uuid("person", "x")


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


@given(parts, parts)
def test_two_lists_of_parts_never_look_alike(one, other):
    assert (framed(*one) == framed(*other)) == (one == other)


def test_a_keyed_hash_is_hmac_sha256_of_the_framed_parts():
    message = b"\0\0\0\x0anhs-number\0\0\0\x0a9990000018"
    wanted = hmac.new(b"new" * 11, message, "sha256").hexdigest()
    assert HASHER.keyed_hash("nhs-number", "9990000018") == wanted


@given(parts)
def test_a_keyed_id_is_a_uuid_of_version_8(found):
    text = HASHER.keyed_uuid("resource", *found)
    parsed = uuid.UUID(text)
    assert str(parsed) == text
    assert parsed.version == 8
    assert parsed.variant == uuid.RFC_4122


def test_purposes_keep_hashes_and_ids_apart():
    values = {HASHER.keyed_hash(purpose, "x") for purpose in ("a", "b")}
    values |= {HASHER.keyed_uuid(purpose, "x") for purpose in ("a", "b")}
    assert len(values) == 4


def test_a_repr_shows_no_key(path):
    keys = FileKeyProvider.read(path)
    stored = [row["key"] for rows in json.loads(path.read_text())["keys"].values() for row in rows]
    assert not any(key in repr(keys) + repr(keys.hasher) for key in stored)
