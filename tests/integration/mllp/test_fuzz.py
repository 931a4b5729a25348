"""Spoilt bytes over real sockets: every connection ends or answers, and the service goes on."""

import asyncio
import random

import pytest

from tests.integration.mllp.process import Listening
from tests.integration.mllp.talking import Peer, codes, message
from tests.integration.taking import authored
from tests.memory import resident_bytes

_SAMPLE, _ALL = 90, 100_000
_EACH = 3
"""Messages of one connection."""
_AT_A_TIME = 8
_SECONDS = 120
"""After so long it hangs, however busy the machine is."""
_CANARY = b"QUILLFEATHER 47119900268"
_MOST_GROWTH = 150 * 1024 * 1024
_BLOCKS = (b"\x0b", b"\x1c", b"\r", b"\n", b"\x1c\r", b"\x0b\x0b", b"\x1c\r\x1c\r", b"\x00", b"")
_HEADERS = (
    b"MSH|^~\\&|",
    b"MSH",
    b"MSH^~|\\&^",
    b"FHS|^~\\&|",
    b"BHS|",
    b"BTS|1\r",
    b"\xef\xbb\xbf",
)


def _spoilt(dice: random.Random, good: list[bytes]) -> bytes:
    """What one connection sends: its frames, spoilt here and there."""
    sent = b""
    for _ in range(_EACH):
        body = bytearray(_about_somebody(dice, dice.choice(good)))
        for _ in range(dice.choice([0, 0, 1, 2, 12])):
            _spoil(dice, body)
        start, end = dice.choice(_BLOCKS), dice.choice(_BLOCKS)
        whole = dice.random() < 0.5
        sent += (b"\x0b" if whole else start) + body + (b"\x1c\r" if whole else end)
    return sent


def _about_somebody(dice: random.Random, content: bytes) -> bytes:
    """The good messages are about one person; here nearly each is about somebody else."""
    made = content.replace(b"5500123", b"%07d" % dice.randrange(10**7))
    return made if dice.random() < 0.02 else made.replace(b"9990001006", b"")


def _spoil(dice: random.Random, body: bytearray) -> None:
    at = dice.randrange(len(body) + 1)
    kind = dice.randrange(6)
    if kind == 0:
        body[at : at + 1] = dice.randbytes(1)
    elif kind == 1:
        del body[at : at + dice.randrange(1, 200)]
    elif kind == 2:
        body[at:at] = dice.choice(_BLOCKS) + _CANARY
    elif kind == 3:
        body[at:at] = dice.choice(_HEADERS)
    elif kind == 4:
        body[at:at] = dice.choice((b"|", b"^", b"~", b"\\", b"&")) * dice.randrange(1, 400)
    else:
        body[at:at] = body[: dice.randrange(600)]


async def _sent(listening: Listening, dice: random.Random, good: list[bytes]) -> None:
    """One connection: all its bytes in pieces, then the end; answers until the server closes."""
    peer = Peer(*await asyncio.open_connection("127.0.0.1", listening.port))
    data = _spoilt(dice, good)
    try:
        async with asyncio.timeout(_SECONDS):
            while data:
                size = dice.choice([1, 40, 5000, 10**6])
                await peer.send(data[:size])
                data = data[size:]
            if dice.random() < 0.1:
                peer.writer.transport.abort()
                return
            peer.end_sending()
            while answer := await peer.answer():
                assert answer.startswith((b"MSH|^~\\&|", b"BHS|^~\\&|"))
                assert b"\x0b" not in answer
    except ConnectionError:
        raise AssertionError("the server broke the connection off") from None
    finally:
        peer.writer.close()


async def _many(listening: Listening, count: int, seed: int) -> None:
    good = [one.body for one in authored("hospital")]

    async def some(place: int) -> None:
        for number in range(place, count // _EACH, _AT_A_TIME):
            await _sent(listening, random.Random(f"{seed}/{number}"), good)

    await asyncio.gather(*(some(place) for place in range(_AT_A_TIME)))
    peer = Peer(*await asyncio.open_connection("127.0.0.1", listening.port))
    (answer,) = await peer.ask(message("LAST", person="last"))
    assert codes(answer) == [("AA", "LAST")]
    peer.writer.close()


def _run(url: str, folder, count: int, seed: int) -> None:
    listening = Listening(url, folder)
    try:
        asyncio.run(_many(listening, count // 10, seed))
        before = resident_bytes(listening.process.pid)
        asyncio.run(_many(listening, count, seed + 1))
        assert resident_bytes(listening.process.pid) < before + _MOST_GROWTH
        assert listening.stop() == 0
    finally:
        listening.kill()
    log = listening.log.read_text(errors="replace")
    for secret in ("QUILLFEATHER", "47119900268", "ASHDOWN", "MARSH", "Edwin", "Traceback"):
        assert secret not in log
    assert "mllp-failed" not in log, log[-2000:]


def test_spoilt_frames_do_no_harm(database_url, tmp_path):
    _run(database_url, tmp_path, _SAMPLE, seed=1)


@pytest.mark.soak
def test_a_hundred_thousand_spoilt_frames(database_url, tmp_path):
    _run(database_url, tmp_path, _ALL, seed=100)
