"""ingest, map, mapping show | coverage; `mapping diff` is in diffing."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.cli.output import Json

mapping_app = typer.Typer(
    help="What the mappings say.", no_args_is_help=True, rich_markup_mode=None
)

FeedName = Annotated[str, typer.Argument(metavar="FEED", help="The feed, such as `gp`.")]
_ISSUE_HEADS = ("item", "severity", "path", "code", "text")


def ingest(
    feed: FeedName,
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="PATH", help="Files, folders, or `-` for standard input."),
    ],
    org: Annotated[str, typer.Option(help="The organisation they come from (ODS code).")],
    back_fill: Annotated[
        bool, typer.Option("--back-fill", help="A first load: it outranks nothing said live.")
    ] = False,
    json: Json = False,
) -> None:
    """Push files as their organisation would, and wait for the answers.

    Each path is one delivery; a folder or an archive is one delivery of its files. Exit 0 when
    all was taken, 1 when anything was not, 2 when a path is not one of the feed's formats.

    Example: care-gateway ingest social-care examples/social-care/*.json --org X1K01
    """
    from gateway.cli import output
    from gateway.cli.ingesting import ingest_all
    from gateway.cli.opening import check_path, feed_named, with_store

    wanted = feed_named(feed)
    for path in paths:
        check_path(path)
    answers = with_store(
        lambda settings, store: ingest_all(
            settings, store, wanted, org.strip(), paths, back_fill=back_fill
        )
    )
    if json:
        output.as_json({"deliveries": answers})
    else:
        _tell(answers)
    states = {answer["status"] for answer in answers}
    raise typer.Exit(2 if "refused" in states else int(states != {"taken"}))


def map_offline(
    feed: FeedName,
    path: Annotated[
        Path, typer.Argument(metavar="PATH", help="A file, a folder, or `-` for standard input.")
    ],
    org: Annotated[str, typer.Option(help="The organisation it comes from (ODS code).")] = "",
    json: Json = False,
) -> None:
    """Show what a mapping makes of a file: resources, where each element is from, issues.

    Nothing is kept, and no database is needed. What is shown holds what the file holds. Exit 1
    when an item would be quarantined, 2 when the file is not one of the feed's formats.

    Example: care-gateway map social-care examples/social-care/norma-support-plan.json
    """
    from gateway.cli import output
    from gateway.cli.opening import connect, feed_named, log_to_stderr, read_body
    from gateway.flows.feeds.map_offline import map_body
    from gateway.settings import Settings

    log_to_stderr()
    connect(Settings())
    wanted = feed_named(feed)
    answer = map_body(wanted, *read_body(path), org)
    if json:
        output.as_json(answer)
    else:
        _show(answer)
    raise typer.Exit(int(answer["source"]["quarantined"] > 0))


@mapping_app.command("show")
def show_mapping(
    feed: FeedName,
    tables_alone: Annotated[
        bool, typer.Option("--tables", help="Whole, as `mapping diff` takes it.")
    ] = False,
    json: Json = False,
) -> None:
    """A feed's tables: rows, code tables, what is left out and why.

    Example: care-gateway mapping show social-care
    """
    from gateway.cli import output
    from gateway.cli.opening import feed_named
    from gateway.flows.feeds.map_offline import tables
    from mappings.core.released.kept import tables_of, told
    from mappings.core.released.page import page

    wanted = feed_named(feed)
    if tables_alone:
        output.as_json(told(tables_of(wanted)))
    elif json:
        output.as_json(tables(wanted))
    else:
        output.data(page(wanted))


@mapping_app.command("coverage")
def mapping_coverage(
    feed: FeedName,
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="PATH", help="Examples to look at.")
    ] = None,
    json: Json = False,
) -> None:
    """What a feed's mapping covers, and what examples hold that it does not.

    Of examples the kinds that they hold are listed; with --json all of the feed. Exit 1 when an
    example holds a field that is neither mapped nor left out for a reason. A file of another
    format is skipped and named on standard error; exit 2 when all are.

    Example: care-gateway mapping coverage social-care examples/social-care/*.json
    """
    from gateway.cli import output
    from gateway.cli.covering import coverage_of
    from gateway.cli.opening import connect, feed_named, log_to_stderr
    from gateway.settings import Settings

    log_to_stderr()
    connect(Settings())
    found = coverage_of(feed_named(feed), paths or ())
    if json:
        output.as_json({"feed": feed, "kinds": found})
    else:
        names = ("fields_read", "fields_left_out", "items", "quarantined")
        heads = ("kind", "read", "left out", "items", "quarantined", "not covered")
        output.table(
            heads,
            [
                (kind, *(one[name] for name in names), list(one["unread"]))
                for kind, one in found.items()
                if one["items"] or not paths
            ],
        )
    raise typer.Exit(int(any(one["unread"] or not one["mapped"] for one in found.values())))


def _tell(answers: Iterable[dict[str, Any]]) -> None:
    from gateway.cli import output

    told = list(answers)
    output.table(
        ("path", "status", "taken", "quarantined", "delivery"),
        [(one["path"], one["status"], *one["items"].values(), one["delivery"]) for one in told],
    )
    issues = [
        (one["path"], *_issue(issue["item"], issue)) for one in told for issue in one["issues"]
    ]
    if issues:
        output.table(("path", *_ISSUE_HEADS), issues)


def _show(answer: dict[str, Any]) -> None:
    from gateway.cli import output

    source = answer["source"]
    output.data(", ".join(f"{name} {value}" for name, value in source.items() if value != ""))
    for item in answer["items"]:
        state = "quarantined" if item["quarantined"] else "taken"
        output.data(f"\nitem {item['item']}, {item['kind']}: {state}")
        for made in item["resources"]:
            output.data(f"\n{made['type']} {made['key']}")
            output.table(
                ("element", "from", "row"),
                [(line["path"], line["source"], line["rule"]) for line in made["lineage"]],
            )
        for merge in item.get("merges", ()):
            joined = "is of one person with" if merge["holds"] else "no longer belongs with"
            output.data(f"\nrecord {merge['record']} {joined} {merge['with']}")
        if item["issues"]:
            output.data("\nissues")
            output.table(_ISSUE_HEADS, [_issue(item["item"], issue) for issue in item["issues"]])


def _issue(number: object, issue: dict[str, Any]) -> tuple[object, ...]:
    return (number, *(issue[name] for name in _ISSUE_HEADS[1:]))
