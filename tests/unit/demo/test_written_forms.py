"""What the team writes over REST is what the gateway takes."""

from datetime import UTC, datetime

from consent.from_fhir import is_privacy_consent, read_consent
from gateway.cli.demo.written_forms import care_team, dissent
from gateway.flows.writing.team import members_of
from mappings.core.checking.validate import validate

AT = datetime(2026, 11, 16, 9, tzinfo=UTC)


def test_the_dissent_is_valid_and_fits_the_strict_profile():
    said = dissent("p1", "2026-11-16", "XK1", "medicines")
    assert list(validate(said, local_references=False)) == []
    assert is_privacy_consent(said)
    rule = read_consent(said)
    assert rule.active
    assert not rule.root.permit
    assert {asker.value for asker in rule.root.askers} == {"XK1"}
    assert rule.root.categories == {"medicines"}


def test_the_team_is_valid_and_each_organisation_is_a_member_from_now_on():
    team = care_team("p1", "Team", [("H85901", "Elm Crescent Surgery"), ("XK1", "Home First")])
    assert list(validate(team, local_references=False)) == []
    members = list(members_of(team, AT))
    assert [(member.org, member.user_id) for member in members] == [("H85901", ""), ("XK1", "")]
