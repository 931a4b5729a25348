"""What the person says of the sharing of their record, asked over HTTP: the named scenarios.

Each test bears the id of its scenario; docs/security-ids.md lists them. What a decision alone must
answer stands in tests/unit/consent/test_scenarios.py.
"""

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.api.consents import against, dissent
from tests.api.messages import HYPERTENSION, SNOMED, gp_record
from tests.api.rows import SYSTEMS, goal_row, mark, plan_row, put
from tests.api.service import FHIR, is_outcome, references
from tests.api.world import COUNCIL, NORMA, PRACTICE, put_on_caseload
from tests.api.writing import put as update
from tests.unit.consent.fhir_consents import USER, actor

TRUST = "RQY"


def _permit(person, **provision):
    return dissent(person, type="permit", **provision)


def _goals(gateway, person, who):
    """What the caller finds of goals, in an order of their own."""
    return gateway.get(f"Goal?patient={person}&_count=500", who).json()["entry"]


def test_s09_s10_s11_a_dissent_closes_at_once_no_permit_opens_it_and_taken_back_it_is_gone(
    gateway, world
):
    alice, others = world.alice, (world.gp, world.doctor)
    before, first = [_goals(gateway, alice, who) for who in others], gateway.size()
    path = f"Goal/{world.of('Goal', alice, world.social_worker)[0]['id']}"
    made = gateway.create(dissent(alice, **against(COUNCIL)), world.gp)
    assert is_outcome(gateway.get(path, world.social_worker), 404)
    assert [_goals(gateway, alice, who) for who in others] == before
    gateway.at += timedelta(days=1)
    assert gateway.create(_permit(alice), world.gp).status_code == 201
    assert is_outcome(gateway.get(path, world.social_worker), 404)
    revoked = made.json() | {"status": "inactive"}
    assert update(gateway, revoked, world.gp, 1).status_code == 200
    assert gateway.get(path, world.social_worker).status_code == 200
    changes = [one for one in gateway.entries(first) if one.event == "consent-change"]
    named = [one.resources[0][1:] for one in changes if one.resources[0][1] == made.json()["id"]]
    assert named == [(made.json()["id"], 1), (made.json()["id"], 2)]
    assert {one.outcome for one in changes} == {"stored"}


def test_s12_a_permit_of_a_time_shows_what_lies_within_it_and_nothing_undated(gateway, world):
    norma = world.norma
    spans = {
        "p-before": {"start": "2023-02-01", "end": "2023-03-01"},
        "p-across": {"start": "2023-12-01", "end": "2024-02-01"},
        "p-after": {"start": "2024-02-01", "end": "2024-03-01"},
    }
    for name, span in spans.items():
        put(gateway, norma, plan_row(name, norma, period=span))
    put(gateway, norma, goal_row("g-undated", norma, "words"))
    within = _permit(norma, dataPeriod={"end": "2023-12-31"})
    assert gateway.create(within, world.gp).status_code == 201
    for who in (world.gp, world.social_worker):
        found = gateway.get(f"CarePlan?patient={norma}", who).json()
        assert references(found) == ["CarePlan/p-before"]
        assert is_outcome(gateway.get("Goal/g-undated", who), 404)


def test_s13_a_deny_of_a_year_hides_what_reaches_into_it_and_what_is_undated(gateway, world):
    norma = world.norma
    for name, start, end in (
        ("p-into", "2021-12-01", "2022-02-01"),
        ("p-out", "2022-12-15", "2023-01-15"),
        ("p-before", "2021-10-01", "2021-11-30"),
    ):
        put(gateway, norma, plan_row(name, norma, period={"start": start, "end": end}))
    put(gateway, norma, goal_row("g-undated", norma, "words"))
    denied = dissent(norma, dataPeriod={"start": "2022-01-01", "end": "2022-12-31"})
    assert gateway.create(denied, world.gp).status_code == 201
    for name in ("CarePlan/p-into", "CarePlan/p-out", "Goal/g-undated"):
        assert is_outcome(gateway.get(name, world.gp), 404)
    assert gateway.get("CarePlan/p-before", world.gp).status_code == 200


DATED = [
    ("Procedure", "performedDateTime", "{}-05-02"),
    ("Procedure", "performedPeriod", {"start": "{}-05-02", "end": "{}-05-03"}),
    ("Communication", "sent", "{}-05-02T08:00:00Z"),
    ("Communication", "received", "{}-05-02T08:00:00Z"),
    ("Task", "executionPeriod", {"start": "{}-05-02", "end": "{}-05-03"}),
    ("Coverage", "period", {"start": "{}-05-02", "end": "{}-05-03"}),
    ("RelatedPerson", "period", {"start": "{}-05-02", "end": "{}-05-03"}),
]


def _in_year(value, year):
    if isinstance(value, dict):
        return {name: one.format(year) for name, one in value.items()}
    return value.format(year)


def test_s13_a40_a_deny_of_a_year_goes_by_the_dates_of_each_type(gateway, world):
    norma, about = world.norma, {"reference": f"Patient/{world.norma}"}
    rows = [
        {"resourceType": kind, "id": f"d-{place}-{year}", "subject": about,
         name: _in_year(value, year)}
        for place, (kind, name, value) in enumerate(DATED)
        for year in ("2019", "2022")
    ]  # fmt: skip
    for row in rows:
        put(gateway, norma, row)
    period = {"start": "2022-01-01", "end": "2022-12-31"}
    gateway.create(dissent(norma, dataPeriod=period), world.gp)
    for row in rows:
        answer = gateway.get(f"{row['resourceType']}/{row['id']}", world.gp)
        assert answer.status_code == (200 if row["id"].endswith("2019") else 404), row


@pytest.mark.parametrize("role", ["CST", "AUT"])
def test_s14_what_one_organisation_wrote_is_hidden_by_every_way(gateway, world, role):
    norma = world.norma
    put(gateway, norma, goal_row("g-trust", norma, "the trust's words"), org=TRUST)
    put(gateway, norma, goal_row("g-own", norma, "words"), org=PRACTICE)
    put(gateway, norma, plan_row("p-own", norma, "g-trust", "g-own"), org=PRACTICE)
    include = "CarePlan?_id=p-own&_include=CarePlan:goal"
    assert "Goal/g-trust" in references(gateway.get(include, world.gp).json())
    made = gateway.create(dissent(norma, actor=[actor(role, TRUST)]), world.gp)
    assert made.status_code == 201, made.text
    for who in (world.gp, world.social_worker):
        assert is_outcome(gateway.get("Goal/g-trust", who), 404)
        found = gateway.get(include, who)
        assert references(found.json()) == ["CarePlan/p-own", "Goal/g-own"]
        for path in (include, "CarePlan/p-own", f"Patient/{norma}/$everything?_count=500"):
            assert "g-trust" not in gateway.get(path, who).text
    assert gateway.get("Goal/g-own", world.gp).status_code == 200


def test_s15_an_encounter_is_hidden_with_what_it_links_to_and_what_links_to_it(gateway, world):
    norma = world.norma
    about = {"reference": f"Patient/{norma}"}
    asked = {"resourceType": "ServiceRequest", "id": "r-1", "status": "active", "intent": "order",
             "subject": about}  # fmt: skip
    stay = {"resourceType": "Encounter", "id": "e-1", "status": "finished", "subject": about,
            "class": {"code": "IMP"}, "basedOn": [{"reference": "ServiceRequest/r-1"}]}  # fmt: skip
    measured = {"resourceType": "Observation", "id": "o-1", "status": "final", "subject": about,
                "code": {"text": "w"}, "encounter": {"reference": "Encounter/e-1"}}  # fmt: skip
    for one in (asked, stay, measured, measured | {"id": "o-2", "encounter": None}):
        put(gateway, norma, {name: value for name, value in one.items() if value})
    ways = ("ServiceRequest/r-1", "Encounter/e-1", "Observation/o-1")
    assert [gateway.get(way, world.gp).status_code for way in ways] == [200, 200, 200]
    data = [{"meaning": "related", "reference": {"reference": "Encounter/e-1"}}]
    assert gateway.create(dissent(norma, data=data), world.gp).status_code == 201
    for way in ways:
        assert is_outcome(gateway.get(way, world.gp), 404)
    assert gateway.get("Observation/o-2", world.gp).status_code == 200


def _level(code):
    return {"securityLabel": [{"system": SYSTEMS["conf"], "code": code}]}


def test_s16_who_is_named_sees_what_is_restricted_and_others_what_is_not(gateway, world):
    norma = world.norma
    put_on_caseload(gateway, norma, TRUST)
    nurse = gateway.token("mental-health-nurse", "mh-1", TRUST)
    put(gateway, norma, goal_row("g-n", norma, "words"))
    put(gateway, norma, goal_row("g-r", norma, "words"), conf="R")
    for_nurse = {"type": "permit", "actor": [actor("IRCP", "mh-1", USER)], **_level("R")}
    said = _permit(norma, **_level("N"), provision=[for_nurse])
    assert gateway.create(said, world.gp).status_code == 201
    for who, shown in ((nurse, (200, 200)), (world.gp, (200, 404))):
        ways = ("Goal/g-n", "Goal/g-r")
        assert tuple(gateway.get(way, who).status_code for way in ways) == shown


def test_s17_a_deny_within_a_deny_stays_a_deny(gateway, world):
    norma = world.norma
    nested = {"type": "deny", **against(COUNCIL)}
    assert gateway.create(dissent(norma, provision=[nested]), world.gp).status_code == 201
    assert is_outcome(gateway.get(f"Patient/{norma}", world.social_worker), 404)


_WHO = against(COUNCIL)["actor"][0]
REFUSED = [
    {"type": None},
    {"provision": [{"type": "deny", "provision": [{"type": "permit"}]}]},
    {"actor": [{**_WHO, "role": {"coding": [{"system": "s", "code": "X"}]}}]},
    {"actor": [{**_WHO, "reference": {"reference": "Organization/gone"}}]},
]


@pytest.mark.changes_nothing
@pytest.mark.parametrize("change", REFUSED, ids=["no-root", "three-levels", "role", "dangling"])
def test_s18_a_consent_that_is_not_understood_is_refused_with_its_reason(gateway, world, change):
    norma = world.norma
    answer = gateway.create(dissent(norma, **change), world.gp)
    assert is_outcome(answer, 422)
    (fault, *_) = answer.json()["issue"]
    assert fault["expression"][0].startswith("Consent.provision")
    assert fault["diagnostics"]
    assert world.of("Consent", norma, world.gp) == []
    assert gateway.get(f"Patient/{norma}", world.social_worker).status_code == 200


@pytest.mark.parametrize(
    ("day", "last"),
    [
        ("2027-03-27", datetime(2027, 3, 27, 23, 59, 59, tzinfo=UTC)),
        ("2027-03-28", datetime(2027, 3, 28, 22, 59, 59, tzinfo=UTC)),
        ("2027-03-31", datetime(2027, 3, 31, 22, 59, 59, tzinfo=UTC)),
        ("2027-10-31", datetime(2027, 10, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_s19_a_consent_ends_with_its_day_in_london(gateway, world, day, last):
    """The clocks go forward on 28 March 2027, and back on 31 October."""
    norma = world.norma
    gateway.create(dissent(norma, **against(COUNCIL), period={"end": day}), world.gp)
    gateway.at = last
    assert gateway.get(f"Patient/{norma}", world.social_worker).status_code == 404
    gateway.at = last + timedelta(seconds=1)
    assert gateway.get(f"Patient/{norma}", world.social_worker).status_code == 200


@pytest.mark.parametrize("stated", ["1999-01-01", "2999-01-01T00:00:00Z"])
def test_s20_the_servers_clock_counts_and_nothing_is_undone_backwards(gateway, world, stated):
    norma, worker = world.norma, world.social_worker
    gateway.at += timedelta(minutes=1)
    looked = gateway.size()
    assert gateway.get(f"Patient/{norma}", worker).status_code == 200
    gateway.at += timedelta(minutes=1)
    made = gateway.create(dissent(norma, **against(COUNCIL)) | {"dateTime": stated}, world.gp)
    assert made.json()["meta"]["lastUpdated"].startswith("2026-11-21T12:02")
    assert is_outcome(gateway.get(f"Patient/{norma}", worker), 404)
    lead = gateway.token("borough-governance", "bg-1", COUNCIL)
    again = gateway.ask("POST", "/access/replay", lead, json={"entry": looked})
    assert again.status_code == 200, again.text
    assert again.json()["same"] is True
    assert "dissent" not in again.json()["again"]["reasons"]


@pytest.mark.parametrize("hold", ["NOPAT", "THIRDPARTY", "SAFEG", "PENDING"])
def test_s35_of_what_is_held_back_the_person_is_told_nothing(gateway, world, hold):
    """Not by a total, not by an id, and by no word."""
    norma = world.norma
    herself = gateway.token("patient", "norma", patient=norma)
    ways = (f"Goal?patient={norma}&_count=500", f"Patient/{norma}/$everything?_count=500")
    before = [gateway.get(way, herself).json() for way in ways]
    put(gateway, norma, goal_row("g-held", norma, "the canary words"), hold=hold)
    for way, earlier in zip(ways, before, strict=True):
        answer = gateway.get(way, herself)
        assert answer.json()["total"] == earlier["total"]
        assert references(answer.json()) == references(earlier)
        assert "g-held" not in answer.text
        assert "canary" not in answer.text
    assert is_outcome(gateway.get("Goal/g-held", herself), 404)
    assert gateway.get("Goal/g-held", world.gp).status_code == 200


def _reviewed(*words, after):
    """The practice's record with these codes, each of its day, and a weight and a problem that are
    new."""
    record = json.loads(gp_record(PRACTICE, NORMA, [HYPERTENSION]))
    profile = "https://fhir.nhs.uk/STU3/StructureDefinition/CareConnect-GPC-Observation-1"
    for place, (code, display, day) in enumerate(words):
        record["entry"].append({"resource": {
            "resourceType": "Observation", "id": f"o-{place}", "meta": {"profile": [profile]},
            "identifier": [{"system": "https://gp.example", "value": f"o-{place}"}],
            "status": "final", "subject": {"reference": f"Patient/{NORMA['id']}"},
            "code": {"coding": [{"system": SNOMED, "code": code, "display": display}]},
            "effectiveDateTime": day, "issued": f"{day}T10:00:00+00:00",
            "performer": [{"reference": "Practitioner/P1"}],
        }})  # fmt: skip
    return json.dumps(record).replace("2026-10-22T11", f"{after}T11").encode()


INDICATED = ("1364731000000104", "Enhanced review indicated before granting access", "2026-11-10")
NO_MORE = ("1364751000000106", "Enhanced review no longer indicated", "2026-11-18")
OLD, NEW = ("60621009", "Body mass index", "2026-03-01"), ("27113001", "Body weight", "2026-11-12")


def test_s36_what_is_new_waits_while_the_practice_asks_for_a_review(gateway, world):
    """Held from the person and lifted again by the practice's own codes; staff see everything."""
    norma = world.norma
    herself = gateway.token("patient", "norma", patient=norma)

    def shown(who):
        told = gateway.get(f"Patient/{norma}/$everything?_count=500", who)
        counted = gateway.get(f"Observation?patient={norma}&_summary=count", who).json()["total"]
        return [one[0] in told.text for one in (OLD, NEW)], counted

    plans = len(world.of("CarePlan", norma, herself))
    gateway.push("gp", PRACTICE, _reviewed(OLD, NEW, after="2026-11-12"), FHIR)
    before = shown(herself)
    assert before[0] == [True, True]
    gateway.push("gp", PRACTICE, _reviewed(OLD, NEW, INDICATED, after="2026-11-13"), FHIR)
    held, count = shown(herself)
    assert held == [True, False]
    assert count == before[1] - 1, "neither the new entry nor the code itself"
    assert shown(world.gp)[0] == [True, True]
    assert len(world.of("CarePlan", norma, herself)) == plans, "the agreed plan does not wait"
    lifted = _reviewed(OLD, NEW, INDICATED, NO_MORE, after="2026-11-19")
    gateway.push("gp", PRACTICE, lifted, FHIR)
    assert shown(herself)[0] == [True, True]


def test_s36_an_operator_states_it_and_takes_it_back(gateway, world):
    norma = world.norma
    herself = gateway.token("patient", "norma", patient=norma)
    put(gateway, norma, goal_row("g-new", norma, "words"), category="problems")
    assert gateway.get("Goal/g-new", herself).status_code == 200
    mark(gateway, norma, review_from="2026-11-01")
    assert is_outcome(gateway.get("Goal/g-new", herself), 404)
    gateway.at += timedelta(minutes=1)
    mark(gateway, norma, review_from="open")
    assert gateway.get("Goal/g-new", herself).status_code == 200
