"""terminology import: the site's own releases of reference sets."""

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.output import Json

app = typer.Typer(
    help="The site's own reference sets.", no_args_is_help=True, rich_markup_mode=None
)


@app.command("import")
def import_sets(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE", help="RF2 simple refset snapshots, or CSV code,system."),
    ],
    name: Annotated[
        list[str],
        typer.Option(
            "--as",
            help="The set's name in the label rules; `REFSETID=NAME` for one refset of a file"
            " that holds several. A CSV may name it in a column `set`.",
        ),
    ] = [],  # noqa: B006 - typer reads the default and never changes it
    release: Annotated[
        str, typer.Option(help="Which release it is; else its newest date or content says.")
    ] = "",
    json: Json = False,
) -> None:
    """Load reference sets by the names that label rules know; each replaces its earlier release.

    New deliveries are labelled by it at once, and what stands by the worker. The names are those
    of `labels rules`; a file is loaded whole, or refused whole.

    Example: care-gateway terminology import exclusions.zip --as 999000000000000=gp-termination
    """
    from gateway.cli import output
    from gateway.cli.opening import operator, with_store
    from gateway.flows.upkeep.import_terminology import import_files

    bodies = [(path.name, _read(path)) for path in files]
    found = with_store(
        lambda _settings, store: import_files(store, operator(), bodies, name, release.strip())
    )
    if json:
        output.as_json(found)
        return
    heads = ("name", "release", "dated", "members", "added", "removed")
    output.table(heads, [[one[head] for head in heads] for one in found["sets"]])
    output.say(f"{found['to_relabel']} resources stand; the worker labels them anew")


def _read(path: Path) -> bytes:
    if not path.is_file():
        raise typer.BadParameter(f"there is no such file: {path}")
    return path.read_bytes()
