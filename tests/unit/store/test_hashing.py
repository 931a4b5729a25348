"""Keyed hashes: what can be guessed turns with the index keys; what comes again does not."""

import hmac
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.identity.names import TOKEN, from_marks, marks_again, marks_of
from gateway.store.clear.search_index import codes_again, indexed, value_hashes
from gateway.store.identity.source_records import MARK_LENGTH
from gateway.store.keyring.hashing import BLOCK, WIDTH, KeyedHasher, framed

KEYS = (b"first" * 7, b"second" * 6, b"third" * 7)
IDENTITY = b"identity" * 4
HASHER = KeyedHasher(KEYS, IDENTITY)
NUMBER = ("nhs-number", "9990000018")
NHS = "https://fhir.nhs.uk/Id/nhs-number"
parts = st.lists(st.text(max_size=5), max_size=4)


def of_generation(generation: int) -> KeyedHasher:
    """The hasher of a deployment that has come so far."""
    made = KeyedHasher(KEYS, IDENTITY)
    made.generation = generation
    return made


@given(parts, parts)
def test_two_lists_of_parts_never_look_alike(one, other):
    assert (framed(*one) == framed(*other)) == (one == other)


def test_the_first_key_gives_hmac_sha256_of_the_framed_parts():
    message = b"\0\0\0\x0anhs-number\0\0\0\x0a9990000018"
    wanted = hmac.new(KEYS[0], message, "sha256").hexdigest()
    assert of_generation(1).keyed_hash(*NUMBER) == wanted


def test_a_later_key_gives_the_hash_of_what_the_one_before_gave_block_by_block():
    before = of_generation(1).keyed_hash(*NUMBER)
    blocks = (before[at : at + BLOCK] for at in range(0, WIDTH, BLOCK))
    wanted = "".join(
        hmac.new(KEYS[1], framed("index", one), "sha256").hexdigest()[:BLOCK] for one in blocks
    )
    assert of_generation(2).keyed_hash(*NUMBER) == wanted


def test_a_look_up_asks_for_every_generation_the_newest_first():
    every = tuple(of_generation(n).keyed_hash(*NUMBER) for n in (3, 2, 1))
    assert HASHER.keyed_hashes(*NUMBER) == every
    assert len(set(every)) == 3


@given(st.sampled_from([8, 16, 32, 64]), st.integers(1, 3), st.integers(1, 3), st.text())
def test_what_is_stored_is_made_again_as_it_would_be_stored_now(width, one, other, said):
    before, after = sorted((one, other))
    stored = of_generation(before).keyed_hash("p", said, width=width)
    now = of_generation(after).keyed_hash("p", said, width=width)
    assert len(stored) == width
    assert HASHER.again(stored, before, after) == now


@given(st.integers(1, 4), st.text())
def test_the_beginning_of_a_hash_is_made_again_as_the_beginning(blocks, said):
    stored, width = of_generation(1).keyed_hash("p", said), blocks * BLOCK
    assert HASHER.again(stored, 1, 3)[:width] == HASHER.again(stored[:width], 1, 3)


def test_what_marks_a_number_is_whole_blocks_of_its_hash():
    assert MARK_LENGTH % BLOCK == 0


def test_without_the_newer_key_nothing_stored_is_tested():
    """Whoever has the first key alone tests no guess on what was hashed again."""
    leaked = KeyedHasher(KEYS[:1], IDENTITY)
    assert not set(leaked.keyed_hashes(*NUMBER)) & {of_generation(2).keyed_hash(*NUMBER)}


def test_what_lasts_and_ids_do_not_turn_with_the_index_keys():
    one, other = of_generation(1), KeyedHasher(KEYS[2:], IDENTITY)
    assert one.lasting_hash("item", "x") == other.lasting_hash("item", "x")
    assert one.keyed_uuid("person", "x") == other.keyed_uuid("person", "x")


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
    values |= {HASHER.lasting_hash(purpose, "x") for purpose in ("a", "b")}
    assert len(values) == 6


@pytest.mark.parametrize("given_names", [[["Norma", "Jean"]], [["Danny"], ["Daniel"]], [["B"]], []])
def test_marks_of_names_are_made_again_as_they_would_be_made_now(given_names):
    def marks(generation: int) -> str:
        hasher = of_generation(generation)
        return marks_of(given_names, lambda one: hasher.keyed_hash("n", one, width=TOKEN))

    again = marks_again(marks(1), lambda one: HASHER.again(one, 1, 3))
    assert again == marks(3)
    assert from_marks(again) == from_marks(marks(3))


PATIENT = {
    "resourceType": "Patient",
    "identifier": [{"system": NHS, "value": "999 000 0018"}, {"system": "urn:x", "value": "7"}],
    "active": True,
}
GOAL = {
    "resourceType": "Goal",
    "identifier": [{"system": "urn:x", "value": "7"}],
    "lifecycleStatus": "active",
    "category": [{"coding": [{"system": "urn:c", "code": "a" * 32}]}],
    "expressedBy": {"identifier": {"system": "urn:x", "value": "8"}},
}
TEAM = {
    "resourceType": "CareTeam",
    "participant": [{"member": {"identifier": {
        "system": "https://fhir.nhs.uk/Id/sds-user-id", "value": "555000000102"}}}],
}  # fmt: skip


def test_staff_are_found_by_the_keyed_hash_of_their_number():
    (hashed,) = value_hashes(KeyedHasher(KEYS[:1], IDENTITY), "s", "555000000102")
    stored = indexed(TEAM, of_generation(1), []).codes
    assert f"|participant:{hashed}|" in stored
    assert "555000000102" not in stored


@pytest.mark.parametrize("body", [PATIENT, GOAL, TEAM], ids=["patient", "goal", "team"])
@pytest.mark.parametrize(("before", "after"), [(1, 2), (1, 3), (2, 3), (3, 3)])
def test_codes_are_made_again_as_they_would_be_written_now(body, before, after):
    """A code that only looks like a hash stays."""
    stored = indexed(body, of_generation(before), []).codes
    wanted = indexed(body, of_generation(after), []).codes
    assert codes_again(body["resourceType"], stored, of_generation(after)) == wanted
    assert codes_again(body["resourceType"], wanted, of_generation(after)) == wanted


@pytest.mark.parametrize("generation", [1, 2, 3])
def test_an_identifier_of_every_generation_is_found(generation):
    codes = indexed(GOAL, of_generation(generation), []).codes
    assert any(one in codes for one in value_hashes(HASHER, "urn:x", "7"))
    assert not any(one in codes for one in value_hashes(HASHER, "urn:x", "9"))
