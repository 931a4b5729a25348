"""A preview of a Consent tells who would gain and lose sight of what its caller sees, no more."""

import json
from typing import Any, Final

import pytest

from gateway.errors import AuditUnavailableError
from gateway.store.commit.log import Appender
from tests.api.consents import SDS, against, dissent, of_category, of_label, organisation, team
from tests.api.opened import break_glass
from tests.api.rows import goal_row, mark, put
from tests.api.service import FHIR, is_outcome
from tests.api.world import COUNCIL, HOSPITAL, PRACTICE, put_on_caseload
from tests.unit.consent.fhir_consents import coded

PARTICIPATION: Final = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"


def preview(gateway, resource: dict, who, **headers: str):
    more = {"Content-Type": FHIR} | {k.replace("_", "-"): v for k, v in headers.items()}
    sent = json.dumps(resource)
    return gateway.ask("POST", "/access/preview", who, content=sent, headers=more)


def changes(gateway, resource: dict, who, **headers: str) -> dict[tuple[Any, Any, str], dict]:
    answer = preview(gateway, resource, who, **headers)
    assert answer.status_code == 200, answer.text
    return {
        (one["organisation"], one["user"], role): one
        for one in answer.json()["changes"]
        for role in one["roles"]
    }


def condition(name: str, person_id: str) -> dict[str, Any]:
    who = {"reference": f"Patient/{person_id}"}
    return {"resourceType": "Condition", "id": name, "subject": who, "code": {"text": "x"}}


def items(change: dict, way: str = "loses") -> set[str]:
    return {item for kind in change[way] for item in kind["items"]}


def test_who_loses_sight_of_what_is_told_and_nothing_is_saved(gateway, world):
    norma = world.norma
    seen = gateway.get(f"Goal?patient={norma}", world.social_worker).content
    before = gateway.size()
    told = changes(gateway, dissent(norma, **against(COUNCIL)), world.gp)
    assert {org for org, _, _ in told} == {COUNCIL}
    worker = told[COUNCIL, None, "social-worker"]
    goals = {f"Goal/{one['id']}" for one in world.of("Goal", norma, world.gp)}
    assert goals <= items(worker)
    assert worker["gains"] == []
    assert all(kind["count"] == len(kind["items"]) for kind in worker["loses"])
    assert gateway.get(f"Goal?patient={norma}", world.social_worker).content == seen
    assert world.of("Consent", norma, world.gp) == []
    entry = gateway.entries(before)[0]
    assert (entry.event, entry.outcome, entry.query) == ("decision", "served", "preview")
    assert goals <= {f"{kind}/{name}" for kind, name, _ in entry.resources}
    assert (entry.person_id, entry.agent.user_id) == (norma, "gp-1")


def test_what_is_told_is_what_happens_when_it_is_saved(gateway, world):
    norma = world.norma
    said = dissent(norma, **against(COUNCIL), **of_category("support-plan"))
    told = items(changes(gateway, said, world.gp)[COUNCIL, None, "social-worker"])
    kinds = ("Goal", "CarePlan", "Condition")
    before = {f"{k}/{r['id']}" for k in kinds for r in world.of(k, norma, world.social_worker)}
    assert gateway.create(said, world.gp).status_code == 201
    after = {f"{k}/{r['id']}" for k in kinds for r in world.of(k, norma, world.social_worker)}
    assert before - after == {one for one in told if one.partition("/")[0] in kinds}
    assert before - after


def test_lifting_a_consent_tells_who_gains(gateway, world):
    norma = world.norma
    made = gateway.create(dissent(norma, **against(COUNCIL)), world.gp)
    lifted = made.json() | {"status": "inactive"}
    told = changes(gateway, lifted, world.gp, If_Match=made.headers["etag"])
    goals = {f"Goal/{one['id']}" for one in world.of("Goal", norma, world.gp)}
    assert goals <= items(told[COUNCIL, None, "social-worker"], "gains")
    assert changes(gateway, lifted, world.gp) == told, "by the version that was read, too"
    for part in told[COUNCIL, None, "social-worker"]["gains"]:
        assert len(set(part["items"])) == part["count"], "a person has one Patient"
    meta = {name: one for name, one in lifted["meta"].items() if name != "versionId"}
    assert is_outcome(preview(gateway, lifted | {"meta": meta}, world.gp), 400)
    assert is_outcome(preview(gateway, lifted, world.gp, If_Match='W/"7"'), 412)
    assert is_outcome(preview(gateway, lifted | {"id": "none"}, world.gp), 405)


def test_a_named_user_and_everybody_are_told_apart(gateway, world):
    norma = world.norma
    someone = {"role": against(COUNCIL)["actor"][0]["role"]} | {
        "reference": {"identifier": {"system": SDS, "value": "sw-9"}}
    }
    told = changes(gateway, dissent(norma, actor=[someone]), world.gp)
    assert {(org, user) for org, user, _ in told} == {(None, "sw-9")}
    everybody = changes(gateway, dissent(norma), world.gp)
    assert {(org, user) for org, user, _ in everybody} == {(None, None), (PRACTICE, None)}
    assert "proxy" in {role for _, _, role in everybody}
    assert "patient" not in {role for _, _, role in everybody}


def test_the_person_is_told_of_their_own_record_without_what_is_held_back(gateway, world):
    norma = world.norma
    put(gateway, norma, goal_row("g-held", norma, "held"), org=COUNCIL, hold="NOPAT")
    herself = gateway.token("patient", "norma", patient=norma)
    told = changes(gateway, dissent(norma, **against(COUNCIL)), herself)
    goals = {f"Goal/{one['id']}" for one in world.of("Goal", norma, world.gp)}
    assert goals - {"Goal/g-held"} == {
        one for one in items(told[COUNCIL, None, "social-worker"]) if one.startswith("Goal/")
    }


def test_a1_no_byte_differs_by_what_is_hidden_from_the_caller(gateway, world):
    """Hidden rows, whom else the person is known to, who opened what, and Consents that the caller
    does not see: the answer is the same with them and without."""
    norma, herself = world.norma, gateway.token("patient", "norma", patient=world.norma)
    asked = [
        (dissent(norma, **against("RV5")), world.gp),
        (dissent(norma), world.social_worker),
        (dissent(norma, **of_label("PSY")), world.gp),
        (dissent(norma, **of_label("SDV")), herself),
    ]
    assert [preview(gateway, *one).status_code for one in asked] == [200] * 4
    before = [preview(gateway, *one).content for one in asked]
    put(gateway, norma, goal_row("g-v", norma, "very restricted"), org=COUNCIL, conf="V")
    put(gateway, norma, condition("c-p", norma), org="RV5", hold="NOPAT", conf="V", sens="PSY")
    put_on_caseload(gateway, norma, "RV5")
    put_on_caseload(gateway, norma, "RV5", "mh-1", "referral")
    break_glass(gateway, world.doctor, norma)
    unseen = dissent(norma, **against(COUNCIL), **of_category("problems"))
    put(gateway, norma, {**unseen, "id": "hers"}, category="consent", conf="V", org="RV5")
    assert "hers" not in gateway.get(f"Consent?patient={norma}", world.gp).text
    assert [preview(gateway, *one).content for one in asked] == before


def test_a16_the_reason_of_an_instruction_is_not_told_by_what_would_hide_it(gateway, world):
    """An instruction is shown without its reason: trying a dissent to a label does not tell it."""
    norma = world.norma
    put(gateway, norma, condition("flag", norma), org=PRACTICE, category="safety", sens="HIV")
    shown = {one["id"] for one in world.of("Condition", norma, world.social_worker)}
    assert "flag" in shown
    talked = [{"verified": True, "verificationDate": "2026-11-01"}]
    said = dissent(norma, **of_label("HIV")) | {"verification": talked}
    told = [changes(gateway, said, who) for who in (world.social_worker, world.gp)]
    worker, doctor = ({one for made in each.values() for one in items(made)} for each in told)
    assert "Condition/flag" not in worker
    assert "Condition/flag" in doctor


def test_whose_an_item_is_is_not_told_of_a_person_whose_whereabouts_are_masked(gateway, world):
    norma = world.norma
    holder = {**against(COUNCIL)["actor"][0], "role": coded(PARTICIPATION, "CST")}
    said = dissent(norma, actor=[holder])
    assert changes(gateway, said, world.gp)
    mark(gateway, norma, pds="R")
    assert changes(gateway, said, world.gp) == {}


@pytest.mark.changes_nothing
def test_a1_who_may_not_save_it_may_not_try_it(gateway, world):
    alice_to = dissent(world.alice, **against(COUNCIL))
    unknown = dissent("0" * 8, **against(COUNCIL))
    for who in (world.other_gp, gateway.token("patient", "norma", patient=world.norma)):
        hidden, missing = (preview(gateway, one, who) for one in (alice_to, unknown))
        assert is_outcome(hidden, 422)
        assert hidden.content == missing.content
        assert hidden.content == gateway.create(alice_to, who).content
    for who in (world.lead, gateway.token("receptionist", "r-1", PRACTICE)):
        for one in (alice_to, unknown):
            assert is_outcome(preview(gateway, one, who), 403)
    assert is_outcome(preview(gateway, alice_to, None), 401)
    assert is_outcome(preview(gateway, team(world.norma, organisation(HOSPITAL)), world.gp), 400)
    assert is_outcome(preview(gateway, alice_to | {"provision": {}}, world.gp), 422)


@pytest.mark.changes_nothing
def test_what_would_take_too_long_is_refused(gateway, world):
    many = [against(f"X{n:04}")["actor"][0] for n in range(21)]
    assert is_outcome(
        preview(gateway, dissent(world.norma, actor=many), world.gp), 400, "too-costly"
    )


def test_a29_without_the_log_no_preview(gateway, world, monkeypatch):
    async def refuse(*_args, **_more):
        raise AuditUnavailableError

    said = dissent(world.norma, **against(COUNCIL))
    monkeypatch.setattr(Appender, "append", refuse)
    answer = preview(gateway, said, world.gp)
    assert is_outcome(answer, 503)
    assert b"Goal/" not in answer.content
