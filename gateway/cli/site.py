"""site load | show: the borough's places, organisations and services, and its switches."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.cli.output import Json

app = typer.Typer(
    help="The site's places, organisations and services.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command()
def load(
    path: Annotated[
        Path, typer.Argument(metavar="PATH", help="A folder of TOML and CSV files, or one file.")
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would differ; change nothing.")
    ] = False,
    json: Json = False,
) -> None:
    """Load the site from reviewed files: it becomes what they say, whole, or stays as it was.

    What a locality switches off (`feeds_off`, `features_off`) holds from the next request for the
    people registered with its practices. Faults are told by file and key.

    Example: care-gateway site load borough/ --dry-run
    """
    from gateway.cli import output
    from gateway.cli.edge import USAGE
    from gateway.cli.opening import operator, with_store
    from gateway.errors import FaultyRequestError
    from gateway.flows.upkeep.load_site import load_site
    from mappings.registry import FEEDS

    files = _files(path)
    try:
        found = with_store(
            lambda _settings, store: load_site(store, operator(), files, FEEDS, dry_run=dry_run)
        )
    except FaultyRequestError as faulty:
        for one in faulty.faults:
            output.say(f"{one.path} {one.text}")
        output.say(f"error: the files have {len(faulty.faults)} faults; nothing was loaded")
        raise typer.Exit(USAGE) from None
    if json:
        output.as_json(found)
        return
    heads = ("change", "kind", "id", "name", "keys")
    output.table(heads, [[one[head] for head in heads] for one in found["changes"]])
    counts = ", ".join(f"{found[word]} {word}" for word in ("added", "changed", "gone"))
    output.say(f"{counts}; {found['entries']} in all" + ("; nothing was written" * dry_run))


@app.command()
def show(json: Json = False) -> None:
    """The site as it is loaded: what is switched off where, and which services are open now.

    Example: care-gateway site show
    """
    from gateway.cli import output
    from gateway.cli.opening import operator, with_store
    from gateway.flows.upkeep.load_site import shown_site

    found = with_store(lambda _settings, store: shown_site(store.engine, operator().at))
    if json:
        output.as_json(found)
        return
    for kind, heads in _HEADS.items():
        rows = found[kind]
        if rows:
            output.data(f"{_TITLES[kind]}")
            output.table(heads, [[_shown(one, head) for head in heads] for one in rows])
            output.data("")


_TITLES = {
    "borough": "Borough",
    "locality": "Localities",
    "practice": "Practices",
    "mdt": "Teams",
    "organisation": "Organisations",
    "service": "Services",
    "practitioner": "Staff",
    "post": "Posts",
}
_HEADS = {
    "borough": ("id", "name"),
    "locality": ("id", "name", "feeds_off", "features_off"),
    "practice": ("ods", "name", "locality"),
    "mdt": ("id", "name", "practice"),
    "organisation": ("ods", "name", "kind", "part_of"),
    "service": ("id", "name", "kind", "organisation", "localities", "now", "phone"),
    "practitioner": ("id", "name", "user_id"),
    "post": ("id", "name", "practitioner", "organisation", "starts", "ends", "phone"),
}


def _shown(one: Mapping[str, Any], head: str) -> object:
    return _now(one) if head == "now" else one.get(head)


def _now(one: Mapping[str, Any]) -> str:
    """`open until Mon 17:00`, `opens Tue 09:00`, in London's time."""
    from datetime import datetime

    if one["open"] is None:
        return "hours not stated"
    at = one["until"] or one["opens"]
    when = datetime.fromisoformat(at).strftime("%a %d %b %H:%M") if at else ""
    if one["open"]:
        return f"open until {when}" if when else "open at all hours"
    return f"opens {when}" if when else "closed for the next weeks"


def _files(path: Path) -> list[tuple[str, bytes]]:
    if path.is_file():
        return [(path.name, path.read_bytes())]
    found = sorted(one for one in path.glob("*") if one.suffix in (".toml", ".csv"))
    if not found:
        raise typer.BadParameter("there is no such file, or no TOML or CSV file in the folder")
    return [(one.name, one.read_bytes()) for one in found]
