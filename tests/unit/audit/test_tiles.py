import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.audit.tiles import WIDTH, Tile


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


@pytest.mark.parametrize(
    ("tile", "hashes"),
    [(Tile(0, 1), (256, 512)), (Tile(0, 2, 3), (512, 515)), (Tile(1, 0, 2), (0, 2))],
)
def test_a_tile_holds_the_complete_hashes_of_its_level(tile, hashes):
    assert tile.hashes(515) == hashes


@pytest.mark.parametrize("tile", [Tile(0, 2, 4), Tile(0, 3, 1), Tile(1, 0, 3), Tile(0, 0, 0)])
def test_a_tile_the_log_does_not_have_yet_is_refused(tile):
    with pytest.raises(ValueError, match="does not have"):
        tile.hashes(515)
