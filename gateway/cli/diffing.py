"""mapping diff: two versions of the mappings, and what they make of the same examples."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from gateway.cli.output import Json

if TYPE_CHECKING:
    from gateway.flows.feeds.mapping_diff import Example
    from mappings.core.model.rows import Feed

ROOT: Final = Path(__file__).resolve().parents[2]
"""Of the sources, where this runs from them."""
_Version = Annotated[
    str, typer.Argument(help="A kept release, `now`, or a file of `mapping show --tables`.")
]


def mapping_diff(
    old: _Version,
    new: _Version,
    feed: Annotated[str, typer.Option(help="One feed alone; a file holds one.")] = "",
    example: Annotated[
        list[Path] | None, typer.Option(help="Files or folders to map by both; may be repeated.")
    ] = None,
    deliveries: Annotated[
        int, typer.Option(min=0, max=10_000, help="So many of the store's latest, under the log.")
    ] = 0,
    json: Json = False,
) -> None:
    """Compare two versions of the mappings: rows and codes, and what both make of examples.

    Without --example the golden cases and examples beside the sources are mapped. A row is
    mapped as it stood, by the functions of today. Of the tables it is shown what was and what is;
    of the examples paths and counts alone, no values. Exit 0 when nothing differs, 1
    when something does, 2 when there is no such version.

    Example: care-gateway mapping diff 0.1.0-alpha.1 now --feed gp
    """
    from gateway.cli import output
    from gateway.cli.opening import connect, feed_named, log_to_stderr
    from gateway.settings import Settings
    from mappings.registry import FEEDS

    log_to_stderr()
    connect(Settings())
    feeds = [feed_named(feed)] if feed else list(FEEDS.values())
    found = [_compared(one, old, new, example, deliveries) for one in feeds]
    if json:
        output.as_json({"old": old, "new": new, "feeds": found})
    else:
        _show(found)
    raise typer.Exit(int(any(one["differs"] for one in found)))


def _compared(
    feed: "Feed", old: str, new: str, given: list[Path] | None, deliveries: int
) -> dict[str, Any]:
    from gateway.cli.opening import operator, with_store
    from gateway.errors import ConfigurationError
    from gateway.flows.feeds.mapping_diff import compared, seen_in, seen_in_store, version_named

    try:
        versions = version_named(feed, old), version_named(feed, new)
    except ConfigurationError as unknown:
        raise typer.BadParameter(unknown.args[0]) from None
    seen = seen_in(feed, *versions, _files(feed, given))
    if deliveries:
        seen |= with_store(
            lambda _, store: seen_in_store(store, feed, *versions, deliveries, operator())
        )
    return compared(feed, *versions, seen)


def _files(feed: "Feed", given: list[Path] | None) -> Iterator["Example"]:
    from gateway.cli.opening import read_body

    golden, authored = ROOT / "tests" / "golden", ROOT / "examples"
    own = [*golden.glob(f"{feed.name}/*/input"), *authored.glob(f"{feed.name}/*")]
    for path in sorted(own) if given is None else given:
        inside = [one for one in path.rglob("*") if one.is_file()] if path.is_dir() else []
        name = path.parent.name if path.name == "input" else path.name
        yield (name, *read_body(inside[0] if len(inside) == 1 else path))


def _show(found: list[dict[str, Any]]) -> None:
    from gateway.cli import output

    rows = [
        (one["feed"], *(change[part] for part in ("kind", "what", "name", "change", "parts")))
        for one in found
        for change in one["changes"]
    ]
    output.table(("feed", "kind", "what", "name", "change", "parts"), rows)
    output.data("")
    output.table(
        ("feed", "example", "element", "change", "items"),
        [
            (one["feed"], seen["example"], line["element"], line["change"], line["items"])
            for one in found
            for seen in one["examples"]
            for line in seen["elements"]
        ],
    )
    for one in found:
        differing = sum(bool(seen["differ"]) for seen in one["examples"])
        output.say(
            f"{one['feed']}: {len(one['changes'])} changes; {differing} of"
            f" {len(one['examples'])} examples come out otherwise"
        )
        for name in one["not_replayed"]:
            why = "its function is no more, or looks up something else"
            output.say(f"{one['feed']}: not replayed, {why}: {name}")
