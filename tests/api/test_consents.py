"""What a person says holds from the next request on, for that person alone."""

import pytest

from tests.api.consents import against, dissent, of_category, of_label
from tests.api.service import is_outcome, resources
from tests.api.world import ALICE, COUNCIL, NORMA


def _count(gateway, person, who):
    answer = gateway.get(f"Patient/{person}/$everything", who)
    return answer.json()["total"] if answer.status_code == 200 else answer.status_code


def test_dissent_to_an_organisation_closes_the_record_to_it_alone(gateway, world):
    norma, alice = world.norma, world.alice
    before = [_count(gateway, p, w) for p in (norma, alice) for w in (world.gp, world.doctor)]
    mine = _count(gateway, alice, world.social_worker)
    made = gateway.create(dissent(norma, **against(COUNCIL)), world.gp)
    assert made.status_code == 201
    left = gateway.get(f"Patient/{norma}/$everything", world.social_worker).json()
    kinds = {one["resourceType"] for one in resources(left)}
    assert kinds == {"Flag"}, "what protects her and those who visit stays"
    assert gateway.get(f"Goal?patient={norma}", world.social_worker).json()["total"] == 0
    assert is_outcome(gateway.get(f"Patient/{norma}", world.social_worker), 404)
    after = [_count(gateway, p, w) for p in (norma, alice) for w in (world.gp, world.doctor)]
    assert after == [before[0] + 1, *before[1:]]
    assert _count(gateway, alice, world.social_worker) == mine


def test_dissent_to_a_category_hides_it_from_everybody_but_the_person(gateway, world):
    norma = world.norma
    assert len(world.of("Goal", norma, world.gp)) == 2
    gateway.create(dissent(norma, **of_category("support-plan")), world.gp)
    for who in (world.gp, world.social_worker):
        assert world.of("Goal", norma, who) == []
        assert world.of("CarePlan", norma, who) == []
    herself = gateway.token("patient", "norma", patient=norma)
    assert len(world.of("Goal", norma, herself)) == 2


def test_dissent_to_a_label_hides_what_bears_it(gateway, world):
    alice = world.alice
    assert len(world.of("Condition", alice, world.gp)) == 3
    gateway.create(dissent(alice, **of_label("HIV")), world.gp)
    codes = [c["code"]["coding"][0]["code"] for c in world.of("Condition", alice, world.gp)]
    assert sorted(codes) == ["38341003", "58214004"]
    assert len(world.of("Condition", world.norma, world.gp)) > 0


def test_the_persons_own_word_from_their_own_token(gateway, world):
    norma = world.norma
    herself = gateway.token("patient", "norma", patient=norma)
    assert gateway.create(dissent(norma, **against(COUNCIL)), herself).status_code == 201
    assert is_outcome(gateway.get(f"Patient/{norma}", world.social_worker), 404)
    assert is_outcome(gateway.create(dissent(world.alice, **against(COUNCIL)), herself), 422)
    assert gateway.get(f"Patient/{world.alice}", world.social_worker).status_code == 200


STRICT = [
    ({"type": None, **against(COUNCIL)}, "Consent.provision.type"),
    ({"purpose": [{"system": "x", "code": "y"}]}, "Consent.provision.purpose[0]"),
    (
        {"actor": [{"role": {"text": "x"}, "reference": {"display": "y"}}]},
        "Consent.provision.actor[0]",
    ),
    ({"provision": [{"type": "permit", "provision": [{"type": "deny"}]}]}, "Consent.provision"),
    ({"action": [{"coding": [{"system": "x", "code": "y"}]}]}, "Consent.provision.action[0]"),
    ({"period": {"start": "2026-02-01", "end": "2026-01-01"}}, "Consent.provision.period"),
]


@pytest.mark.changes_nothing
@pytest.mark.parametrize(("change", "path"), STRICT)
def test_outside_the_strict_profile_is_422_with_the_path(gateway, world, change, path):
    provision = {"type": "deny"} | change
    sent = dissent(world.norma) | {
        "provision": {k: v for k, v in provision.items() if v is not None}
    }
    answer = gateway.create(sent, world.gp)
    assert is_outcome(answer, 422)
    assert any(e.startswith(path) for i in answer.json()["issue"] for e in i["expression"])
    assert gateway.get(f"Patient/{world.norma}", world.social_worker).status_code == 200


def test_a_consent_about_something_else_is_not_kept(gateway, world):
    system = "http://terminology.hl7.org/CodeSystem/consentscope"
    scope = {"coding": [{"system": system, "code": "treatment"}]}
    answer = gateway.create(dissent(world.norma) | {"scope": scope}, world.gp)
    assert is_outcome(answer, 422)
    assert answer.json()["issue"][0]["expression"] == ["Consent.scope"]


def test_a_rule_holds_for_its_period(gateway, world):
    norma = world.norma
    for period, status in (
        ({"end": "2026-11-20"}, 200),
        ({"start": "2026-11-22"}, 200),
        ({"start": "2026-11-21", "end": "2026-11-21"}, 404),
    ):
        gateway.create(dissent(norma, **against(COUNCIL), period=period), world.gp)
        assert gateway.get(f"Patient/{norma}", world.social_worker).status_code == status
    gateway.at = gateway.at.replace(hour=23, minute=59)
    assert gateway.get(f"Patient/{norma}", world.social_worker).status_code == 404
    gateway.at = gateway.at.replace(day=22, hour=0, minute=0)
    assert gateway.get(f"Patient/{norma}", world.doctor).status_code == 404


@pytest.mark.parametrize("whom", [NORMA, ALICE])
def test_dissent_of_one_kind_of_data_to_one_organisation(gateway, world, whom):
    person = world.person(whom, world.gp)
    both = against(COUNCIL) | of_category("support-plan")
    gateway.create(dissent(person, **both), world.gp)
    assert world.of("Goal", person, world.social_worker) == []
    assert world.of("Goal", person, world.gp) != []
    assert gateway.get(f"Patient/{person}", world.social_worker).status_code == 200
