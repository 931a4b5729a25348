"""Bodies that are wrong in every way a sender, or an attacker, finds: a seeded generator."""

import io
import json
import random
import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from mappings.registry import FEEDS
from tests.integration.taking import authored, zipped

MEDIA: Final = (
    "", "application/json", "application/fhir+json", "x-application/hl7-v2+er7", "text/csv",
    "application/zip", "application/xml", "image/png", "text/plain; charset=utf-16",
    "application/json; charset=\u00e9", "multipart/form-data; boundary=x",
)  # fmt: skip
CANARY: Final = "QUILLFEATHER 47119900268"
"""Planted in every body as a value: in no answer and no line of the log may it stand."""


@dataclass(frozen=True)
class Malformed:
    """One body, how it was made, what it says it is."""

    feed: str
    body: bytes
    media_type: str
    how: str

    def __repr__(self) -> str:
        return f"{self.feed} {self.how} {self.media_type} ({len(self.body)} bytes)"


def malformed(count: int, seed: int) -> Iterator[Malformed]:
    """So many bodies, of every feed and every kind in turn."""
    dice = random.Random(seed)
    good = {feed: [one.body for one in authored(feed)] for feed in FEEDS}
    feeds = sorted(FEEDS)
    for number in range(count):
        feed = feeds[number % len(feeds)]
        how = _WAYS[number // len(feeds) % len(_WAYS)]
        body = how(dice, dice.choice(good[feed]))
        yield Malformed(feed, body, dice.choice(MEDIA), how.__name__.strip("_"))


def _truncated(dice: random.Random, body: bytes) -> bytes:
    return body[: dice.randrange(len(body))]


def _flipped(dice: random.Random, body: bytes) -> bytes:
    made = bytearray(body)
    for _ in range(dice.randrange(1, 12)):
        made[dice.randrange(len(made))] = dice.randrange(256)
    return bytes(made)


def _wrong_types(dice: random.Random, body: bytes) -> bytes:
    try:
        tree = json.loads(body)
    except ValueError:
        return _flipped(dice, body)
    for _ in range(dice.randrange(1, 5)):
        _spoil(dice, tree)
    return json.dumps(tree).encode()


def _spoil(dice: random.Random, node: Any) -> None:
    """Put something of another kind somewhere into a tree."""
    wrong: list[Any] = [
        None, True, -1, 10**30, 1.5e300, "", CANARY, [], {}, [[]], [None], {CANARY: CANARY},
        {"resourceType": CANARY}, [CANARY] * 3, float("inf"), "\x00", "\ud800",
    ]  # fmt: skip
    while True:
        places = list(node) if isinstance(node, dict) else list(range(len(node)))
        if not places:
            return
        place = dice.choice(places)
        inner = node[place]
        if not isinstance(inner, dict | list) or dice.random() < 0.3:
            node[place] = dice.choice(wrong)
            return
        node = inner


def _deep(dice: random.Random, body: bytes) -> bytes:
    depth = dice.choice([100, 240, 260, 900, 1020, 1030, 20_000, 200_000])
    opening, closing = dice.choice([(b"[", b"]"), (b'{"goals":', b"}"), (b'{"entry":[', b"]}")])
    inner = json.dumps(CANARY).encode()
    deep = opening * depth + inner + closing * depth
    try:
        tree = json.loads(body)
    except ValueError:
        return deep
    text = json.dumps(tree | {"needs": 0} if isinstance(tree, dict) else tree).encode()
    return text.replace(b'"needs": 0', b'"needs": ' + deep) if dice.random() < 0.7 else deep


def _numbers(dice: random.Random, body: bytes) -> bytes:
    wild = dice.choice([b"1e999", b"-1e-999", b"9" * 5000, b"NaN", b"-0", b"0x10", b"1" * 400])
    digits = [at for at, byte in enumerate(body) if chr(byte).isdigit()]
    at = dice.choice(digits) if digits else 0
    return body[:at] + wild + body[at + 1 :]


def _surrogates(dice: random.Random, body: bytes) -> bytes:
    bad = dice.choice([b"\\ud800", b"\\udc00\\ud800", b"\xed\xa0\x80", b"\xff\xfe", b"\xc0\xaf"])
    return _planted(dice, body, bad)


def _nul(dice: random.Random, body: bytes) -> bytes:
    return _planted(dice, body, dice.choice([b"\x00", b"\\u0000", b"\x0b\x1c\r", b"\x7f\x85"]))


def _planted(dice: random.Random, body: bytes, bad: bytes) -> bytes:
    letters = [at for at, byte in enumerate(body) if chr(byte).isalpha()]
    for _ in range(dice.randrange(1, 4)):
        at = dice.choice(letters) if letters else 0
        body = body[:at] + bad + CANARY.encode() + body[at:]
    return body


def _binary(dice: random.Random, _body: bytes) -> bytes:
    return dice.randbytes(dice.choice([0, 1, 3, 100, 5000]))


def _bomb(dice: random.Random, _body: bytes) -> bytes:
    made = io.BytesIO()
    members = dice.choice([1, 20, 600])
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for number in range(members):
            archive.writestr(f"{number}.csv", b"0" * (2_000_000 // members))
    return made.getvalue()


def _broken_archive(dice: random.Random, body: bytes) -> bytes:
    inner = zipped({"MHS001.csv": body, f"../../{CANARY}.csv": body, "nested.zip": zipped({})})
    made = bytearray(inner)
    at = dice.choice([14, 18, 26, 6, 8, len(made) - 10, len(made) // 2, len(body) // 2])
    struct.pack_into("<H", made, min(at, len(made) - 2), dice.randrange(65536))
    return bytes(made)


def _damaged_archive(dice: random.Random, body: bytes) -> bytes:
    """Bytes of the compressed data changed, in each of the compressions there are."""
    method = dice.choice([zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", method) as archive:
        archive.writestr("MHS001.csv", body + CANARY.encode())
    made = bytearray(inner.getvalue())
    for _ in range(dice.randrange(1, 8)):
        made[dice.randrange(40, max(41, len(made) - 80))] = dice.randrange(256)
    return bytes(made)


def _repeated(dice: random.Random, body: bytes) -> bytes:
    return body * dice.choice([2, 30]) + CANARY.encode() * dice.choice([1, 5000])


def _wrong_encoding(dice: random.Random, body: bytes) -> bytes:
    text = body.decode("utf-8", "replace") + CANARY
    return text.encode(
        dice.choice(["utf-16", "utf-16-le", "cp500", "utf-7", "utf-8-sig"]), "replace"
    )


_WAYS = (
    _truncated, _flipped, _wrong_types, _deep, _numbers, _surrogates, _nul, _binary, _bomb,
    _broken_archive, _damaged_archive, _repeated, _wrong_encoding, _wrong_types,
)  # fmt: skip
