"""Attacks by what is written over REST: at the same moment, after a deletion, and without end."""

import asyncio
import json
from datetime import timedelta

import pytest

from gateway.api.fhir import bundles
from gateway.audit.triage import Why
from gateway.flows.access.triage import look_for_misuse
from gateway.flows.asking.search_log import Operator
from gateway.flows.writing import write_references
from gateway.flows.writing.write_types import MOST_IDENTIFIERS, MOST_MEMBERS
from tests.api.consents import dissent, of_category, organisation, practitioner, team
from tests.api.opened import alert_rows, self_claim
from tests.api.service import FHIR, is_outcome
from tests.api.world import COUNCIL, HOSPITAL, NHS, NORMA, PRACTICE
from tests.api.writing import (
    PLANS,
    bundle,
    entry,
    goal,
    on_shelf,
    others,
    patch,
    plan,
    put,
    send,
    statuses,
    weight,
)

BIG = "100000000000000000000000000"


@pytest.fixture
def norma(world):
    return world.norma


def test_a11_of_writers_who_come_one_after_another_one_makes_it(gateway, world, norma):
    """Each looks before the one ahead is done: an identifier that was free is taken by then."""
    sent = json.dumps(goal(norma, identifier=[{"system": PLANS, "value": "g-1"}]))
    headers = world.gp | {"Content-Type": FHIR, "If-None-Exist": f"identifier={PLANS}|g-1"}

    async def one(turn):
        await asyncio.sleep(turn * 0.002)
        return await gateway._client.post("/fhir/R4/Goal", content=sent, headers=headers)

    async def many():
        return await asyncio.gather(*(one(turn) for turn in range(40)))

    answers = gateway.run(many())
    assert sorted(one.status_code for one in answers) == [200] * 39 + [201]
    assert len({one.json()["id"] for one in answers}) == 1


def test_a11_a_condition_does_not_stand_in_the_way_of_its_own_transaction(gateway, world, norma):
    named: dict = {"identifier": [{"system": PLANS, "value": "g-1"}]}
    sent = bundle(
        "transaction",
        entry("POST", "Goal", goal(norma, **named)),
        entry("POST", "Goal", goal(norma, **named), ifNoneExist=f"identifier={PLANS}|g-1"),
    )
    assert statuses(send(gateway, sent, world.gp)) == [201, 201]


def test_what_was_deleted_is_not_put_back_by_who_never_saw_that(gateway, world, norma):
    made = gateway.create(plan(norma, meta=on_shelf("support-plan")), world.gp).json()
    path = f"CarePlan/{made['id']}"
    assert gateway.ask("DELETE", path, world.gp).headers["etag"] == 'W/"2"'
    stale = put(gateway, made | {"title": "x"}, world.gp, 1)
    assert is_outcome(stale, 412, "conflict")
    assert is_outcome(gateway.get(path, world.gp), 410)
    assert put(gateway, made, world.gp, 2).headers["etag"] == 'W/"3"'


def test_what_its_writers_deleted_another_organisation_does_not_put_back(gateway, world, norma):
    made = gateway.create(plan(norma, meta=on_shelf("support-plan")), world.gp).json()
    gateway.ask("DELETE", f"CarePlan/{made['id']}", world.gp)
    for version in (None, 2):
        assert is_outcome(put(gateway, made, world.social_worker, version), 403, "forbidden")
    gone = gateway.create(team(norma, organisation(HOSPITAL)), world.coordinator).json()
    gateway.ask("DELETE", f"CareTeam/{gone['id']}", world.coordinator)
    assert is_outcome(put(gateway, gone, world.social_worker), 403, "forbidden")
    assert is_outcome(gateway.get(f"Patient/{norma}", world.doctor), 404)


def test_a37_nobody_lifts_a_dissent_on_a_claim_of_their_own(gateway, world, norma):
    made = gateway.create(dissent(norma, **of_category("mental-health")), world.gp).json()
    doctor = gateway.token("hospital-doctor", "hd-9", "RYX")
    assert self_claim(gateway, doctor, norma).status_code == 201
    lifted = made | {"status": "inactive"}
    off = {"op": "replace", "path": "/status", "value": "inactive"}
    path = f"Consent/{made['id']}"
    assert is_outcome(put(gateway, lifted, doctor, 1), 403, "forbidden")
    assert is_outcome(patch(gateway, path, doctor, off), 403, "forbidden")
    sent = bundle("transaction", entry("PUT", path, lifted, ifMatch='W/"1"'))
    assert is_outcome(send(gateway, sent, doctor), 403, "forbidden")
    assert gateway.get(path, world.gp).json() == made


def test_a37_who_puts_themselves_on_a_team_raises_an_alert(gateway, world, norma):
    others_only = team(norma, organisation(HOSPITAL), practitioner("gp-2", PRACTICE))
    made = gateway.create(others_only, world.gp).json()
    assert alert_rows(gateway) == []
    mine = made | {"participant": [*made["participant"], practitioner("gp-1", PRACTICE)]}
    changed = put(gateway, mine, world.gp, 1).json()
    (alert,) = alert_rows(gateway)
    assert (alert.kind, alert.user_id) == ("self-claim", "gp-1")
    assert gateway.entries()[-1].event == "relationship-change"
    assert put(gateway, changed | {"name": "Norma's"}, world.gp, 2).status_code == 200
    assert len(alert_rows(gateway)) == 1, "who stays on it does not join again"


def test_a_version_that_is_named_is_looked_for_by_identifier_too(gateway, world, norma):
    """What was deleted meanwhile is not made again by who named a version of it."""
    sent = goal(norma, identifier=[{"system": PLANS, "value": "g-1"}])
    made = gateway.create(sent, world.gp).json()
    gateway.ask("DELETE", f"Goal/{made['id']}", world.gp)
    path, headers = f"Goal?identifier={PLANS}|g-1", {"Content-Type": FHIR, "If-Match": 'W/"1"'}
    answer = gateway.ask("PUT", path, world.gp, content=json.dumps(sent), headers=headers)
    assert is_outcome(answer, 412, "conflict")


def test_nobody_explains_their_look_by_what_they_write(gateway, world, norma):
    """On a relationship of their own claim: neither a note nor a request for care is a tie."""
    doctor = gateway.token("hospital-doctor", "hd-9", "RYX")
    assert self_claim(gateway, doctor, norma).status_code == 201
    assert gateway.get(f"Patient/{norma}", doctor).status_code == 200
    day, who = timedelta(days=1), Operator("privacy", gateway.at)

    def suspected():
        look = look_for_misuse(gateway.site.store, who, (), gateway.at - day, gateway.at + day)
        return [set(one.why) for one, _ in gateway.run(look).suspicions]

    (before,) = suspected()
    assert Why.NO_TIE in before
    for written in (goal(norma), others(norma)[2]):
        assert gateway.create(written, doctor).status_code == 201
    assert suspected() == [before]


@pytest.mark.parametrize("kind", ["create", "update", "delete", "transaction"])
def test_who_tries_to_write_to_their_own_record_is_told_of(start, tmp_path, kind):
    file = tmp_path / "staff.toml"
    number = NORMA["nhs_number"]
    file.write_text(
        f'[[staff]]\nuser_id = "sw-norma"\norg = "{COUNCIL}"\nnhs_number = "{number}"\n'
    )
    gateway = start(staff_file=file)
    gp = gateway.token("gp", "gp-1", "H85001")
    found = gateway.search("Patient", gp, identifier=f"{NHS}|{number}").json()
    norma = found["entry"][0]["resource"]["id"]
    made = gateway.create(goal(norma, meta=on_shelf("support-plan")), gp).json()
    herself = gateway.token("social-worker", "sw-norma", COUNCIL)
    answer = {
        "create": lambda: gateway.create(goal(norma), herself),
        "update": lambda: put(gateway, made, herself, 1),
        "delete": lambda: gateway.ask("DELETE", f"Goal/{made['id']}", herself),
        "transaction": lambda: send(
            gateway, bundle("transaction", entry("POST", "Goal", goal(norma))), herself
        ),
    }[kind]()
    assert answer.status_code in (404, 405, 422)
    assert [one.kind for one in alert_rows(gateway)] == ["staff-own-record"]


def test_a42_a_patch_does_not_multiply_what_was_sent(gateway, world, norma):
    made = gateway.create(goal(norma, meta=on_shelf("support-plan")), world.gp).json()
    path = f"Goal/{made['id']}"
    large = {"op": "add", "path": "/note", "value": [{"text": "x" * 100_000}]}
    again = {"op": "copy", "from": "/note/0", "path": "/note/-"}
    refused = patch(gateway, path, world.gp, large, *[again] * 20)
    assert is_outcome(refused, 422, "processing")
    assert patch(gateway, path, world.gp, large, *[again] * 5).status_code == 200
    assert gateway.get(path, world.gp).headers["etag"] == 'W/"2"'


def test_a42_a_resource_does_not_grow_without_end(gateway, world, norma):
    made = gateway.create(goal(norma, meta=on_shelf("support-plan")), world.gp).json()
    path = f"Goal/{made['id']}"
    first = {"op": "add", "path": "/note", "value": []}
    more = [{"op": "add", "path": "/note/-", "value": {"text": "x" * 900_000}}] * 5
    assert patch(gateway, path, world.gp, first, *more, version=1).status_code == 200
    refused = patch(gateway, path, world.gp, *more, version=2).status_code
    assert refused == 413
    assert gateway.get(path, world.gp).headers["etag"] == 'W/"2"'


def test_a42_what_is_kept_one_by_one_is_not_sent_by_the_thousand(gateway, world, norma):
    many = [{"system": PLANS, "value": f"g-{n}"} for n in range(MOST_IDENTIFIERS + 1)]
    assert is_outcome(gateway.create(goal(norma, identifier=many), world.gp), 422, "too-long")
    assert gateway.create(goal(norma, identifier=many[1:]), world.gp).status_code == 201
    members = [organisation(f"RY{n}") for n in range(MOST_MEMBERS + 1)]
    crowd = gateway.create(team(norma, *members), world.coordinator)
    assert is_outcome(crowd, 422, "too-long")


def test_a42_a_transaction_does_not_look_up_without_end(gateway, world, norma, monkeypatch):
    monkeypatch.setattr(write_references, "MOST_NAMED", 3)
    about = f"Patient?identifier={NHS}|{NORMA['nhs_number']}"
    for spellings, status in ((3, 200), (4, 422)):
        recipients = [{"reference": about.replace("9", "%39", n)} for n in range(spellings)]
        sent = {
            "resourceType": "Communication", "status": "completed", "recipient": recipients,
            "subject": {"reference": f"Patient/{norma}"},
        }  # fmt: skip
        answer = send(
            gateway, bundle("transaction", entry("POST", "Communication", sent)), world.gp
        )
        assert answer.status_code == status, answer.text


def test_a42_what_a_bundle_is_answered_has_an_end(gateway, world, norma, monkeypatch):
    monkeypatch.setattr(bundles, "MOST_ANSWERED", 1)
    reads = [entry("GET", f"Patient/{norma}")] * 6
    answer = send(gateway, bundle("batch", *reads), world.gp)
    assert statuses(answer) == [200] * 4 + [413] * 2
    last = answer.json()["entry"][5]["response"]["outcome"]
    assert last["issue"][0]["code"] == "too-costly"
    assert is_outcome(send(gateway, bundle("transaction", *reads), world.gp), 413, "too-costly")


def test_a_number_of_many_digits_is_kept_beside_a_decimal(gateway, world, norma):
    more = f'"unit": "kg", "extension": [{{"url": "https://x.example/y", "valueDecimal": {BIG}}}]'
    body = weight(norma, "1.50").replace(b'"unit": "kg"', more.encode())
    headers = {"Content-Type": FHIR}
    answer = gateway.ask("POST", "Observation", world.gp, content=body, headers=headers)
    assert answer.status_code == 201, answer.text
    read = gateway.get(f"Observation/{answer.json()['id']}", world.gp).content
    assert BIG.encode() in read
    assert b"1.50" in read


@pytest.mark.parametrize("where", ["writer.write_entries", "log.append"])
def test_a29_a_transaction_that_cannot_be_recorded_writes_nothing(
    gateway, world, norma, monkeypatch, where
):
    async def fails(*_args, **_more):
        raise OSError

    before, who = len(world.of("Goal", norma, world.gp)), world.gp
    name = {"writer.write_entries": "gateway.store.commit.writer.write_entries",
            "log.append": "gateway.flows.writing.write_steps.append"}[where]  # fmt: skip
    sent = bundle("transaction", *(entry("POST", "Goal", goal(norma)) for _ in range(3)))
    with monkeypatch.context() as broken:
        broken.setattr(name, fails)
        assert send(gateway, sent, who).status_code in (500, 503)
    assert len(world.of("Goal", norma, who)) == before
