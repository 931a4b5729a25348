"""What is sealed of a delivery's body: any body comes back as it came, a long one kept small."""

import gzip

import pytest

from gateway.store.intake.deliveries import from_kept, to_kept

ROWS = b"XK2,2026-01-01,Service,Long term support: Community\r\n" * 100_000


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"MSH|^~\\&|",
        ROWS,
        gzip.compress(b"sent like that", mtime=0),
        gzip.compress(ROWS, 0),
        b"\x1f\x8b",
    ],
)
def test_a_body_comes_back_as_it_came(body):
    assert from_kept(to_kept(body)) == body


def test_a_short_body_is_kept_as_it_is_and_a_long_one_small():
    assert to_kept(b"MSH|^~\\&|") == b"MSH|^~\\&|"
    assert len(to_kept(ROWS)) < len(ROWS) / 20
