"""The named scenarios that a decision alone must answer; each test carries its id."""

from datetime import UTC, date, datetime, timedelta
from itertools import permutations

import pytest

from consent.decision import compile_filter
from consent.fhir_values import UnsupportedConsentError
from consent.from_fhir import read_consent
from consent.periods import LONDON, to_micros
from consent.policy import Policy
from consent.rule import DataReference, Meaning, Provision
from consent.terms import (
    Action,
    Obligation,
    Pds,
    Permission,
    Purpose,
    Reason,
    RelationshipKind,
)
from tests.unit.consent.fhir_consents import consent_resource
from tests.unit.consent.world import (
    COUNCIL,
    HOSPITAL,
    NOW,
    PRACTICE,
    RECORDED,
    TRUST,
    break_glass,
    caller,
    dated,
    deny,
    document,
    item,
    org,
    permit,
    person,
    policy,
    proxy,
    relationship,
    request,
    sees,
    somebody,
)

GP, DOCTOR, NURSE = caller("gp"), caller("hospital-doctor"), caller("mental-health-nurse")
SOCIAL, RECEPTION, RESEARCH = (
    caller("social-worker"),
    caller("receptionist"),
    caller("researcher", purpose=Purpose.RESEARCH),
)
MUM = caller("proxy", patient="bob")
PLAN, GOAL = item(), item("support-plan")
PSY_GOAL = item("mental-health", 2, ["PSY"], source_org=TRUST)


def decided(who, about, asked=None, settings=None):
    rules = policy(settings) if settings else policy()
    return compile_filter(who, about, asked or request(), rules)


def test_s01_registered_practice_reads_the_plan_and_the_ground_is_kept():
    registered = relationship(PRACTICE, RelationshipKind.REGISTERED_PRACTICE)
    shown = decided(GP, person(relationships=(registered,)))
    assert shown.allows(PLAN)
    assert Reason.REGISTERED_PRACTICE in shown.reasons
    assert shown.evidence == (registered.evidence,)


def test_s02_no_relationship_shows_nothing():
    shown = decided(DOCTOR, person(relationships=()))
    assert shown.is_nothing
    assert shown.reasons == (Reason.RELATIONSHIP,)
    assert not shown.allows(PLAN)


def test_s03_self_claim_shows_the_matrix_alerts_and_expires():
    claim = relationship(
        HOSPITAL,
        RelationshipKind.SELF_CLAIM,
        user_id=DOCTOR.user_id,
        start=NOW,
        end=NOW + timedelta(hours=24),
    )
    alice = person(relationships=(claim,))
    shown = decided(DOCTOR, alice)
    assert shown.allows(PLAN)
    assert not shown.allows(item("finance"))
    assert Obligation.ALERT_SELF_CLAIM in shown.obligations
    assert decided(DOCTOR, alice, request(at=NOW + timedelta(hours=24))).is_nothing
    assert decided(caller("hospital-doctor", user_id="other"), alice).is_nothing


def test_s04_mental_health_nurse_reads_a_psychiatric_goal_and_a_social_worker_does_not():
    assert sees(NURSE, person(), PSY_GOAL)
    assert not sees(SOCIAL, person(), PSY_GOAL)
    assert not sees(SOCIAL, person(), item("support-plan", 2, ["PSY"]))


def test_s05_social_worker_sees_three_of_five_goals():
    goals = [item("support-plan", resource_id=str(n)) for n in range(3)]
    goals += [item("support-plan", 2, ["PSY"], resource_id=str(n)) for n in (3, 4)]
    shown = decided(SOCIAL, person())
    assert [goal.resource_id for goal in goals if shown.allows(goal)] == ["0", "1", "2"]


def test_s06_every_sensitivity_must_be_granted():
    assert not sees(NURSE, person(), item("mental-health", 2, ["PSY", "HIV"]))


def test_s07_summary_exclusion_stays_with_the_practice():
    recorded = item("problems", 2, ["STD"], source_org=PRACTICE)
    assert sees(GP, person(), recorded)
    assert not sees(DOCTOR, person(), recorded)
    assert not sees(caller("gp", org="H85002"), person(), recorded)


@pytest.mark.parametrize("mark", ["GRA", "HFEA", "SEALED"])
@pytest.mark.parametrize("role", sorted(policy().roles))
def test_s08_hard_stops_are_never_visible(role, mark):
    who = caller(role)
    asked = request(break_glass=break_glass(who))
    for source in (who.org, "OTHER"):
        assert not sees(who, person(), item(legal=[mark], source_org=source), asked)


def test_s09_dissent_to_the_council_hides_all_from_it_alone():
    alice = person(deny(askers=org(COUNCIL)))
    assert not sees(SOCIAL, alice, GOAL)
    assert sees(GP, alice, GOAL)
    assert sees(NURSE, alice, PSY_GOAL)


def test_s09_dissent_leaves_the_safety_instruction_unless_it_was_talked_about():
    assert sees(SOCIAL, person(deny(askers=org(COUNCIL))), item("safety"))
    talked = deny(askers=org(COUNCIL), conversation=True)
    assert not sees(SOCIAL, person(talked), item("safety"))


def test_s10_a_newer_general_permit_does_not_lift_a_deny():
    for consents in permutations((deny(askers=org(COUNCIL)), permit())):
        assert not sees(SOCIAL, person(*consents), GOAL)


def test_s11_a_revoked_deny_no_longer_counts():
    assert sees(SOCIAL, person(deny(askers=org(COUNCIL), active=False)), GOAL)


def test_s12_a_permit_of_a_period_shows_what_lies_within_it():
    cut = datetime(2024, 1, 1, tzinfo=UTC)
    alice = person(permit(data_end=dated(cut, cut)["end"]))
    inside = dated(cut - timedelta(days=9), cut - timedelta(days=8))
    across = dated(cut - timedelta(days=9), cut + timedelta(days=1))
    assert sees(GP, alice, item(**inside))
    assert not sees(GP, alice, item(**across))
    assert not sees(GP, alice, item())


def test_s13_a_deny_of_a_period_hides_what_overlaps_it_and_what_has_no_date():
    year = dated(datetime(2022, 1, 1, tzinfo=UTC), datetime(2023, 1, 1, tzinfo=UTC))
    alice = person(deny(data_start=year["start"], data_end=year["end"]))
    over = dated(datetime(2021, 12, 1, tzinfo=UTC), datetime(2022, 2, 1, tzinfo=UTC))
    before = dated(datetime(2021, 12, 1, tzinfo=UTC), datetime(2022, 1, 1, tzinfo=UTC))
    assert not sees(GP, alice, item(**over))
    assert not sees(GP, alice, item())
    assert sees(GP, alice, item(**before))


def test_s14_deny_of_a_source_hides_all_its_items():
    alice = person(deny(source_orgs=frozenset({TRUST})))
    assert not sees(GP, alice, item("mental-health", source_org=TRUST))
    assert sees(GP, alice, item("mental-health", source_org="OTHER"))


def test_s15_deny_of_an_encounter_follows_links_in_both_directions():
    stay = DataReference("enc", Meaning.RELATED)
    links = {"enc": (frozenset({"referral"}), frozenset({"note"}))}
    alice = person(deny(references=frozenset({stay})), links=links)
    for hidden in ("enc", "referral", "note"):
        assert not sees(GP, alice, item("encounters", resource_id=hidden))
    assert sees(GP, alice, item("encounters", resource_id="another"))
    unloaded = person(deny(references=frozenset({stay})))
    assert decided(GP, unloaded).reasons == (Reason.UNREADABLE,)


def test_s16_a_nested_permit_widens_the_root_for_whom_it_names():
    extra = Provision(permit=True, confidentiality=2, askers=somebody(NURSE.user_id))
    alice = person(permit(extra, confidentiality=1))
    assert sees(NURSE, alice, item(level=2))
    assert sees(NURSE, alice, item(level=1))
    assert sees(GP, alice, item(level=1))
    assert not sees(GP, alice, item(level=2))


def test_s17_a_nested_deny_under_a_deny_stays_a_deny():
    alice = person(deny(Provision(permit=False, askers=org(COUNCIL))))
    assert not sees(SOCIAL, alice, GOAL)


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"type": None}, "Consent.provision.type"),
        ({"provision": [{"type": "deny", "provision": [{"type": "permit"}]}]}, "two levels"),
        ({"actor": [{"role": {"coding": [{"system": "s", "code": "X"}]}}]}, "actor[0].role"),
        ({"actor": [{"reference": {"reference": "Organization/gone"}}]}, "actor[0]"),
    ],
)
def test_s18_what_cannot_be_understood_is_refused_with_its_path(change, path):
    with pytest.raises(UnsupportedConsentError, match=path.replace("[", r"\[")):
        read_consent(consent_resource(provision=change))


def test_s19_a_consent_ends_at_the_end_of_its_day_in_london():
    rule = read_consent(
        consent_resource(provision={"type": "deny", "period": {"end": "2026-03-31"}})
    )
    last = datetime(2026, 3, 31, 23, 59, 59, tzinfo=LONDON)
    assert not sees(GP, person(rule), PLAN, request(at=last))
    assert sees(GP, person(rule), PLAN, request(at=last + timedelta(seconds=1)))


@pytest.mark.parametrize("stated", ["1999-01-01", "2099-01-01T00:00:00Z"])
def test_s20_the_stated_date_of_a_consent_decides_nothing(stated):
    now = read_consent(consent_resource(dateTime="2026-03-01", provision={"type": "deny"}))
    moved = read_consent(consent_resource(dateTime=stated, provision={"type": "deny"}))
    assert now == moved


def test_s21_two_purposes_declared_are_refused():
    asked = request(purpose=Purpose.MARKETING)
    assert Reason.PURPOSE in decided(GP, person(), asked).reasons
    both = request(purpose="TREAT HMARKT")
    assert decided(GP, person(), both).reasons == (Reason.PURPOSE,)


def test_s22_research_is_refused_and_only_the_reason_knows_the_opt_out():
    asked = request(purpose=Purpose.RESEARCH)
    off = decided(RESEARCH, person(), asked)
    on = decided(RESEARCH, person(national_opt_out=True), asked)
    assert off.reasons == (Reason.SECONDARY,)
    assert on.reasons == (Reason.SECONDARY_OPTED_OUT,)
    assert off.hash == on.hash


def test_s23_a_research_client_cannot_claim_treatment():
    claimed = caller("researcher", purpose=Purpose.TREATMENT)
    assert decided(claimed, person()).reasons == (Reason.PURPOSE,)


def test_s25_break_glass_shows_restricted_dissented_and_psychiatric_items():
    alice = person(deny(), relationships=())
    shown = decided(DOCTOR, alice, request(break_glass=break_glass(DOCTOR)))
    assert shown.allows(item("problems", 2))
    assert shown.allows(PSY_GOAL)
    assert not shown.allows(item("problems", 3))
    assert Obligation.ALERT_BREAK_GLASS in shown.obligations


def test_s26_break_glass_on_one_person_opens_no_other():
    ola = person(person_id="ola", opted_out=True)
    shown = decided(DOCTOR, ola, request(break_glass=break_glass(DOCTOR)))
    assert not shown.allows(PLAN)
    stranger = person(person_id="ola", relationships=())
    refused = decided(DOCTOR, stranger, request(break_glass=break_glass(DOCTOR)))
    assert refused.reasons == (Reason.RELATIONSHIP, Reason.BREAK_GLASS_REFUSED)


def test_s30_a_binding_consent_holds_in_an_emergency():
    asked = request(break_glass=break_glass(DOCTOR))
    assert sees(DOCTOR, person(deny()), PLAN, asked)
    assert not sees(DOCTOR, person(deny(binds_break_glass=True)), PLAN, asked)


def test_s31_very_restricted_is_open_to_the_named_team_alone():
    vic = person(pds=Pds.VERY_RESTRICTED)
    shown = decided(DOCTOR, vic, request(break_glass=break_glass(DOCTOR)))
    assert shown.reasons == (Reason.RESTRICTED_PERSON,)
    assert shown.obligations == (Obligation.ALERT_RESTRICTED_PERSON,)
    mine = relationship(HOSPITAL, RelationshipKind.CARE_TEAM, user_id=DOCTOR.user_id)
    assert sees(DOCTOR, person(pds=Pds.VERY_RESTRICTED, relationships=(mine,)), PLAN)


def test_s32_restricted_masks_every_location_and_leaves_the_clinical_part():
    shown = decided(GP, person(pds=Pds.RESTRICTED))
    assert shown.allows(PLAN)
    assert {"*.address", "*.telecom", "Patient.generalPractitioner"} <= set(shown.masks)
    assert Obligation.MASK_LOCATION in shown.obligations
    assert decided(GP, person()).masks == ()


def test_s34_opted_out_shows_own_data_alone_until_an_emergency():
    ola = person(opted_out=True)
    assert not sees(DOCTOR, ola, PLAN)
    assert sees(GP, ola, item(source_org=PRACTICE))
    shown = decided(DOCTOR, ola, request(break_glass=break_glass(DOCTOR)))
    assert shown.allows(PLAN)
    assert Obligation.ALERT_BREAK_GLASS in shown.obligations


@pytest.mark.parametrize("hold", ["NOPAT", "THIRDPARTY", "SAFEG", "SERIOUSHARM", "PENDING"])
def test_s35_the_person_does_not_see_what_is_held_back(hold):
    alice = caller("patient", purpose=Purpose.PATIENT_REQUEST)
    asked = request(purpose=Purpose.PATIENT_REQUEST)
    assert sees(alice, person(), item("mental-health", 2, ["PSY"]), asked)
    assert not sees(alice, person(), item(holds=[hold]), asked)
    assert sees(GP, person(), item(holds=[hold]))


@pytest.mark.parametrize("category", ["problems", "observations", "documents", "encounters"])
def test_s36_new_entries_wait_from_the_day_of_the_review_on_for_lay_callers_alone(category):
    day = datetime(2026, 2, 1, tzinfo=LONDON)
    alice = caller("patient", purpose=Purpose.PATIENT_REQUEST)
    asked = request(purpose=Purpose.PATIENT_REQUEST)
    reviewed = person(review_from=to_micros(day))
    before = item(category, **dated(day - timedelta(days=9), day))
    on_the_day = item(category, **dated(day, day))
    going_on = item(category, **dated(day - timedelta(days=9), day + timedelta(days=1)))
    assert sees(alice, reviewed, before, asked)
    for one in (on_the_day, going_on, item(category)):
        assert sees(alice, person(), one, asked)
        assert not sees(alice, reviewed, one, asked)
        assert sees(GP, reviewed, one) is sees(GP, person(), one)


def test_s36_the_persons_own_words_and_the_agreed_plan_do_not_wait():
    alice = caller("patient", purpose=Purpose.PATIENT_REQUEST)
    asked = request(purpose=Purpose.PATIENT_REQUEST)
    for category in ("care-plan", "support-plan", "crisis-plan"):
        assert sees(alice, person(review_from=0), item(category), asked)
    assert not sees(MUM, bob(review_from=0), item("problems"))
    assert sees(MUM, bob(), item("problems"))


def bob(born=date(2016, 1, 2), *consents, **changes):
    facts = {"person_id": "bob", "birth_date": born, "proxies": (proxy(),)}
    return person(*consents, **{**facts, **changes})


def test_s37_a_parent_reads_a_young_childs_record_but_for_holds():
    assert sees(MUM, bob(), PLAN)
    assert not sees(MUM, bob(), item(holds=["NOPAT"]))


def test_s38_a_parents_access_ends_on_the_thirteenth_birthday():
    child = bob(date(2013, 3, 11))
    evening = datetime(2026, 3, 10, 23, 59, 59, tzinfo=LONDON)
    assert sees(MUM, child, PLAN, request(at=evening))
    after = decided(MUM, child, request(at=evening + timedelta(seconds=1)))
    assert after.reasons == (Reason.PROXY,)
    reviewed = proxy(basis="parental-responsibility-reviewed")
    assert sees(MUM, bob(date(2012, 1, 1), proxies=(reviewed,)), PLAN)


@pytest.mark.parametrize("age", [11, 13, 16])
def test_s38_a38_the_age_is_the_policys(age):
    whole = document()
    whole["proxy"]["below_age"]["parental-responsibility"] = age
    cut = Policy.parse(whole)
    child = bob(date(2026 - age, 3, 11))
    evening = datetime(2026, 3, 10, 23, 59, 59, tzinfo=LONDON)
    allowed = [
        not compile_filter(MUM, child, request(at=at), cut).is_nothing
        for at in (evening, evening + timedelta(seconds=1))
    ]
    assert allowed == [True, False]


@pytest.mark.parametrize(
    "authority",
    [
        proxy(accepted=False),
        proxy(end=NOW),
        proxy(start=NOW + timedelta(seconds=1)),
        proxy(basis="UNK"),
        proxy(user_id="somebody-else"),
    ],
)
def test_s39_a_proxy_without_authority_in_force_sees_nothing(authority):
    shown = decided(MUM, bob(proxies=(authority,)))
    assert shown.is_nothing
    assert shown.reasons == (Reason.PROXY,)


def test_s40_a_childs_objection_hides_one_item_from_the_parent_alone():
    note = frozenset({DataReference("note", Meaning.INSTANCE)})
    child = bob(date(2016, 1, 2), deny(askers=somebody(MUM.user_id), references=note))
    assert not sees(MUM, child, item(resource_id="note"))
    assert sees(MUM, child, item(resource_id="another"))
    assert sees(GP, child, item(resource_id="note"))


def test_s42_staff_do_not_read_their_own_record_as_staff():
    shown = decided(GP, person(staff_ids=frozenset({GP.user_id})))
    assert shown.reasons == (Reason.STAFF_OWN_RECORD,)
    assert shown.obligations == (Obligation.ALERT_STAFF_OWN_RECORD,)


def test_s68_order_and_repetition_of_consents_change_nothing():
    consents = (
        deny(askers=org(COUNCIL)),
        permit(confidentiality=1),
        deny(sensitivities=1, source_orgs=frozenset({TRUST})),
    )
    hashes = {decided(GP, person(*order)).hash for order in permutations(consents)}
    hashes.add(decided(GP, person(*consents, *consents)).hash)
    assert len(hashes) == 1
    assert hashes != {decided(GP, person()).hash}


def test_s71_where_permission_is_recorded_it_lasts_as_long_as_the_visit():
    refused = decided(DOCTOR, person(), settings=RECORDED)
    assert refused.reasons == (Reason.PERMISSION,)
    visit = Permission(HOSPITAL, None, NOW, NOW + timedelta(hours=8), "asked-1")
    alice = person(permissions=(visit,))
    shown = decided(DOCTOR, alice, settings=RECORDED)
    assert shown.allows(PLAN)
    assert "asked-1" in shown.evidence
    later = request(at=NOW + timedelta(hours=8))
    assert decided(DOCTOR, alice, later, RECORDED).reasons == (Reason.PERMISSION,)


def test_s72_somebody_who_cannot_be_asked_is_reached_by_break_glass():
    opened = break_glass(DOCTOR, reason_code="cannot-be-asked")
    assert decided(DOCTOR, person(), request(break_glass=opened), RECORDED).allows(PLAN)


def test_s29_break_glass_never_writes():
    asked = request(Action.CREATE, break_glass=break_glass(DOCTOR))
    assert decided(DOCTOR, person(relationships=()), asked).is_nothing


def test_s28_a_receptionist_cannot_break_the_glass():
    asked = request(break_glass=break_glass(RECEPTION))
    shown = decided(RECEPTION, person(relationships=()), asked)
    assert shown.reasons == (Reason.RELATIONSHIP, Reason.BREAK_GLASS_REFUSED)
