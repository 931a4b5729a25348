"""An operator works off the error queue from the command line, and the report card shows it."""

import asyncio
import json

import pytest

from gateway.clock import now
from gateway.flows.finish_deliveries import provider
from gateway.flows.push_update import Push, push
from gateway.main import keys_of
from gateway.settings import Settings
from gateway.store.units import Store
from mappings.registry import FEEDS
from tests.integration.test_cli import PERSON, commands
from tests.integration.test_replay import faulty, plan, unnamed
from tests.unit.cli.running import PLAN

__all__ = ["commands"]
ORG = "X1K01"


def _pushed(deliveries, feed):
    """Push as the organisation would, to a gateway with this mapping."""

    async def run():
        settings = Settings()
        store = await Store.open(settings.database_url, keys_of(settings), now)
        try:
            for body in deliveries:
                caller = provider(ORG, "social-care", "system-1")
                what = Push(feed, caller, body, "application/json", "r", now())
                assert (await push(store, what))["status"] == "quarantined"
        finally:
            await store.close()

    asyncio.run(run())


def _unknown_state(number: int) -> bytes:
    return plan(number, state="no such state")


def test_500_mixed_errors_are_cleared_by_three_commands_and_the_report_shows_it(commands):
    """300 of a fault of ours, 120 that name nobody, 60 with a word of their own, 20 no plan."""
    _pushed([plan(number) for number in range(300)], faulty("social-care"))
    nobody = [unnamed().replace(b"SP-0", f"SP-{n}".encode()) for n in range(400, 520)]
    _pushed([*nobody, *map(_unknown_state, range(600, 660))], FEEDS["social-care"])
    for number in range(20):
        (commands.folder / f"letter-{number}.txt").write_text(f"Dear gateway, letter {number}")
    letters = sorted(commands.folder.glob("letter-*.txt"))
    commands("ingest", "social-care", *letters, "--org", ORG)

    before = commands.json("feed", "errors", "social-care")
    assert before["waiting"] == 500
    assert {row["rule"]: row["number"] for row in before["rules"]} == {
        "unmapped-code:rule": 300,
        "names-nobody:person.local_id": 120,
        "unmapped-code:plan.state": 60,
        "structure": 20,
    }
    (card,) = commands.json("feed", "report", "social-care")["reports"]
    assert card["waiting"] == {"quarantined": 480, "taken in part": 0, "refused": 20}
    assert card["mend_first"][0] | {"text": ""} == {
        "rule": "unmapped-code:rule",
        "would_take": 300,
        "text": "",
    }

    mended = commands.json("feed", "replay", "--all", code=1)
    assert (mended["mended"], mended["waiting"]) == (300, 200)
    named = ("--rule", "names-nobody", "--reason", "a test system")
    assert commands.json("feed", "discard", "social-care", *named)["discarded"] == 120
    rest = commands.json("feed", "discard", "--all", "--reason", "agreed with the provider")
    assert (rest["discarded"], rest["waiting"]) == (80, 0)

    after = commands.json("feed", "errors")
    assert (after["rules"], after["waiting"], after["quarantined"]) == ([], 0, [])
    (card,) = commands.json("feed", "report", "social-care", "--org", ORG)["reports"]
    assert card["waiting"] == {"quarantined": 0, "taken in part": 0, "refused": 0}
    assert card["volumes"] == {
        "deliveries": {"discarded": 200, "taken": 300},
        "items": {"discarded": 180, "taken": 300},
    }
    assert (card["rules"], card["mend_first"]) == ([], [])
    assert sum(week["taken"] for week in card["trend"]["weeks"]) == 300
    text = commands.good("feed", "report", "social-care")
    assert "waiting: none" in text
    assert "items: 180 discarded, 300 taken" in text
    entries = commands.json("audit", "search", "--event", "discard", "--limit", "500")["entries"]
    assert len(entries) == 200
    assert commands.json("audit", "verify")["ok"] is True


def test_the_queue_and_the_report_hold_no_person_and_no_value(commands):
    content = json.loads(PLAN.read_text("utf-8"))
    content["plan"]["state"] = "no such state"
    content["goals"][0]["outcomes"] = ["an outcome of their own"]
    _pushed([json.dumps(content).encode()], FEEDS["social-care"])
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
    _pushed([unnamed()], FEEDS["social-care"])
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
