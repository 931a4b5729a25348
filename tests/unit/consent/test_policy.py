"""The policy: complete or refused with the entry named, and its page always current."""

import pytest

from consent.labels import CONFIDENTIALITIES, HOLDS, LEGAL, SENSITIVITIES
from consent.policy import NEVER_TOLD, ROLE_IDS, AccessSettings, Policy
from consent.policy_page import page
from consent.policy_reading import PolicyError, Table
from consent.terms import CATEGORIES, Action, Purpose
from tests.unit.consent.world import EXPLICIT, POLICY_FILE, document, policy

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


WHOLE = document()


def without(table, path):
    """The table less one entry; the rest of it is not copied, as a law asks for a thousand."""
    name, *rest = path
    if rest:
        return table | {name: without(table[name], rest)}
    return {one: value for one, value in table.items() if one != name}


def cell_without(category, role="gp", side="view") -> dict:
    of = WHOLE["roles"][role]
    lists = {name: [one for one in cell if one != category] for name, cell in of[side].items()}
    return WHOLE | {"roles": WHOLE["roles"] | {role: of | {side: lists}}}


def test_every_role_has_a_cell_for_every_category():
    assert tuple(policy().roles) == ROLE_IDS
    for role in policy().roles.values():
        assert set(role.never_sees) | role.view.own == set(CATEGORIES)
        assert role.view.everywhere <= role.view.own


@pytest.mark.parametrize("category", CATEGORIES)
@pytest.mark.parametrize("side", ["view", "write"])
def test_a_missing_cell_is_named(side, category):
    for role in ROLE_IDS:
        with pytest.raises(PolicyError) as refused:
            Policy.parse(cell_without(category, role, side))
        assert refused.value.path == f"roles.{role}.{side}.{category}"


def test_every_entry_is_needed_and_named_but_for_one_that_opens():
    """Whoever acts on a basis that the policy does not name is shown nothing."""
    opens = ("proxy", "below_age", "parental-responsibility")
    for path in _entries(WHOLE):
        if path != opens:
            with pytest.raises(PolicyError) as refused:
                Policy.parse(without(WHOLE, path))
            assert refused.value.path == ".".join(path)
    assert "parental-responsibility" not in Policy.parse(without(WHOLE, opens)).proxy_bases


def _entries(table, above=()):
    for name, value in table.items():
        yield (*above, name)
        if isinstance(value, dict):
            yield from _entries(value, (*above, name))


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
        (changed("proxy", "recorded_by", value=["nobody"]), "proxy.recorded_by"),
        (changed("proxy", "by_the_person", value=["aunt"]), "proxy.by_the_person"),
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
    assert policy().version == "1.9.0"
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


def test_the_page_shows_every_role_and_category():
    text = page(policy())
    for role in ROLE_IDS:
        assert f"(`{role}`)" in text
    assert f"| role | {' | '.join(CATEGORIES)} |" in text
    assert POLICY_FILE.name in text


def test_the_rules_of_openings_are_what_the_document_says():
    for name in ("break_glass", "self_claim"):
        stated, parsed = document()[name], getattr(policy(), name)
        for entry in ("hours", "text_at_least", "a_day"):
            assert getattr(parsed, entry) == stated[entry]
        assert parsed.reasons == set(stated["reasons"])
    opened = policy().break_glass
    assert opened.binding_days == document()["break_glass"]["binding_days"]
    assert opened.categories == set(document()["break_glass"]["categories"])
    marks = {name for name, bit in SENSITIVITIES.items() if opened.sensitivities & bit}
    assert marks == set(document()["break_glass"]["sensitivities"])


def test_a_deployment_may_choose_the_hours_of_an_emergency_alone():
    chosen = Policy.parse(document(), AccessSettings(break_glass_hours=2))
    assert chosen.break_glass.hours == 2
    assert chosen.self_claim == policy().self_claim


@pytest.mark.parametrize("entry", ["sensitivities", "categories"])
def test_an_emergency_opens_nothing_that_nobody_knows(entry):
    with pytest.raises(PolicyError) as refused:
        Policy.parse(changed("break_glass", entry, value=["NOVEL"]))
    assert refused.value.path == f"break_glass.{entry}"
    assert refused.value.text == "a word here is not known"


def _named(mask, registry):
    return {name for name, bit in registry.items() if mask & bit}


@pytest.mark.parametrize("role_id", ROLE_IDS)
def test_a_role_is_what_the_document_says(role_id):
    stated, role = document()["roles"][role_id], policy().roles[role_id]
    same = ("title", "description", "why", "kind", "lay", "direct_care", "needs_relationship")
    for name in ("id", *same, "permission", "break_glass", "self_claim", "audit"):
        assert getattr(role, name) == {"id": role_id, **stated}[name]
    for name in ("clearance", "own_clearance"):
        assert getattr(role, name) == CONFIDENTIALITIES[stated[name]]
    for name in ("sensitivities", "own_sensitivities"):
        assert _named(getattr(role, name), SENSITIVITIES) == set(stated[name])
    assert role.purposes == set(stated["purposes"])
    for name in ("view", "write"):
        cell, lists = getattr(role, name), stated[name]
        assert cell.everywhere == set(lists["all"])
        assert cell.own == {*lists["all"], *lists["own"]}


def test_what_holds_for_every_role_is_what_the_document_says():
    stated, rules = document(), policy()
    assert rules.secondary == set(stated["purposes"]["secondary"])
    assert _named(rules.hard_stops, LEGAL) == set(stated["stops"]["legal"])
    assert _named(rules.person_holds, HOLDS) == set(stated["stops"]["person_holds"])
    assert rules.safety == set(stated["stops"]["safety"])
    assert rules.location_mask == tuple(sorted(stated["masks"]["location"]))
    assert rules.reason_mask == tuple(sorted(stated["masks"]["reason"]))
    assert rules.safety_roles == set(stated["feeds"]["checked_by"])
    assert rules.identity_roles == set(stated["identity"]["decided_by"])
    assert rules.matching_roles == set(stated["identity"]["matched_by"])
    assert rules.staff_roles == set(stated["staff"]["shown_to"])
    assert rules.own_staff_roles == set(stated["staff"]["own_shown_to"])
    assert rules.proxy_bases == {
        **dict.fromkeys(stated["proxy"]["any_age"]),
        **stated["proxy"]["below_age"],
    }


@pytest.mark.parametrize(
    "path",
    [
        ("purposes", "secondary"),
        ("stops", "legal"),
        ("stops", "person_holds"),
        ("stops", "safety"),
        ("feeds", "checked_by"),
        ("identity", "decided_by"),
        ("identity", "matched_by"),
        ("staff", "shown_to"),
        ("staff", "own_shown_to"),
        ("home_access", "roles"),
        ("aftercare", "roles"),
        ("aftercare", "named_roles"),
        ("aftercare", "categories"),
        ("aftercare", "sensitivities"),
        ("roles", "gp", "sensitivities"),
        ("roles", "gp", "own_sensitivities"),
        ("roles", "gp", "view", "none"),
        ("roles", "gp", "write", "all"),
    ],
)
def test_a_word_that_nobody_knows_is_refused_where_it_stands(path):
    with pytest.raises(PolicyError) as refused:
        Policy.parse(changed(*path, value=["GRA", "HFEA", "NOVEL"]))
    assert refused.value.path == ".".join(path)
    assert refused.value.text == "a word here is not known"


@pytest.mark.parametrize(
    ("whole", "said"),
    [
        (changed("stops", "legal", value=["GRA"]), "stops.legal: GRA and HFEA must be stopped"),
        *(
            (
                changed("stops", "person_holds", value=sorted(NEVER_TOLD - {one})),
                "stops.person_holds: SAFEG and SERIOUSHARM and THIRDPARTY must be stopped",
            )
            for one in sorted(NEVER_TOLD)
        ),
        (cell_without("team"), "roles.gp.view.team: this cell is missing"),
        (
            changed("roles", "gp", "view", "own", value=["team"]),
            "roles.gp.view.team: this cell is decided twice",
        ),
        (
            changed("roles", "patient", "lay", value=False),
            "roles.patient.lay: the person and a proxy are lay",
        ),
        (
            changed("roles", "receptionist", "needs_relationship", value=False),
            "roles.receptionist.needs_relationship: "
            "without a relationship a role sees its own organisation's items at most",
        ),
        (
            changed("roles", "provider", "break_glass", value=True),
            "roles.provider.break_glass: this is for professional staff alone",
        ),
        (changed("roles", "gp", "lay", value=1), "roles.gp.lay: true or false is needed"),
        (
            changed("break_glass", "a_day", value=0),
            "break_glass.a_day: a whole number above zero is needed",
        ),
        (changed("roles", "gp", "id", value="gp"), "roles.gp.id: this entry has no meaning here"),
        (changed("roles", "gp", "title", value=" "), "roles.gp.title: a text is needed"),
        (changed("roles", "gp", "title"), "roles.gp.title: missing"),
        (changed("roles", "gp", value=[]), "roles.gp: a table is needed here"),
        (
            changed("roles", "gp", "permission", value="x"),
            "roles.gp.permission: one of as-deployed, named, not-needed is needed",
        ),
        (
            changed("roles", "gp", "purposes", value=["TREAT", "TREAT"]),
            "roles.gp.purposes: a word stands here twice",
        ),
        (
            changed("roles", "gp", "purposes", value=[1]),
            "roles.gp.purposes: a list of words is needed",
        ),
        (
            changed("roles", "gp", "purposes", value=("TREAT",)),
            "roles.gp.purposes: a list of words is needed",
        ),
        (
            changed("roles", "gp", "purposes", value={1}),
            "policy: only texts, numbers, flags and lists are read",
        ),
    ],
)
def test_a_refusal_says_what_is_needed_in_our_words(whole, said):
    with pytest.raises(PolicyError) as refused:
        Policy.parse(whole)
    assert str(refused.value) == said


def test_a_table_that_is_none_is_named_and_the_least_is_enough():
    with pytest.raises(PolicyError) as refused:
        Table([], "")
    assert str(refused.value) == "policy: a table is needed here"
    assert Policy.parse(changed("break_glass", "a_day", value=1)).break_glass.a_day == 1
    least = changed("stops", "legal", value=["GRA", "HFEA"])
    assert _named(Policy.parse(least).hard_stops, LEGAL) == {"GRA", "HFEA"}


def test_the_hash_does_not_follow_the_order_of_the_document():
    turned = dict(reversed(document().items()))
    assert list(turned) != list(document())
    assert Policy.parse(turned).hash == policy().hash
