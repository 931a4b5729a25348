"""What senders are answered over MLLP, and what then stands in the store."""

import io
import zipfile

import pytest

from gateway.mllp.framing import framed
from gateway.store.database.engine import BusyError
from tests.integration.mllp.talking import (
    PLAIN,
    SOURCE,
    codes,
    message,
    same_but_for_time,
    served,
)
from tests.integration.taking import verified

pytestmark = pytest.mark.anyio
NAMELESS = b"MSH|^~\\&|PAS|RAX|GW|SWL|20261105||ADT^A01|N-1|P|2.5\rPV1|1|I\r"


async def test_a_message_is_taken_and_recorded_as_a_push(database_url, tmp_path):
    async with served(database_url, tmp_path) as running:
        peer = await running.peer()
        (answer,) = await peer.ask(message("M-7"))
        assert codes(answer) == [("AA", "M-7")]
        assert answer.startswith(b"MSH|^~\\&|GW|SWL|PAS|RAX|")
        assert await running.deliveries() == [("taken", "RAX")]
        (entry,) = await running.entries()
        assert (entry.event, entry.outcome, entry.query) == ("push", "stored", "hospital")
        assert (entry.agent.user_id, entry.agent.org) == ("pas-tie", "RAX")
        assert (entry.agent.kind, entry.agent.role) == ("system", "provider")
        assert entry.delivery_id
        assert await verified(running.store)


async def test_a_block_that_ends_is_not_told_to_have_been_cut(database_url, tmp_path):
    async with served(database_url, tmp_path) as running:
        peer = await running.peer()
        answers = await peer.ask(message("M-1"), message("M-2").rstrip(b"\r\n"))
        assert [codes(one)[0][0] for one in answers] == ["AA", "AA"]
        said = [bytes(row[0]) for row in await running.rows("SELECT issues FROM item")]
        assert not [one for one in said if b"no-end" in one]
        assert len(said) == 2


async def test_the_same_again_gets_the_same_answer_and_has_no_second_effect(database_url, tmp_path):
    async with served(database_url, tmp_path) as running:
        peer = await running.peer()
        (first,) = await peer.ask(message("M-1"))
        versions = await running.rows("SELECT count(*) FROM resource_version")
        again = await peer.ask(message("M-1"), message("M-1"))
        assert {same_but_for_time(one) for one in again} == {same_but_for_time(first)}
        assert await running.rows("SELECT count(*) FROM resource_version") == versions
        assert len(await running.deliveries()) == 1


async def test_the_same_control_id_with_other_content_is_taken(database_url, tmp_path):
    async with served(database_url, tmp_path) as running:
        peer = await running.peer()
        both = await peer.ask(message("31644", person="1"), message("31644", person="2"))
        assert [codes(one) for one in both] == [[("AA", "31644")]] * 2
        assert len(await running.deliveries()) == 2


MODES = [
    ("", "", ["AA"]),
    ("AL", "NE", ["CA"]),
    ("AL", "AL", ["CA", "AA"]),
    ("NE", "AL", ["AA"]),
    ("NE", "NE", []),
    ("AL", "", ["CA"]),
    ("ER", "ER", []),
    ("SU", "ER", ["CA"]),
]


@pytest.mark.parametrize(("accept", "application", "expected"), MODES)
async def test_what_is_sent_is_theirs_to_say(tmp_path, accept, application, expected):
    async with served(f"sqlite:///{tmp_path}/x.db", tmp_path) as running:
        peer = await running.peer()
        await peer.send(framed(message("M-1", accept, application)))
        found = [await peer.answer() for _ in expected]
        assert [codes(one) for one in found] == [[(code, "M-1")] for code in expected]
        assert (await peer.ask(message("M-2", "AL", "NE", "other")))[0].count(b"MSA|CA|M-2") == 1
        assert [state for state, _ in await running.deliveries()] == ["taken", "taken"]


async def test_what_cannot_be_applied_is_kept_and_says_so(database_url, tmp_path):
    async with served(database_url, tmp_path) as running:
        peer = await running.peer()
        other = message("M-2", kind="BAR^P01")
        both = message("M-3", "AL", "AL", kind="BAR^P01")
        headless = message("M-4", kind="").replace(b"QUILL", b"GOOSE")
        answers = await peer.ask(NAMELESS, other, headless)
        assert [codes(one)[0] for one in answers] == [("AE", "N-1"), ("AE", "M-2"), ("AR", "M-4")]
        assert b"\rERR||MSH^1^9^1|201^" in answers[1]
        await peer.send(framed(both))
        pair = [await peer.answer(), await peer.answer()]
        assert [codes(one)[0] for one in pair] == [("CA", "M-3"), ("AE", "M-3")]
        assert [state for state, _ in await running.deliveries()] == ["quarantined"] * 4


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"rubbish QUILLFEATHER",
        b"\x00\xff" * 50,
        b"PID|1|QUILLFEATHER\r",
        b"BHS|^~\\&|A\rBTS|0\r",
    ],
)
async def test_what_is_not_hl7_is_rejected_and_kept(database_url, tmp_path, content):
    async with served(database_url, tmp_path) as running:
        peer = await running.peer()
        rejected, taken = await peer.ask(content, message())
        assert codes(rejected) == [("AR", "")]
        assert b"QUILLFEATHER" not in rejected
        assert codes(taken) == [("AA", "M-1")]
        assert [state for state, _ in await running.deliveries()] == ["refused", "taken"]


async def test_a_batch_is_answered_by_a_batch(database_url, tmp_path):
    parts = [message(f"M-{n}", person=str(n)) for n in (1, 2)] + [NAMELESS]
    body = b"FHS|^~\\&|PAS\rBHS|^~\\&|PAS|RAX|GW|SWL|||||B-9\r" + b"".join(parts)
    async with served(database_url, tmp_path) as running:
        peer = await running.peer()
        (answer,) = await peer.ask(body + b"BTS|3\rFTS|1\r")
        assert answer.startswith(b"BHS|^~\\&|GW|SWL|PAS|RAX|")
        assert b"|B-9\r" in answer.partition(b"MSH")[0]
        assert answer.endswith(b"BTS|3\r")
        assert codes(answer) == [("AA", "M-1"), ("AA", "M-2"), ("AE", "N-1")]
        assert await running.deliveries() == [("partly-taken", "RAX")]


async def test_five_megabytes_are_taken(database_url, tmp_path):
    note = b"OBX|1|ED|PDF^Letter||^application^pdf^Base64^" + b"QUJD" * 1_300_000 + b"\r"
    async with served(database_url, tmp_path) as running:
        peer = await running.peer()
        large, small = await peer.ask(message("M-1") + note, message("M-2", person="2"))
        assert codes(large) == [("AA", "M-1")]
        assert codes(small) == [("AA", "M-2")]


async def test_what_is_too_large_is_rejected_by_its_header(tmp_path):
    url = f"sqlite:///{tmp_path}/x.db"
    async with served(url, tmp_path, message_bytes=5000) as running:
        peer = await running.peer()
        large, small = await peer.ask(message("M-1") + b"NTE|1||x\r" * 1000, message("M-2"))
        assert codes(large) == [("AR", "M-1")]
        assert b"larger than this service takes" in large
        assert codes(small) == [("AA", "M-2")]
        assert [state for state, _ in await running.deliveries()] == ["refused", "taken"]


async def test_an_archive_that_is_a_bomb_is_rejected(tmp_path):
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.hl7", message() + b"0" * 5_000_000)
    async with served(f"sqlite:///{tmp_path}/x.db", tmp_path) as running:
        peer = await running.peer()
        rejected, taken = await peer.ask(bomb.getvalue(), message())
        assert codes(rejected) == [("AR", "")]
        assert b"larger than this service takes" in rejected
        assert codes(taken) == [("AA", "M-1")]


async def test_a_failure_of_ours_is_told_as_one(tmp_path, monkeypatch):
    async def busy(*_arguments):
        raise BusyError

    async def broken(*_arguments):
        raise RuntimeError("secret QUILLFEATHER inside")

    async with served(f"sqlite:///{tmp_path}/x.db", tmp_path) as running:
        peer = await running.peer()
        for fault in (busy, broken):
            monkeypatch.setattr("gateway.mllp.taking.push", fault)
            original, commit = await peer.ask(message("M-1"), message("M-2", "AL", "AL"))
            assert codes(original) == [("AR", "M-1")]
            assert codes(commit) == [("CE", "M-2")]
            assert b"send it again" in original
            assert b"QUILLFEATHER" not in original + commit
        monkeypatch.undo()
        assert codes((await peer.ask(message("M-1")))[0]) == [("AA", "M-1")]


async def test_a_source_may_be_answered_in_one_mode(tmp_path):
    original = PLAIN | {"sources": [SOURCE | {"answers": "original"}]}
    commit = PLAIN | {"sources": [SOURCE | {"answers": "commit", "org": "RXX"}]}
    async with served(f"sqlite:///{tmp_path}/x.db", tmp_path, original, commit) as running:
        first, second = await running.peer(0), await running.peer(1)
        assert codes((await first.ask(message("M-1", "AL", "NE")))[0]) == [("AA", "M-1")]
        assert codes((await second.ask(message("M-1")))[0]) == [("CA", "M-1")]
        assert {org for _, org in await running.deliveries()} == {"RAX", "RXX"}
