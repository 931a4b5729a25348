"""Somebody who dissented by telephone changes their mind by telephone: staff who recorded the one
record the other, and nobody comes in by it."""

import json
from datetime import timedelta

import pytest

from consent.from_fhir import BINDS_BREAK_GLASS
from gateway.store.clear.cutting import WORDS
from mappings.core.model import systems
from tests.api.consents import against, dissent, of_category
from tests.api.opened import alert_rows
from tests.api.service import is_outcome, references
from tests.api.world import ALICE, COUNCIL, HOSPITAL, NHS, PRACTICE, put_on_caseload
from tests.api.writing import patch
from tests.api.writing import put as update
from tests.unit.consent.fhir_consents import USER, actor, coded, consent_resource
from tests.unit.consent.proxy_consents import authority, because

_LASTING = {"type": "permit", "period": {"start": "2026-01-05"}}
_RULE = "https://records.example/dissent"


def _said_so(consent, person, day="2026-11-21", **more):
    """The Consent as it is to be after the person telephoned."""
    spoken = {"verified": True, "verifiedWith": {"reference": f"Patient/{person}"}}
    return (
        consent
        | {"status": "inactive", "verification": [spoken | {"verificationDate": day}]}
        | more
    )


def _recorded(gateway, who, consent):
    made = gateway.create(consent, who)
    assert made.status_code == 201
    return made.headers["location"].partition("/_history")[0].rpartition("Consent/")[2]


def _sees(gateway, person, who):
    return gateway.get(f"Patient/{person}", who).status_code == 200


def test_a_dissent_recorded_by_telephone_is_ended_by_telephone(gateway, world):
    norma = world.norma
    name = _recorded(gateway, world.gp, dissent(norma))
    assert not any(_sees(gateway, norma, who) for who in (world.gp, world.social_worker))
    gateway.at += timedelta(days=1)
    colleague = gateway.token("practice-nurse", "pn-1", PRACTICE)
    found = gateway.get(f"Consent?patient={norma}", colleague).json()
    assert references(found) == [f"Consent/{name}"]
    consent = gateway.get(f"Consent/{name}", colleague).json()
    first = gateway.size()
    ended = update(gateway, _said_so(consent, norma, "2026-11-22"), colleague, 1)
    assert ended.status_code == 200
    assert all(_sees(gateway, norma, who) for who in (world.gp, world.social_worker))
    (entry,) = [one for one in gateway.entries(first) if one.event == "consent-change"]
    assert (entry.agent.user_id, entry.outcome) == ("pn-1", "stored")


def test_a_dissent_of_a_day_to_come_holds_at_once_and_is_ended_as_any(gateway, world):
    norma = world.norma
    name = _recorded(gateway, world.gp, dissent(norma) | {"dateTime": "2099-01-01"})
    assert not _sees(gateway, norma, world.social_worker)
    consent = gateway.get(f"Consent/{name}", world.gp).json()
    ended = update(gateway, _said_so(consent, norma), world.gp, 1)
    assert ended.status_code == 200
    assert _sees(gateway, norma, world.social_worker)


def test_the_person_is_told_who_recorded_their_choice_and_who_changed_it(gateway, world):
    norma, herself = world.norma, gateway.token("patient", "norma-1", patient=world.norma)
    name = _recorded(gateway, world.gp, dissent(norma))
    consent = gateway.get(f"Consent/{name}", world.gp).json()
    nurse = gateway.token("practice-nurse", "pn-1", PRACTICE)
    assert update(gateway, _said_so(consent, norma), nurse, 1).status_code == 200
    own = _recorded(gateway, herself, dissent(norma))
    lines = gateway.get("/access/log", herself).json()["accesses"]
    told = [one["words"] for one in lines if "a choice about who may see" in one["words"]]
    assert [one.split(" a choice")[0].split()[-1] for one in told] == ["ended", "recorded"]
    assert told[0].startswith(f"Practice nurse at {PRACTICE}")
    assert told[0].endswith("A conversation with you about it is recorded, of 21/11/2026.")
    assert "conversation" not in told[1]
    assert "pn-1" not in str(lines)
    assert own not in str(lines)


@pytest.mark.parametrize(
    "said",
    [
        {"verification": None},
        {"verification": [{"verified": True}]},
        {"verification": [{"verified": False, "verificationDate": "2026-11-21"}]},
        {"verification": [{"verified": True, "verificationDate": "2026-11-21"}]},
    ],
)
def test_it_is_not_ended_without_a_word_from_the_person(gateway, world, said):
    norma = world.norma
    name = _recorded(gateway, world.gp, dissent(norma))
    consent = gateway.get(f"Consent/{name}", world.gp).json()
    changed = {k: v for k, v in _said_so(consent, norma, **said).items() if v is not None}
    answer = update(gateway, changed, world.gp, 1)
    assert is_outcome(answer, 422)
    assert answer.json()["issue"][0]["expression"] == ["Consent.verification"]
    assert not _sees(gateway, norma, world.gp)


def _by_number(number, **more):
    return {"identifier": {"system": NHS, "value": number}, **more}


@pytest.mark.parametrize("number", ["9990000077", "999 000 0077"])
@pytest.mark.parametrize("named_too", [False, True])
def test_the_person_is_named_by_number_as_by_id(gateway, world, number, named_too):
    norma = world.norma
    name = _recorded(gateway, world.gp, dissent(norma))
    consent = gateway.get(f"Consent/{name}", world.gp).json()
    ended = _said_so(consent, norma)
    literal = {"reference": f"Patient/{norma}"} if named_too else {"type": "Patient"}
    ended["verification"][0]["verifiedWith"] = _by_number(number, **literal)
    assert update(gateway, ended, world.gp, 1).status_code == 200
    assert _sees(gateway, norma, world.gp)


OTHERS = {
    "another person": lambda norma, alice: _by_number(ALICE["nhs_number"]),
    "nobody": lambda norma, alice: _by_number("9990000999"),
    "nothing": lambda norma, alice: _by_number(" "),
    "another system": lambda norma, alice: {
        "identifier": {"system": "urn:x", "value": "9990000077"}
    },
    "two people": lambda norma, alice: _by_number(
        ALICE["nhs_number"], reference=f"Patient/{norma}"
    ),
    "the other two": lambda norma, alice: _by_number("9990000077", reference=f"Patient/{alice}"),
}


@pytest.mark.parametrize("whom", OTHERS)
def test_a36_a_word_of_another_or_of_nobody_ends_nothing(gateway, world, whom):
    norma = world.norma
    name = _recorded(gateway, world.gp, dissent(norma))
    consent = gateway.get(f"Consent/{name}", world.gp).json()
    ended = _said_so(consent, norma)
    ended["verification"][0]["verifiedWith"] = OTHERS[whom](norma, world.alice)
    assert is_outcome(update(gateway, ended, world.gp, 1), 422)
    assert not _sees(gateway, norma, world.gp)


def test_a36_the_number_of_another_beside_the_persons_own_ends_nothing(gateway, world):
    norma = world.norma
    name = _recorded(gateway, world.gp, dissent(norma))
    consent = gateway.get(f"Consent/{name}", world.gp).json()
    ended = _said_so(consent, norma)
    (one,) = ended["verification"]
    ended["verification"] = [
        one | {"verifiedWith": _by_number(number)} for number in ("9990000077", "9990000158")
    ]
    assert is_outcome(update(gateway, ended, world.gp, 1), 422)


@pytest.mark.parametrize("day", ["2026-11-20", "2027-01-01"])
def test_what_was_said_before_the_dissent_or_is_yet_to_be_said_ends_nothing(gateway, world, day):
    norma = world.norma
    name = _recorded(gateway, world.gp, dissent(norma) | {"dateTime": "2026-11-21T09:00:00Z"})
    consent = gateway.get(f"Consent/{name}", world.gp).json()
    assert is_outcome(update(gateway, _said_so(consent, norma, day), world.gp, 1), 422)
    assert not _sees(gateway, norma, world.gp)


def test_who_opens_a_record_to_themselves_by_it_is_looked_at(gateway, world):
    norma = world.norma
    name = _recorded(gateway, world.gp, dissent(norma))
    consent = gateway.get(f"Consent/{name}", world.gp).json()
    assert is_outcome(update(gateway, consent | {"status": "inactive"}, world.gp, 1), 422)
    assert alert_rows(gateway) == [], "nothing was opened"
    first = gateway.size()
    assert update(gateway, _said_so(consent, norma), world.gp, 1).status_code == 200
    (alert,) = alert_rows(gateway)
    assert (alert.kind, alert.org, alert.user_id) == ("dissent-ended", PRACTICE, "gp-1")
    (entry,) = [one for one in gateway.entries(first) if one.event == "consent-change"]
    assert ("alert", alert.alert_id) in entry.detail


LOOSER: dict[str, dict] = {
    "ended": {"status": "inactive"},
    "an error": {"status": "entered-in-error"},
    "over": {"provision": {"type": "deny", "period": {"end": "2026-11-20"}, **against(COUNCIL)}},
    "of others": {"provision": {"type": "deny", **against(HOSPITAL)}},
    "with an exception": {
        "provision": {"type": "deny", **against(COUNCIL), "provision": [{"type": "permit"}]}
    },
}


@pytest.mark.parametrize("how", LOOSER)
def test_a36_whoever_lets_a_colleague_in_again_is_looked_at_and_told_of(gateway, world, how):
    """Who is shut out asks somebody who is not."""
    norma, herself = world.norma, gateway.token("patient", "norma-1", patient=world.norma)
    name = _recorded(gateway, world.gp, dissent(norma, **against(COUNCIL)))
    assert not _sees(gateway, norma, world.social_worker)
    colleague = gateway.token("gp", "gp-3", PRACTICE)
    consent = gateway.get(f"Consent/{name}", colleague).json()
    assert update(gateway, consent | LOOSER[how], colleague, 1).status_code == 200
    assert _sees(gateway, norma, world.social_worker)
    (alert,) = alert_rows(gateway)
    assert (alert.kind, alert.org, alert.user_id) == ("dissent-ended", PRACTICE, "gp-3")
    lines = gateway.get("/access/log", herself).json()["accesses"]
    last, first = (one["words"] for one in lines if "a choice about who" in one["words"])
    became = "ended" if "status" in LOOSER[how] else "changed"
    assert last.startswith(
        f"General practitioner at {PRACTICE} {became} a choice about who may see your record"
    )
    assert first.startswith(f"General practitioner at {PRACTICE} recorded")


def test_a36_who_is_shut_out_by_name_has_a_colleague_end_it_and_both_are_looked_at(gateway, world):
    norma = world.norma
    named = actor("IRCP", "gp-1", system=USER)
    name = _recorded(gateway, world.gp, dissent(norma, actor=[named]))
    colleague = gateway.token("gp", "gp-3", PRACTICE)
    consent = gateway.get(f"Consent/{name}", colleague).json()
    assert update(gateway, consent | {"status": "inactive"}, colleague, 1).status_code == 200
    (alert,) = alert_rows(gateway)
    assert (alert.kind, alert.user_id) == ("dissent-ended", "gp-3")


def test_a36_a_further_permit_beside_one_that_limits_is_looked_at(gateway, world):
    norma, who = world.norma, {"reference": f"Patient/{world.norma}"}
    shelves = [of_category(one)["code"][0] for one in ("consent", "demographics")]
    limit = {"type": "permit", "code": shelves}
    sent = consent_resource(patient=who, performer=[who], provision=limit)
    herself = gateway.token("patient", "norma-1", patient=norma)
    _recorded(gateway, herself, sent)
    goals = f"Goal?patient={norma}&_summary=count"
    assert gateway.get(goals, world.social_worker).json()["total"] == 0
    wider = sent | {"provision": {"type": "permit"}}
    _recorded(gateway, world.gp, wider)
    assert gateway.get(goals, world.social_worker).json()["total"] > 0
    (alert,) = alert_rows(gateway)
    assert (alert.kind, alert.user_id) == ("dissent-ended", "gp-1")


@pytest.mark.parametrize("provision", [{"period": {"end": "2026-11-20"}}, against(HOSPITAL)])
def test_a36_a_permit_beside_one_that_limits_is_widened_in_place_and_looked_at(
    gateway, world, provision
):
    norma, who = world.norma, {"reference": f"Patient/{world.norma}"}
    shelves = [of_category(one)["code"][0] for one in ("consent", "demographics")]
    limit = {"type": "permit", "code": shelves}
    herself = gateway.token("patient", "norma-1", patient=norma)
    made = consent_resource(patient=who, performer=[who])
    _recorded(gateway, herself, made | {"provision": {"type": "permit", **provision}})
    narrow = _recorded(gateway, world.gp, made | {"provision": {"type": "permit", **provision}})
    _recorded(gateway, herself, made | {"provision": limit})
    before = len(alert_rows(gateway))
    goals = f"Goal?patient={norma}&_summary=count"
    assert gateway.get(goals, world.social_worker).json()["total"] == 0
    consent = gateway.get(f"Consent/{narrow}", world.gp).json()
    wider = consent | {"provision": {"type": "permit"}}
    assert update(gateway, wider, world.gp, 1).status_code == 200
    assert gateway.get(goals, world.social_worker).json()["total"] > 0
    assert len(alert_rows(gateway)) == before + 1


NARROWER: dict[str, dict] = {
    "one more": {
        "provision": {"type": "deny", **against(COUNCIL), "provision": [{"type": "deny"}]}
    },
    "other words": {"language": "en-GB"},
    "as it was": {},
}


@pytest.mark.parametrize("how", NARROWER)
def test_what_lets_nobody_in_raises_no_alert(gateway, world, how):
    norma = world.norma
    name = _recorded(gateway, world.gp, dissent(norma, **against(COUNCIL)))
    consent = gateway.get(f"Consent/{name}", world.gp).json()
    assert update(gateway, consent | NARROWER[how], world.gp, 1).status_code == 200
    assert alert_rows(gateway) == []


def test_a_dissent_that_never_held_ends_without_an_alert(gateway, world):
    norma = world.norma
    over = dissent(norma, period={"end": "2026-11-01"}, **against(COUNCIL))
    for one in (over, dissent(norma, **against(COUNCIL)) | {"status": "proposed"}):
        name = _recorded(gateway, world.gp, one)
        consent = gateway.get(f"Consent/{name}", world.gp).json()
        assert update(gateway, consent | {"status": "inactive"}, world.gp, 1).status_code == 200
    assert alert_rows(gateway) == []


def _as(role, org, user="u-other"):
    return lambda gateway: gateway.token(role, user, org)


WITHOUT = {
    "another organisation": _as("gp", "H85002"),
    "one that knows the person": _as("social-worker", COUNCIL, "sw-1"),
    "a role that records no consent": _as("receptionist", PRACTICE),
    "a role that sees none": _as("pharmacist", PRACTICE),
}


@pytest.mark.parametrize("who", WITHOUT)
def test_a_dissent_stays_hidden_from_all_but_its_recorders(gateway, world, who):
    norma = world.norma
    name = _recorded(gateway, world.gp, dissent(norma))
    consent = gateway.get(f"Consent/{name}", world.gp).json()
    asking = WITHOUT[who](gateway)
    assert is_outcome(gateway.get(f"Consent/{name}", asking), 404)
    assert update(gateway, _said_so(consent, norma), asking, 1).status_code in (403, 405)
    assert not _sees(gateway, norma, world.gp)


def test_who_is_shut_out_by_name_neither_sees_nor_ends_it(gateway, world):
    norma = world.norma
    named = actor("IRCP", "gp-1", system=USER)
    name = _recorded(gateway, world.gp, dissent(norma, actor=[named]))
    colleague = gateway.token("gp", "gp-3", PRACTICE)
    consent = gateway.get(f"Consent/{name}", colleague).json()
    assert is_outcome(gateway.get(f"Consent/{name}", world.gp), 404)
    assert is_outcome(update(gateway, _said_so(consent, norma), world.gp, 1), 405)
    assert not _sees(gateway, norma, world.gp)


def test_a_relationship_that_somebody_claims_ends_none(gateway, world):
    norma = world.norma
    put_on_caseload(gateway, norma, HOSPITAL, "hd-1", "self-claim")
    put_on_caseload(gateway, norma, HOSPITAL, "hd-2", "referral")
    lasting = gateway.token("hospital-doctor", "hd-2", HOSPITAL)
    name = _recorded(gateway, lasting, dissent(norma))
    assert gateway.get(f"Consent/{name}", lasting).status_code == 200
    claiming = gateway.token("hospital-doctor", "hd-1", HOSPITAL)
    assert is_outcome(gateway.get(f"Consent/{name}", claiming), 404)


def test_what_the_person_recorded_stands_and_closes_what_staff_recorded_too(gateway, world):
    norma = world.norma
    name = _recorded(gateway, world.gp, dissent(norma))
    consent = gateway.get(f"Consent/{name}", world.gp).json()
    herself = gateway.token("patient", "norma", patient=norma)
    own = _recorded(gateway, herself, dissent(norma, **against(PRACTICE)))
    for one in (own, name):
        assert is_outcome(gateway.get(f"Consent/{one}", world.gp), 404)
        said = _said_so(consent | {"id": one}, norma)
        assert is_outcome(update(gateway, said, world.gp, 1), 405)
    assert not _sees(gateway, norma, world.social_worker)


def test_two_organisations_each_end_what_they_recorded(gateway, world):
    norma = world.norma
    ours = _recorded(gateway, world.social_worker, dissent(norma, **against(PRACTICE)))
    theirs = _recorded(gateway, world.social_worker, dissent(norma))
    for one in (ours, theirs):
        consent = gateway.get(f"Consent/{one}", world.social_worker).json()
        answer = update(gateway, _said_so(consent, norma), world.social_worker, 1)
        assert answer.status_code == 200
    assert _sees(gateway, norma, world.gp)
    assert _sees(gateway, norma, world.social_worker)


def test_it_is_found_by_the_number_its_recorders_gave_it(gateway, world):
    norma = world.norma
    number = {"system": f"{_RULE}/{PRACTICE}", "value": "tel-7"}
    name = _recorded(gateway, world.gp, dissent(norma) | {"identifier": [number]})
    found = gateway.get(f"Consent?identifier={number['system']}|{number['value']}", world.gp)
    assert references(found.json()) == [f"Consent/{name}"]


def test_a_dissent_that_leaves_its_recorders_in_is_changed_as_ever(gateway, world):
    norma = world.norma
    name = _recorded(gateway, world.gp, dissent(norma, **against(COUNCIL)))
    consent = gateway.get(f"Consent/{name}", world.gp).json() | {"status": "inactive"}
    assert update(gateway, consent, world.gp, 1).status_code == 200
    assert _sees(gateway, norma, world.social_worker)


def test_staff_end_an_authority_whoever_is_shut_out(gateway, world):
    norma = world.norma
    acting = authority(patient={"reference": f"Patient/{norma}"}, provision=_LASTING)
    authorised = _recorded(gateway, world.gp, acting)
    _recorded(gateway, world.gp, dissent(norma))
    held = gateway.get(f"Consent/{authorised}", world.gp).json()
    assert is_outcome(update(gateway, held | {"dateTime": "2026-11-20"}, world.gp, 1), 422)
    because_of = [because("ROLE_DEACTIVATED_PATIENT_REQUEST")]
    ended = held | {"status": "inactive", "extension": because_of}
    assert update(gateway, ended, world.gp, 1).status_code == 200


def test_no_second_consent_opens_what_the_first_closes(gateway, world):
    norma, who = world.norma, {"reference": f"Patient/{world.norma}"}
    types = [{"system": "http://hl7.org/fhir/resource-types", "code": "Patient"}]
    for scope in ({"class": types}, {}):
        provision = {"type": "permit", **scope}
        sent = consent_resource(patient=who, performer=[who], provision=provision)
        made = gateway.create(sent, world.gp)
        assert made.status_code == (201 if scope else 403)
    assert gateway.get(f"CarePlan?patient={norma}", world.gp).json()["total"] == 0
    assert alert_rows(gateway) == []


def test_a_change_of_mind_takes_no_alert_away(gateway, world):
    """A verified word counts as a conversation: what stays in force is recorded anew."""
    norma = world.norma
    name = _recorded(gateway, world.gp, dissent(norma))
    flags = gateway.get(f"Flag?patient={norma}", world.social_worker).json()["total"]
    assert flags
    lets_in = {"type": "permit", "actor": [actor("IRCP", HOSPITAL)]}
    held = gateway.get(f"Consent/{name}", world.gp).json()
    provision = held["provision"] | {"provision": [lets_in]}
    changed = _said_so(held, norma, status="active", provision=provision)
    assert is_outcome(update(gateway, changed, world.gp, 1), 422)
    assert update(gateway, _said_so(held, norma), world.gp, 1).status_code == 200
    anew = dissent(norma) | {"provision": provision}
    assert gateway.create(anew, world.gp).status_code == 201
    assert gateway.get(f"Flag?patient={norma}", world.social_worker).json()["total"] == flags


@pytest.mark.parametrize("meaning", ["instance", "related", "dependents"])
@pytest.mark.parametrize("way", ["put", "patch"])
def test_a_dissent_of_one_thing_that_hides_it_from_its_recorders_is_ended(
    gateway, world, meaning, way
):
    """What it is about is not theirs to name any more: they send what they read."""
    norma, first = world.norma, world.of("Goal", world.norma, world.gp)[0]["id"]
    about = {"meaning": meaning, "reference": {"reference": f"Goal/{first}"}}
    name = _recorded(gateway, world.gp, dissent(norma, data=[about]))
    assert is_outcome(gateway.get(f"Goal/{first}", world.gp), 404)
    consent = gateway.get(f"Consent/{name}", world.gp).json()
    assert first not in json.dumps(consent)
    words = consent["provision"]["data"]
    moved = consent | {"provision": {"type": "deny", "data": [*words, *words]}}
    assert is_outcome(update(gateway, _said_so(moved, norma), world.gp, 1), 422)
    ended = _said_so(consent, norma)
    if way == "put":
        assert update(gateway, ended, world.gp, 1).status_code == 200
    else:
        steps = [
            {"op": "replace", "path": "/status", "value": "inactive"},
            {"op": "add", "path": "/verification", "value": ended["verification"]},
        ]
        assert patch(gateway, f"Consent/{name}", world.gp, *steps).status_code == 200
    assert gateway.get(f"Goal/{first}", world.gp).status_code == 200
    stored = gateway.get(f"Consent/{name}", world.gp).json()
    assert stored["provision"]["data"] == [about]


def test_a36_words_in_place_of_what_is_hidden_make_no_dissent(gateway, world):
    norma, words = world.norma, {"meaning": "instance", "reference": {"display": WORDS}}
    bare = dissent(norma, data=[words])
    others = authority(patient=bare["patient"], provision=bare["provision"])
    scope = coded(systems.CONSENT_SCOPE, "research")
    binding = bare | {"modifierExtension": [{"url": BINDS_BREAK_GLASS, "valueBoolean": True}]}
    for sent in (bare, others, bare | {"scope": scope}, binding, bare | {"status": "inactive"}):
        assert is_outcome(gateway.create(sent, world.gp), 422)
    name = _recorded(gateway, world.gp, dissent(norma, **against(HOSPITAL)))
    consent = gateway.get(f"Consent/{name}", world.gp).json()
    consent["provision"]["data"] = [words]
    assert is_outcome(update(gateway, consent, world.gp, 1), 422)
