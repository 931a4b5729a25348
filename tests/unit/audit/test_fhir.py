import base64
import json
from dataclasses import replace

import pytest
from fhir.resources.R4B.auditevent import AuditEvent
from hypothesis import given
from hypothesis import strategies as st

from gateway.audit.entry import Sensitive, decode, encode
from gateway.audit.events import Event, Outcome
from gateway.audit.fhir import Server, to_fhir
from tests.unit.audit.entries import CONSENT, DOCTOR, NONCE, PERSON, PLAN, READ, toy_seal

SERVER = Server("care-gateway", "https://care-gateway.example/fhir/R4")
DCM = "http://dicom.nema.org/resources/ontology/DCM"


def event_of(**changes):
    record = decode(encode(replace(READ, **changes), NONCE, toy_seal, PERSON))
    return to_fhir(record, 7, SERVER)


def sides(event):
    """The DICOM part of each agent, in order."""
    return [agent["type"]["coding"][0]["code"] for agent in event["agent"]]


@given(st.sampled_from(Event), st.sampled_from(Outcome), st.booleans())
def test_every_event_is_a_valid_audit_event(event, outcome, known):
    agent = DOCTOR if known else replace(DOCTOR, role="", org="", client_id="", purpose="")
    found = event_of(event=event, outcome=outcome, agent=agent, query="status")
    AuditEvent.model_validate(found)
    assert [agent["requestor"] for agent in found["agent"]].count(True) == 1
    own = [coding["code"] for coding in found["subtype"]]
    assert event.value in own


def test_a_read_is_laid_out_as_balp_has_it():
    event = event_of()
    assert event["type"]["code"] == "rest"
    assert event["subtype"][0] == {
        "system": "http://hl7.org/fhir/restful-interaction",
        "code": "read",
    }
    assert event["action"] == "R"
    assert event["outcome"] == "0"
    assert event["recorded"] == "2026-01-31T09:15:00.250000Z"
    assert sides(event) == ["110152", "110153", "IRCP", "PROV"]
    client, server, caller, organisation = event["agent"]
    assert client["network"] == {"address": "192.0.2.7", "type": "2"}
    assert server["network"]["address"] == SERVER.base_url
    assert caller["altId"] == "555000111"
    assert caller["role"][0]["coding"][0]["code"] == "hospital-doctor"
    assert caller["purposeOfUse"][0]["coding"][0]["code"] == "TREAT"
    assert organisation["who"]["identifier"]["value"] == "RAX"


def test_the_person_the_versions_and_the_consents_are_entities():
    references = [entity["what"].get("reference") for entity in event_of()["entity"]]
    assert references == [
        f"Patient/{PERSON}",
        f"Consent/{CONSENT}/_history/1",
        f"CarePlan/{PLAN}/_history/3",
        None,
    ]


def test_a_search_swaps_the_sides_and_shows_no_value():
    secret = Sensitive(raw_query="name=Winterbottom&identifier=9990000018")
    event = event_of(event=Event.SEARCH, query="identifier&name", sensitive=secret)
    assert event["action"] == "E"
    assert sides(event)[:2] == ["110153", "110152"]
    query = next(entity for entity in event["entity"] if "query" in entity)
    assert base64.b64decode(query["query"]) == b"identifier&name"
    assert query["role"]["code"] == "24"
    assert "name" not in query, "FHIR allows a name or a query, not both"
    text = json.dumps(event)
    assert "Winterbottom" not in text
    assert "9990000018" not in text


@pytest.mark.parametrize(
    ("event", "action", "client", "server", "caller"),
    [
        (Event.CREATE, "C", "110153", "110152", "AUT"),
        (Event.UPDATE, "U", "110153", "110152", "AUT"),
        (Event.DELETE, "D", "110150", "custodian", "AUT"),
        (Event.VREAD, "R", "110152", "110153", "IRCP"),
    ],
)
def test_each_interaction_has_balps_sides(event, action, client, server, caller):
    found = event_of(event=event)
    assert found["action"] == action
    assert sides(found)[:3] == [client, server, caller]


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        (Outcome.SERVED, "0"),
        (Outcome.STORED, "0"),
        (Outcome.REFUSED, "4"),
        (Outcome.NOT_FOUND, "4"),
        (Outcome.FAILED, "8"),
    ],
)
def test_an_outcome_carries_its_reasons(outcome, code):
    event = event_of(outcome=outcome, reasons=("dissent",))
    assert event["outcome"] == code
    assert event["outcomeDesc"] == f"{outcome} dissent"


def test_a_decision_is_a_security_alert_about_consents():
    event = event_of(event=Event.DECISION, outcome=Outcome.REFUSED)
    assert event["type"] == {"system": DCM, "code": "110113", "display": "Security Alert"}
    assert event["subtype"][0]["code"] == "AuthZ-Consent"
    assert f"Consent/{CONSENT}/_history/1" in json.dumps(event)


def test_the_request_carries_what_the_decision_rested_on():
    request = event_of(detail=(("on-call", "yes"),))["entity"][-1]
    assert request["what"]["identifier"]["value"] == "req-1"
    detail = {part["type"]: part["valueString"] for part in request["detail"]}
    assert not {"hidden", "access-epoch"} & detail.keys()
    assert detail["relationship"] == "care-team"
    assert detail["policy"] == "p1"
    assert detail["on-call"] == "yes"


def test_what_is_not_known_of_an_agent_is_left_out():
    client, _, caller, *_ = event_of(agent=replace(DOCTOR, network="", role=""))["agent"]
    assert "network" not in client
    assert "role" not in caller


def test_a_proxy_acts_on_a_consent():
    agent = replace(DOCTOR, kind="proxy", role="proxy", org="", on_behalf_of="c-9")
    assert "Consent/c-9" in json.dumps(event_of(agent=agent))


def shape(event):
    """Action, and the coded part of each agent but the organisation: what BALP fixes."""
    kinds = {coding["code"] for agent in event["agent"] for coding in agent["type"]["coding"]}
    entities = {entity["type"]["code"] for entity in event.get("entity", ())}
    return event["type"]["code"], event["action"], kinds, entities


@pytest.mark.parametrize(
    ("profile", "event"),
    [
        ("PatientRead", Event.READ),
        ("PatientCreate", Event.CREATE),
        ("PatientUpdate", Event.UPDATE),
        ("PatientDelete", Event.DELETE),
    ],
)
def test_ihes_examples_have_the_same_shape(shared_folder, profile, event):
    path = shared_folder / "consent-cases" / "balp-audit" / "examples.json"
    if not path.is_file():
        pytest.skip("the BALP examples are not in the shared folder")
    examples = [row for row in json.loads(path.read_text()) if row["profile"] == profile]
    kind, action, agents, entities = shape(event_of(event=event))
    assert examples
    for example in examples:
        theirs = shape(example["resource"])
        assert theirs[:2] == (kind, action)
        wanted = theirs[2] - {"AUT", "INF", "CST", "IRCP"}
        assert wanted <= agents, "client and server have the parts of the example"
        assert theirs[3] <= entities
