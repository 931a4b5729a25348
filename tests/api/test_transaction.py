"""Transactions and batches, row by row."""

import asyncio
import json

import pytest

from gateway.api.fhir import bundles
from gateway.flows.writing.write_bundle import read_bundle
from mappings.core.checking.validate import validate
from tests.api.service import is_outcome
from tests.api.world import NHS, NORMA
from tests.api.writing import PLANS, binary, bundle, entry, goal, on_shelf, plan, send, statuses
from tests.judges.fhirpath import broken_invariants

ONE, TWO = (f"urn:uuid:0c1d3f00-0000-4000-8000-00000000000{n}" for n in (1, 2))


@pytest.fixture
def norma(world):
    return world.norma


def _goals(world, person_id) -> int:
    return len(world.of("Goal", person_id, world.gp))


def test_tx_01_what_is_made_together_refers_to_each_other(gateway, world, norma):
    addresses: dict = {"addresses": [{"reference": TWO}]}
    sent = bundle(
        "transaction",
        entry("POST", "CarePlan", plan(norma, ONE), TWO),
        entry("POST", "Goal", goal(norma), ONE),
        entry("POST", "Task", {
            "resourceType": "Task", "status": "requested", "intent": "plan",
            "for": {"reference": f"Patient/{norma}"}, "focus": {"reference": ONE},
            "basedOn": [{"reference": TWO}],
        }),
    )  # fmt: skip
    before = gateway.size()
    answer = send(gateway, sent, world.gp)
    body = answer.json()
    assert (body["type"], statuses(answer)) == ("transaction-response", [201, 201, 201])
    made, wanted, task = (one["resource"] for one in body["entry"])
    assert made["goal"] == [{"reference": f"Goal/{wanted['id']}"}]
    assert task["focus"] == {"reference": f"Goal/{wanted['id']}"}
    for one in body["entry"]:
        told = one["response"]
        assert told["location"].endswith(f"/{one['resource']['id']}/_history/1")
        assert (told["etag"], told["lastModified"]) == ('W/"1"', "2026-11-21T12:00:00Z")
        assert gateway.get(told["location"], world.gp).json() == one["resource"]
    stored = [e for e in gateway.entries(before) if e.outcome == "stored"]
    assert len(stored) == 3
    wrong = bundle("transaction", entry("POST", "Goal", goal(norma, **addresses), TWO))
    assert is_outcome(send(gateway, wrong, world.gp), 422), "a goal addresses no goal"


def test_tx_06_a_relative_reference_is_of_the_server_its_entry_came_from(gateway, world, norma):
    there = "https://there.example/fhir"
    held = world.of("Goal", norma, world.gp)[0]
    named = f"Goal/{held['id']}"
    sent = bundle(
        "transaction",
        entry("POST", "CarePlan", plan(norma, "Goal/1", named), f"{there}/CarePlan/1"),
        entry("POST", "Goal", goal(norma), f"{there}/Goal/1"),
    )
    answer = send(gateway, sent, world.gp)
    assert statuses(answer) == [201, 201]
    made, wanted = (one["resource"] for one in answer.json()["entry"])
    assert made["goal"] == [{"reference": f"Goal/{wanted['id']}"}, {"reference": named}]
    for full in ("https://elsewhere.example/fhir/CarePlan/1", ONE, ""):
        apart = bundle("transaction", sent["entry"][0] | {"fullUrl": full}, sent["entry"][1])
        assert is_outcome(send(gateway, apart, world.gp), 422, "not-found"), full


@pytest.mark.parametrize(
    "bad",
    [
        entry("POST", "Goal", {"resourceType": "Goal", "lifecycleStatus": "active"}),
        entry("DELETE", "Goal/none"),
        entry("PUT", "Goal/none", {"resourceType": "Goal", "id": "none"}),
        entry("GET", "Goal/none"),
        entry("POST", "Patient", {"resourceType": "Patient"}),
        entry("POST", "Goal/_search"),
        entry("PATCH", "Goal/none", binary({"op": "remove", "path": "/note"}), ifMatch='W/"1"'),
    ],
)
def test_tx_02_one_that_fails_undoes_all(gateway, world, norma, bad):
    before = _goals(world, norma)
    sent = bundle("transaction", entry("POST", "Goal", goal(norma)), bad)
    answer = send(gateway, sent, world.gp)
    assert answer.status_code in (400, 404, 405, 422)
    assert is_outcome(answer, answer.status_code)
    assert _goals(world, norma) == before


def test_tx_03_04_order_and_overlap(gateway, world, norma):
    kept, gone = (gateway.create(goal(norma), world.gp).json() for _ in range(2))
    changed = entry(
        "PUT", f"Goal/{kept['id']}", kept | {"priority": {"text": "high"}}, ifMatch='W/"1"'
    )
    sent = bundle(
        "transaction",
        entry("GET", f"Goal/{kept['id']}"),
        changed,
        entry("POST", "Goal", goal(norma), ONE),
        entry("DELETE", f"Goal/{gone['id']}"),
    )
    answer = send(gateway, sent, world.gp)
    assert statuses(answer) == [200, 200, 201, 204]
    read, *_ = answer.json()["entry"]
    assert read["resource"]["meta"]["versionId"] == "2", "what is read is read last"
    for other in (changed, entry("DELETE", f"Goal/{kept['id']}")):
        twice = bundle("transaction", changed, other)
        assert is_outcome(send(gateway, twice, world.gp), 400, "invalid")
        assert gateway.entries()[-1].outcome == "refused"


def test_tx_05_06_what_is_there_already_is_referred_to(gateway, world, norma):
    named: dict = {"identifier": [{"system": PLANS, "value": "g-1"}]}
    condition = f"identifier={PLANS}|g-1"
    sent = bundle(
        "transaction",
        entry("POST", "Goal", goal(norma, **named), ONE, ifNoneExist=condition),
        entry("POST", "CarePlan", plan(norma, ONE)),
    )
    assert statuses(send(gateway, sent, world.gp)) == [201, 201]
    second = send(gateway, sent, world.gp)
    assert statuses(second) == [200, 201]
    found, made = (one["resource"] for one in second.json()["entry"])
    assert made["goal"] == [{"reference": f"Goal/{found['id']}"}]
    named_so = entry("POST", "Goal", goal(norma, **named), ONE, ifNoneExist=f"Goal?{condition}")
    assert statuses(send(gateway, bundle("transaction", named_so), world.gp)) == [200]
    unaddressed = entry("POST", "", goal(norma, **named), ONE, ifNoneExist=condition)
    assert statuses(send(gateway, bundle("transaction", unaddressed), world.gp)) == [200]
    by_number = plan(norma, f"Goal?{condition}")
    by_number["subject"] = {"reference": f"Patient?identifier={NHS}|{NORMA['nhs_number']}"}
    answer = send(gateway, bundle("transaction", entry("POST", "CarePlan", by_number)), world.gp)
    resolved = answer.json()["entry"][0]["resource"]
    assert resolved["goal"] == made["goal"]
    assert resolved["subject"] == {"reference": f"Patient/{norma}"}
    for wrong in (f"Goal?identifier={PLANS}|none", "Goal?status=active", f"Patient?{condition}"):
        sent_wrong = bundle("transaction", entry("POST", "CarePlan", plan(norma, wrong)))
        assert is_outcome(send(gateway, sent_wrong, world.gp), 412, "not-found")
    gateway.create(goal(norma, **named), world.gp)
    assert is_outcome(send(gateway, sent, world.gp), 412, "multiple-matches")
    again = entry("POST", "Goal", goal(norma), ifNoneExist="identifier=a|b")
    assert is_outcome(send(gateway, bundle("transaction", again, again), world.gp), 400)


def test_tx_07_08_conditions_and_reads(gateway, world, norma):
    stored = gateway.create(goal(norma), world.gp).json()
    before = _goals(world, norma)
    stale = entry("PUT", f"Goal/{stored['id']}", stored, ifMatch='W/"7"')
    read = entry("GET", f"Goal/{stored['id']}")
    sent = bundle("transaction", read, entry("POST", "Goal", goal(norma)), stale)
    answer = send(gateway, sent, world.gp)
    assert is_outcome(answer, 412, "conflict")
    assert answer.json()["issue"][0]["expression"] == ["Bundle.entry[2]"]
    assert gateway.entries()[-1].outcome == "refused"
    assert _goals(world, norma) == before
    reads = bundle(
        "transaction", entry("GET", f"Goal/{stored['id']}"), entry("GET", f"Goal?patient={norma}")
    )
    one, several = send(gateway, reads, world.gp).json()["entry"]
    assert one["resource"] == stored
    assert (several["resource"]["type"], several["resource"]["total"]) == ("searchset", before)


def test_tx_09_10_entries_of_a_batch_stand_alone(gateway, world, norma):
    before = _goals(world, norma)
    sent = bundle(
        "batch",
        entry("POST", "Goal", goal(norma), ONE),
        entry("POST", "Goal", goal(norma, lifecycleStatus="bogus")),
        entry("GET", "Goal/none"),
        entry("POST", "CarePlan", plan(norma, ONE)),
        entry("GET", "Goal/none/$nosuch"),
        entry("POST", "AuditEvent", {"resourceType": "AuditEvent"}),
        entry("GET", "Goal?nosuch=1"),
    )
    log = gateway.size()
    answer = send(gateway, sent, world.gp)
    assert statuses(answer) == [201, 422, 404, 422, 404, 405, 400]
    good, *bad = answer.json()["entry"]
    assert good["resource"]["resourceType"] == "Goal"
    assert all(one["response"]["outcome"]["resourceType"] == "OperationOutcome" for one in bad)
    assert _goals(world, norma) == before + 1
    assert len(gateway.entries(log)) == len(bad) + 3, "one for each, the batch, and the search"


def test_tx_09_an_address_that_is_nothing_here_fails_alone(gateway, world, norma):
    """And a slash before an address, and metadata, are asked for as they are meant."""
    nothing = ("_history", "../../ig/log", "https://elsewhere.example/Goal/1", "", "Goal/a%2Fb")
    over_all = f"?_type=Goal&patient={norma}"
    meant = (f"/Goal?patient={norma}", f"/Patient/{norma}", "metadata", over_all, f"/{over_all}")
    asked = [entry("GET", url) for url in (*nothing, *meant)]
    nested = (entry("POST", ""), entry("POST", over_all, bundle("batch")))
    wrong = (*nested, entry("PATCH", "Goal/1", {"resourceType": "Parameters"}))
    answer = send(gateway, bundle("batch", *asked, *wrong), world.gp)
    assert statuses(answer) == [404] * len(nothing) + [200] * len(meant) + [404, 404, 415]
    assert statuses(send(gateway, bundle("transaction", asked[-1]), world.gp)) == [200]
    assert is_outcome(send(gateway, bundle("transaction", asked[2]), world.gp), 400)


def test_tx_07_a_moment_is_an_instant_in_a_bundle(gateway, world, norma):
    read = f"Goal/{world.of('Goal', norma, world.gp)[0]['id']}"
    assert gateway.get(read, world.gp).status_code == 200
    moments = ("2030-01-01T00:00:00Z", "2030-01-01T00:00:00.000+01:00", "2001-01-01T00:00:00Z")
    asked = [entry("GET", read, ifModifiedSince=one) for one in moments]
    assert statuses(send(gateway, bundle("batch", *asked), world.gp)) == [304, 304, 200]
    for wrong in ("Tue, 01 Jan 2030 00:00:00 GMT", "soon"):
        sent = bundle("batch", entry("GET", read, ifModifiedSince=wrong))
        assert is_outcome(send(gateway, sent, world.gp), 400)


def test_reads_that_follow_each_other_in_a_batch_are_asked_a_few_at_once_and_writes_alone(
    gateway, world, norma, monkeypatch
):
    asking, seen, real = [], [], bundles._ask

    async def ask(request, one):
        asking.append(one)
        await asyncio.sleep(0)
        seen.append((one.method, len(asking)))
        try:
            return await real(request, one)
        finally:
            asking.remove(one)

    monkeypatch.setattr(bundles, "_ask", ask)
    found = entry("GET", f"Goal?patient={norma}&_summary=count")
    several = [found, *(entry("GET", f"Goal/none-{n}") for n in range(4))]
    answer = send(
        gateway, bundle("batch", *several, entry("POST", "Goal", goal(norma)), found), world.gp
    )
    assert statuses(answer) == [200, 404, 404, 404, 404, 201, 200]
    before, after = (answer.json()["entry"][place]["resource"]["total"] for place in (0, 6))
    assert after == before + 1
    assert seen == [*[("GET", 4)] * 4, ("GET", 1), ("POST", 1), ("GET", 1)]


def test_writings_that_touch_nothing_in_common_are_asked_a_few_at_once(norma):
    body = goal(norma)
    team = entry("POST", "CareTeam", {"resourceType": "CareTeam"})
    new, changed, gone = entry("POST", "Goal", body), *(
        entry(method, "Goal/1", body) for method in ("PUT", "DELETE")
    )  # fmt: skip
    once, other = (entry("POST", "Goal", body, ifNoneExist=f"identifier=a|{n}") for n in "12")
    other_one = entry("PUT", "Goal/2", body)
    for asked, sizes in (
        ([new] * 9, [4, 4, 1]),
        ([changed, other_one, gone, new], [2, 2]),
        ([new, team, new, team, team], [1, 1, 1, 1, 1]),
        ([once, other, once, once], [2, 1, 1]),
        ([new, entry("GET", "Goal/1"), entry("GET", "Goal/1"), new], [1, 2, 1]),
        ([entry("DELETE", "Goal?identifier=a|1")] * 2, [1, 1]),
        ([], []),
    ):
        read = read_bundle(json.dumps(bundle("batch", *asked)).encode(), "https://a.example", 20)
        found = list(bundles._at_once(read.entries))
        assert [len(some) for some in found] == sizes
        assert [one.place for some in found for one in some] == list(range(len(asked)))


def test_what_is_made_by_one_condition_twice_in_a_batch_is_made_once(gateway, world, norma):
    before = _goals(world, norma)
    own = {"system": "urn:h:batch", "value": "twice"}
    asked = entry(
        "POST", "Goal", goal(norma, identifier=[own]), ifNoneExist="identifier=urn:h:batch|twice"
    )
    answer = send(gateway, bundle("batch", *[asked] * 6), world.gp)
    assert statuses(answer) == [201, *[200] * 5]
    assert _goals(world, norma) == before + 1
    made = {one["response"]["location"] for one in answer.json()["entry"]}
    assert len(made) == 1
    assert [("fullUrl" in one) for one in answer.json()["entry"]] == [True, *[False] * 5]


def test_an_entry_of_one_resource_has_its_address_and_no_other(gateway, world, norma):
    base = f"{gateway.settings.base_url}/fhir/R4"
    held = world.of("Goal", norma, world.gp)[0]["id"]
    read = f"Goal/{held}"
    asked = [
        entry("GET", read), entry("GET", f"{read}/_history/1"), entry("GET", f"Patient/{norma}/"),
        entry("GET", f"Goal?patient={norma}"), entry("GET", f"{read}/$lineage"),
        entry("GET", "Goal/none"), entry("GET", "metadata"),
    ]  # fmt: skip
    for kind, named in (("batch", asked), ("transaction", [*asked[:5], asked[6]])):
        made = entry("POST", "Goal", goal(norma))
        told = send(gateway, bundle(kind, *named, made), world.gp).json()["entry"]
        assert [one.get("fullUrl") for one in told[:-1]] == [
            f"{base}/{read}", None, f"{base}/Patient/{norma}", *[None] * (len(named) - 3),
        ]  # fmt: skip
        assert told[-1]["fullUrl"] == f"{base}/Goal/{told[-1]['resource']['id']}"
        assert validate({"resourceType": "Bundle", "type": f"{kind}-response", "entry": told}) == ()
    judged = {"resourceType": "Bundle", "type": "batch-response", "entry": told}
    assert broken_invariants(judged) == []


FAULTY = [
    {"resourceType": "Patient"},
    {"resourceType": "Bundle"},
    {"resourceType": "Bundle", "type": "searchset"},
    {"resourceType": "Bundle", "type": "batch", "entry": {}},
    {"resourceType": "Bundle", "type": "batch", "entry": [7]},
    bundle("batch", {"resource": {"resourceType": "Goal"}}),
    bundle("batch", entry("SPIN", "Goal")),
    *(
        bundle("transaction", entry("GET", url))
        for url in ("", "/", "../metadata", "https://evil.example/Goal/1", "Goal/../x", "goal/1",
                    "Goal/1#x", "Goal/%2e%2e", "$everything", "Goal/1?a b")
    ),
    bundle("transaction", entry("POST", "")),
    bundle("transaction", entry("PATCH", "Goal/1", {"resourceType": "Parameters"})),
    bundle("batch", entry("GET", "Goal/1", ifNoneMatch="a\r\nx: y")),
    [],
]  # fmt: skip


@pytest.mark.changes_nothing
@pytest.mark.parametrize("sent", FAULTY)
def test_tx_11_what_is_no_batch_and_no_transaction(gateway, world, sent):
    assert is_outcome(send(gateway, sent, world.gp), 400)


@pytest.mark.changes_nothing
@pytest.mark.parametrize("depth", [60, 300, 900])
@pytest.mark.parametrize("kind", ["batch", "transaction"])
def test_tx_11_what_is_nested_too_deep(gateway, world, kind, depth):
    deep = '{"item":' * depth + "{}" + "}" * depth
    resource = f'{{"resourceType":"Goal","note":[{deep}]}}'
    asked = '"request":{"method":"POST","url":"Goal"}'
    sent = (
        f'{{"resourceType":"Bundle","type":"{kind}","entry":[{{"resource":{resource},{asked}}}]}}'
    )
    headers = {"Content-Type": "application/fhir+json"}
    answer = gateway.ask("POST", "/fhir/R4", world.gp, content=sent, headers=headers)
    if answer.status_code == 200:
        assert statuses(answer) == [422]
    else:
        assert answer.status_code in (400, 422), answer.text


@pytest.mark.changes_nothing
def test_tx_11_12_an_empty_one_and_another_media_type(gateway, world):
    for kind in ("batch", "transaction"):
        answer = send(gateway, bundle(kind), world.gp)
        assert answer.json() == {"resourceType": "Bundle", "type": f"{kind}-response"}
    headers = {"Content-Type": "text/plain"}
    answer = gateway.ask("POST", "/fhir/R4", world.gp, content=b"{}", headers=headers)
    assert is_outcome(answer, 415)
    assert is_outcome(send(gateway, bundle("batch"), {}), 401, "login")


def test_tx_13_too_many_entries(start):
    gateway = start(limits={"bundle_entries": 2})
    who = gateway.token("gp", "gp-1", "H85001")
    reads = [entry("GET", "Goal/none")] * 3
    for kind in ("batch", "transaction"):
        assert is_outcome(send(gateway, bundle(kind, *reads), who), 413, "too-long")
    assert statuses(send(gateway, bundle("batch", *reads[:2]), who)) == [404, 404]


@pytest.mark.parametrize("kind", ["batch", "transaction"])
def test_tx_14_what_comes_back_as_preferred(gateway, world, norma, kind):
    sent = bundle(kind, entry("POST", "Goal", goal(norma)))
    (minimal,) = send(gateway, sent, world.gp, Prefer="return=minimal").json()["entry"]
    assert "resource" not in minimal
    assert minimal["response"]["location"]
    (told,) = send(gateway, sent, world.gp, Prefer="return=OperationOutcome").json()["entry"]
    assert told["response"]["outcome"]["resourceType"] == "OperationOutcome"
    assert "resource" not in told


@pytest.mark.parametrize("kind", ["batch", "transaction"])
def test_a_patch_and_decimals_in_a_bundle(gateway, world, norma, kind):
    stored = gateway.create(goal(norma, meta=on_shelf("support-plan")), world.gp).json()
    change = binary({"op": "replace", "path": "/lifecycleStatus", "value": "on-hold"})
    sent = bundle(kind, entry("PATCH", f"Goal/{stored['id']}", change, ifMatch='W/"1"'))
    (answer,) = send(gateway, sent, world.gp).json()["entry"]
    assert answer["response"]["status"] == "200 OK"
    assert answer["resource"]["lifecycleStatus"] == "on-hold"
