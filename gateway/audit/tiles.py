"""The tree in tiles of up to 256 hashes, so that anybody can check proofs with plain GETs.

In      a tile's path and the size of the log.
Out     which hashes of its level the tile holds: its bytes are these, one after the other.
Rule    A hash of level L covers 256**L leaves, and is the root of 256 of the level below: a
        complete one never changes, so that it is worked out once. A partial tile is
        named by its width. Hashes tell nothing of a record: each record holds a nonce.
Errors  ValueError for a path that is not a tile's, or a tile that the log does not have yet.
Source  C2SP tlog-tiles, https://c2sp.org/tlog-tiles
Pure    Values in, values out.
"""

import re
from dataclasses import dataclass
from typing import Final, Self

from gateway.audit.merkle import Range

WIDTH: Final = 256
LEVELS: Final = 6
_PATH: Final = re.compile(
    r"(?P<level>0|[1-5])/(?P<index>(?:x[0-9]{3}/){0,5}[0-9]{3})(?:\.p/(?P<width>[1-9][0-9]{0,2}))?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Tile:
    """One tile: its level from 0, its index from 0 in that level, and how many hashes."""

    level: int
    index: int
    width: int = WIDTH

    @classmethod
    def from_path(cls, path: str) -> Self:
        """The tile of a path such as 0/x001/067 or 1/000.p/5."""
        found = _PATH.fullmatch(path)
        if found is None:
            raise ValueError("not the path of a tile")
        index = int(found["index"].replace("x", "").replace("/", ""))
        tile = cls(int(found["level"]), index, int(found["width"] or WIDTH))
        if tile.width > WIDTH or tile.to_path() != path:
            raise ValueError("not the path of a tile")
        return tile

    def to_path(self) -> str:
        """The path that names the tile below /log/tile/."""
        groups, rest = [f"{self.index % 1_000:03}"], self.index // 1_000
        while rest:
            groups.append(f"x{rest % 1_000:03}")
            rest //= 1_000
        partial = "" if self.width == WIDTH else f".p/{self.width}"
        return f"{self.level}/{'/'.join(reversed(groups))}{partial}"

    def hashes(self, size: int) -> Range:
        """The hashes [start, end) of its level; ValueError when the log is not that long."""
        start = self.index * WIDTH
        end = start + self.width
        if not 0 < self.width <= WIDTH or end > complete(self.level, size):
            raise ValueError("the log does not have this tile")
        return start, end


def complete(level: int, size: int) -> int:
    """How many hashes of a level a log of that size has: those of complete subtrees."""
    each: int = WIDTH**level
    return size // each
