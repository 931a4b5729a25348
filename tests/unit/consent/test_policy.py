"""The policy: complete or refused with the entry named, and its page always current."""

import pytest

from consent.labels import SENSITIVITIES
from consent.policy import ROLE_IDS, AccessSettings, Policy
from consent.policy_page import page
from consent.policy_reading import PolicyError, Table
from consent.terms import CATEGORIES, Action, Purpose
from tests.unit.consent.world import EXPLICIT, POLICY_FILE, REPOSITORY, document, policy

LEAST = {
    "demographics",
    "contacts",
    "safety",
    "support-plan",
    "medicines",
    "team",
    "provenance",
}


def changed(*path, value=None) -> dict:
    """The document with one entry changed, or taken out."""
    whole = document()
    table = whole
    for name in path[:-1]:
        table = table[name]
    if value is None:
        del table[path[-1]]
    else:
        table[path[-1]] = value
    return whole


def cell_without(category) -> dict:
    whole = document()
    lists = whole["roles"]["gp"]["view"]
    for name in ("all", "own", "none"):
        lists[name] = [each for each in lists[name] if each != category]
    return whole


def test_every_role_has_a_cell_for_every_category():
    assert tuple(policy().roles) == ROLE_IDS
    for role in policy().roles.values():
        assert set(role.never_sees) | role.view.own == set(CATEGORIES)
        assert role.view.everywhere <= role.view.own


@pytest.mark.parametrize("category", CATEGORIES)
def test_a_missing_cell_is_named(category):
    with pytest.raises(PolicyError) as refused:
        Policy.parse(cell_without(category))
    assert refused.value.path == f"roles.gp.view.{category}"


@pytest.mark.parametrize(
    ("whole", "path"),
    [
        (changed("version"), "version"),
        (changed("version", value=" "), "version"),
        (changed("extra", value=1), "extra"),
        (changed("roles", value=[]), "roles"),
        (changed("roles", "gp"), "roles.gp"),
        (changed("roles", "wizard", value={}), "roles.wizard"),
        (changed("roles", "gp", "why"), "roles.gp.why"),
        (changed("roles", "gp", "lay", value=1), "roles.gp.lay"),
        (changed("roles", "gp", "kind", value="robot"), "roles.gp.kind"),
        (changed("roles", "gp", "clearance", value="X"), "roles.gp.clearance"),
        (changed("roles", "gp", "purposes", value="TREAT"), "roles.gp.purposes"),
        (changed("roles", "gp", "purposes", value=["FUN"]), "roles.gp.purposes"),
        (
            changed("roles", "gp", "sensitivities", value=["PSY", "PSY"]),
            "roles.gp.sensitivities",
        ),
        (changed("roles", "gp", "view", "own", value=["team"]), "roles.gp.view.team"),
        (changed("roles", "patient", "lay", value=False), "roles.patient.lay"),
        (changed("roles", "navigator", "lay", value="no"), "roles.navigator.lay"),
        (
            changed("roles", "circle-member", "break_glass", value=True),
            "roles.circle-member.break_glass",
        ),
        (changed("roles", "provider", "break_glass", value=True), "roles.provider.break_glass"),
        (
            changed("roles", "gp", "needs_relationship", value=False),
            "roles.gp.needs_relationship",
        ),
        (changed("stops", "legal", value=["SEALED"]), "stops.legal"),
        (changed("break_glass", "hours", value=0), "break_glass.hours"),
        (changed("break_glass", "hours", value=True), "break_glass.hours"),
        (
            changed("proxy", "below_age", "parental-responsibility", value="x"),
            "proxy.below_age.parental-responsibility",
        ),
    ],
)
def test_a_policy_that_is_not_complete_and_coherent_is_refused(whole, path):
    with pytest.raises(PolicyError) as refused:
        Policy.parse(whole)
    assert refused.value.path == path
    assert str(refused.value) == f"{path}: {refused.value.text}"


def test_what_is_no_document_is_refused():
    with pytest.raises(PolicyError, match="policy"):
        Table([], "")
    with pytest.raises(PolicyError, match="only texts"):
        Policy.parse(changed("roles", "gp", "purposes", value={1}))


def test_version_and_hash_follow_content_and_settings():
    again = Policy.parse(document())
    other = Policy.parse(changed("break_glass", "hours", value=3))
    assert policy().version == "1.3.0"
    assert again.hash == policy().hash
    assert len({again.hash, other.hash, policy(EXPLICIT).hash}) == 3


def test_a_deployment_may_choose_the_hours_of_an_emergency():
    assert policy().break_glass.hours == 4
    assert policy(AccessSettings(break_glass_hours=2)).break_glass.hours == 2
    assert policy(AccessSettings(break_glass_hours=2)).hash != policy().hash


def test_home_care_sees_the_least_set_and_no_diagnosis():
    assert policy().roles["home-care"].view.everywhere == LEAST
    assert policy().roles["home-care"].view.own == LEAST


@pytest.mark.parametrize(
    "role",
    [
        *("governance-lead", "borough-governance", "privacy-officer"),
        *("commissioner", "feed-operator", "researcher"),
    ],
)
def test_roles_that_read_no_record(role):
    assert not policy().roles[role].view.own | policy().roles[role].write.own


def test_a_provider_system_sees_its_own_items_alone():
    provider = policy().roles["provider"]
    assert not provider.view.everywhere
    assert provider.view.own == set(CATEGORIES)


def test_break_glass_is_for_clinical_roles():
    entitled = {role.id for role in policy().roles.values() if role.break_glass}
    assert {"gp", "hospital-doctor", "emergency"} <= entitled
    assert not entitled & {"home-care", "reablement-worker", "navigator", "receptionist"}
    for role in policy().roles.values():
        assert (Purpose.BREAK_GLASS in role.purposes) is role.break_glass


def test_a_receptionist_of_the_trust_reads_no_psychiatric_row():
    receptionist = policy().roles["receptionist"]
    assert not (receptionist.sensitivities | receptionist.own_sensitivities) & SENSITIVITIES["PSY"]
    assert receptionist.own_clearance == 1


def test_an_action_that_neither_views_nor_writes_opens_nothing():
    assert not policy().roles["gp"].cell(Action.PUSH).own
    assert policy().roles["gp"].cell(Action.CREATE) == policy().roles["gp"].write


def test_the_printed_page_is_current():
    printed = (REPOSITORY / "docs" / "policy.md").read_text(encoding="utf-8")
    assert printed == page(policy()), "print docs/policy.md again with consent.policy_page.page"


def test_the_page_shows_every_role_and_category():
    text = page(policy())
    for role in ROLE_IDS:
        assert f"(`{role}`)" in text
    assert f"| role | {' | '.join(CATEGORIES)} |" in text
    assert POLICY_FILE.name in text
