"""Consents never seen before, over HTTP: refused at the door with the place, or kept and decided as
their author would expect; and whoever sends one, what stood before stands."""

import json
from copy import deepcopy

import pytest

from tests.api.consents import against, dissent
from tests.api.messages import HYPERTENSION, gp_record
from tests.api.service import FHIR, is_outcome
from tests.api.world import COUNCIL, NORMA, PRACTICE
from tests.unit.consent.fhir_consents import actor, coded
from tests.unit.consent.strangers import READ, kind, root, under, why
from tests.unit.consent.strangers_refused import REFUSED

ROLE = "https://care-gateway.example/fhir/CodeSystem/role"
NOT_HERE = {
    "everything that one person wrote, as an actor",
    "everything that one person wrote, as data",
    "one item",
}
"""Read, and refused where it is known who wrote what, and which items there are."""
KEPT = [one for one in READ if one.name not in NOT_HERE]
UNKNOWN_HERE = [
    (root(type="deny", actor=[actor("IRCP", "nurse", ROLE)]), "Consent.provision"),
    (
        under({"type": "deny", "actor": [actor("PRCP", "nurse", ROLE)]}),
        "Consent.provision.provision[0]",
    ),
    (root(type="deny", **{"class": [kind("Resource")]}), "Consent.provision"),
    (root(type="deny", **{"class": [kind("Observations")]}), "Consent.provision"),
]


def about(person: str, consent: dict) -> dict:
    """The Consent, of this person."""
    whole = json.dumps(deepcopy(consent))
    return json.loads(whole.replace("Patient/p1", f"Patient/{person}"))


def put(gateway, consent: dict, who: dict, version: int):
    headers = {"Content-Type": FHIR, "If-Match": f'W/"{version}"'}
    path = f"Consent/{consent['id']}"
    return gateway.ask("PUT", path, who, content=json.dumps(consent), headers=headers)


def seen(gateway, person: str, who: dict) -> set[str]:
    """What the caller sees of the person, consents apart."""
    answer = gateway.get(f"Patient/{person}/$everything?_count=500", who)
    if answer.status_code == 404:
        return set()
    held = [one["resource"] for one in answer.json().get("entry", [])]
    return {one["id"] for one in held if one["resourceType"] != "Consent"}


@pytest.mark.changes_nothing
def test_no_stranger_is_kept_that_is_given_no_meaning_here(gateway, world):
    norma = world.norma
    herself = gateway.token("patient", "norma", patient=norma)
    for stranger in REFUSED:
        for who in (herself, world.gp):
            answer = gateway.create(about(norma, stranger.consent), who)
            assert is_outcome(answer, 422), stranger.name
            assert all(one.get("expression") for one in answer.json()["issue"]), stranger.name
    assert world.of("Consent", norma, world.gp) == []
    assert seen(gateway, norma, world.social_worker) != set()


@pytest.mark.changes_nothing
@pytest.mark.parametrize(("consent", "path"), UNKNOWN_HERE)
def test_what_names_a_role_or_a_type_that_is_not_is_refused(gateway, world, consent, path):
    answer = gateway.create(about(world.norma, consent), world.gp)
    assert is_outcome(answer, 422, "not-supported")
    assert answer.json()["issue"][0]["expression"][0].startswith(path)
    assert world.of("Consent", world.norma, world.gp) == []
    sent = json.dumps(about(world.norma, consent))
    headers = {"Content-Type": FHIR}
    told = gateway.ask(
        "POST", "Consent/$validate?mode=create", world.gp, content=sent, headers=headers
    )
    assert [one["severity"] for one in told.json()["issue"]] == ["error"]


def test_whoever_it_named_a_consent_can_be_withdrawn(gateway, world):
    norma = world.norma
    made = gateway.create(dissent(norma, **against(COUNCIL)), world.gp).json()
    nobody = root(type="deny", actor=[actor("IRCP", "nurse", ROLE)])
    withdrawn = about(norma, nobody) | {"id": made["id"], "status": "inactive"}
    assert put(gateway, withdrawn, world.gp, 1).status_code == 200
    assert gateway.get(f"Patient/{norma}", world.social_worker).status_code == 200


def test_a_stranger_put_over_a_consent_leaves_it_in_force(gateway, world):
    norma = world.norma
    herself = gateway.token("patient", "norma", patient=norma)
    own = gateway.create(dissent(norma, **against(COUNCIL)), herself).json()
    for consent in (*(one.consent for one in REFUSED), *(one for one, _ in UNKNOWN_HERE)):
        sent = about(norma, consent) | {"id": own["id"]}
        assert is_outcome(put(gateway, sent, herself, 1), 422)
    permit = about(norma, root(actor=[actor("IRCP", COUNCIL)])) | {"id": own["id"]}
    assert is_outcome(put(gateway, permit, world.gp, 1), 403)
    assert gateway.get(f"Consent/{own['id']}", herself).json()["meta"]["versionId"] == "1"
    assert is_outcome(gateway.get(f"Patient/{norma}", world.social_worker), 404)
    assert put(gateway, permit, herself, 1).status_code == 200
    assert gateway.get(f"Patient/{norma}", world.social_worker).status_code == 200


def test_a_stranger_that_is_kept_shows_nobody_more(gateway, world):
    norma = world.norma
    askers = (world.gp, world.social_worker)
    herself = gateway.token("patient", "norma", patient=norma)
    at_first = [seen(gateway, norma, who) for who in (*askers, herself)]
    for stranger in KEPT:
        before = [seen(gateway, norma, who) for who in askers]
        made = gateway.create(about(norma, stranger.consent), herself)
        assert made.status_code == 201, (stranger.name, made.text)
        after = [seen(gateway, norma, who) for who in askers]
        assert all(now <= then for now, then in zip(after, before, strict=True)), stranger.name
        ended = put(gateway, made.json() | {"status": "inactive"}, herself, 1)
        assert ended.status_code == 200, (stranger.name, ended.text)
        assert [seen(gateway, norma, who) for who in askers] == before, stranger.name
    assert [seen(gateway, norma, who) for who in (*askers, herself)] == at_first


def test_no_treatment_holds_for_who_asks_it_by_another_name(gateway, world):
    norma = world.norma
    gateway.create(about(norma, root(type="deny", purpose=[why("TREAT")])), world.gp)
    for purpose in ("TREAT", "COC", "CAREMGT"):
        worker = gateway.token("social-worker", "sw-1", COUNCIL, purpose=purpose)
        assert is_outcome(gateway.get(f"Patient/{norma}", worker), 404)
        assert gateway.get(f"Goal?patient={norma}", worker).json()["total"] == 0


@pytest.mark.changes_nothing
def test_what_would_hide_nothing_here_is_refused(gateway, world):
    for stranger in (one for one in READ if one.name in NOT_HERE):
        answer = gateway.create(about(world.norma, stranger.consent), world.gp)
        assert is_outcome(answer, 422), stranger.name
    assert world.of("Consent", world.norma, world.gp) == []


def test_a_stranger_in_a_gp_record_closes_it_to_others_until_it_is_withdrawn(gateway, world):
    """Of the former release: what came before it is closed too, and all of it is kept."""
    who = gateway.token("provider", "system", PRACTICE, feeds=["gp"])
    askers = (world.gp, gateway.token("community-nurse", "cn-2", COUNCIL))
    at_first = [seen(gateway, world.norma, one) for one in askers]
    person = {"reference": f"Patient/{NORMA['id']}"}
    consent = {
        "resourceType": "Consent",
        "id": "c-1",
        "status": "active",
        "category": [coded("http://loinc.org", "59284-0")],
        "patient": person,
        "consentingParty": [person],
        "policyRule": "https://consents.example/opt-out",
        "except": [{"type": "deny", "actor": [{"role": {"text": "x"}, "reference": person}]}],
    }

    def send(status: str, on: str) -> dict:
        record = json.loads(gp_record(PRACTICE, NORMA, [HYPERTENSION, ("195967001", "Asthma")]))
        record["entry"].append({"resource": consent | {"status": status, "dateTime": on}})
        record |= {"timestamp": on}
        headers = {"Content-Type": FHIR}
        content = json.dumps(record)
        return gateway.ask("POST", "/feeds/gp", who, content=content, headers=headers).json()

    def conditions() -> list[int]:
        return [len(world.of("Condition", world.norma, one)) for one in askers]

    before = conditions()
    assert "consent-needs-reading" in json.dumps(send("active", "2026-06-01T10:00:00Z"))
    practice, others = [seen(gateway, world.norma, one) for one in askers]
    assert practice > at_first[0]
    assert set() < others < at_first[1]
    assert conditions() == [before[0] + 1, before[1] - 1]
    send("inactive", "2026-06-02T10:00:00Z")
    assert seen(gateway, world.norma, askers[1]) > at_first[1]
    assert conditions() == [before[0] + 1, before[1] + 1]
