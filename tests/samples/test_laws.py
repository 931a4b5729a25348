"""Laws of every feed over the real samples, a part of them here and more of them when soaking.

A text that says nothing makes nobody dead, older or of another sex; what is refused leaves nothing
behind that names it.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mappings.core.applying.apply import map_item, parts_of
from mappings.core.model.outcome import Fold, Item, NotThisFormatError
from mappings.core.model.rows import Kind
from mappings.registry import FEEDS
from tests.contract import refusals
from tests.contract.identity import broken, spread
from tests.golden.cases import read

ITEMS, PLACES = 3, 4
"""Of each file, and of each item of it."""
PLACES_SOAKING = 300
REFUSED = 8
"""Resources of an item that are refused in turn."""


def _sources(folder: Path) -> list[Path]:
    """Tables of a data set are read together, any other file alone."""
    tables = [path for path in folder.rglob("flat") if path.is_dir()]
    files = [path for path in folder.rglob("*") if path.is_file() and path.parent not in tables]
    return sorted([*tables, *files])


def _items(feed: str, source: Path) -> Iterator[tuple[Kind, Item]]:
    kinds = FEEDS[feed].kinds
    try:
        for one in read(FEEDS[feed], source):
            yield from ((kinds[p.kind], p) for p in parts_of(kinds, one) if p.kind in kinds)
    except NotThisFormatError:
        return


@pytest.mark.parametrize("feed", FEEDS)
def test_no_text_says_who_a_person_is(feed, sample_folder):
    for source in _sources(sample_folder(feed)):
        every = list(_items(feed, source))
        for kind, item in every[:: max(1, len(every) // ITEMS)]:
            assert list(broken(kind, item, map_item(kind, item), spread(item, PLACES))) == []


@pytest.mark.soak
@pytest.mark.parametrize("feed", FEEDS)
def test_no_text_in_any_field_says_who_a_person_is(feed, sample_folder):
    for source in _sources(sample_folder(feed)):
        for kind, item in _items(feed, source):
            places = spread(item, PLACES_SOAKING)
            assert list(broken(kind, item, map_item(kind, item), places)) == []


@pytest.mark.parametrize("feed", FEEDS)
def test_nothing_names_what_was_refused_and_nothing_sound_leaves(feed, sample_folder):
    for source in _sources(sample_folder(feed)):
        for kind, item in _items(feed, source):
            made = map_item(kind, item).resources
            if all(one.fold is Fold.REPLACE for one in made):
                step = max(1, len(made) // REFUSED)
                assert list(refusals.check(made, step)) == [], source.name
