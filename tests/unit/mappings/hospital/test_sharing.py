"""ZU8: the person's choice about sharing, as a Consent the access rules can read."""

from itertools import permutations

import pytest

from consent.from_fhir import read_consent
from gateway.store.keyring.keys import KeyedHasher
from gateway.store.record.localising import Localiser
from mappings.hospital import FEED
from mappings.hospital.rows.moved_visit import SUFFIX
from tests.unit.mappings.hospital.messages import (
    codes_of,
    header,
    made,
    only,
    outcome,
    person,
    segment,
    visit,
)

AS_STORED = Localiser(KeyedHasher((b"k" * 32,), b"i" * 32), "RAX", "P1")


def _said(choice, day=1, **more):
    at = f"202610{day:02d}090000"
    event = segment("EVN", {2: at}, **more)
    return outcome(header("ADT^A31", at=at), event, person(), segment("ZU8", _2=choice))


def _rule(result):
    return read_consent(AS_STORED.localised(only(result, "Consent")))


def test_a_dissent_denies_the_data_of_the_hospital_that_sends_and_no_other():
    rule = _rule(_said("2"))
    assert rule.active
    assert not rule.root.permit
    assert rule.root.source_orgs == {"RAX"}
    (own,) = rule.nested
    assert own.permit
    assert {asker.value for asker in own.askers} == {"RAX"}


@pytest.mark.parametrize(
    ("choice", "status"),
    [("1", "inactive"), ("2", "active"), ("3", "proposed"), ('""', "inactive")],
)
def test_only_a_dissent_is_in_force(choice, status):
    result = _said(choice)
    assert only(result, "Consent")["status"] == status
    assert _rule(result).active is (choice == "2")


def test_nothing_said_changes_nothing_and_the_newest_word_stands():
    assert made(_said("", 4), "Consent") == []
    sent = [_said(choice, day) for day, choice in enumerate(("2", "1", "2", '""', "1", "2"), 1)]
    for arrived in permutations(sent, 6):
        ordered = sorted(arrived, key=lambda one: one.source_time)
        newest = made(ordered[-1], "Consent")[0]
        assert {made(one, "Consent")[0].key for one in sent} == {newest.key}
        assert newest.fold == "replace"
        assert newest.resource["status"] == "active"


def test_a_word_that_is_not_known_is_refused():
    result = _said("maybe")
    assert result.quarantined
    assert ("ZU8-2", "unmapped-code") in codes_of(result)


def test_it_is_dated_by_the_event():
    assert only(_said("2", _6="20260930"), "Consent")["dateTime"] == "2026-09-30"
    assert only(_said("2", 5), "Consent")["dateTime"] == "2026-10-05T09:00:00+01:00"
    undated = outcome(header("ADT^A31", at="soon"), person(), segment("ZU8", _2="2"))
    assert undated.quarantined


KINDS = [kind for kind in FEED.kinds.values() if not kind.whole and not kind.name.endswith(SUFFIX)]
"""What an item states whole is withdrawn by the next: a choice may not stand among it. What a
moved visit left says nothing of that person."""


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_kind_but_orders_takes_the_choice(kind):
    assert "sharing" in {target.name for target in kind.targets}


def test_a_choice_is_part_of_a_problem_message_too():
    result = outcome(header("PPR^PC1"), person(), visit(), segment("ZU8", _2="2"))
    assert _rule(result).active
