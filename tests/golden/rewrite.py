"""Write the expected files anew: `python -m tests.golden.rewrite [feed ...]`.

Read the difference as a clinical reviewer would before it is committed.
"""

import sys

from mappings.registry import FEEDS
from tests.golden.cases import cases, feed_named, written


def main(names: list[str]) -> int:
    """Write every case of the named feeds (all registered ones where none is named)."""
    feeds = {feed.name: feed for feed in map(feed_named, names or FEEDS)}
    for case in cases(feeds):
        text = written(case, feeds[case.feed])
        same = case.expected.is_file() and case.expected.read_text("utf-8") == text
        case.expected.write_text(text, "utf-8")
        sys.stdout.write(f"{'same' if same else 'written':8}{case}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
