"""What was written of people while their records were wrongly linked, once they are parted."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from consent.terms import Purpose
from gateway.flows.access.tell_alerts import tell_alerts
from gateway.flows.identity.tell_parted import tell_parted
from gateway.store.upkeep import shredding
from tests.api.acting import SAM, again, proxy, recorded
from tests.api.consents import against, dissent, of_category, organisation, practitioner, team
from tests.api.opened import break_glass, self_claim
from tests.api.opened import post as opened_by
from tests.api.service import Headers, Service, is_outcome, resources
from tests.api.test_identity import officer, post
from tests.api.world import COUNCIL, EXAMPLE, HOSPITAL, NHS, NORMA, PRACTICE, World, put_on_caseload

OTHERS_NURSE = ("community-nurse", "cn-7", "RY9")


@pytest.fixture
def parted(gateway: Service, world: World) -> "Parted":
    return parted_of(gateway, world)


def parted_of(gateway: Service, world: World) -> "Parted":
    """Norma's practice's record and the council's, which are one by her number."""
    found = gateway.search("Patient", world.gp, identifier=f"{NHS}|{NORMA['nhs_number']}")
    norma = resources(found.json())[0]["id"]
    told = gateway.get(f"/identity/records/{norma}", officer(gateway)).json()
    (other,) = {one["source_record"] for one in told["records"]} - {norma}
    for record in (norma, other):  # whose caseload they are on is known of each alone
        put_on_caseload(gateway, record, "RY9", kind="referral")
    return Parted(gateway, world, norma, other)


class Parted:
    """The two, and what is decided of them."""

    def __init__(self, gateway: Service, world: World, earlier: str, later: str) -> None:
        self.gateway, self.world, self.earlier, self.later = gateway, world, earlier, later

    def decide(self, verdict: str) -> None:
        names = {"record": self.later, "other": self.earlier}
        self.gateway.at += timedelta(seconds=1)
        made = post(self.gateway, "/identity/decisions", **names, verdict=verdict, reason="twins")
        assert made.status_code == 201, made.text

    def settle(self, name: str) -> None:
        self.gateway.at += timedelta(seconds=1)
        made = post(self.gateway, "/identity/settled", name=name, reason="both were asked")
        assert made.status_code == 201, made.text

    def sees(self, who: Headers) -> tuple[bool, bool]:
        """Whether this caller sees the earlier record's person, and the later's."""
        answers = [self.gateway.get(f"Patient/{one}", who) for one in (self.earlier, self.later)]
        assert all(one.status_code == 200 or is_outcome(one, 404) for one in answers)
        first, second = (one.status_code == 200 for one in answers)
        return first, second


def nurse(gateway: Service) -> Headers:
    return gateway.token(*OTHERS_NURSE)


def test_a_dissent_binds_both_until_it_is_settled(gateway, world, parted):
    refused = nurse(gateway)
    assert parted.sees(refused) == (True, True)
    said = gateway.create(dissent(parted.earlier, **against("RY9")), world.gp).json()
    assert parted.sees(refused) == (False, False)
    parted.decide("different")
    assert parted.sees(refused) == (False, False)
    parted.settle(said["id"])
    assert parted.sees(refused) == (False, True)


def test_lifting_a_dissent_of_one_leaves_the_other_bound(gateway, world, parted):
    refused = nurse(gateway)
    said = gateway.create(dissent(parted.earlier, **against("RY9")), world.gp).json()
    parted.decide("different")
    lifted = again(gateway, said, world.gp, status="inactive")
    assert lifted.status_code == 200, lifted.text
    assert parted.sees(refused) == (True, False)
    parted.decide("same")
    assert parted.sees(refused) == (False, False), "it was lifted for one of them alone"
    parted.decide("different")
    parted.settle(said["id"])
    assert parted.sees(refused) == (True, True)


def test_a_dissent_that_was_lifted_while_they_were_one_binds_nobody(gateway, world, parted):
    said = gateway.create(dissent(parted.earlier, **against("RY9")), world.gp).json()
    assert again(gateway, said, world.gp, status="inactive").status_code == 200
    parted.decide("different")
    assert parted.sees(nurse(gateway)) == (True, True)


def test_a_message_that_parts_them_leaves_both_as_a_decision_does(gateway, world, parted):
    """The council corrects the number under which its record was linked with Norma's."""
    refused = nurse(gateway)
    gateway.create(dissent(parted.earlier, **against("RY9")), world.gp)
    gateway.create(team(parted.earlier, organisation(HOSPITAL)), world.coordinator)
    assert parted.sees(world.doctor) == (True, True)
    document = json.loads(EXAMPLE.read_bytes())
    other = document["person"] | {"nhs_number": SAM["nhs_number"]}
    for hour, about, is_one in ((10, other, False), (11, document["person"], True)):
        gateway.at += timedelta(minutes=5)
        sent = document | {"written_at": f"2026-11-20T{hour}:00:00Z", "person": about}
        gateway.push("social-care", COUNCIL, json.dumps(sent).encode())
        assert parted.sees(world.doctor) == (is_one, is_one)
        assert parted.sees(refused) == (False, False)


def test_a_permit_adds_to_nothing_that_either_permits(gateway, world, parted):
    """Of two limits the union is seen; one that may be another's only takes away."""
    wide = {"type": "permit", **against("RY9")}
    narrow = wide | of_category("demographics")
    for provision in (narrow, wide):
        assert gateway.create(
            dissent(parted.earlier) | {"provision": provision}, world.gp
        ).is_success
    who = nurse(gateway)
    assert world.of("Condition", parted.earlier, who)
    parted.decide("different")
    assert world.of("Condition", parted.earlier, who) == []
    assert parted.sees(who) == (True, True)
    parted.decide("open")
    assert world.of("Condition", parted.earlier, who)


def test_a_proxy_acts_for_neither_until_it_is_said_of_one_again(gateway, world, parted):
    mum = proxy(gateway, parted.earlier), proxy(gateway, parted.later)
    made = recorded(gateway, parted.earlier, basis="best-interest")
    assert parted.sees(mum[0])[0]
    parted.decide("different")
    assert [parted.sees(one) for one in mum] == [(False, False)] * 2
    parted.decide("open")
    assert parted.sees(mum[0])[0]
    parted.decide("different")
    assert again(gateway, made, world.gp, dateTime="2026-11-20").status_code == 200
    assert parted.sees(mum[0]) == (True, False)
    assert parted.sees(mum[1]) == (False, False)


def test_a_member_of_the_team_sees_neither_until_the_team_is_written_again(gateway, world, parted):
    made = gateway.create(team(parted.earlier, practitioner("hd-1", HOSPITAL)), world.coordinator)
    assert parted.sees(world.doctor) == (True, True)
    parted.decide("different")
    assert parted.sees(world.doctor) == (False, False)
    parted.decide("same")
    assert parted.sees(world.doctor) == (True, True)
    parted.decide("different")
    path = f"CareTeam/{made.json()['id']}"
    stands = gateway.get(path, world.coordinator).json()
    kept = gateway.ask("PUT", path, world.coordinator, json=stands)
    assert kept.status_code == 200, kept.text
    assert parted.sees(world.doctor) == (True, False)


def test_what_users_opened_for_themselves_opens_neither(gateway, world, parted):
    doctor = world.doctor
    urgent = gateway.token("hospital-doctor", "hd-5", HOSPITAL, purpose=Purpose.EMERGENCY)
    assert self_claim(gateway, doctor, parted.earlier).is_success
    assert break_glass(gateway, urgent, parted.earlier).is_success
    assert [parted.sees(one) for one in (doctor, urgent)] == [(True, True)] * 2
    parted.decide("different")
    assert [parted.sees(one) for one in (doctor, urgent)] == [(False, False)] * 2
    assert self_claim(gateway, doctor, parted.later).is_success, "it may be opened anew"
    assert parted.sees(doctor) == (False, True)
    parted.decide("open")
    assert parted.sees(urgent) == (True, True)


def test_a_permission_to_view_permits_neither(start):
    gateway = start(permission_to_view="recorded")
    world = World(gateway)
    parted = parted_of(gateway, world)
    who = nurse(gateway)
    body = {"patient": parted.earlier, "asked_how": "in-person", "kind": "standing"}
    assert parted.sees(who) == (False, False)
    made = opened_by(gateway, "/access/permission", who, **body)
    assert made.is_success, made.text
    assert parted.sees(who) == (True, True)
    parted.decide("different")
    assert parted.sees(who) == (False, False)
    parted.settle(made.json()["permission"])
    assert parted.sees(who) == (True, False)


def test_what_was_written_of_one_alone_stays_theirs(gateway, world, parted):
    parted.decide("different")
    gateway.create(team(parted.earlier, organisation(HOSPITAL)), world.coordinator)
    gateway.create(dissent(parted.earlier, **against("RY9")), world.gp)
    parted.decide("open")
    assert parted.sees(world.doctor) == (True, True)
    assert parted.sees(nurse(gateway)) == (False, False)
    parted.decide("different")
    assert parted.sees(world.doctor) == (True, False)
    assert parted.sees(nurse(gateway)) == (False, True)


def test_who_decides_on_identity_finds_what_waits(gateway, world, parted):
    said = gateway.create(dissent(parted.earlier, **against("RY9")), world.gp).json()
    path = f"/identity/records/{parted.later}"
    assert gateway.get(path, officer(gateway)).json()["unsettled"] == []
    parted.decide("different")
    (waits,) = gateway.get(path, officer(gateway)).json()["unsettled"]
    assert (waits["kind"], waits["name"], waits["version"]) == ("Consent", said["id"], 1)
    assert set(waits["records"]) == {parted.earlier, parted.later}
    parted.settle(said["id"])
    assert gateway.get(path, officer(gateway)).json()["unsettled"] == []
    nothing = post(gateway, "/identity/settled", name=said["id"], reason="again")
    assert nothing.status_code == 404
    lead = gateway.token("social-worker", "sw-1", COUNCIL)
    body = json.dumps({"name": said["id"], "reason": "x"})
    assert gateway.ask("POST", "/identity/settled", lead, content=body).status_code == 403


def _queued(gateway: Service) -> list[dict]:
    return gateway.get("/identity/queue", officer(gateway)).json()["unsettled"]


def _notices(gateway: Service, folder) -> list[dict]:
    gateway.run(tell_alerts(gateway.site.store, folder, "https://gateway.example", gateway.at))
    return [
        one
        for one in map(json.loads, map(Path.read_bytes, sorted(folder.glob("*.json"))))
        if one["kind"] == "parted"
    ]


def test_the_desk_is_told_what_waits_by_reference_and_until_when(gateway, world, parted, tmp_path):
    said = gateway.create(dissent(parted.earlier, **against("RY9")), world.gp).json()
    assert _queued(gateway) == []
    parted.decide("different")
    gateway.run(tell_parted(gateway.site.store, gateway.at))
    (notice,) = _notices(gateway, tmp_path)
    assert notice["organisation"] == PRACTICE
    assert notice["read"].endswith("/identity/queue")
    assert not {parted.earlier, parted.later, said["id"]} & set(notice.values())
    (row,) = _queued(gateway)
    assert (row["name"], row["owner"], row["overdue"]) == (said["id"], PRACTICE, False)
    assert (row["alert"], row["raised"]) == (notice["alert"], notice["raised"])
    gateway.at += timedelta(days=8)
    assert _queued(gateway)[0]["overdue"] is True
    parted.settle(said["id"])
    assert _queued(gateway) == []
    lead = gateway.token("privacy-officer", "po-1", PRACTICE)
    (alert,) = gateway.get("/ig/alerts?kind=parted&settled=true", lead).json()["alerts"]
    assert alert["status"] == "justified"


def test_what_is_parted_again_is_told_again(gateway, world, parted, tmp_path):
    gateway.create(team(parted.earlier, organisation(HOSPITAL)), world.coordinator)
    raised = []
    for verdict, waits in (("different", 1), ("same", 0), ("different", 1)):
        parted.decide(verdict)
        assert len(_queued(gateway)) == waits
        assert len(_queued(gateway)) == waits, "a look tells nothing twice"
        raised += [one["raised"] for one in _notices(gateway, tmp_path)]
    assert len(set(raised)) == 2


def test_a_decision_is_made_again_as_it_was_made(gateway, world, parted):
    """As one, parted, and settled: whatever came later."""
    refused, lead = nurse(gateway), gateway.token("borough-governance", "bg-1", COUNCIL)
    said = gateway.create(dissent(parted.earlier, **against("RY9")), world.gp).json()
    gateway.create(team(parted.earlier, practitioner("hd-1", HOSPITAL)), world.coordinator)
    numbers: list[int] = []

    def look() -> None:
        gateway.at += timedelta(seconds=1)
        for who in (refused, world.doctor):
            parted.sees(who)
            numbers.extend((gateway.size() - 2, gateway.size() - 1))

    look()
    parted.decide("different")
    look()
    parted.settle(said["id"])
    look()
    for number in numbers:
        made = opened_by(gateway, "/access/replay", lead, entry=number)
        assert made.json()["same"] is True, (numbers.index(number), made.text)


def test_a_shredded_record_leaves_what_may_be_anothers_as_uncertain_as_it_was(
    gateway, world, parted
):
    gateway.create(team(parted.earlier, practitioner("hd-1", HOSPITAL)), world.coordinator)
    parted.decide("different")
    gateway.write(lambda conn: shredding.erase(conn, {parted.later: 1}))
    assert parted.sees(world.doctor) == (False, False)


def test_a_shredded_dissent_keeps_closed_who_was_parted_from_it(gateway, world, parted):
    said = gateway.create(dissent(parted.earlier, **against("RY8")), world.gp).json()
    parted.decide("different")
    assert parted.sees(nurse(gateway)) == (True, True)
    gateway.write(lambda conn: shredding.erase(conn, {parted.earlier: 1}))
    assert world.of("CarePlan", parted.later, nurse(gateway)) == []
    parted.settle(said["id"])
    assert parted.sees(nurse(gateway)) == (False, True)


def test_a_shredded_dissent_goes_where_nobody_was_parted(gateway, world, parted):
    gateway.create(dissent(parted.earlier, **against("RY8")), world.gp)
    gateway.write(lambda conn: shredding.erase(conn, {parted.earlier: 1}))
    assert world.of("CarePlan", parted.later, nurse(gateway))
