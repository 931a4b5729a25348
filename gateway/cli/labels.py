"""labels pending | decide | relabel | rules: who decides on labels, and by what rules."""

from typing import Annotated

import typer

from gateway.cli.output import Json

app = typer.Typer(help="Security labels.", no_args_is_help=True, rich_markup_mode=None)

_Resource = Annotated[str, typer.Argument(metavar="RESOURCE", help="`Type/id`, or the id alone.")]
_Reason = Annotated[str, typer.Option(help="Why; it stands sealed in the audit log.")]
_Level = Annotated[str, typer.Option(help="Its confidentiality from now on: N, R or V.")]
_Add = Annotated[list[str], typer.Option("--add", help="A label more, such as PSY or NOPAT.")]
_Remove = Annotated[list[str], typer.Option("--remove", help="A label less.")]
_Release = Annotated[bool, typer.Option("--release", help="It need not wait: show it as it is.")]
_HEADS = ("resource", "owner", "feed", "category", "days", "overdue")


@app.command("pending")
def pending(
    org: Annotated[str, typer.Option(help="What this organisation has to decide (ODS code).")] = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 100,
    json: Json = False,
) -> None:
    """Items that nobody labelled, the longest waiting first: they are restricted until somebody
    decides.

    The governance lead of the organisation that sent an item owns it. Ids and shelves only,
    nothing of any person. Who looks is recorded.

    Example: care-gateway labels pending --org RQY
    """
    from gateway.cli import output
    from gateway.cli.opening import operator, with_store
    from gateway.flows.upkeep import label_queue

    found = with_store(
        lambda settings, store: label_queue.pending(
            store, operator(), org.strip(), limit, settings.label_review_days
        )
    )
    if json:
        output.as_json(found)
        return
    output.table(_HEADS, [[one[head] for head in _HEADS] for one in found["items"]])
    limit_days = found["limit_days"]
    output.say(f"waiting: {found['waiting']}; over {limit_days} days: {found['overdue']}")


@app.command("decide")
def decide(
    resource: _Resource,
    reason: _Reason,
    level: _Level = "",
    add: _Add = [],  # noqa: B006 - typer reads the default and never changes it
    remove: _Remove = [],  # noqa: B006
    release: _Release = False,
    json: Json = False,
) -> None:
    """Decide on the labels of an item; it waits no longer.

    It holds from the next request. What its feed says later can raise the labels again, and never
    lowers them; what the law keeps from everybody (GRA, HFEA) is not lowered here.

    Example: care-gateway labels decide Goal/ID --release --reason "read with the care team"
    """
    from gateway.cli import output
    from gateway.cli.opening import operator, with_store
    from gateway.flows.upkeep import label_queue

    choice = label_queue.Choice(
        resource.strip().rpartition("/")[2], level.strip(), tuple(add), tuple(remove), release
    )
    found = with_store(
        lambda _settings, store: label_queue.decide(store, operator(), choice, reason)
    )
    if json:
        output.as_json(found)
        return
    heads = ("resource", "before", "after", "decision")
    output.table(heads, [[found[head] for head in heads]])


@app.command("relabel")
def relabel(json: Json = False) -> None:
    """Label anew what was labelled by other rules than today's, as a worker does by itself.

    Example: care-gateway labels relabel
    """
    from gateway.cli import output
    from gateway.cli.opening import operator, with_store
    from gateway.flows.upkeep import label_queue

    found = with_store(lambda _settings, store: label_queue.relabel_all(store, operator().at))
    if json:
        output.as_json(found)
    else:
        output.data(f"looked at: {found['looked_at']}; changed: {found['changed']}")


@app.command("rules")
def rules(json: Json = False) -> None:
    """The reference sets that rules know, what each brings, which release of it is loaded, by whom.

    Example: care-gateway labels rules
    """
    from gateway.cli import output
    from gateway.cli.opening import with_store
    from gateway.flows.upkeep.import_terminology import loaded

    found = with_store(lambda _settings, store: loaded(store))
    if json:
        output.as_json(found)
        return
    heads = ("name", "brings", "release", "dated", "members", "loaded", "by")
    output.table(heads, [[one[head] for head in heads] for one in found["sets"]])
    output.say(f"rules {found['version']}")
