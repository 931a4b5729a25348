"""Frames: what senders really put on the wire, and that pieces change nothing."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.mllp.framing import CUT, TOO_LARGE, Frame, Framer, framed
from tests.sampling import examples

A = b"MSH|^~\\&|PAS|RAX|||20261101||ADT^A01|1|P|2.4\rPID|||77\r"
B = A.replace(b"|1|P|", b"|2|P|")
LARGEST = 4096


def _read(data, piece=None, largest=LARGEST):
    framer = Framer(largest)
    piece = piece or max(1, len(data))
    frames = []
    for start in range(0, len(data), piece):
        frames += framer.feed(data[start : start + piece])
    rest = framer.end()
    return frames + [rest] * (rest is not None)


CASES = {
    "as written": (framed(A), [Frame(A)]),
    "two in one packet": (framed(A) + framed(B), [Frame(A), Frame(B)]),
    "no carriage return after the end block": (
        b"\x0b" + A + b"\x1c\x0b" + B + b"\x1c",
        [Frame(A), Frame(B)],
    ),
    "line ends between frames": (framed(A) + b"\n\r\n \x00" + framed(B), [Frame(A), Frame(B)]),
    "doubled blocks": (b"\x0b\x0b" + A + b"\x1c\r\x1c\r" + framed(B), [Frame(A), Frame(B)]),
    "no start block": (A + b"\x1c\r" + B + b"\x1c\r", [Frame(A), Frame(B)]),
    "nothing in it": (b"\x0b\x1c\r", [Frame(b"")]),
    "nothing at all": (b"\r\n", []),
    "begun again": (b"\x0bMSH|^~\\&|cut" + framed(B), [Frame(b"MSH|^~\\&|cut", CUT), Frame(B)]),
    "never ended": (b"\x0b" + A, [Frame(A, CUT)]),
    "not begun": (b"\x0b", [Frame(b"", CUT)]),
    "rubbish first": (b"rubbish" + framed(A), [Frame(b"rubbish", CUT), Frame(A)]),
    "rubbish alone": (b"GET / HTTP/1.1\r\n\r\n", [Frame(b"GET / HTTP/1.1\r\n\r\n", CUT)]),
    "blocks inside the text": (
        framed(b"MSH|a\x1cb\x0bc\x0bMSX|d\r"),
        [Frame(b"MSH|a\x1cb\x0bc\x0bMSX|d\r")],
    ),
    "an end block inside where the next has no start block": (
        b"\x0b" + A + b"\x1c" + B + b"\x1c\r",
        [Frame(A + b"\x1c" + B)],
    ),
    "too large": (
        framed(b"MSH|" + b"x" * 2 * LARGEST) + framed(A),
        [Frame(b"MSH|" + b"x" * (LARGEST - 4), TOO_LARGE), Frame(A)],
    ),
    "too large and never ended": (
        b"\x0bMSH|" + b"x" * 2 * LARGEST + framed(A),
        [Frame(b"MSH|" + b"x" * (LARGEST - 4), TOO_LARGE), Frame(A)],
    ),
    "just not too large": (framed(b"x" * LARGEST), [Frame(b"x" * LARGEST)]),
    "by one byte": (framed(b"x" * (LARGEST + 1)), [Frame(b"x" * LARGEST, TOO_LARGE)]),
}


@pytest.mark.parametrize("piece", [None, 1, 2, 3, 7])
@pytest.mark.parametrize("name", CASES)
def test_a_frame(name, piece):
    data, expected = CASES[name]
    assert _read(data, piece) == expected


_PIECES = [b"\x0b", b"\x1c", b"\r", b"\n", b" ", b"MSH|", b"MS", b"FHS", b"a", b"x" * 30]


@settings(max_examples=examples(400), deadline=None)
@given(st.lists(st.sampled_from(_PIECES), max_size=40), st.randoms(use_true_random=False))
def test_in_which_pieces_they_come_changes_nothing(parts, dice: random.Random):
    data = b"".join(parts)
    framer, found, place = Framer(64), [], 0
    while place < len(data):
        size = dice.randrange(1, 9)
        found += framer.feed(data[place : place + size])
        place += size
    rest = framer.end()
    assert found + [rest] * (rest is not None) == _read(data, largest=64)


def test_an_end_block_with_nothing_after_it_waits_a_moment():
    framer = Framer(LARGEST)
    assert framer.feed(b"\x0b" + A + b"\x1c") == []
    assert framer.may_have_ended
    assert framer.settled() == Frame(A)
    assert not framer.is_inside
    assert framer.feed(b"\r" + framed(B)) == [Frame(B)]


def test_what_is_too_large_is_not_held():
    framer = Framer(LARGEST)
    framer.feed(b"\x0bMSH|")
    for _ in range(1000):
        framer.feed(b"x" * 1000)
        assert len(framer._buffer) <= LARGEST + 1000
    assert framer.feed(b"\x1c\r" + framed(A)) == [
        Frame(b"MSH|" + b"x" * (LARGEST - 4), TOO_LARGE),
        Frame(A),
    ]


def test_no_repr_shows_what_was_sent():
    assert "PAS" not in repr(Frame(A))
