"""An operator works off the error queue from the command line, and the report card shows it."""

import asyncio
import json

import pytest

from gateway.clock import now
from gateway.custody import keys_of
from gateway.flows.asking.search_log import Operator
from gateway.flows.feeds import discard as discarding
from gateway.flows.feeds.feed_errors import Choice, chosen
from gateway.flows.intake.finish_deliveries import provider
from gateway.flows.intake.push_update import Push, push
from gateway.settings import Settings
from gateway.store.commit.units import Store
from gateway.store.intake import queue
from mappings.registry import FEEDS
from tests.integration import mixed_errors
from tests.integration.taking import taken
from tests.integration.test_cli import PERSON, commands
from tests.integration.test_replay import plan, pushed, run, unnamed
from tests.unit.cli.running import PLAN

__all__ = ["commands"]
ORG = "X1K01"
SOCIAL = FEEDS["social-care"]


def _with_store(work):
    """Do it as the organisation's system would, to the gateway of these commands."""

    async def run():
        settings = Settings()
        store = await Store.open(settings.database_url, keys_of(settings), now)
        try:
            return await work(store)
        finally:
            await store.close()

    return asyncio.run(run())


def _pushed(deliveries, feed):
    """Push as the organisation would, to a gateway with this mapping."""

    async def work(store):
        for body in deliveries:
            caller = provider(ORG, "social-care", "system-1")
            what = Push(feed, caller, body, "application/json", "r", now())
            assert (await push(store, what))["status"] == "quarantined"

    _with_store(work)


async def _mixed(store, of):
    for feed in mixed_errors.FEEDS:
        for delivery in mixed_errors.right(feed, of.right):
            await pushed(store, delivery)
        unreadable = mixed_errors.unreadable(feed, of.unreadable)
        for delivery in (*mixed_errors.wrong(feed, of.wrong), *unreadable):
            await taken(store, delivery)


def _cards(commands):
    """The report card of each feed."""
    cards = {}
    for feed in mixed_errors.FEEDS:
        (cards[feed],) = commands.json("feed", "report", feed)["reports"]
    return cards


def test_mixed_errors_of_all_feeds_are_cleared_by_three_commands_and_the_reports_show_it(
    commands, whole
):
    """Of each feed some of a fault of ours, some of a fault of theirs, some bodies of no format."""
    of, feeds = mixed_errors.FIVE_HUNDRED if whole else mixed_errors.SOME, len(mixed_errors.FEEDS)
    _with_store(lambda store: _mixed(store, of))
    assert commands.json("feed", "errors")["waiting"] == feeds * of.all
    for feed, card in _cards(commands).items():
        assert sum(card["waiting"].values()) == of.all
        assert card["waiting"]["refused"] == of.unreadable
        first, *others = card["mend_first"]
        assert (first["rules"], first["would_take"]) == (["unmapped-code:rule"], of.right)
        assert [step["would_take"] for step in others] == [of.wrong, of.unreadable]
        assert others[-1]["together"] == of.all
        examples = {row["rule"]: row["example"] for row in card["rules"]}
        assert all(one["delivery"] for one in examples.values()), feed

    mended = commands.json("feed", "replay", "--all", code=1)
    assert (mended["mended"], mended["waiting"]) == (feeds * of.right, feeds * (of.all - of.right))
    letters = ("--rule", "structure", "--reason", "no messages of ours")
    thrown = commands.json("feed", "discard", *letters)
    assert (thrown["discarded"], thrown["waiting"]) == (feeds * of.unreadable, feeds * of.wrong)
    rest = commands.json("feed", "discard", "--all", "--reason", "agreed with the providers")
    assert (rest["discarded"], rest["waiting"]) == (feeds * of.wrong, 0)

    after = commands.json("feed", "errors")
    assert (after["rules"], after["waiting"], after["quarantined"]) == ([], 0, [])
    for feed, card in _cards(commands).items():
        assert card["waiting"] == {"quarantined": 0, "taken in part": 0, "refused": 0}
        assert card["volumes"]["items"] == {"discarded": of.wrong, "taken": of.right}
        assert card["volumes"]["deliveries"].get("quarantined") is None
        assert (card["rules"], card["mend_first"]) == ([], [])
        assert sum(week["taken"] for week in card["trend"]["weeks"]) == of.right
        text = commands.good("feed", "report", feed)
        assert "waiting: none" in text
        assert f"items: {of.wrong} discarded, {of.right} taken" in text
    entries = commands.json("audit", "search", "--event", "discard", "--limit", "1000")["entries"]
    files = 2  # of many items each, and discarded in one step
    assert len(entries) == feeds * of.unreadable + (feeds - files) * of.wrong + files
    assert commands.json("audit", "verify")["ok"] is True


def test_the_report_says_which_rules_to_mend_together(commands):
    """Items that break two rules come in when both are mended; the better step stands first."""

    def refused(number: int, *, goals: bool) -> bytes:
        content = json.loads(plan(number, state="no such state"))
        for goal in content["goals"] if goals else ():
            goal["state"] = "no such state"
        return json.dumps(content).encode()

    _pushed([refused(number, goals=number < 8) for number in range(11)], SOCIAL)
    (card,) = commands.json("feed", "report", "social-care")["reports"]
    steps = [(step["rules"], step["would_take"], step["together"]) for step in card["mend_first"]]
    rules = ["unmapped-code:goals[].state", "unmapped-code:plan.state"]
    assert steps == [(rules, 11, 11)]
    text = commands.good("feed", "report", "social-care")
    assert f"{' and '.join(rules)}: 11 more would be taken, 11 so far" in text


def test_what_waits_is_read_in_pages_and_told_and_discarded_whole(
    database_url, tmp_path, monkeypatch
):
    of, read = mixed_errors.Of(4, 2, 1), queue._page
    lengths: list[int] = []

    async def page(*given):
        rows = await read(*given)
        lengths.append(len(rows))
        return rows

    async def scenario(store):
        await _mixed(store, of)
        whole = [one async for one in chosen(store.engine, Choice(FEEDS))]
        assert len(whole) == len(mixed_errors.FEEDS) * of.all
        assert {one.state for one in whole} >= {queue.QUARANTINED, queue.REFUSED}
        assert whole == sorted(whole, key=lambda one: (-one.received_at, one.delivery_id))
        monkeypatch.setattr(queue, "_AT_ONCE", 3)
        monkeypatch.setattr(queue, "_page", page)
        assert [one async for one in chosen(store.engine, Choice(FEEDS))] == whole
        assert lengths == [3] * (len(whole) // 3) + [len(whole) % 3]
        monkeypatch.setattr(discarding, "_MOST", 2)
        operator = Operator("desk", store.vault._clock())
        done = await discarding.discard(store, Choice(FEEDS), operator, "a trial")
        assert (done["discarded"], done["waiting"]) == (len(whole), 0)
        named = [one["delivery"] for one in done["deliveries"]]
        assert named == sorted({one.delivery_id for one in whole})

    run(database_url, tmp_path, scenario)


def test_the_queue_and_the_report_hold_no_person_and_no_value(commands):
    content = json.loads(PLAN.read_text("utf-8"))
    content["plan"]["state"] = "no such state"
    content["goals"][0]["outcomes"] = ["an outcome of their own"]
    _pushed([json.dumps(content).encode()], SOCIAL)
    told = [
        json.dumps(commands.json("feed", "errors")),
        commands.good("feed", "errors"),
        json.dumps(commands.json("feed", "report", "social-care")),
        commands.good("feed", "report", "social-care"),
        commands("feed", "replay", "--all").output,
        commands("feed", "discard", "--all", "--reason", "Norma ASHDOWN asked").output,
    ]
    assert "unmapped-code:plan.state" in told[1]
    assert "plan.state" in told[3]
    for text in told:
        assert not [one for one in (*PERSON, "no such state", "of their own") if one in text]


@pytest.mark.parametrize(
    "arguments",
    [
        ("replay",),
        ("replay", "--all", "--rule", "x"),
        ("replay", "--message", " "),
        ("replay", "--taken", "--all"),
        ("replay", "--mapping-older"),
        ("replay", "no-such-feed", "--all"),
        ("discard", "--all"),
        ("discard", "--reason", "why"),
        ("discard", "--all", "--reason", " "),
        ("report",),
        ("report", "social-care", "--days", "0"),
    ],
)
def test_what_is_not_said_clearly_is_usage(commands, arguments):
    done = commands("feed", *arguments)
    assert done.exit_code == 2, done.output
    assert done.stdout == ""


def test_the_queue_of_one_organisation_holds_nothing_of_another(commands):
    wrong = json.loads(PLAN.read_text("utf-8"))
    wrong["person"]["nhs_number"] = "999 000 0078"
    (commands.folder / "wrong.json").write_text(json.dumps(wrong))
    commands("ingest", "social-care", commands.folder / "wrong.json", "--org", "X1K02")
    _pushed([unnamed()], SOCIAL)
    own, other = (commands.json("feed", "errors", "--org", org) for org in (ORG, "X1K02"))
    assert (own["waiting"], len(own["review"])) == (1, 0)
    assert (other["waiting"], len(other["review"])) == (0, 1)
    none = commands.json("feed", "replay", "--message", "no-such-id", code=1)
    assert none["deliveries"] == []
    done = commands.json("feed", "discard", "--all", "--reason", "why", "--org", "X1K02", code=1)
    assert done["discarded"] == 0
    assert commands.json("feed", "errors")["waiting"] == 1


def test_nothing_to_discard_is_1_and_nothing_to_replay_is_0(commands):
    assert commands("feed", "discard", "--all", "--reason", "why").exit_code == 1
    assert commands.json("feed", "replay", "--all") == {
        "deliveries": [],
        "mended": 0,
        "waiting": 0,
    }
    assert commands.good("feed", "report", "gp") == "nothing was sent yet\n"
