"""The command as its users meet it: another library's sender, signals, a power cut."""

import asyncio
import subprocess
from datetime import timedelta

import hl7
import pytest

from gateway.audit.entry import decode
from gateway.clock import now
from gateway.flows.upkeep.serving import settle_lost
from gateway.mllp.framing import framed
from gateway.store.audit import audit_reads
from gateway.store.commit.units import Store
from tests.integration.mllp.process import BIN, Listening
from tests.integration.mllp.talking import Peer, codes, message
from tests.integration.taking import Clock, provider, verified


@pytest.fixture
def listening(database_url, tmp_path):
    running = Listening(database_url, tmp_path)
    yield running
    running.kill()


def _sent_by_another(listening, folder, content: bytes) -> bytes:
    file = folder / "sent.hl7"
    file.write_bytes(content)
    command = (BIN / "mllp_send", "-p", str(listening.port), "--loose", "--file", file, "127.0.0.1")
    return subprocess.run(command, capture_output=True, check=True, timeout=120).stdout


def test_another_librarys_sender_is_answered_and_it_ends_when_told(listening, tmp_path):
    printed = _sent_by_another(listening, tmp_path, message("M-1") + message("M-2", person="2"))
    found = [hl7.parse(one) for one in printed.decode().strip("\n").split("\n") if one.strip()]
    assert [str(one.segments("MSA")[0]) for one in found] == ["MSA|AA|M-1", "MSA|AA|M-2"]
    assert listening.stop() == 0
    log = listening.log.read_text()
    assert "QUILLFEATHER" not in log
    assert "Traceback" not in log


async def _answered_until_killed(listening, count: int, after: int) -> list[str]:
    """The control ids that were acknowledged before the process was killed."""
    peer = Peer(*await asyncio.open_connection("127.0.0.1", listening.port))
    await peer.send(b"".join(framed(message(f"M-{n}", person=str(n))) for n in range(count)))
    found = []
    while answer := await peer.answer():
        found.append(codes(answer)[0][1])
        if len(found) == after:
            listening.kill()
    peer.writer.close()
    return found


async def _all_again(listening, count: int) -> list[list[tuple[str, str]]]:
    peer = Peer(*await asyncio.open_connection("127.0.0.1", listening.port))
    contents = [message(f"M-{n}", person=str(n)) for n in range(count)]
    answers = [codes(one) for one in await peer.ask(*contents)]
    peer.writer.close()
    return answers


async def _in_doubt(url, folder) -> tuple[int, int]:
    """Of messages that were kept: how many are known to be answered, and how many may not be."""
    store = await Store.open(url, provider(folder), now)
    try:
        await settle_lost(store, now(), timedelta(0))
        found = audit_reads.entries(store.engine)
        entries = [decode(record).entry async for _, record, _, _ in found]
    finally:
        await store.close()
    (lost,) = [one for one in entries if one.reasons == ("process-lost",) and one.event == "system"]
    assert dict(lost.detail)["lost"].startswith("mllp-")
    pushed = {one.request_id for one in entries if one.event == "push"}
    unknown = {one.request_id for one in entries if one.event == "completion"}
    assert unknown <= pushed
    return len(pushed - unknown), len(unknown)


async def _stored(url, folder):
    store = await Store.open(url, provider(folder), Clock())
    try:
        async with store.engine.reading() as conn:
            found = await conn.fetch("SELECT state, count(*) FROM delivery GROUP BY state")
            people = await conn.fetch("SELECT count(*) FROM source_record")
        return {row[0]: row[1] for row in found}, people[0][0], await verified(store)
    finally:
        await store.close()


def test_after_a_power_cut_what_was_acknowledged_is_there_once(listening, database_url, tmp_path):
    count = 40
    told = asyncio.run(_answered_until_killed(listening, count, after=7))
    states, people, whole = asyncio.run(_stored(database_url, tmp_path))
    assert set(states) == {"taken"}
    assert len(told) <= states["taken"] == people
    assert whole
    known, unknown = asyncio.run(_in_doubt(database_url, tmp_path))
    assert known <= len(told)
    assert known + unknown == states["taken"]
    listening.restart()
    again = asyncio.run(_all_again(listening, count))
    assert again == [[("AA", f"M-{n}")] for n in range(count)]
    assert listening.stop() == 0
    assert asyncio.run(_stored(database_url, tmp_path)) == ({"taken": count}, count, True)
