"""The sources file: what a provider is connected by, checked, and never repeated in an error."""

import pytest

from gateway.errors import ConfigurationError
from gateway.flows.intake.connect_senders import answering, connect_senders
from gateway.flows.intake.pull_source import check_feeds
from gateway.setting_parts import Mllp, MllpListener, MllpSource
from gateway.sources import FolderSource, GpConnectSource, read_sources
from mappings.hospital.message import profiles
from mappings.hospital.message.profiles import PROFILES, profile_named
from mappings.registry import FEEDS

FOLDER = """
[[source]]
name = "council-drop"
reviewed = "A. Nurse, 2026-11-20"
kind = "folder"
feed = "social-care"
org = "X1K01"
folder = "/srv/drop"
every_minutes = 15
"""
PRACTICE = """
[[source]]
name = "practice"
reviewed = "A. Nurse, 2026-11-20"
kind = "gp-connect"
feed = "gp"
org = "H85901"
base_url = "https://proxy.example/https://practice.example/fhir"
daily_at = "02:30"
from_asid = "200000000115"
to_asid = "200000000116"
consumer_org = "X1K01"
consumer_name = "Borough"
consumer_url = "https://gateway.example"
practitioner = { user_id = "555", role_profile_id = "444", family = "Able", given = "Ann" }
"""
SENDER = """
[[hospital]]
name = "Odd"
reviewed = "A. Nurse, messages of November"
applications = ["Odd"]
authority = "RAX"
nhs_words = ["spine"]
problem_states = ["13"]
charset = "iso8859-15"
time_zone = "UTC"
z_segments = { ZCN = "ZU8", ZU1 = "" }
appointment_states = { "In  Clinic" = "Started" }
marks_location = true
systems = ["pas"]
answers = "commit"
"""


@pytest.fixture
def read(tmp_path):
    """What a file of this text says."""

    def given(text, **more):
        path = tmp_path / "sources.toml"
        path.write_text(text, encoding="utf-8")
        return read_sources(path, **more)

    return given


@pytest.fixture
def _shipped_profiles():
    yield
    profiles.connect(())
    assert profiles.PROFILES == PROFILES


def test_without_a_file_there_are_none(tmp_path):
    assert read_sources(None) == read_sources(None, production=True)
    assert (read_sources(None).source, read_sources(None).hospital) == ((), ())
    with pytest.raises(ConfigurationError, match="GATEWAY_SOURCES_FILE must be a file"):
        read_sources(tmp_path / "missing.toml")


def test_a_file_says_folders_practices_and_senders(read):
    found = read(FOLDER + PRACTICE + SENDER)
    folder, practice = found.source
    assert isinstance(folder, FolderSource)
    assert isinstance(practice, GpConnectSource)
    assert (folder.every_minutes, practice.daily_at) == (15, "02:30")
    assert found.hospital[0].z_segments == {"ZCN": "ZU8", "ZU1": ""}
    check_feeds(found, FEEDS)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = = 'SECRET'", "not TOML (line 1)"),
        ("SECRET", "not TOML"),
        (FOLDER.replace("folder =", "misspelt =", 1), "source 1, folder: Field required"),
        (FOLDER.replace('kind = "folder"', 'kind = "SECRET"'), "kind must be folder or gp-connect"),
        (FOLDER.replace("every_minutes = 15", ""), "either every_minutes or daily_at"),
        (FOLDER + 'daily_at = "01:00"', "either every_minutes or daily_at"),
        (FOLDER.replace("15", '"SECRET"'), "source 1, every_minutes"),
        (FOLDER + FOLDER, "a name of its own"),
        (FOLDER + FOLDER.replace("council-drop", "other"), "a folder of its own"),
        (PRACTICE.replace("https://proxy", "http://SECRET"), "base_url: https"),
        (PRACTICE.replace("https://proxy", "https://a:SECRET@proxy"), "without user"),
        (PRACTICE.replace("/fhir", "/fhir?SECRET"), "without user, query"),
        (PRACTICE.replace("https://proxy", "https://a:SECRET\u2100@proxy"), "base_url: an address"),
        (PRACTICE.replace("https://proxy", "https://SECRET[proxy"), "base_url: an address"),
        (PRACTICE.replace("https://proxy.example", "https://proxy:SECRET"), "base_url: an address"),
        (PRACTICE + 'private_key_file = "SECRET"', "both or none"),
        (PRACTICE.replace('"555"', '"SECRET SECRET"'), "practitioner.user_id"),
        (SENDER.replace('applications = ["Odd"]', ""), "applications or facilities"),
        (SENDER.replace('"UTC"', '"Mars/SECRET"'), "time_zone: one of the tz database"),
        (SENDER.replace('"iso8859-15"', '"SECRET"'), "charset: one that is known"),
        (SENDER.replace('["13"]', '["99"]'), "problem_states"),
        (SENDER.replace("ZCN", "PID"), "z_segments"),
        (SENDER.replace('"ZU8"', '"SECRET"'), "z_segments"),
        (SENDER.replace('"Started"', '"SECRET"'), "appointment_states"),
        (SENDER + 'shoe = "SECRET"', "hospital 1, shoe"),
        (SENDER.replace('reviewed = "A. Nurse, messages of November"', ""), "reviewed"),
        ("[other]\nx = 1", "other"),
    ],
)
def test_what_is_wrong_is_told_by_place_and_never_repeated(text, said, read):
    with pytest.raises(ConfigurationError) as fault:
        read(text)
    assert said in str(fault.value)
    assert "SECRET" not in str(fault.value)


def test_a_practice_played_by_this_machine_is_for_development_alone(read):
    local = PRACTICE.replace("https://proxy.example/https://practice.example", "http://127.0.0.1:1")
    assert len(read(local).source) == 1
    with pytest.raises(ConfigurationError, match="not of this machine"):
        read(local, production=True)


def test_a_source_of_a_feed_that_there_is_not_is_told(read):
    with pytest.raises(ConfigurationError, match="council-drop: the feeds are"):
        check_feeds(read(FOLDER.replace("social-care", "shoes")), FEEDS)


@pytest.mark.usefixtures("_shipped_profiles")
def test_a_profile_of_the_deployment_comes_before_those_that_ship(read):
    connect_senders(read(SENDER + SENDER.replace('"Odd"', '"EPIC"')))
    odd = profile_named("odd", "ANY")
    assert (odd.name, odd.authority, odd.charset) == ("Odd", "RAX", "iso8859-15")
    assert (odd.time_zone, odd.problem_states, odd.marks_location) == ("UTC", ("13",), True)
    assert odd.appointment_states == {"in clinic": "Started"}
    assert profile_named("EPIC", "").name == "EPIC"
    connect_senders(read(""))
    assert profile_named("EPIC", "").name == "Epic"


def test_a_listener_that_says_nothing_acknowledges_as_the_profile_says(read):
    def listener(**more):
        source = MllpSource(system="pas", org="RAX", **more)
        return Mllp(listeners=(MllpListener(host="127.0.0.1", sources=(source,)),))

    def answers(mllp):
        return answering(mllp, read(SENDER)).listeners[0].sources[0].answers

    assert answers(listener()) == "commit"
    assert answers(listener(answers="original")) == "original"
    other = MllpSource(system="lab", org="RAX")
    mllp = Mllp(listeners=(MllpListener(host="127.0.0.1", sources=(other,)),))
    assert answers(mllp) == "asked"
