"""audit searches list | keep | run | delete | forget: searches of the log that are kept."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.cli.log_search import CallerId, EventName, Limit, Org, Person, Since, Until
from gateway.cli.output import Json

if TYPE_CHECKING:
    from gateway.flows.audit.saved_searches import Desk
    from gateway.settings import Settings
    from gateway.store.commit.units import Store

app = typer.Typer(
    help="Searches of the log that an operator keeps.", no_args_is_help=True, rich_markup_mode=None
)
_Name = Annotated[str, typer.Argument(help="What it is called.")]


@app.command("list")
def list_searches(json: Json = False) -> None:
    """One's own, with what each asks. The look is recorded.

    Example: care-gateway audit searches list --json
    """
    from dataclasses import asdict

    from gateway.cli import output
    from gateway.cli.opening import with_store

    async def run(_settings: "Settings", store: "Store") -> list[dict[str, Any]]:
        return [asdict(one.search) for one in await _desk(store).all()]

    found = with_store(run)
    if json:
        output.as_json({"searches": found})
        return
    heads = ("name", "query", "days")
    output.table(heads, [[one[head] for head in heads] for one in found])


@app.command()
def keep(
    name: _Name,
    person: Person = "",
    caller: CallerId = "",
    org: Org = "",
    event: EventName = "",
    since: Since = None,
    until: Until = None,
    days: Annotated[
        int, typer.Option(min=0, help="Of the last so many days, whenever it is run.")
    ] = 0,
) -> None:
    """Keep a search under a name, or change the one of that name. It stands sealed.

    Example: care-gateway audit searches keep emergencies --event break-glass-open --days 7
    """
    from urllib.parse import urlencode

    from gateway.cli.log_search import pairs_of
    from gateway.cli.opening import with_store
    from gateway.errors import VersionConflictError
    from gateway.flows.audit.saved_searches import Search, checked

    if days and since:
        raise typer.BadParameter("--days, or --since")
    pairs = pairs_of(person, caller, org, event, since, until)
    search = checked(Search(name, urlencode(pairs), days))

    async def run(_settings: "Settings", store: "Store") -> None:
        desk = _desk(store)
        try:
            await desk.keep(search)
        except VersionConflictError:
            await desk.change(desk.id_of(search.name), search.query, search.days)

    with_store(run)


@app.command()
def run(name: _Name, limit: Limit = 100, json: Json = False) -> None:
    """What it finds now, as `audit search` shows it. The search is recorded.

    Example: care-gateway audit searches run emergencies --json
    """
    from urllib.parse import parse_qsl

    from gateway.cli.log_search import show, wanted_of
    from gateway.cli.opening import operator, with_store
    from gateway.flows.asking import search_log
    from gateway.flows.audit.saved_searches import begins

    async def found(_settings: "Settings", store: "Store") -> list[dict[str, Any]]:
        who, desk = operator(), _desk(store)
        search = (await desk.one(desk.id_of(name.strip()))).search
        pairs = parse_qsl(search.query)
        if search.days:
            pairs.append(("since", begins(search, who.at)))
        return await search_log.search(store, who, wanted_of(pairs), limit)

    show(with_store(found), as_json=json)


@app.command()
def delete(name: _Name) -> None:
    """Keep it no longer.

    Example: care-gateway audit searches delete emergencies
    """
    from gateway.cli.opening import with_store

    async def run(_settings: "Settings", store: "Store") -> None:
        desk = _desk(store)
        await desk.delete(desk.id_of(name.strip()))

    with_store(run)


@app.command()
def forget(
    user: Annotated[str, typer.Argument(help="Who left, as the log names them.")],
    org: Annotated[str, typer.Option(help="Whose user; without it, an operator.")] = "",
) -> None:
    """Delete all that somebody kept who left; nobody takes them over, nor is shown them. Recorded.

    Example: care-gateway audit searches forget jo-lead --org XK1
    """
    from gateway.cli import output
    from gateway.cli.opening import with_store

    async def run(_settings: "Settings", store: "Store") -> int:
        return await _desk(store).forget(user, org or None)

    output.say(f"{with_store(run)} deleted")


def _desk(store: "Store") -> "Desk":
    from gateway.cli.opening import operator
    from gateway.flows.asking.governance import Looker
    from gateway.flows.audit.saved_searches import Desk

    return Desk(store, Looker.of(operator()))
