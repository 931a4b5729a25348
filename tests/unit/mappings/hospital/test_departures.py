"""What a sender's profile changes as its message is read: times of its own zone, Z segments."""

import pytest

from mappings.hospital import FEED
from mappings.hospital.message import departures, profiles
from mappings.hospital.message.departures import as_everybody
from mappings.hospital.message.profiles import DEFAULT, PROFILES, SourceProfile
from tests.unit.mappings.hospital.messages import codes_of, header, only, outcome, person, problem


@pytest.fixture
def known(monkeypatch):
    """A table with one profile more, of the application ODD."""

    def put(**more):
        odd = SourceProfile("Odd", "this test", applications=frozenset({"ODD"}), **more)
        monkeypatch.setattr(profiles, "PROFILES", (odd, *PROFILES))

    return put


def _onset(zone, known, at, application="ODD"):
    known(time_zone=zone)
    made = outcome(header("PPR^PC1", _3=application), person(), problem(_16=at))
    return only(made, "Condition")["onsetDateTime"]


@pytest.mark.parametrize(
    ("zone", "at", "expected"),
    [
        ("UTC", "202607011200", "2026-07-01T12:00:00Z"),
        ("Europe/Paris", "20260701120000", "2026-07-01T12:00:00+02:00"),
        ("Europe/Paris", "202601011200", "2026-01-01T12:00:00+01:00"),
        ("Europe/Paris", "2026070112", "2026-07-01T12:00:00+02:00"),
        ("Europe/Paris", "202607011200+0000", "2026-07-01T12:00:00Z"),
        ("Europe/Paris", "20260701", "2026-07-01"),
        ("", "202607011200", "2026-07-01T12:00:00+01:00"),
    ],
)
def test_a_bare_time_is_of_the_senders_zone(zone, at, expected, known):
    found = _onset(zone, known, at)
    assert found.replace("+00:00", "Z") == expected


def test_another_senders_times_stay_londons(known):
    assert _onset("UTC", known, "202607011200", "PAS") == "2026-07-01T12:00:00+01:00"


def test_items_are_put_in_order_by_the_senders_own_clock(known):
    known(time_zone="Europe/Paris")
    made = outcome(header("PPR^PC1", _3="ODD", at="20260701120000"), person(), problem())
    assert made.source_time.startswith("2026-07-01T10:00:00")


def test_what_is_no_time_is_left_for_whoever_reads_it():
    zone = SourceProfile("Odd", "this test", time_zone="UTC")
    fields = {"16": "20269901120000", "7": "text", "9": "202607019912"}
    ((_, found),), _ = as_everybody([("PRB", fields)], zone)
    assert found == fields


def test_every_component_and_repetition_that_is_a_time_has_its_zone():
    zone = SourceProfile("Odd", "this test", time_zone="UTC")
    ((_, found),), _ = as_everybody([("ORC", {"7": "1^^^202607011200~2^^^202607021200"})], zone)
    assert found["7"] == "1^^^202607011200+0000~2^^^202607021200+0000"
    assert as_everybody([("ORC", {"7": "1"})], DEFAULT) == ([("ORC", {"7": "1"})], [])


def test_a_z_segment_of_the_senders_own_is_read_as_the_one_it_is(known):
    known(z_segments={"ZCN": "ZU8"})
    body = "MSH|^~\\&|ODD|RAX|||20261001||ADT^A31|1|P|2.4\rPID|1||7^^^RAX^MR\rZCN||2\r"
    (item,) = FEED.formats[0].read({"": body.encode()})
    assert item.facts["ZU8"][0]["2"] == "2"
    assert "ZCN" not in item.facts


def test_a_z_segment_that_means_something_else_is_told_and_not_read(known):
    known(z_segments={"ZU8": ""})
    made = outcome(header("ADT^A31", _3="ODD"), person(), "ZU8||2")
    assert ("ZU8", "other-meaning") in codes_of(made)
    assert all(one.type != "Consent" for one in made.resources)
    known()
    other = outcome(header("ADT^A31", _3="ODD"), person(), "ZU8||2")
    assert "Consent" in {one.type for one in other.resources}


def test_the_table_of_times_names_fields_and_components_by_number():
    for fields in departures.TIMES.values():
        assert all(name.isdigit() and components for name, components in fields.items())
