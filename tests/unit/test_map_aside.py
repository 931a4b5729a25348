"""A long file is mapped in a process of its own: the same items, and nothing left running."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Final

import pytest

from gateway.cli.demo.council_return import client_level_data
from gateway.cli.demo.people import people_of
from gateway.flows.intake import map_aside, map_items
from gateway.flows.intake.map_aside import Asked, is_known_aside, mapped_aside
from gateway.flows.intake.map_items import MappedItem, mapped
from gateway.flows.intake.recognise import recognised
from mappings.core.model.outcome import Item, Outcome
from mappings.core.model.rows import Kind
from mappings.registry import FEEDS
from tests.golden.cases import GOLDEN
from tests.integration.taking import START

FEED: Final = FEEDS["social-care"]
BODY: Final = client_level_data(people_of(1, 10, ()))
ASKED: Final = Asked(FEED.name, BODY, "text/csv", START, 1_000_000, after=7, batch=5)


def _here() -> Iterator[MappedItem]:
    return mapped(FEED, recognised(FEED, {"": BODY}, ASKED.media_type), START)


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[bytes]]:
    """Those that were started."""
    made: list[subprocess.Popen[bytes]] = []
    real = subprocess.Popen

    def started(*args: object, **options: object) -> subprocess.Popen[bytes]:
        made.append(real(*args, **options))  # type: ignore[call-overload]
        return made[-1]

    monkeypatch.setattr(subprocess, "Popen", started)
    return made


def test_what_is_mapped_aside_is_what_would_be_mapped_here() -> None:
    with mapped_aside(ASKED) as items:
        assert list(items) == list(islice(_here(), 7, None))


def test_a_file_that_ends_before_has_nothing_more() -> None:
    with mapped_aside(replace(ASKED, after=1_000)) as items:
        assert not list(items)


def test_a_process_that_ends_early_is_an_error_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(map_aside, "_COMMAND", (sys.executable, "-c", "input()"))
    with mapped_aside(ASKED) as items, pytest.raises(RuntimeError, match="ended early"):
        list(items)


def test_the_process_ends_where_nobody_listens_any_more(
    processes: list[subprocess.Popen[bytes]],
) -> None:
    with mapped_aside(replace(ASKED, after=0, batch=1)) as items:
        next(items)
        assert processes[0].poll() is None
    assert processes[0].returncode is not None


def test_a_feed_that_is_not_of_the_registry_is_mapped_here() -> None:
    assert is_known_aside(FEED)
    assert not is_known_aside(replace(FEED, title="another"))


def test_what_is_skipped_is_not_mapped_and_may_end_within_an_item(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A message that moves a visit is two items, of two people."""
    feed = FEEDS["hospital"]
    files = sorted((GOLDEN / "hospital/adt-move/input").iterdir())
    members = {file.name: file.read_bytes() for file in files}
    made: list[int] = []
    real = vars(map_items)["map_item"]

    def counted(kind: Kind, item: Item) -> Outcome:
        made.append(item.number)
        outcome: Outcome = real(kind, item)
        return outcome

    monkeypatch.setattr(map_items, "map_item", counted)

    def rest(after: int) -> list[MappedItem]:
        return list(mapped(feed, recognised(feed, members, ""), START, after))

    whole = rest(0)
    numbers = [one.item.number for one in whole]
    assert len(set(numbers)) < len(numbers)
    for after in range(len(whole) + 2):
        made.clear()
        assert rest(after) == whole[after:]
        assert set(made) == set(numbers[after:])
