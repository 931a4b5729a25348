"""`care-gateway audit alerts`, and the worker's notices, over a real database."""

import asyncio
import json
from datetime import datetime, timedelta

import pytest

from gateway.audit.entry import Agent, AuditEntry
from gateway.audit.events import Event, Outcome
from gateway.clock import now
from gateway.flows.asking.alerts import Kind, raise_alert
from gateway.store.commit.units import Store
from gateway.store.keyring.keys import FileKeyProvider
from tests.unit.cli.running import Commands


@pytest.fixture
def commands(tmp_path, monkeypatch, database_url):
    made = Commands(tmp_path, monkeypatch)
    made.set(database_url=database_url)
    made.good("db", "upgrade")
    made.good("audit", "search")  # the first command makes the keys
    return made


def raised(database_url, key_file, at: datetime) -> str:
    """An alert about somebody who was refused, of that moment."""
    agent = Agent("hd-1", "staff", "hospital-doctor", "RAX")
    entry = AuditEntry(at, Event.BREAK_GLASS_OPEN, Outcome.REFUSED, agent, reasons=("no-such",))

    async def run() -> str:
        store = await Store.open(database_url, FileKeyProvider.read(key_file), now)
        try:
            kind = Kind.BREAK_GLASS_REFUSED
            row = await store.write(lambda conn: raise_alert(conn, store.vault, kind, entry))
        finally:
            await store.close()
        return row.alert_id

    return asyncio.run(run())


def test_the_queue_is_listed_and_what_is_overdue_is_told_by_the_exit(
    commands, database_url, tmp_path
):
    keys = next(tmp_path.rglob("keys.json"))
    assert commands.json("audit", "alerts") == {"alerts": []}
    alert = raised(database_url, keys, now())
    (one,) = commands.json("audit", "alerts", "--org", "RAX")["alerts"]
    assert (one["alert"], one["kind"], one["overdue"]) == (alert, "break-glass-refused", False)
    assert commands.json("audit", "alerts", "--org", "XK1")["alerts"] == []
    assert alert in commands.good("audit", "alerts")
    raised(database_url, keys, now() - timedelta(days=8))
    late = commands.json("audit", "alerts", code=1)["alerts"]
    assert [row["overdue"] for row in late] == [True, False]


def test_a_staff_number_that_is_none_is_a_red_line_without_the_number(commands, tmp_path):
    """Whoever it belongs to would read their own record as staff."""
    file = tmp_path / "staff.toml"
    row = '[[staff]]\nuser_id = "sw-1"\norg = "XK1"\nnhs_number = "{}"\n'
    commands.set(staff_file=str(file))
    for number, text in (("9990000077", "1 staff are known"), ("9990000078", "by 1 of them")):
        file.write_text(row.format(number))
        is_good = number == "9990000077"
        found = commands.json("check", code=0 if is_good else 1)
        (line,) = [one for one in found["checks"] if one["name"] == "alerts"]
        assert (line["ok"], text in line["text"]) == (is_good, True)
        assert number not in str(found)


def test_a_worker_sends_the_notices_to_the_folder(commands, database_url, tmp_path):
    folder = tmp_path / "notices"
    folder.mkdir()
    commands.set(alert_folder=str(folder))
    alert = raised(database_url, next(tmp_path.rglob("keys.json")), now())
    commands.good("worker", "--once")
    (notice,) = folder.iterdir()
    assert notice.name == f"{alert}.json"
    said = json.loads(notice.read_text("utf-8"))
    assert (said["alert"], said["organisation"]) == (alert, "RAX")
    assert "hd-1" not in notice.read_text("utf-8")
    commands.good("worker", "--once")
    assert len(list(folder.iterdir())) == 1
