"""The log as outsiders see it: checkpoints and tiles without a token, and hashes alone."""

from datetime import timedelta

import pytest

from gateway.audit.checkpoint import Checkpoint, Verifier
from gateway.audit.merkle import leaf_hash, tree_root
from gateway.flows.audit import publish_log
from gateway.store.audit import audit_reads, published
from tests.api.service import is_outcome
from tests.fake_log import FakeLog


def _entries(gateway):
    async def read():
        return [row async for row in audit_reads.entries(gateway.site.store.engine)]

    return gateway.run(read())


def _grow(gateway, world, times):
    for _ in range(times):
        assert gateway.get("Patient/nobody", world.gp).status_code == 404


def _checkpoint(gateway):
    note = gateway.get("/log/checkpoint").text
    verifiers = map(Verifier.from_text, gateway.get("/log/keys").text.split())
    (verifier,) = verifiers
    return verifier.verify(note, verifier.name)


def _tile(gateway, path):
    answer = gateway.get(f"/log/tile/{path}")
    assert answer.status_code == 200, answer.text
    data = answer.content
    return [data[start : start + 32] for start in range(0, len(data), 32)]


def test_a_checkpoint_is_the_logs_size_and_root_and_its_tiles_the_leaves(gateway):
    found = _checkpoint(gateway)
    leaves = [leaf_hash(record) for _, record, _, _ in _entries(gateway)]
    assert found == Checkpoint(found.origin, len(leaves), tree_root(leaves))
    assert _tile(gateway, f"0/000.p/{len(leaves)}") == leaves


def test_looking_at_the_published_log_leaves_no_entry_and_needs_no_token(gateway):
    before = gateway.size()
    for path in ("/log/checkpoint", "/log/keys", "/log/tile/0/000.p/1"):
        assert gateway.get(path).status_code == 200
    assert gateway.size() == before


def test_a_new_checkpoint_is_made_when_a_minute_is_over_or_many_entries_came(
    gateway, world, monkeypatch
):
    first = _checkpoint(gateway)
    _grow(gateway, world, 3)
    assert _checkpoint(gateway) == first
    gateway.at += timedelta(seconds=60)
    second = _checkpoint(gateway)
    assert second.size == first.size + 3
    monkeypatch.setattr(publish_log, "ENTRIES", 2)
    _grow(gateway, world, 1)
    assert _checkpoint(gateway) == second
    _grow(gateway, world, 1)
    assert _checkpoint(gateway).size == second.size + 2


def test_a_tile_above_holds_the_roots_of_those_below(gateway, world):
    _grow(gateway, world, 2 * 256 - gateway.size() + 1)
    size = _checkpoint(gateway).size
    assert size >= 512
    below = [_tile(gateway, "0/000"), _tile(gateway, "0/001")]
    assert _tile(gateway, "1/000.p/2") == [tree_root(tile) for tile in below]
    assert is_outcome(gateway.get("/log/tile/1/000.p/3"), 404, "not-found")


@pytest.mark.parametrize("path", ["0/000", "0/900", "9/000", "0/000.p/0", "entries/000", "x"])
def test_a_tile_that_is_not_published_is_not_found(gateway, path):
    _checkpoint(gateway)
    assert is_outcome(gateway.get(f"/log/tile/{path}"), 404, "not-found")


def test_a30_a_log_that_lost_what_was_signed_is_not_signed_again(gateway, world, monkeypatch):
    log = FakeLog()
    monkeypatch.setattr(publish_log, "_log", log)
    first = _checkpoint(gateway)

    async def another_root(_conn, _size):
        return b"\0" * 32

    _grow(gateway, world, 1)
    gateway.at += timedelta(hours=1)
    monkeypatch.setattr(published, "root_at", another_root)
    assert _checkpoint(gateway) == first
    assert [(event, set(more)) for event, more in log.lines] == [("log-forked", {"signed", "size"})]
