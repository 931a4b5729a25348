"""Keep today's mappings under a name, so that later versions can be compared with them.

In      The name of a release.
Out     mappings/kept/NAME: each feed's tables, compressed. What is kept is never written again.

    python -m tools.keep_mappings 0.1.0
"""

import sys
from pathlib import Path
from typing import Final

from mappings.core.released.kept import packed, tables_of
from mappings.registry import FEEDS

KEPT: Final = Path(__file__).resolve().parent.parent / "mappings" / "kept"


def main() -> int:
    """Keep every feed's tables."""
    (release,) = sys.argv[1:]
    place = KEPT / release
    if place.exists():
        sys.stderr.write(f"kept before, and never written again: {place.name}\n")
        return 1
    place.mkdir(parents=True)
    for name, feed in FEEDS.items():
        (place / f"{name}.json.xz").write_bytes(packed(tables_of(feed)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
