"""Connections: pipelining and its bounds, cuts, limits, and an end in good order."""

import asyncio
from contextlib import suppress

import pytest

from gateway.mllp import connection
from gateway.mllp.framing import Frame, framed
from gateway.mllp.sources import source_of
from gateway.mllp.taking import answered
from gateway.setting_parts import Mllp
from mappings.registry import FEEDS
from tests.fake_log import FakeLog
from tests.integration.mllp.talking import PLAIN, SECONDS, codes, message, served

pytestmark = pytest.mark.anyio


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path}/x.db"


async def test_answers_come_in_the_order_of_the_messages(database_url, tmp_path):
    many = [message(f"M-{n}", person=str(n % 7)) for n in range(60)]
    async with served(database_url, tmp_path) as running:
        peer = await running.peer()
        answers = await peer.ask(*many)
        assert [codes(one)[0] for one in answers] == [("AA", f"M-{n}") for n in range(60)]


async def test_several_are_in_hand_and_never_too_many(url, tmp_path):
    """The slow first one does not hold back the work on those after it, only their answers."""
    most = connection.MOST_IN_HAND
    begun, go = [], asyncio.Event()

    async def slowly(frame):
        begun.append(frame.content)
        await go.wait()
        return connection.Answer(framed(frame.content), dict)

    reader = asyncio.StreamReader()
    reader.feed_data(b"".join(framed(b"MSH|%d" % n) for n in range(most + 5)))
    reader.feed_eof()
    writer = _Writer()
    serving = asyncio.create_task(
        connection.Connection(reader, writer, Mllp(), slowly).run()  # type: ignore[arg-type]
    )
    await _settled()
    assert len(begun) == most
    assert writer.sent == b""
    go.set()
    await serving
    assert writer.sent == b"".join(framed(b"MSH|%d" % n) for n in range(most + 5))


async def test_a_message_is_under_way_until_its_answer_is_sent(url, tmp_path):
    """The process may be lost while an answer waits for the one before it, or for its peer."""
    async with served(url, tmp_path) as running:
        (listener,) = Mllp.model_validate({"listeners": (PLAIN,)}).listeners
        inbox, source = running.inbox, source_of(listener, FEEDS, None)
        assert source is not None
        answers = [await answered(inbox, source, Frame(message(f"M-{n}"))) for n in range(2)]
        under_way = [list(told.numbers) for told in inbox.under_way.values()]
        answers[0].over()
        left = [list(told.numbers) for told in inbox.under_way.values()]
    assert [len(numbers) for numbers in under_way] == [1, 1]
    assert left == under_way[1:]


async def test_an_answer_is_over_once_it_is_handed_over(url, tmp_path):
    over: list[tuple[bytes, bytes]] = []

    async def answered_at_once(frame):
        sent = writer.sent
        return connection.Answer(frame.content, lambda: over.append((sent, writer.sent)))

    reader, writer = asyncio.StreamReader(), _Writer()
    reader.feed_data(framed(b"MSH|1"))
    reader.feed_eof()
    await connection.Connection(reader, writer, Mllp(), answered_at_once).run()  # type: ignore[arg-type]
    assert over == [(b"", b"MSH|1")]


async def test_large_ones_are_in_hand_alone(url, tmp_path):
    begun, go = [], asyncio.Event()

    async def slowly(frame):
        begun.append(len(frame.content))
        await go.wait()
        return connection.Answer(b"", dict)

    reader = asyncio.StreamReader()
    reader.feed_data(framed(b"x" * 900) * 3)
    reader.feed_eof()
    limits = Mllp(message_bytes=2000)
    serving = asyncio.create_task(
        connection.Connection(reader, _Writer(), limits, slowly).run()  # type: ignore[arg-type]
    )
    await _settled()
    assert begun == [900, 900]
    go.set()
    await serving
    assert begun == [900] * 3


async def _settled() -> None:
    """All that was under way has come to where it waits: nothing here waits for the clock."""
    for _ in range(1000):
        await asyncio.sleep(0)


async def test_a_fault_of_reading_ends_the_connection_alone(monkeypatch):
    log = FakeLog()
    monkeypatch.setattr(connection, "_log", log)

    async def answered(_frame):
        raise AssertionError("nothing was sent")

    reader = asyncio.StreamReader()
    reader.set_exception(RuntimeError("secret QUILLFEATHER inside"))
    await connection.Connection(reader, _Writer(), Mllp(), answered).run()  # type: ignore[arg-type]
    (logged,) = log.lines
    assert "RuntimeError" in str(logged)
    assert "QUILLFEATHER" not in str(logged)


class _Writer:
    """As much of a StreamWriter as a connection uses."""

    def __init__(self) -> None:
        self.sent = b""

    def is_closing(self) -> bool:
        return False

    def write(self, data: bytes) -> None:
        self.sent += data

    async def drain(self) -> None:
        await asyncio.sleep(0)

    def close(self) -> None:
        """Nothing to close."""

    async def wait_closed(self) -> None:
        """Closed at once."""


async def test_a_message_in_pieces_is_one_message(url, tmp_path):
    data = framed(message())
    async with served(url, tmp_path) as running:
        peer = await running.peer()
        for start in range(0, len(data), 50):
            await peer.send(data[start : start + 50])
            await asyncio.sleep(0.01)
        assert codes(await peer.answer()) == [("AA", "M-1")]


async def test_an_end_block_without_its_carriage_return_is_answered(url, tmp_path):
    async with served(url, tmp_path) as running:
        peer = await running.peer()
        await peer.send(b"\x0b" + message() + b"\x1c")
        assert codes(await peer.answer()) == [("AA", "M-1")]


async def test_rubbish_is_answered_when_its_sender_waits(url, tmp_path):
    async with served(url, tmp_path) as running:
        peer = await running.peer()
        await peer.send(b"GET / HTTP/1.1\r\n\r\n")
        peer.end_sending()
        assert codes(await peer.answer()) == [("AR", "")]
        assert await peer.closed()


async def test_a_message_cut_short_is_wholly_absent_and_its_repeat_is_taken(database_url, tmp_path):
    """The bytes were kept as refused; whole, the same bytes are another thing."""
    async with served(database_url, tmp_path) as running:
        peer = await running.peer()
        await peer.send(b"\x0b" + message())
        peer.end_sending()
        assert codes(await peer.answer()) == [("AR", "M-1")]
        assert await running.rows("SELECT count(*) FROM resource") == [(0,)]
        assert [state for state, _ in await running.deliveries()] == ["refused"]
        again = await running.peer()
        assert codes((await again.ask(message()))[0]) == [("AA", "M-1")]
        assert [state for state, _ in await running.deliveries()] == ["taken"]
        assert codes((await again.ask(message()))[0]) == [("AA", "M-1")]


async def test_a_peer_that_is_gone_before_its_answer_leaves_the_message_whole(
    database_url, tmp_path
):
    async with served(database_url, tmp_path) as running:
        peer = await running.peer()
        await peer.send(framed(message("M-1")) + framed(message("M-2", person="2"))[:-20])
        peer.writer.close()
        async with asyncio.timeout(SECONDS):
            while ("taken", "RAX") not in await running.deliveries():
                await asyncio.sleep(0.02)
        again = await running.peer()
        assert codes((await again.ask(message("M-1")))[0]) == [("AA", "M-1")]
        assert [s for s, _ in await running.deliveries() if s == "taken"] == ["taken"]


async def test_a_frame_that_trickles_in_is_cut_off_and_answered(url, tmp_path):
    """However little is waited for each next byte."""
    async with served(url, tmp_path, message_seconds=0.5) as running:
        peer = await running.peer()
        trickling = asyncio.create_task(_trickled(peer, b"\x0b" + message() * 1000))
        assert codes(await peer.answer()) == [("AR", "")]
        assert await peer.closed()
        trickling.cancel()


async def _trickled(peer, data):
    with suppress(ConnectionError):
        for place in range(len(data)):
            await peer.send(data[place : place + 1])
            await asyncio.sleep(0.02)


async def test_a_connection_that_stands_idle_is_closed(url, tmp_path):
    async with served(url, tmp_path, idle_seconds=0.1) as running:
        assert await (await running.peer()).closed()


async def test_one_that_was_answered_and_then_stands_idle_is_closed():
    async def at_once(frame):
        return connection.Answer(framed(frame.content), dict)

    reader, writer = asyncio.StreamReader(), _Writer()
    reader.feed_data(framed(b"MSH|1"))
    limits = Mllp(idle_seconds=0.1)
    await connection.Connection(reader, writer, limits, at_once).run()  # type: ignore[arg-type]
    assert writer.sent == framed(b"MSH|1")


async def test_a_peer_that_does_not_read_is_let_go(url, tmp_path):
    """Its answers fill the way back; the server stops reading, and then closes."""
    async with served(url, tmp_path, message_seconds=0.5) as running:
        peer = await running.peer(limit=1024)
        peer.writer.transport.pause_reading()  # type: ignore[attr-defined]
        unread = message("M-1").replace(b"PAS", b"P" * 30_000)
        with pytest.raises(ConnectionError):
            await _send_for_ever(peer, framed(unread))
        other = await running.peer()
        assert codes((await other.ask(message("M-2")))[0]) == [("AA", "M-2")]


async def _send_for_ever(peer, data):
    async with asyncio.timeout(SECONDS):
        while True:
            await peer.send(data)
            await asyncio.sleep(0)


async def test_there_are_not_endless_connections(url, tmp_path):
    async with served(url, tmp_path, PLAIN, dict(PLAIN), connections=2) as running:
        first, second = await running.peer(), await running.peer()
        await first.ask(message())
        await second.ask(message())
        assert await (await running.peer()).closed()
        elsewhere = await running.peer(1)
        assert codes((await elsewhere.ask(message()))[0]) == [("AA", "M-1")]
        first.end_sending()
        assert await first.closed()
        async with asyncio.timeout(SECONDS):
            while await (await running.peer()).closed(within=0.2):
                """The place of the first is not free yet."""


async def test_told_to_close_it_finishes_what_is_in_hand(database_url, tmp_path):
    many = [message(f"M-{n}", person=str(n)) for n in range(10)]
    async with served(database_url, tmp_path) as running:
        peer, idle = await running.peer(), await running.peer()
        await idle.ask(message("M-x", person="x"))
        await peer.send(b"".join(map(framed, many)))
        first = await peer.answer()
        await running.server.close()
        answered = [first]
        while one := await peer.answer():
            answered.append(one)
        assert [codes(one)[0] for one in answered] == [("AA", f"M-{n}") for n in range(10)]
        assert len(await running.deliveries()) == 11
        assert await idle.closed()
        with pytest.raises(ConnectionError):
            await asyncio.open_connection("127.0.0.1", idle.writer.get_extra_info("peername")[1])
