import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.audit.merkle import leaf_hash, tree_root
from gateway.audit.tiles import WIDTH, Tile

LEAVES = [leaf_hash(bytes([number % 256, number // 256])) for number in range(2 * WIDTH + 3)]


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0), "0/000"),
        (Tile(0, 1_234_067), "0/x001/x234/067"),
        (Tile(1, 1_000, 5), "1/x001/000.p/5"),
    ],
)
def test_a_path_is_that_of_the_specification(tile, path):
    assert tile.to_path() == path
    assert Tile.from_path(path) == tile


@given(st.integers(0, 5), st.integers(0, 10**9), st.integers(1, WIDTH))
def test_a_path_reads_back(level, index, width):
    tile = Tile(level, index, width)
    assert Tile.from_path(tile.to_path()) == tile


@pytest.mark.parametrize(
    "path",
    [
        "",
        "0",
        "0/0",
        "0/x000/001",
        "6/000",
        "0/000.p/256",
        "0/000.p/0",
        "0/000.p/257",
        "0/../000",
        "0/000/",
        "00/000",
        "0/000.p/05",
        "0/x1/000",
        "0/٠٠٠",
    ],
)
def test_another_path_is_no_tile(path):
    with pytest.raises(ValueError, match="path of a tile"):
        Tile.from_path(path)


def test_a_tile_of_leaves_is_their_hashes():
    start, end = Tile(0, 1).leaves(len(LEAVES))
    assert (start, end) == (256, 512)
    assert Tile(0, 1).to_bytes(LEAVES[start:end]) == b"".join(LEAVES[256:512])


def test_a_tile_above_holds_the_roots_of_the_tiles_below():
    start, end = Tile(1, 0, 2).leaves(len(LEAVES))
    found = Tile(1, 0, 2).to_bytes(LEAVES[start:end])
    assert found == tree_root(LEAVES[:256]) + tree_root(LEAVES[256:512])


def test_the_root_follows_from_the_tiles_alone():
    above = Tile(1, 0, 2).to_bytes(LEAVES[:512])
    last = Tile(0, 2, 3).to_bytes(LEAVES[512:515])
    whole = tree_root([above[:32], above[32:]])
    rest = tree_root([last[:32], last[32:64], last[64:]])
    assert tree_root([whole, rest]) == tree_root(LEAVES)


@pytest.mark.parametrize("tile", [Tile(0, 2, 4), Tile(0, 3, 1), Tile(1, 0, 3), Tile(0, 0, 0)])
def test_a_tile_the_log_does_not_have_yet_is_refused(tile):
    with pytest.raises(ValueError, match="does not have"):
        tile.leaves(len(LEAVES))


def test_a_tile_is_made_of_all_its_leaves():
    with pytest.raises(ValueError, match="all its leaves"):
        Tile(0, 0).to_bytes(LEAVES[:255])
