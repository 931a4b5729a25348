"""Who acts for somebody else has no way to the record but an authority in force, for that person.

Attacks are of every way out of the store: reads, versions, searches with and without a person,
includes, operations, the log, exports, subscriptions, emergencies; and of the door that authorities
come in by.
"""

import json
from datetime import timedelta

import pytest

from consent.proxies import ATTORNEY
from consent.terms import Purpose
from gateway.audit.events import Outcome
from tests.api.acting import MUM, SAM, a_child, acting, again, proxy, recorded
from tests.api.consents import dissent
from tests.api.exports import kick_off
from tests.api.rows import goal_row, mark, put
from tests.api.service import START, is_outcome, resources
from tests.api.subscribing import subscription
from tests.api.world import COUNCIL, HOSPITAL, OTHER_PRACTICE, put_on_caseload
from tests.unit.consent.proxy_consents import because, by_number, lacks_capacity

AT_THIRTEEN = "2013-11-22"  # born so, thirteen on the day after START
ENDED = {"status": "inactive", "extension": [because("ROLE_DEACTIVATED_PATIENT_REQUEST")]}
LAST_DAY = {"period": {"start": "2026-11-01", "end": "2026-11-21"}}


def _sees_nothing(gateway, person, who):
    """Every way to the record, for somebody to whom it is not open."""
    for path in (
        f"Patient/{person}",
        f"Patient/{person}/_history",
        f"Patient/{person}/_history/1",
        f"Patient/{person}/$everything",
    ):
        assert is_outcome(gateway.get(path, who), 404), path
    for path in (
        f"Condition?patient={person}",
        f"Patient?_id={person}",
        f"Condition?patient={person}&_include=Condition:patient",
        f"Patient?_id={person}&_revinclude=Condition:patient",
        f"Condition?patient={person}&_summary=count",
        "Condition",
        "Patient",
        "Consent",
    ):
        assert gateway.get(path, who).json()["total"] == 0, path


def _sees(gateway, person, who):
    return gateway.get(f"Patient/{person}", who).status_code == 200


@pytest.mark.changes_nothing
@pytest.mark.parametrize("purpose", [Purpose.FAMILY_REQUEST, Purpose.POWER_OF_ATTORNEY])
def test_a38_a_proxy_of_whom_no_authority_is_recorded_is_told_nothing(gateway, world, purpose):
    herself = gateway.token("patient", "norma", patient=world.norma)
    (goal, *_) = world.of("Goal", world.norma, herself)
    who = gateway.token("proxy", "daughter", patient=world.norma, purpose=purpose)
    for path in (f"Goal/{goal['id']}", f"Goal/{goal['id']}/_history"):
        assert is_outcome(gateway.get(path, who), 404)
    _sees_nothing(gateway, world.norma, who)


def test_a38_an_authority_is_for_that_proxy_of_that_person_alone(gateway, world):
    child = a_child(gateway)
    recorded(gateway, child)
    assert _sees(gateway, child, proxy(gateway, child))
    _sees_nothing(gateway, child, proxy(gateway, child, "somebody-else"))
    _sees_nothing(gateway, world.norma, proxy(gateway, world.norma))
    elsewhere = proxy(gateway, child)
    for path in (f"Patient/{world.norma}", f"Patient/{world.norma}/$everything"):
        assert is_outcome(gateway.get(path, elsewhere), 404)
    assert gateway.get(f"Condition?patient={world.norma}", elsewhere).json()["total"] == 0
    found = resources(gateway.get("Patient", elsewhere).json())
    assert [one["id"] for one in found] == [child], "without a person: theirs alone"
    as_staff = gateway.token("gp", MUM, OTHER_PRACTICE)
    assert is_outcome(gateway.get(f"Patient/{child}", as_staff), 404)


def test_s37_a_parent_reads_a_young_child_but_for_holds(gateway, world):
    child = a_child(gateway)
    put(gateway, child, goal_row("g-shown", child, "words"))
    for hold in ("NOPAT", "THIRDPARTY", "SAFEG", "SERIOUSHARM", "PENDING"):
        put(gateway, child, goal_row(f"g-{hold}", child, "canary words"), hold=hold)
    recorded(gateway, child)
    mum = proxy(gateway, child)
    assert gateway.get(f"Patient/{child}", mum).json()["birthDate"] == SAM["born"]
    goals = gateway.get(f"Goal?patient={child}&_include=Goal:patient", mum)
    assert goals.json()["total"] == 1
    everything = gateway.get(f"Patient/{child}/$everything?_count=500", mum)
    kinds = {one["resourceType"] for one in resources(everything.json())}
    assert {"Patient", "Condition", "Goal"} <= kinds
    assert not {"Consent"} & kinds, "what is kept from whom is not a proxy's to know"
    for answer in (goals, everything):
        assert "canary" not in answer.text
    assert is_outcome(gateway.get("Goal/g-NOPAT", mum), 404)
    assert is_outcome(gateway.get("Goal/g-NOPAT/_history/1", mum), 404)


@pytest.mark.parametrize("basis", ["parental-responsibility", "parental-responsibility-reviewed"])
def test_s38_a_parents_view_ends_on_the_thirteenth_birthday_until_reviewed(gateway, world, basis):
    child = a_child(gateway, AT_THIRTEEN)
    recorded(gateway, child, MUM, basis)
    assert _sees(gateway, child, proxy(gateway, child))
    gateway.at = START.replace(hour=23, minute=59, second=59)
    assert _sees(gateway, child, proxy(gateway, child))
    gateway.at += timedelta(seconds=1)
    mum = proxy(gateway, child)
    if basis == "parental-responsibility":
        _sees_nothing(gateway, child, mum)
    else:
        assert _sees(gateway, child, mum)


def test_a38_a_page_that_was_begun_before_the_birthday_goes_no_further(gateway, world):
    child = a_child(gateway, AT_THIRTEEN)
    put(gateway, child, goal_row("g-1", child, "words"))
    recorded(gateway, child)
    for path in (
        f"/fhir/R4?_type=Goal,Condition&patient={child}&_count=1",
        f"Patient/{child}/$everything?_count=1",
    ):
        gateway.at = START.replace(hour=23, minute=59, second=59)
        page = gateway.get(path, proxy(gateway, child)).json()
        (more,) = [one["url"] for one in page["link"] if one["relation"] == "next"]
        assert resources(gateway.get(more, proxy(gateway, child)).json())
        gateway.at += timedelta(seconds=1)
        after = gateway.get(more, proxy(gateway, child))
        assert after.status_code == 404 or after.json()["total"] == 0, path
        assert child not in json.dumps(resources(after.json()))


def test_a38_the_earliest_birth_date_that_anybody_says_counts(gateway, world):
    """Bob is fourteen by one source; nothing a second one says makes him younger."""
    recorded(gateway, world.bob, who=world.other_gp)
    _sees_nothing(gateway, world.bob, proxy(gateway, world.bob))
    child = a_child(gateway)
    recorded(gateway, child)
    mum = proxy(gateway, child)
    assert _sees(gateway, child, mum)
    gateway.at += timedelta(minutes=1)
    older = {"resourceType": "Patient", "id": "p-older", "birthDate": "2013"}
    put(gateway, child, older, category="demographics")
    _sees_nothing(gateway, child, mum)


@pytest.mark.parametrize(
    "change",
    [
        ENDED,
        {"status": "inactive", "extension": [because("ROLE_SUSPENDED_PENDING_REVIEW")]},
        {"status": "proposed", "extension": [because("APPLICATION_SUBMITTED")]},
        {"provision": {"period": {"start": "2026-11-22"}}},
        {"provision": {"period": {"start": "2026-01-05", "end": "2026-11-20"}}},
        {"basis": "UNK"},
        {"basis": "property-and-affairs-attorney"},
        {"basis": "court-appointed-property-and-affairs-deputy"},
        {"basis": "aunt"},
    ],
)
def test_s39_an_authority_that_is_not_in_force_opens_nothing(gateway, world, change):
    child = a_child(gateway)
    recorded(gateway, child, **change)
    _sees_nothing(gateway, child, proxy(gateway, child))


def test_s39_what_is_ended_or_suspended_is_over_at_the_next_request(gateway, world):
    child = a_child(gateway)
    consent, mum = recorded(gateway, child), proxy(gateway, child)
    page = gateway.get("Condition?_count=1&_sort=_id", mum)
    assert page.json()["total"] == 1
    said = {"status": "inactive", "extension": [because("ROLE_SUSPENDED_PENDING_REVIEW")]}
    ended = again(gateway, consent, world.gp, **said)
    assert ended.status_code == 200, ended.text
    _sees_nothing(gateway, child, mum)
    said = {"status": "active", "extension": [because("ROLE_REACTIVATED")]}
    assert again(gateway, ended.json(), world.gp, **said).status_code == 200
    assert _sees(gateway, child, mum)


def test_s39_an_authority_is_over_with_its_last_day(gateway, world):
    child = a_child(gateway)
    recorded(gateway, child, provision=LAST_DAY)
    gateway.at = START.replace(hour=23, minute=59, second=59)
    assert _sees(gateway, child, proxy(gateway, child))
    gateway.at += timedelta(seconds=1)
    _sees_nothing(gateway, child, proxy(gateway, child))


def test_s40_a_childs_objection_keeps_one_item_from_the_parent_alone(gateway, world):
    child = a_child(gateway)
    put(gateway, child, goal_row("g-kept", child, "the canary words"))
    put(gateway, child, goal_row("g-shown", child, "words"))
    recorded(gateway, child)
    mum = proxy(gateway, child)
    assert gateway.get("Goal/g-kept", mum).status_code == 200
    role = {"system": "https://care-gateway.example/fhir/CodeSystem/role", "value": "proxy"}
    asker = {"coding": [{"system": _PARTICIPATION, "code": "IRCP"}]}
    data = [{"meaning": "instance", "reference": {"reference": "Goal/g-kept"}}]
    said = dissent(child, actor=[{"role": asker, "reference": {"identifier": role}}], data=data)
    sam = gateway.token("patient", "sam", patient=child)
    made = gateway.create(said, sam)
    assert made.status_code == 201, made.text
    for path in ("Goal/g-kept", "Goal/g-kept/_history/1", f"Consent/{made.json()['id']}"):
        assert is_outcome(gateway.get(path, mum), 404)
    for path in (f"Goal?patient={child}", f"Patient/{child}/$everything?_count=500"):
        answer = gateway.get(path, mum)
        assert "canary" not in answer.text
        assert "g-shown" in answer.text
    for who in (sam, world.gp):
        assert gateway.get("Goal/g-kept", who).status_code == 200


_PARTICIPATION = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"


def test_a38_an_attorney_acts_while_the_person_lacks_capacity(gateway, world):
    norma, until = world.norma, {"period": {"start": "2026-01-05", "end": "2027-01-04"}}
    able = [lacks_capacity(False)]
    consent = recorded(gateway, norma, "attorney", ATTORNEY, extension=able, provision=until)
    attorney = proxy(gateway, norma, "attorney")
    _sees_nothing(gateway, norma, attorney)
    now = again(gateway, consent, world.gp, extension=[lacks_capacity(True)])
    assert now.status_code == 200, now.text
    assert _sees(gateway, norma, attorney)
    assert again(gateway, now.json(), world.gp, extension=able).is_success
    _sees_nothing(gateway, norma, attorney)


@pytest.mark.parametrize("basis", ["court-appointed-personal-welfare-deputy", "best-interest"])
def test_a38_a_deputy_and_a_best_interest_act_whatever_the_age(gateway, world, basis):
    recorded(gateway, world.norma, "deputy", basis)
    assert _sees(gateway, world.norma, proxy(gateway, world.norma, "deputy"))


def test_a38_a_proxy_named_by_number_is_not_found_by_that_number_in_a_token(gateway, world):
    child = a_child(gateway)
    recorded(gateway, child, performer=by_number("9990000328"))
    _sees_nothing(gateway, child, proxy(gateway, child, "9990000328"))
    wrong = gateway.create(acting(child, performer=by_number("9990000329")), world.gp)
    assert is_outcome(wrong, 422)
    assert "9990000329" not in wrong.text


def test_a38_no_other_door_opens_to_a_proxy(gateway, world):
    child = a_child(gateway)
    recorded(gateway, child)
    mum = proxy(gateway, child)
    asked = {"patient": child, "reason": "life-at-risk", "text": "I must see it at once."}
    for path in ("/access/break-glass", "/access/self-claim"):
        assert is_outcome(gateway.ask("POST", path, mum, json=asked), 403), path
    assert is_outcome(gateway.get("/access/log", mum), 403)
    assert is_outcome(kick_off(gateway, mum), 403)
    assert gateway.get("AuditEvent", mum).status_code in (403, 404)
    told = gateway.create(subscription(url="https://elsewhere.example/hook"), mum)
    assert told.status_code in (403, 404), told.text
    permission = {"patient": child, "asked_how": "paper", "kind": "standing"}
    assert is_outcome(gateway.ask("POST", "/access/permission", mum, json=permission), 403)


@pytest.mark.parametrize(
    "role", ["proxy", "hospital-doctor", "case-coordinator", "receptionist", "provider"]
)
def test_a38_who_is_not_named_by_the_policy_records_no_authority(gateway, world, role):
    child = a_child(gateway)
    put_on_caseload(gateway, child, HOSPITAL)
    recorded(gateway, child)
    if role == "proxy":
        who = proxy(gateway, child)
    else:
        more = {"feeds": ["gp"]} if role == "provider" else {}
        who = gateway.token(role, "u-other", HOSPITAL, **more)
    assert is_outcome(gateway.create(acting(child, "somebody-new"), who), 403)
    _sees_nothing(gateway, child, proxy(gateway, child, "somebody-new"))


def test_a38_nobody_records_themselves_nor_on_a_relationship_they_claimed(gateway, world):
    child = a_child(gateway)
    assert is_outcome(gateway.create(acting(child, "gp-1"), world.gp), 403)
    stranger = gateway.token("gp", "gp-9", OTHER_PRACTICE)
    assert is_outcome(gateway.create(acting(child), stranger), 422)
    claim = {"patient": child, "reason": "seen-now", "text": "She is with me in the surgery."}
    assert gateway.ask("POST", "/access/self-claim", stranger, json=claim).status_code == 201
    assert is_outcome(gateway.create(acting(child), stranger), 403)
    _sees_nothing(gateway, child, proxy(gateway, child))


def test_a38_a_person_names_who_acts_with_their_consent_and_on_no_other_basis(gateway, world):
    norma = world.norma
    herself = gateway.token("patient", "norma", patient=norma)
    assert is_outcome(gateway.create(acting(norma, "daughter", "best-interest"), herself), 403)
    consent = recorded(gateway, norma, "daughter", "consent-of-the-person", who=herself)
    daughter = proxy(gateway, norma, "daughter")
    assert _sees(gateway, norma, daughter)
    basis = acting(norma, "daughter", "best-interest")["policyRule"]
    assert is_outcome(again(gateway, consent, herself, policyRule=basis), 403)
    assert again(gateway, consent, herself, **ENDED).status_code == 200
    _sees_nothing(gateway, norma, daughter)


def test_a38_an_authority_is_not_made_of_another_consent_by_who_may_not(gateway, world):
    norma = world.norma
    herself = gateway.token("patient", "norma", patient=norma)
    own = gateway.create(dissent(norma), herself).json()
    turned = acting(norma, "daughter", "best-interest") | {"id": own["id"], "meta": own["meta"]}
    assert is_outcome(again(gateway, turned, herself), 403)
    alice = gateway.token("patient", "alice", patient=world.alice)
    standing = recorded(gateway, world.alice, "son", "best-interest")
    back = dissent(world.alice) | {"id": standing["id"], "meta": standing["meta"]}
    assert is_outcome(again(gateway, back, alice), 403)


@pytest.mark.parametrize("flag", [{"pds": "V"}, {"deceased": 1}])
def test_a38_a_very_restricted_or_deceased_person_is_open_to_no_proxy(gateway, world, flag):
    child = a_child(gateway)
    recorded(gateway, child)
    mum = proxy(gateway, child)
    assert _sees(gateway, child, mum)
    mark(gateway, child, **flag)
    _sees_nothing(gateway, child, mum)


def test_s62_the_log_says_on_which_consent_and_the_person_is_told(gateway, world):
    norma = world.norma
    herself = gateway.token("patient", "norma", patient=norma)
    consent = recorded(gateway, norma, "daughter", "consent-of-the-person", who=herself)
    first = gateway.size()
    assert _sees(gateway, norma, proxy(gateway, norma, "daughter"))
    (entry,) = gateway.entries(first)
    assert entry.agent.on_behalf_of == consent["id"]
    assert (consent["id"], 1) in entry.consents
    told = gateway.get("/access/log", herself).json()["accesses"]
    assert told[0]["words"] == "Somebody acting for you looked at your record."
    borough = gateway.token("borough-governance", "ig-9", COUNCIL)
    for _ in range(2):
        replayed = gateway.ask("POST", "/access/replay", borough, json={"entry": first})
        assert replayed.json()["same"] is True, replayed.text
        assert replayed.json()["again"]["reasons"] == ["proxy-authority"]
        gateway.at += timedelta(minutes=1)
        again(gateway, consent, herself, **ENDED)
    before = gateway.size()
    assert is_outcome(gateway.get(f"Patient/{norma}", proxy(gateway, norma, "daughter")), 404)
    (refused,) = gateway.entries(before)
    assert refused.outcome is not Outcome.SERVED
    assert refused.agent.on_behalf_of == ""
    assert "no-proxy-authority" in refused.reasons
