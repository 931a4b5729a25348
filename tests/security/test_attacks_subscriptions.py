"""A subscription as a way round what hides: consents, labels, emergencies, networks, counting."""

import json
from datetime import timedelta

import pytest

from consent.terms import Purpose
from gateway.errors import AuditUnavailableError
from gateway.flows.subscriptions.subscription_match import match
from gateway.flows.subscriptions.subscription_sight import told_of
from gateway.identity.person_facts import Fact, Said
from gateway.store.identity.person_facts import Word, take
from tests.api.consents import against, dissent
from tests.api.opened import break_glass
from tests.api.outside import outside
from tests.api.rows import goal_row, mark, plan_row, put
from tests.api.service import is_outcome, resources
from tests.api.subscribing import (
    changed,
    look,
    look_at_calendar,
    notices,
    pulled,
    put_noted,
    subscribed,
    subscription,
    told,
)
from tests.api.world import BOB, COUNCIL, HOSPITAL, NORMA, PRACTICE, World

__all__ = ["outside"]
CANARY = "canary-5c1e"


def find(gateway):
    """A worker finds what happened, and has told nobody yet."""
    gateway.at += timedelta(seconds=1)
    gateway.run(match(gateway.site, gateway.app.state.subscriptions, gateway.at))


def said_no(gateway, world, whom):
    assert gateway.create(dissent(whom, **against(COUNCIL)), world.gp).status_code == 201


def labelled(gateway, _world, whom):
    put(gateway, whom, goal_row("goal-x", whom, CANARY), org="RQY", version=2, conf="V")


def opted_out(gateway, _world, whom):
    mark(gateway, whom, opted_out=1)


def left(gateway, _world, whom):
    async def unit(conn):
        await conn.execute("DELETE FROM caseload WHERE org = $1", (COUNCIL,))
        await conn.execute(
            "UPDATE source_record SET person_id = patient_id WHERE source_org = $1", (COUNCIL,)
        )

    gateway.write(unit)


@pytest.mark.parametrize("change", [said_no, labelled, opted_out, left])
def test_a26_what_is_hidden_before_it_is_told_is_never_told_and_leaves_no_gap(
    gateway, world, outside, change
):
    alice, norma = world.alice, world.norma
    subscribed(gateway, world.social_worker, "goal-changed", outside.url)
    look(gateway)
    put_noted(gateway, alice, goal_row("goal-x", alice, CANARY), org="RQY")
    find(gateway)
    before = gateway.size()
    change(gateway, world, alice)
    assert look(gateway) == 0
    assert told(outside) == []
    assert [e for e in gateway.entries(before) if e.event == "notify"] == []
    gateway.at += timedelta(minutes=1)
    if change is left:
        return
    put_noted(gateway, norma, goal_row("goal-n", norma, "seen"), org=COUNCIL)
    look(gateway)
    assert told(outside) == [(1, "Goal/goal-n")]


def test_a25_a_consent_that_comes_between_looking_and_recording_holds(
    gateway, world, outside, monkeypatch
):
    alice = world.alice
    subscribed(gateway, world.social_worker, "goal-changed", outside.url)
    look(gateway)
    put_noted(gateway, alice, goal_row("goal-x", alice, CANARY), org="RQY")
    find(gateway)
    looks = []

    async def looked(conn, *given):
        found = await told_of(conn, *given)
        looks.append(len(found[0]))
        if len(looks) == 1:
            word = Word(Said(alice, Fact.OPTED_OUT, "yes", decided=True), "2026-11-21", "test", 1)
            await gateway.site.store.write(lambda other: take(other, [word]))
        return found

    monkeypatch.setattr("gateway.flows.subscriptions.subscription_deliver.told_of", looked)
    assert look(gateway) == 0
    assert (looks, told(outside)) == ([1, 0, 0], [])


@pytest.mark.parametrize("change", [said_no, labelled, opted_out])
def test_a26_what_was_sent_and_not_taken_is_looked_at_again(gateway, world, outside, change):
    alice, norma = world.alice, world.norma
    subscribed(gateway, world.social_worker, "goal-changed", outside.url)
    look(gateway)
    put_noted(gateway, alice, goal_row("goal-x", alice, CANARY), org="RQY")
    outside.answers = 503
    look(gateway)
    change(gateway, world, alice)
    outside.answers = 200
    gateway.at += timedelta(hours=1)
    assert look(gateway) == 0
    put_noted(gateway, norma, goal_row("goal-n", norma, "seen"), org=COUNCIL)
    look(gateway)
    assert told(outside) == [(1, "Goal/goal-n")]


def test_a8_as_many_are_told_at_once_as_though_the_hidden_had_never_been(gateway, world, outside):
    alice, norma = world.alice, world.norma
    subscribed(gateway, world.social_worker, "goal-changed", outside.url, most=2)
    asked = subscribed(gateway, world.social_worker, "goal-changed")
    look(gateway)
    put_noted(gateway, alice, goal_row("goal-x", alice, CANARY), org="RQY")
    find(gateway)
    for name in ("goal-1", "goal-2", "goal-3"):
        put_noted(gateway, norma, goal_row(name, norma, "seen"), org=COUNCIL)
        find(gateway)
    said_no(gateway, world, alice)
    look(gateway)
    assert [len(one["events"]) for one in notices(outside)] == [0, 2, 1]
    assert told(outside) == [(1, "Goal/goal-1"), (2, "Goal/goal-2"), (3, "Goal/goal-3")]
    assert pulled(gateway, world.social_worker, asked)["events"] == told(outside)


def test_a8_so_is_it_for_who_asks(gateway, world, monkeypatch):
    monkeypatch.setattr("gateway.flows.subscriptions.subscription_desk.MOST_EVENTS", 2)
    alice, norma = world.alice, world.norma
    one = subscribed(gateway, world.social_worker, "goal-changed")
    put_noted(gateway, alice, goal_row("goal-x", alice, CANARY), org="RQY")
    find(gateway)
    for name in ("goal-1", "goal-2"):
        put_noted(gateway, norma, goal_row(name, norma, "seen"), org=COUNCIL)
        find(gateway)
    said_no(gateway, world, alice)
    answer = pulled(gateway, world.social_worker, one)
    assert answer["events"] == [(1, "Goal/goal-1"), (2, "Goal/goal-2")]
    assert answer["events-since-subscription-start"] == "2"


@pytest.mark.parametrize("posted", [True, False])
def test_a16_a_review_that_is_hidden_before_it_is_told_is_not_told_by_its_plan(
    gateway, world, outside, posted
):
    alice, who = world.alice, world.social_worker
    of_alice = f"CarePlan?patient=Patient/{alice}"
    to = outside.url if posted else ""
    one = subscribed(gateway, who, "review-due", to, filter=of_alice)
    look(gateway)
    due = {"status": "scheduled", "description": "Review", "scheduledPeriod": {"end": "2026-11-24"}}
    plan = plan_row("plan-r", alice, activity=[{"detail": due}])
    put_noted(gateway, alice, plan, org=COUNCIL)
    gateway.at += timedelta(days=3)
    assert look_at_calendar(gateway) == 1
    put_noted(gateway, alice, plan_row("plan-r", alice), org=COUNCIL, version=2)
    assert (look(gateway), told(outside)) == (0, [])
    if not posted:
        who = gateway.token("social-worker", "sw-1", COUNCIL)
        assert pulled(gateway, who, one)["events"] == []


@pytest.mark.parametrize("change", [said_no, labelled, opted_out])
def test_a26_what_was_told_is_not_told_again_to_who_may_not_see_it_now(gateway, world, change):
    alice = world.alice
    who = world.social_worker
    one = subscribed(gateway, who, "goal-changed")
    put_noted(gateway, alice, goal_row("goal-x", alice, CANARY), org="RQY")
    find(gateway)
    assert pulled(gateway, who, one)["events"] == [(1, "Goal/goal-x")]
    change(gateway, world, alice)
    assert pulled(gateway, who, one)["events"] == []


def test_numbers_count_what_was_told_and_nothing_hidden(start, outside):
    """The same borough, once with more that is hidden: not a byte of what is told differs."""
    said = []
    for hidden in (0, 3):
        gateway = start()
        world = World(gateway)
        alice = world.alice
        one = subscribed(gateway, world.social_worker, "goal-changed")
        for number in range(hidden):
            row = goal_row(f"hidden-{number}", alice, CANARY)
            put_noted(gateway, alice, row, org="RQY", conf="V", sens="PSY")
        for number in range(2):
            put_noted(gateway, alice, goal_row(f"goal-{number}", alice, "seen"), org=COUNCIL)
            find(gateway)
        status = gateway.get(f"Subscription/{one['id']}/$status", world.social_worker).json()
        (parameters,) = resources(status)
        counted = [p["valueString"] for p in parameters["parameter"] if "events" in p["name"]]
        said.append((pulled(gateway, world.social_worker, one)["events"], counted))
    assert said[0] == said[1]
    assert [number for number, _ in said[0][0]] == [1, 2]


def test_a31_an_emergency_tells_nothing_while_it_is_open_nor_after(gateway, world, outside):
    norma = world.norma
    one = subscribed(gateway, world.doctor, "plan-changed", outside.url)
    look(gateway)
    assert break_glass(gateway, world.doctor, norma).status_code == 201
    world.revise("2026-11-21T13:00:00Z", what_matters="Tea at four.")
    (plan,) = world.of("CarePlan", norma, world.doctor)
    assert plan["meta"]["versionId"] == "2", "the emergency shows it to who looks"
    look(gateway)
    gateway.at += timedelta(hours=5)
    look(gateway)
    assert told(outside) == []
    events = pulled(gateway, world.doctor, one)["events"]
    assert events == []


@pytest.mark.parametrize("purpose", [Purpose.EMERGENCY, Purpose.BREAK_GLASS])
@pytest.mark.changes_nothing
def test_a31_nobody_subscribes_in_an_emergency(gateway, purpose):
    who = gateway.token("hospital-doctor", "hd-1", HOSPITAL, purpose=purpose)
    assert is_outcome(gateway.create(subscription(), who), 403)


@pytest.mark.changes_nothing
def test_people_and_who_acts_for_them_do_not_subscribe(gateway, world):
    for role in ("patient", "proxy"):
        who = gateway.token(role, "p-1", patient=world.norma)
        assert is_outcome(gateway.create(subscription(), who), 403)
        assert is_outcome(gateway.get("Subscription", who), 403)


def test_a11_a_filter_tells_nobody_who_is_here(gateway, world):
    """Who is hidden, who is not here, and what is no person at all: one answer, and no event."""
    answers = []
    for name in (world.bob, "no-such-person", "goal-1"):
        made = subscription(filter=f"CarePlan?patient=Patient/{name}")
        answer = gateway.create(made, world.social_worker)
        body = json.loads(answer.text.replace(name, "NAME"))
        shown = {key: value for key, value in body.items() if key != "id"}
        answers.append((answer.status_code, shown))
    assert answers[0] == answers[1] == answers[2]
    assert answers[0][0] == 201


def test_nobody_is_told_of_people_whom_they_have_nothing_to_do_with(gateway, world, outside):
    subscribed(gateway, world.stranger, "plan-changed", outside.url)
    subscribed(gateway, world.other_gp, "plan-changed", outside.url)
    look(gateway)
    world.revise("2026-11-21T13:00:00Z", what_matters="Tea at four.")
    look(gateway)
    assert told(outside) == []


def test_a33_a_subscription_is_of_one_user_in_one_role_and_organisation(gateway, world):
    one = subscribed(gateway, world.social_worker, "plan-changed")
    path = f"Subscription/{one['id']}"
    others = [
        gateway.token("social-worker", "sw-2", COUNCIL),
        gateway.token("social-worker", "sw-1", "XK2"),
        gateway.token("reablement-worker", "sw-1", COUNCIL),
        world.gp,
    ]
    for who in others:
        missing = gateway.get("Subscription/no-such-one", who)
        answers = [
            gateway.get(path, who),
            gateway.get(f"{path}/$status", who),
            gateway.get(f"{path}/$events", who),
            changed(gateway, who, one, reason="mine now"),
            gateway.ask("DELETE", path, who),
        ]
        assert {(each.status_code, each.content) for each in answers} == {(404, missing.content)}
        assert gateway.get("Subscription", who).json()["total"] == 0
        assert gateway.get("Subscription/$status", who).json()["total"] == 0
    assert gateway.get(path, world.social_worker).json()["reason"] == one["reason"]


def test_scopes_narrow_what_is_told_and_who_subscribes(gateway, world):
    for scope, status in (("user/Goal.rs", 403), ("user/Subscription.r", 403)):
        who = gateway.token("social-worker", "sw-1", COUNCIL, scope=scope)
        assert gateway.create(subscription(), who).status_code == status
    who = gateway.token("social-worker", "sw-1", COUNCIL, scope="user/Subscription.cruds")
    one = subscribed(gateway, who, "goal-changed")
    put_noted(gateway, world.alice, goal_row("goal-x", world.alice, "seen"), org=COUNCIL)
    find(gateway)
    wide = "user/Subscription.cruds user/Goal.rs"
    assert (
        pulled(gateway, gateway.token("social-worker", "sw-1", COUNCIL, scope=wide), one)["events"]
        == []
    ), "it stands under the scopes that it was written with"


def test_a29_without_the_log_nothing_is_sent(gateway, world, outside, monkeypatch):
    subscribed(gateway, world.social_worker, "goal-changed", outside.url)
    look(gateway)
    put_noted(gateway, world.alice, goal_row("goal-x", world.alice, "seen"), org=COUNCIL)
    find(gateway)

    async def failing(*_given):
        raise AuditUnavailableError

    monkeypatch.setattr("gateway.flows.subscriptions.subscription_deliver.append_owing", failing)
    with pytest.raises(AuditUnavailableError):
        look(gateway)
    assert len(outside.headers) == 1, "the handshake, and nothing after it"


def test_a26_a27_no_word_of_anybody_leaves_or_waits(gateway, world, outside):
    subscribed(gateway, world.social_worker, "plan-changed", outside.url)
    subscribed(gateway, world.social_worker, "goal-changed", outside.url)
    look(gateway)
    world.revise("2026-11-21T13:00:00Z", what_matters=CANARY)
    alice = world.alice
    put_noted(gateway, alice, goal_row("goal-x", alice, CANARY), org=COUNCIL)
    find(gateway)

    async def waiting():
        async with gateway.site.store.engine.reading() as conn:
            return repr(await conn.fetch("SELECT * FROM subscription_event"))

    kept = gateway.run(waiting())
    look(gateway)
    assert len(told(outside)) == 2
    everything = kept + "".join(outside.taken) + repr(outside.headers)
    for word in (CANARY, NORMA["family"], NORMA["nhs_number"], BOB["nhs_number"], alice):
        assert word not in everything.replace(f"'{alice}'", ""), word


@pytest.mark.changes_nothing
@pytest.mark.parametrize(
    "url",
    [
        "https://10.0.0.8/in", "https://192.168.1.1/in", "https://172.16.3.4/", "https://0.0.0.0/",
        "https://169.254.169.254/latest/meta-data", "https://100.64.0.1/", "https://[fd00::1]/in",
        "https://[fe80::1]/in", "https://[::ffff:10.0.0.8]/in", "https://[64:ff9b::a00:8]/in",
        "https://[2002:a00:8::1]/in", "https://[::a00:8]/in", "https://[fec0::1]/in",
        "https://[::ffff:0:a00:8]/in", "https://[64:ff9b:1::a00:8]/in", "https://[100::1]/in",
        "https://168.63.129.16/metadata", "https://192.0.0.192/latest/meta-data",
        "https://[::ffff:168.63.129.16]/in", "https://224.0.0.1/in", "http://there.example/in",
        "ftp://there.example/in", "https://user:secret@there.example/in", "https:///in",
        "https://there.example/in#part", "file:///etc/passwd", "https://there.example:0/",
        "https://there.example:99999/", "gopher://there.example/", "https://there example/",
    ],
)  # fmt: skip
def test_an_address_inside_or_without_tls_is_refused(gateway, world, url):
    answer = gateway.create(subscription(url=url), world.social_worker)
    assert is_outcome(answer, 422)
    assert "Subscription.channel.endpoint" in str(answer.json())
    assert "secret" not in answer.text


@pytest.mark.changes_nothing
@pytest.mark.parametrize(
    "line",
    [
        "Host: inside.example", "host: inside.example", "Content-Length: 3", "webhook-id: mine",
        "Transfer-Encoding: chunked", "X-A: b\r\nX-B: c", "X-A: b\nHost: c", "Connection: close",
        "X A: b", ": b", "X-A:",
    ],
)  # fmt: skip
def test_a41_a_header_of_the_owners_sets_nothing_of_ours(gateway, world, line):
    made = subscription(url="https://there.example/in", header=[line])
    answer = gateway.create(made, world.social_worker)
    assert answer.status_code in (400, 422)
    assert "inside.example" not in answer.text


def test_a_header_of_the_owners_goes_with_each_notice_and_nowhere_else(gateway, world, outside):
    line = "Authorization: Bearer their-own-word"
    subscribed(gateway, world.social_worker, "plan-changed", outside.url, header=[line])
    look(gateway)
    (headers,) = outside.headers
    assert headers["Authorization"] == "Bearer their-own-word"

    async def kept():
        async with gateway.site.store.engine.reading() as conn:
            return repr(await conn.fetch("SELECT * FROM subscription"))

    assert "their-own-word" not in gateway.run(kept())
    assert outside.url not in gateway.run(kept())
    assert "their-own-word" not in repr(gateway.entries())


def test_a_redirection_is_not_followed(gateway, world, outside):
    outside.answers = 307
    one = subscribed(gateway, world.social_worker, "plan-changed", outside.url)
    assert look(gateway) == 0
    assert len(outside.headers) == 1
    path = f"Subscription/{one['id']}"
    assert gateway.get(path, world.social_worker).json()["status"] == "error"


def test_what_an_address_answered_is_told_to_nobody(gateway, world, outside):
    """So that nobody learns by it what stands where."""
    said = []
    for status in (401, 503):
        outside.answers = status
        one = subscribed(gateway, world.social_worker, "plan-changed", outside.url)
        look(gateway)
        status = gateway.get(f"Subscription/{one['id']}", world.social_worker).json()
        said.append((status["status"], status["error"]))
    outside.stop()
    one = subscribed(gateway, world.social_worker, "plan-changed", outside.url)
    look(gateway)
    nobody = gateway.get(f"Subscription/{one['id']}", world.social_worker).json()
    assert {*said, (nobody["status"], nobody["error"])} == {said[0]}


def test_a_row_that_was_given_to_another_owner_in_the_database_opens_for_nobody(gateway, world):
    one = subscribed(gateway, world.social_worker, "plan-changed", "https://there.example/in")

    async def steal(conn):
        await conn.execute("UPDATE subscription SET user_id = 'gp-1', org = $1", (PRACTICE,))
        await conn.execute("UPDATE subscription SET role = 'gp'")

    gateway.write(steal)
    answer = gateway.get(f"Subscription/{one['id']}", world.gp)
    assert is_outcome(answer, 500)
    assert "there.example" not in answer.text


def test_what_waits_about_somebody_who_is_no_more_here_is_told_to_nobody(gateway, world, outside):
    alice = world.alice
    subscribed(gateway, world.social_worker, "goal-changed", outside.url)
    look(gateway)
    put_noted(gateway, alice, goal_row("goal-x", alice, CANARY), org="RQY")
    find(gateway)

    async def gone(conn):
        await conn.execute("DELETE FROM source_record WHERE patient_id = $1", (alice,))

    gateway.write(gone)
    assert (look(gateway), told(outside)) == (0, [])

    async def waiting():
        async with gateway.site.store.engine.reading() as conn:
            return await conn.fetch("SELECT * FROM subscription_event")

    assert gateway.run(waiting()) == []


def test_notices_of_two_people_are_an_entry_each(gateway, world, outside):
    subscribed(gateway, world.social_worker, "goal-changed", outside.url)
    look(gateway)
    for person in (world.alice, world.norma):
        put_noted(gateway, person, goal_row(f"goal-{person}", person, "seen"), org=COUNCIL)
    before = gateway.size()
    look(gateway)
    entries = [e for e in gateway.entries(before) if e.event == "notify"]
    assert {e.person_id for e in entries} == {world.alice, world.norma}
    assert len(notices(outside)[-1]["events"]) == len(entries) == 2
