"""A lead of an organisation learns from the log who is known to nobody but others: never."""

from tests.api.consents import dissent
from tests.api.opened import alert_rows, break_glass, post, self_claim
from tests.api.service import is_outcome
from tests.api.world import COUNCIL, NHS, NORMA, OTHER_PRACTICE, PRACTICE

INVENTED = "0198b7a0-0000-7000-8000-000000000001"
NOBODYS = "9990000301"


def _lead(gateway, org=OTHER_PRACTICE):
    return gateway.token("governance-lead", f"lead-{org}", org)


def _told(gateway, who):
    """The newest entry of own staff, but for when and which it is."""
    found = gateway.get("AuditEvent?agent=gp-2&_count=1", who).json()["entry"][0]["resource"]
    return {
        name: part for name, part in found.items() if name not in ("id", "recorded", "entity")
    } | {"entity": [one for one in found.get("entity", []) if not _is_of_request(one)]}


def _is_of_request(entity):
    """Whether it is the id of the request, or what was asked in words."""
    return "query" in entity or entity.get("type", {}).get("code") == "XrequestId"


def _tries(world):
    goal = world.of("Goal", world.norma, world.gp)[0]["id"]
    return [
        (f"Patient/{world.norma}", f"Patient/{INVENTED}"),
        (f"Goal/{goal}", f"Goal/{INVENTED}"),
        (f"Goal/{goal}/_history", f"Goal/{INVENTED}/_history"),
        (f"Goal?patient={world.norma}", f"Goal?patient={INVENTED}"),
        (f"Patient?_id={world.norma}", f"Patient?_id={INVENTED}"),
        (f"Patient/{world.norma}/$everything", f"Patient/{INVENTED}/$everything"),
    ]


def test_what_was_refused_of_somebody_and_of_nobody_is_told_alike(gateway, world):
    lead = _lead(gateway)
    for real, invented in _tries(world):
        told = []
        for path in (real, invented):
            gateway.get(path, world.other_gp)
            told.append(_told(gateway, lead))
        assert told[0] == told[1], real
    for number in (NORMA["nhs_number"], NOBODYS):
        gateway.search("Patient", world.other_gp, identifier=f"{NHS}|{number}")
        told.append(_told(gateway, lead))
    assert told[-1] == told[-2]
    for parameter in ("entity", "patient"):
        for person in (world.norma, INVENTED):
            found = gateway.get(f"AuditEvent?{parameter}=Patient/{person}&agent=gp-2", lead).json()
            assert (found["total"], found.get("entry", [])) == (0, [])


def test_neither_an_export_nor_a_replay_nor_an_emergency_tells(gateway, world):
    lead = _lead(gateway)
    answers = []
    for person in (world.norma, INVENTED):
        number = gateway.size()
        gateway.get(f"Patient/{person}", world.other_gp)
        replayed = post(gateway, "/access/replay", lead, entry=number)
        answers.append((replayed.status_code, replayed.content))
    assert answers[0] == answers[1]
    doctor = gateway.token("receptionist", "gp-2", OTHER_PRACTICE)
    told = []
    for person in (world.norma, INVENTED):
        assert break_glass(gateway, doctor, person).status_code == 403
        told.append(_told(gateway, lead))
    assert told[0] == told[1]
    taken = gateway.ask("GET", "/ig/log/csv", lead).text
    assert world.norma not in taken
    assert "no-such" not in taken


def test_a_lead_whose_organisation_sent_a_record_is_told_of_whom(gateway, world):
    norma, lead = world.norma, _lead(gateway, PRACTICE)
    gateway.create(dissent(norma), world.gp)
    assert is_outcome(gateway.get(f"Patient/{norma}", world.gp), 404)
    found = gateway.get(f"AuditEvent?patient=Patient/{norma}&agent=gp-1&subtype=read", lead).json()
    assert found["entry"][0]["resource"]["outcome"] == "4"
    borough = gateway.token("borough-governance", "caldicott", "QX1")
    gateway.get(f"Patient/{norma}", world.other_gp)
    found = gateway.get(f"AuditEvent?patient=Patient/{norma}&agent=gp-2", borough).json()
    assert found["total"] == 1
    assert "no-relationship" in str(found)


def _details(gateway, who, agent) -> set[str]:
    """What is said of the newest look of somebody."""
    event = gateway.get(f"AuditEvent?agent={agent}&_count=1", who).json()["entry"][0]["resource"]
    return {one["type"] for part in event["entity"] for one in part.get("detail", [])}


def test_what_others_staff_rested_on_is_told_to_their_own_lead_alone(gateway, world):
    """The practice's doctor looks at what the council sent, on a tie that is the practice's."""
    council = _lead(gateway, COUNCIL)
    gateway.get(f"Goal?patient={world.norma}", world.gp)
    assert "evidence" in _details(gateway, _lead(gateway, PRACTICE), "gp-1")
    assert "evidence" not in _details(gateway, council, "gp-1")
    gateway.get(f"Goal?patient={world.norma}", world.social_worker)
    assert "evidence" in _details(gateway, council, "sw-1")


def test_an_alert_gives_no_reason_that_the_log_does_not(gateway, world):
    norma = world.norma
    herself = gateway.token("patient", "norma", patient=norma)
    assert gateway.create(dissent(norma), herself).status_code == 201
    for person in (norma, INVENTED):
        assert self_claim(gateway, world.other_gp, person).status_code == 404
    told = [
        gateway.ask("GET", f"/ig/alerts/{row.alert_id}", _lead(gateway)).json()
        for row in alert_rows(gateway)
    ]
    assert len(told) == 2
    assert len({(one["kind"], *one["reasons"]) for one in told}) == 1
