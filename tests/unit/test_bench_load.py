"""The load generator counts whole answers, however they are told to end and come in pieces."""

import asyncio

import pytest

from bench.load import Load, _Connection

TOLD = b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nbody"
CHUNKED = b"HTTP/1.1 201 \r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n2\r\n!!\r\n0\r\n\r\n"
REFUSED = CHUNKED.replace(b"201", b"422")


class Wire(asyncio.Transport):
    """Takes what is sent, and keeps count."""

    sent = 0

    def write(self, data):
        self.sent += 1


async def _counted(pieces: list[bytes]) -> tuple[Load, Wire]:
    load, wire = Load(), Wire()
    connection = _Connection(load, lambda: b"GET / HTTP/1.1\r\n\r\n", False)
    connection.connection_made(wire)
    for piece in pieces:
        connection.data_received(piece)
    return load, wire


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50, 1_000])
@pytest.mark.parametrize("answer", [TOLD, CHUNKED])
def test_an_answer_counts_once_however_it_is_cut(answer, size):
    pieces = [answer[at : at + size] for at in range(0, len(answer), size)]
    load, wire = asyncio.run(_counted(pieces * 3))
    assert (len(load.times), load.failures, wire.sent) == (3, 0, 4)


@pytest.mark.parametrize("answer", [TOLD, CHUNKED])
def test_an_answer_that_has_not_ended_does_not_count(answer):
    load, wire = asyncio.run(_counted([answer[:-1]]))
    assert (load.times, wire.sent) == ([], 1)


def test_a_refusal_in_chunks_is_a_failure():
    load, _ = asyncio.run(_counted([REFUSED]))
    assert (len(load.times), load.failures) == (1, 1)
