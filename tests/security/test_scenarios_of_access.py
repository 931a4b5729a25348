"""Who stands before the record: the named scenarios of role, relationship, label and purpose.

Each test bears the id of its scenario; docs/security-ids.md lists them. What a decision alone must
answer stands in tests/unit/consent/test_scenarios.py; here it is asked over HTTP.
"""

import json

import pytest

from gateway.auth import issuing
from gateway.flows.asking.search_log import Operator
from gateway.flows.upkeep.import_terminology import import_files
from tests.api.messages import HIV, HYPERTENSION, SNOMED, goal, gp_record, support_plan
from tests.api.opened import break_glass
from tests.api.rows import SYSTEMS, goal_row, put
from tests.api.service import is_outcome, references
from tests.api.world import ALICE, HOSPITAL, NORMA, PRACTICE, council_person, put_on_caseload
from tests.api.writing import plan

EXCLUDED = ("999000511000000104", "A finding of the site's set")
TRUST = "RQY"


def _nurse(gateway, person):
    """A mental-health nurse who has the person on a list."""
    put_on_caseload(gateway, person, TRUST)
    return gateway.token("mental-health-nurse", "mh-1", TRUST)


def _seen(answer):
    """Status, body and headers, apart from the ids of the request itself."""
    headers = {k: v for k, v in answer.headers.items() if k not in ("x-request-id", "traceparent")}
    return answer.status_code, answer.content, headers


@pytest.mark.changes_nothing
def test_s01_the_registered_practice_reads_the_plan_and_the_log_says_on_what_ground(gateway, world):
    (plan,) = world.of("CarePlan", world.alice, world.gp)
    before = gateway.size()
    assert gateway.get(f"CarePlan/{plan['id']}", world.gp).status_code == 200
    (entry,) = gateway.entries(before)
    assert "relationship-registered-practice" in entry.reasons
    assert (entry.agent.purpose, entry.outcome) == ("TREAT", "served")


@pytest.mark.changes_nothing
def test_s02_without_a_relationship_a_person_is_answered_as_one_unknown(gateway, world):
    norma, doctor = world.norma, world.doctor
    (plan,) = world.of("CarePlan", norma, world.gp)
    before = gateway.size()
    for path, none in (
        (f"Patient/{norma}", f"Patient/{'0' * 8}{norma[8:]}"),
        (f"CarePlan/{plan['id']}", f"CarePlan/{'0' * 8}{plan['id'][8:]}"),
    ):
        assert gateway.get(path, doctor).status_code == 404
        assert _seen(gateway.get(path, doctor)) == _seen(gateway.get(none, doctor))
    refused = gateway.entries(before)[0]
    assert (refused.outcome, refused.person_id) == ("refused", norma)
    assert "no-relationship" in refused.reasons


def test_s04_a_psychiatric_goal_is_for_the_mental_health_nurse_and_not_the_social_worker(
    gateway, world
):
    alice = world.alice
    nurse = _nurse(gateway, alice)
    put(gateway, alice, goal_row("g-psy", alice, "words"), conf="R", sens="PSY")
    assert gateway.get("Goal/g-psy", nurse).status_code == 200
    assert is_outcome(gateway.get("Goal/g-psy", world.social_worker), 404)


def test_s05_of_five_goals_three_are_listed_on_one_full_page(gateway, world):
    norma, worker = world.norma, world.social_worker
    for place in range(5):
        sens = "PSY" if place in (1, 3) else ""
        put(gateway, norma, goal_row(f"s-{place}", norma, "words"), conf="R", sens=sens)
    named = ",".join(f"s-{place}" for place in range(5))
    page = gateway.get(f"Goal?patient={norma}&_id={named}&_count=3", worker).json()
    assert sorted(references(page)) == ["Goal/s-0", "Goal/s-2", "Goal/s-4"]
    assert page["total"] == 3
    assert [one["relation"] for one in page["link"]] == ["self"]


def test_s06_every_label_of_an_item_must_be_granted(gateway, world):
    alice = world.alice
    nurse = _nurse(gateway, alice)
    put(gateway, alice, goal_row("g-one", alice, "words"), conf="R", sens="PSY")
    put(gateway, alice, goal_row("g-two", alice, "words"), conf="R", sens="PSY HIV")
    assert gateway.get("Goal/g-one", nurse).status_code == 200
    assert is_outcome(gateway.get("Goal/g-two", nurse), 404)


def test_s07_what_a_summary_leaves_out_stays_with_the_practice_that_recorded_it(gateway, world):
    norma, operator = world.norma, Operator("lead", gateway.at)
    listed = f"code,system\n{EXCLUDED[0]},{SNOMED}\n".encode()
    name = "gp-sexually-transmitted"
    files = [("set.csv", listed)]
    gateway.run(import_files(gateway.site.store, operator, files, (name,), ""))
    for org in (HOSPITAL, "H85009"):
        put_on_caseload(gateway, norma, org)
    record = gp_record(PRACTICE, NORMA, [HYPERTENSION, EXCLUDED])
    record = record.replace(b"2026-10-22T11", b"2026-11-20T11")
    gateway.push("gp", PRACTICE, record, "application/fhir+json")

    def shown(who):
        told = json.dumps(world.of("Condition", norma, who))
        return [code in told for code in (HYPERTENSION[0], EXCLUDED[0])]

    assert shown(world.gp) == [True, True]
    for who in (world.doctor, gateway.token("gp", "gp-9", "H85009")):
        assert shown(who) == [True, False]


@pytest.mark.parametrize("mark", ["GRA", "HFEA"])
def test_s08_what_the_law_closes_is_shown_to_nobody_in_no_emergency(gateway, world, mark):
    norma = world.norma
    put(gateway, norma, goal_row("g-law", norma, "words"), org=HOSPITAL, legal=mark)
    put(gateway, norma, goal_row("g-same", norma, "words"), org=HOSPITAL)
    assert break_glass(gateway, world.doctor, norma).status_code == 201
    own = [gateway.token(role, "u", HOSPITAL) for role in ("hospital-doctor", "emergency")]
    herself = gateway.token("patient", "norma", patient=norma)
    for who in (world.doctor, world.gp, world.social_worker, herself, *own):
        assert is_outcome(gateway.get("Goal/g-law", who), 404)
    assert gateway.get("Goal/g-same", world.doctor).status_code == 200


@pytest.mark.changes_nothing
@pytest.mark.parametrize(
    ("role", "purpose", "reason"),
    [
        ("gp", "HMARKT", "purpose"),
        ("researcher", "HRESCH", "secondary-purpose"),
        ("researcher", "TREAT", "purpose"),
    ],
)
def test_a32_s22_s23_a_purpose_is_the_roles_own_and_for_the_persons_care(
    gateway, world, role, purpose, reason
):
    """The answer is that about somebody unknown; the log alone says why."""
    norma, before = world.norma, gateway.size()
    who = gateway.token(role, "u-1", PRACTICE, purpose=purpose)
    none = f"Patient/{'0' * 8}{norma[8:]}"
    assert is_outcome(gateway.get(f"Patient/{norma}", who), 404)
    assert _seen(gateway.get(f"Patient/{norma}", who)) == _seen(gateway.get(none, who))
    assert gateway.entries(before)[1].reasons == (reason,)


def test_a32_s21_a_token_of_several_purposes_is_none(gateway, world, monkeypatch):
    """Nobody who issues tokens here signs one; one that is signed all the same opens nothing."""
    norma = world.norma
    monkeypatch.setattr(issuing, "caller_of", lambda _claims: None)
    one, several = (
        gateway.token("gp", "gp-1", PRACTICE, purpose=said) for said in ("TREAT", "TREAT HMARKT")
    )
    assert gateway.get(f"Patient/{norma}", one).status_code == 200
    answer = gateway.get(f"Patient/{norma}", several)
    assert is_outcome(answer, 401, "login")
    assert answer.content == gateway.get(f"Patient/{norma}").content


def test_a19_a_plan_whose_own_codes_and_words_tell_is_hidden_whole(gateway, world):
    """Its codes label it, and the word its source says of who may see it; not what hides in it."""
    alice, worker = world.alice, world.social_worker
    telling = {"coding": [{"system": SNOMED, "code": HIV[0], "display": "canary category"}]}
    told = gateway.create(plan(alice, category=[telling]), world.gp)
    assert told.status_code == 201, told.text
    sent = {"id": "SP-H", "title": "the canary plan", "sharing": ["HIV"]}
    body = support_plan(council_person(ALICE), sent, goals=[goal("G-H", "I want tea.")])
    gateway.push("social-care", TRUST, body)
    seen = world.of("CarePlan", alice, world.gp)
    assert told.json()["id"] in {one["id"] for one in seen}
    of_trust = gateway.token("gp", "gp-7", TRUST)
    put_on_caseload(gateway, alice, TRUST)
    (kept,) = [p for p in world.of("CarePlan", alice, of_trust) if "canary plan" in json.dumps(p)]
    for name in (told.json()["id"], kept["id"]):
        for path in (
            f"CarePlan/{name}",
            f"CarePlan/{name}/_history/1",
            f"CarePlan/{name}/$lineage",
        ):
            assert is_outcome(gateway.get(path, worker), 404)
    everything = gateway.get(f"Patient/{alice}/$everything?_count=500", worker)
    assert "canary" not in everything.text


def _with_an_ended_allergy(label):
    """A GP record with an allergy inside a List, labelled as its source has it."""
    record = json.loads(gp_record(PRACTICE, NORMA, [HYPERTENSION]))
    allergies = next(one for one in record["entry"] if one["resource"]["resourceType"] == "List")
    patient = {"reference": f"Patient/{NORMA['id']}"}
    ended = {
        "resourceType": "AllergyIntolerance",
        "id": "ended",
        "meta": {"security": [{"system": SYSTEMS["conf"], "code": label}]},
        "clinicalStatus": "resolved",
        "verificationStatus": "unconfirmed",
        "category": ["medication"],
        "code": {"coding": [{"system": SNOMED, "code": "372687004", "display": "canary drug"}]},
        "patient": patient,
        "assertedDate": "2019-01-01",
        "note": [{"text": "the canary note"}],
    }
    listed = json.loads(json.dumps(allergies["resource"])) | {
        "title": "Ended allergies",
        "code": {
            "coding": [{"system": SNOMED, "code": "1103671000000101", "display": "Ended allergies"}]
        },
        "contained": [ended],
        "entry": [{"item": {"reference": "#ended"}}],
    }
    record["entry"].append({"resource": listed})
    return json.dumps(record).replace("2026-10-22T11", "2026-11-20T11").encode()


@pytest.mark.parametrize(("label", "reason"), [("N", True), ("V", False)])
def test_a18_nothing_is_served_inside_something_else(gateway, world, label, reason):
    """What a feed nests is a resource with labels of its own; what a writer nests is refused."""
    norma, doctor = world.norma, world.doctor
    put_on_caseload(gateway, norma, HOSPITAL)
    gateway.push("gp", PRACTICE, _with_an_ended_allergy(label), "application/fhir+json")
    (allergy,) = world.of("AllergyIntolerance", norma, world.gp)
    assert "the canary note" in json.dumps(allergy)
    (shown,) = world.of("AllergyIntolerance", norma, doctor)
    assert ("the canary note" in json.dumps(shown)) is reason
    for who in (world.gp, doctor):
        everything = gateway.get(f"Patient/{norma}/$everything?_count=500", who)
        assert '"contained"' not in everything.text
    about = {"reference": f"Patient/{norma}"}
    inside = {"resourceType": "Condition", "id": "c", "subject": about}
    sent = plan(norma, contained=[inside], addresses=[{"reference": "#c"}])
    answer = gateway.create(sent, world.gp)
    assert is_outcome(answer, 422)
    assert answer.json()["issue"][0]["expression"] == ["contained"]
