import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.store.keyring.log_keys import LogKeys

SEEDS = {name: name.encode() * 32 for name in "abc"}
SINCE = st.dictionaries(st.sampled_from("bc"), st.integers(1, 9))


def _public(key):
    return key.public_key().public_bytes_raw()


@given(SINCE, st.integers(0, 12))
def test_who_signs_a_size_is_a_key_of_that_size(since, size):
    keys = LogKeys(SEEDS, since)
    signer = _public(keys.at(size))
    (found,) = [one for one in keys.public() if one.public.public_bytes_raw() == signer]
    assert found.since <= size
    assert found.until is None or size < found.until


@pytest.mark.parametrize(
    ("since", "spans"),
    [
        ({}, [(0, None), (0, None), (0, None)]),
        ({"b": 5, "c": 9}, [(0, 5), (5, 9), (9, None)]),
        ({"c": 9}, [(0, 9), (0, 9), (9, None)]),
        ({"b": 9, "c": 5}, [(0, 5), (9, 5), (5, None)]),
    ],
    ids=["unsaid", "said", "in-part", "after-an-older-copy-was-restored"],
)
def test_a_key_signs_up_to_where_a_later_one_begins(since, spans):
    assert [(one.since, one.until) for one in LogKeys(SEEDS, since).public()] == spans
