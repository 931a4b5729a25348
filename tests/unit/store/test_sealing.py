from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.store.keyring.keys import (
    FileKeyProvider,
    KeyUnavailableError,
    WrappedKey,
    create_key_file,
)
from gateway.store.sealed.row_seal import BOUND, row_aad
from gateway.store.sealed.sealing import (
    DataKey,
    DataKeyCache,
    UnsealError,
    key_number,
    new_key,
    open_sealed,
    seal,
)

PATIENT, OTHER = "11111111-1111-8111-8111-111111111111", "99999999-1111-8111-8111-111111111111"
LABELS = ("care-plan", 1, 4, 0, 0, "H85001", "H85001", 0, 9, "Goal/1", "gp", 0)
AAD = row_aad("CarePlan", "22222222", 3, PATIENT, LABELS)
KEY = DataKey.of(b"k" * 32, 7)
AT = datetime(2026, 1, 31, 9, tzinfo=UTC)
PLAIN = b'{"resourceType":"CarePlan"}'


@pytest.fixture
def path(tmp_path):
    create_key_file(tmp_path / "keys.json", development=True)
    return tmp_path / "keys.json"


@pytest.fixture
def keys(path):
    return FileKeyProvider.read(path)


@given(st.binary(max_size=2_000), st.binary(max_size=60))
def test_what_is_sealed_opens_with_its_key_and_row(plain, aad):
    sealed = seal(KEY, plain, aad)
    assert open_sealed(KEY, sealed, aad) == plain
    assert key_number(sealed) == 7
    assert len(sealed) == 1 + 4 + 12 + len(plain) + 16


def test_the_layout_is_version_key_number_nonce_ciphertext():
    sealed = seal(KEY, PLAIN, AAD)
    assert sealed[:5] == bytes([1, 0, 0, 0, 7])
    nonce, body = sealed[5:17], sealed[17:]
    assert KEY.aead.decrypt(nonce, body, sealed[:5] + AAD) == PLAIN


def test_two_sealings_of_the_same_share_no_nonce():
    nonces = {seal(KEY, PLAIN, AAD)[5:17] for _ in range(500)}
    assert len(nonces) == 500


@given(st.integers(0, len(PLAIN) + 32), st.integers(1, 255))
def test_no_changed_byte_opens(place, change):
    sealed = bytearray(seal(KEY, PLAIN, AAD))
    sealed[place] ^= change
    with pytest.raises(UnsealError):
        open_sealed(KEY, bytes(sealed), AAD)


@pytest.mark.parametrize("length", [0, 1, 5, 17, 32])
def test_a_cut_off_end_does_not_open(length):
    cut = seal(KEY, b"", AAD)[:length]
    with pytest.raises(UnsealError):
        open_sealed(KEY, cut, AAD)
    with pytest.raises(UnsealError):
        key_number(cut)


@pytest.mark.parametrize(
    "aad",
    [
        row_aad("Goal", "22222222", 3, PATIENT, LABELS),
        row_aad("CarePlan", "22222223", 3, PATIENT, LABELS),
        row_aad("CarePlan", "22222222", 4, PATIENT, LABELS),
        row_aad("CarePlan", "22222222", 3, OTHER, LABELS),
        b"",
    ],
)
def test_a_row_moved_elsewhere_does_not_open(aad):
    with pytest.raises(UnsealError):
        open_sealed(KEY, seal(KEY, PLAIN, AAD), aad)


def test_another_key_does_not_open_whatever_its_number():
    sealed = seal(KEY, PLAIN, AAD)
    for other in (DataKey.of(b"o" * 32, 7), DataKey.of(b"k" * 32, 8)):
        with pytest.raises(UnsealError):
            open_sealed(other, sealed, AAD)


def test_an_identity_cannot_be_cut_in_another_place():
    with pytest.raises(ValueError, match="bar"):
        row_aad("CarePlan|22222222", "1", 3, PATIENT, LABELS)


@pytest.mark.parametrize("place", range(len(LABELS)))
def test_a_row_opens_with_the_labels_it_was_written_with_alone(place):
    assert len(LABELS) == len(BOUND)
    sealed = seal(KEY, PLAIN, AAD)
    value = LABELS[place]
    for other in (value + 1 if isinstance(value, int) else f"{value} ", ""):
        labels = (*LABELS[:place], other, *LABELS[place + 1 :])
        with pytest.raises(UnsealError):
            open_sealed(KEY, sealed, row_aad("CarePlan", "22222222", 3, PATIENT, labels))


def test_labels_cannot_be_cut_in_another_place():
    moved = ("care-pla", "n", *LABELS[2:])
    assert row_aad("CarePlan", "22222222", 3, PATIENT, moved) != AAD
    joined = row_aad("CarePlan", "22222222", 3, f"{PATIENT}[", LABELS[1:])
    assert joined != AAD


def new_data_key(keys, owner, number=1):
    made = new_key()
    return DataKey.of(made, number), keys.wrap(made, owner)


def open_data_key(keys, owner, wrapped, number=1):
    return DataKey.of(keys.unwrap(wrapped, owner), number)


def test_a_data_key_opens_for_its_owner_only(keys):
    key, wrapped = new_data_key(keys, PATIENT, 2)
    sealed = seal(key, PLAIN, AAD)
    assert open_sealed(open_data_key(keys, PATIENT, wrapped, 2), sealed, AAD) == PLAIN
    with pytest.raises(KeyUnavailableError):
        open_data_key(keys, OTHER, wrapped, 2)


def test_an_altered_or_foreign_wrapping_does_not_open(keys, tmp_path):
    _, wrapped = new_data_key(keys, PATIENT)
    create_key_file(tmp_path / "other.json")
    altered = WrappedKey(wrapped.kek_id, wrapped.wrapped[:-1] + b"\0\0")
    for wrong in (altered, WrappedKey(wrapped.kek_id, b""), WrappedKey("none", b"x" * 60)):
        with pytest.raises(KeyUnavailableError):
            open_data_key(keys, PATIENT, wrong)
    with pytest.raises(KeyUnavailableError):
        open_data_key(FileKeyProvider.read(tmp_path / "other.json"), PATIENT, wrapped)


@pytest.mark.parametrize(("key", "number"), [(b"k" * 31, 1), (b"k" * 32, 0), (b"k" * 32, 2**31)])
def test_what_is_not_a_data_key_is_refused(key, number):
    with pytest.raises(UnsealError):
        DataKey.of(key, number)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(min_size=20, max_size=40))
def test_no_error_and_no_repr_shows_content_or_key(keys, secret):
    key, wrapped = new_data_key(keys, PATIENT)
    with pytest.raises(UnsealError) as caught:
        open_sealed(key, seal(key, secret, AAD), b"")
    assert caught.value.args == ("sealed bytes do not open for this row",)
    assert repr(key) == "DataKey(number=1)"
    assert repr(keys.unwrap(wrapped, PATIENT)) not in repr(wrapped)


def test_a_kept_key_is_found_for_less_than_five_minutes():
    cache = DataKeyCache()
    cache.keep(PATIENT, KEY, AT)
    assert cache.find(PATIENT, 7, AT) is KEY
    assert cache.find(PATIENT, 7, AT + timedelta(seconds=299)) is KEY
    assert cache.find(PATIENT, 8, AT) is None
    assert cache.find(OTHER, 7, AT) is None
    assert cache.find(PATIENT, 7, AT + timedelta(minutes=5)) is None
    assert len(cache) == 0


def test_looking_does_not_lengthen_a_key_s_stay_and_a_clock_set_back_ends_it():
    cache = DataKeyCache()
    cache.keep(PATIENT, KEY, AT)
    cache.find(PATIENT, 7, AT + timedelta(seconds=200))
    assert cache.find(PATIENT, 7, AT + timedelta(seconds=301)) is None
    cache.keep(PATIENT, KEY, AT)
    assert cache.find(PATIENT, 7, AT - timedelta(seconds=1)) is None


def test_a_key_that_nobody_asks_for_again_goes_with_its_time():
    cache = DataKeyCache()
    cache.keep(PATIENT, KEY, AT)
    cache.keep(OTHER, KEY, AT + timedelta(seconds=299))
    assert len(cache) == 2
    cache.keep(OTHER, KEY, AT + timedelta(minutes=5))
    assert len(cache) == 1, "of whoever is asked for is no matter"


def test_a_full_cache_lets_the_oldest_go():
    cache = DataKeyCache(capacity=2)
    for number in (1, 2, 3):
        cache.keep(PATIENT, DataKey.of(b"k" * 32, number), AT)
    assert [cache.find(PATIENT, number, AT) is None for number in (1, 2, 3)] == [
        True,
        False,
        False,
    ]
    assert len(cache) == 2


def test_a_shredded_owner_is_forgotten_at_once():
    cache = DataKeyCache()
    cache.keep(PATIENT, KEY, AT)
    cache.keep(PATIENT, DataKey.of(b"k" * 32, 8), AT)
    cache.keep(OTHER, KEY, AT)
    cache.forget(PATIENT)
    assert cache.find(PATIENT, 7, AT) is None
    assert cache.find(PATIENT, 8, AT) is None
    assert cache.find(OTHER, 7, AT) is KEY


@pytest.mark.parametrize(
    ("capacity", "lifetime"),
    [(0, timedelta(minutes=1)), (1, timedelta(minutes=5, seconds=1)), (1, timedelta(0))],
)
def test_a_cache_without_bounds_is_refused(capacity, lifetime):
    with pytest.raises(ValueError, match="five minutes at most"):
        DataKeyCache(capacity, lifetime)
