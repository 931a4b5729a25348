"""Ids of what a source keys in its own way: one for a key, and worked out once in a batch."""

from gateway.store.keyring.keys import KeyedHasher
from gateway.store.record.localising import Localisers


class _Counting(KeyedHasher):
    """Counts the ids that are worked out."""

    __slots__ = ("made",)

    def __init__(self) -> None:
        super().__init__((b"index" * 7,), b"identity" * 4)
        self.made = 0

    def keyed_uuid(self, purpose: str, *parts: str) -> str:
        self.made += 1
        return super().keyed_uuid(purpose, *parts)


def test_a_patient_has_the_id_of_the_source_record_from_whichever_record_it_is_named():
    localisers = Localisers(_Counting(), "ORG1")
    one = localisers.record_id("1")
    assert localisers.of(one).resource_id("Patient", "1") == one
    assert localisers.of(localisers.record_id("2")).resource_id("Patient", "1") == one
    assert Localisers(_Counting(), "ORG2").record_id("1") != one


def test_the_same_key_used_for_two_people_names_two_resources():
    localisers = Localisers(_Counting(), "ORG1")
    goals = {localisers.of(localisers.record_id(key)).resource_id("Goal", "G1") for key in "12"}
    assert len(goals) == 2


def test_the_id_of_a_record_is_worked_out_once_in_a_batch_however_many_items_speak_of_it():
    hasher = _Counting()
    localisers = Localisers(hasher, "ORG1")
    for _ in range(100):
        record = localisers.record_id("1")
        localisers.of(record).resource_id("Patient", "1")
        localisers.of(record).localised({"reference": "local:Patient:1"})
    assert hasher.made == 1
