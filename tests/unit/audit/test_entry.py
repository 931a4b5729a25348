import json
from dataclasses import fields, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.terms import Caller, CallerKind, Purpose
from gateway.audit.canonical import EntryFormatError
from gateway.audit.entry import Agent, AuditEntry, Sensitive, decode, encode
from gateway.audit.merkle import leaf_hash
from gateway.store.keyring.keys import FileKeyProvider as Keys
from gateway.store.keyring.keys import KeyUnavailableError, create_key_file
from gateway.store.sealed.sealing import DataKey, UnsealError, new_key, open_sealed, seal
from tests.unit.audit.entries import (
    AT,
    DOCTOR,
    NONCE,
    PERSON,
    READ,
    entries,
    toy_open,
    toy_seal,
)

FORMAT_PAGE = Path(__file__).parents[3] / "docs" / "audit-format.md"

# Written once and never changed: these bytes are what format 1 is.
GOLDEN = (
    b'{"agent":{"assurance":"AAL3","client_id":"portal","kind":"staff","network":"192.0.2.'
    b'7","org":"RAX","purpose":"TREAT","role":"hospital-doctor","token_hash":"abababababab'
    b'abababababababababababababababababababababababababab","user_id":"555000111"},"consen'
    b'ts":[["33333333-3333-8333-8333-333333333333",1]],"event":"read","evidence":"CareTeam'
    b'/1","filter_hash":"cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd"'
    b',"format":1,"hidden":2,"nonce":"AAECAwQFBgcICQoLDA0ODw==","outcome":"served","person'
    b'_id":"11111111-1111-8111-8111-111111111111","policy_version":"p1","reasons":["relati'
    b'onship-care-team"],"recorded":"2026-01-31T09:15:00.250000Z","relationship":"care-tea'
    b'm","request_id":"req-1","resources":[["CarePlan","22222222-2222-8222-8222-2222222222'
    b'22",3]]}'
)
GOLDEN_LEAF = "ef966064161bf79ac1c8a9185210c756e8f6b555b3fe05f8cc4646d8a5129cc6"


def record_of(**changes):
    return encode(replace(READ, **changes), NONCE, toy_seal, PERSON)


def test_format_1_is_these_bytes():
    assert record_of() == GOLDEN
    assert leaf_hash(GOLDEN).hex() == GOLDEN_LEAF


@given(entries, st.binary(min_size=16, max_size=16), st.text(min_size=1, max_size=8))
def test_a_record_reads_back_as_its_entry(entry, nonce, owner):
    record = encode(entry, nonce, toy_seal, owner)
    read = decode(record)
    assert replace(read.entry, sensitive=entry.sensitive) == entry
    assert read.nonce == nonce
    assert read.open_sensitive(toy_open) == entry.sensitive
    assert encode(read.entry, nonce, toy_seal) == encode(
        replace(entry, sensitive=Sensitive()), nonce, toy_seal
    )


@given(entries)
def test_a_record_is_canonical_json(entry):
    record = encode(entry, NONCE, toy_seal)
    members = json.loads(record)
    again = json.dumps(members, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert again.encode() == record


def test_what_was_typed_stands_nowhere_in_clear():
    sensitive = Sensitive(raw_query="name=Winterbottom", free_text="said on the telephone")
    record = record_of(sensitive=sensitive)
    assert b"Winterbottom" not in record
    assert b"telephone" not in record
    assert "Winterbottom" not in repr(replace(READ, sensitive=sensitive))
    assert json.loads(record)["sealed"]["owner"] == PERSON


def test_nothing_is_sealed_when_nothing_is_sensitive():
    def refuse(_content, _aad):
        raise AssertionError("sealed without need")

    assert decode(encode(READ, NONCE, refuse)).open_sensitive(refuse) == Sensitive()


@pytest.fixture
def keys(tmp_path):
    create_key_file(tmp_path / "keys.json")
    return Keys.read(tmp_path / "keys.json")


def test_a_real_key_opens_its_own_record_and_no_other(keys):
    made = new_key()
    key, wrapped = DataKey.of(made, 1), keys.wrap(made, PERSON)
    entry = replace(READ, sensitive=Sensitive(free_text="cannot be asked"))
    record = decode(encode(entry, NONCE, lambda text, aad: seal(key, text, aad), PERSON))
    opened = record.open_sensitive(lambda sealed, aad: open_sealed(key, sealed, aad))
    assert opened.free_text == "cannot be asked"
    moved = replace(record, nonce=bytes(16))
    with pytest.raises(UnsealError):
        moved.open_sensitive(lambda sealed, aad: open_sealed(key, sealed, aad))
    with pytest.raises(KeyUnavailableError):
        keys.unwrap(wrapped, "another person")


def test_the_time_is_kept_in_utc_to_the_microsecond():
    summer = timezone(timedelta(hours=1))
    record = record_of(recorded=datetime(2026, 6, 1, 0, 30, 0, 1, summer))
    assert json.loads(record)["recorded"] == "2026-05-31T23:30:00.000001Z"


@pytest.mark.parametrize(
    "record",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff",
        GOLDEN + b" ",
        GOLDEN.replace(b'"format":1', b'"format":2'),
        GOLDEN.replace(b'"format":1,', b""),
        GOLDEN.replace(b'"hidden":2', b'"hidden": 2'),
        GOLDEN.replace(b'"hidden":2', b'"hidden":0'),
        GOLDEN.replace(b'"hidden":2', b'"hidden":true'),
        GOLDEN.replace(b'"hidden":2', b'"hidden":-2'),
        GOLDEN.replace(b'"hidden":2', b'"hidden":2.5'),
        GOLDEN.replace(b'"hidden":2', b'"hidden":"2"'),
        GOLDEN.replace(b'"hidden":2', b'"hidden":2,"hidden":2'),
        GOLDEN.replace(b'"hidden":2', b'"hider":"x"'),
        GOLDEN.replace(b'"kind":', b'"kinds":'),
        GOLDEN.replace(b'"org":"RAX"', b'"org":""'),
        GOLDEN.replace(b'"event":', b'"detail":{"owner":""},"event":'),
        GOLDEN.replace(b'"read"', b'"peek"'),
        GOLDEN.replace(b'"served"', b'"shown"'),
        GOLDEN.replace(b",3]]}", b"]]}"),
        GOLDEN.replace(b".250000Z", b".25Z"),
        GOLDEN.replace(b"2026-01-31T", b"2026-02-31T"),
        GOLDEN.replace(b"AAECAwQFBgcICQoLDA0ODw==", b"AAECAwQFBgcICQoLDA0ODx=="),
        GOLDEN.replace(b"AAECAwQFBgcICQoLDA0ODw==", b"AAEC"),
        GOLDEN.replace(b"AAECAwQFBgcICQoLDA0ODw==", b"not base64"),
    ],
)
def test_other_bytes_are_not_a_record(record):
    with pytest.raises(EntryFormatError):
        decode(record)


@pytest.mark.parametrize(
    "changes",
    [
        {"recorded": AT.replace(tzinfo=None)},
        {"query": "\ud800"},
        {"hidden": 2**64},
    ],
)
def test_what_canonical_json_cannot_hold_is_not_written(changes):
    with pytest.raises(EntryFormatError):
        record_of(**changes)


def test_a_nonce_is_16_bytes():
    with pytest.raises(EntryFormatError):
        encode(READ, b"short", toy_seal)


def test_a_log_line_cannot_be_forged_with_a_line_break():
    record = record_of(query='a"\n{"format":1}')
    assert b"\n" not in record
    assert decode(record).entry.query == 'a"\n{"format":1}'


def test_an_agent_is_what_the_token_said():
    caller = Caller(
        user_id="555000111",
        kind=CallerKind.STAFF,
        role="hospital-doctor",
        org="RAX",
        purpose=Purpose.TREATMENT,
        client_id="portal",
        scopes=frozenset({"user/*.rs"}),
        feeds=frozenset(),
        patient=None,
        assurance="AAL3",
        token_hash="ab" * 32,
    )
    assert Agent.of(caller, network="192.0.2.7") == DOCTOR


def test_every_member_is_documented():
    page = FORMAT_PAGE.read_text(encoding="utf-8")
    names = {field.name for kind in (AuditEntry, Agent, Sensitive) for field in fields(kind)}
    missing = {name for name in names - {"sensitive"} if f"`{name}`" not in page}
    assert missing == set()
