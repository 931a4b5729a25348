"""keys shred ask | confirm | withdraw | hold | lift | allow | list: data goes for good."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.cli.output import Json

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from gateway.flows.asking.search_log import Operator
    from gateway.settings import Settings
    from gateway.store.commit.units import Store

app = typer.Typer(help="Shred a person's data.", no_args_is_help=True, rich_markup_mode=None)

_Record = Annotated[str, typer.Argument(metavar="RECORD", help="A source record, by its id.")]
_Request = Annotated[str, typer.Argument(metavar="REQUEST", help="The request, by its id.")]
_Reason = Annotated[str, typer.Option(help="Why; it stands sealed in the audit log.")]


@app.command("ask")
def ask(
    record: _Record,
    basis: Annotated[
        str,
        typer.Option(
            help="The legal basis: `request`, `unlawful`, `retention`, `court`, `mistake`."
        ),
    ],
    reason: _Reason,
    only: Annotated[
        bool, typer.Option("--only", help="This one source's record, not all of the person's.")
    ] = False,
    json: Json = False,
) -> None:
    """Ask that all records of RECORD's person be shredded; another operator confirms it.

    Nothing happens yet. The reason names nobody: it stays readable when all else is gone. Told
    besides: who has copies of their own, from files.

    Example: care-gateway keys shred ask ID --basis request --reason "letter of 3 May, file 112"
    """
    from gateway.flows.identity import shred

    if basis not in set(shred.Basis):
        raise typer.BadParameter(f"--basis is one of {', '.join(shred.Basis)}")
    why = shred.Basis(basis)
    _said(lambda _s, store, who: shred.ask(store, who, record, why, reason, whole=not only), json)


@app.command("confirm")
def confirm(request: _Request, json: Json = False) -> None:
    """Shred what another operator asked for, now and for good.

    The data keys go, and every row about the records; links of others are made anew. It is in the
    register first, so that an older copy of the database that is put back is shredded again.
    Killed on the way, it is carried out by this command or by the next process that starts.

    Example: care-gateway keys shred confirm 0190a2b4-5c6d-7e8f-9a0b-1c2d3e4f5a6b
    """
    from gateway.flows.identity import shred

    _said(lambda s, store, who: shred.confirm(store, who, request, s.shredded_file), json)


@app.command("withdraw")
def withdraw(request: _Request, reason: _Reason, json: Json = False) -> None:
    """Take a request back before it is carried out.

    Example: care-gateway keys shred withdraw ID --reason "asked for the wrong record"
    """
    from gateway.flows.identity import shred

    _said(lambda s, store, who: shred.withdraw(store, who, request, reason, s.shredded_file), json)


@app.command("hold")
def hold(
    record: _Record,
    review: Annotated[str, typer.Option(help="A day to come (2027-06-30): look at it again.")],
    reason: _Reason,
    json: Json = False,
) -> None:
    """Let nothing of RECORD's person be shredded until the hold is lifted: a claim, an inquiry.

    It holds beyond its day of review too: `keys shred list` shows which are due.

    Example: care-gateway keys shred hold ID --review 2027-06-30 --reason "coroner's inquiry"
    """
    from datetime import date

    from gateway.flows.identity import shred_hold

    try:
        day = date.fromisoformat(review).isoformat()
    except ValueError:
        raise typer.BadParameter("--review is a day, such as 2027-06-30") from None
    _said(lambda _s, store, who: shred_hold.hold(store, who, record, day, reason), json)


@app.command("lift")
def lift(
    held: Annotated[str, typer.Argument(metavar="HOLD", help="The hold, by its id.")],
    reason: _Reason,
    json: Json = False,
) -> None:
    """Lift a hold that another operator set.

    Example: care-gateway keys shred lift ID --reason "the inquiry is closed"
    """
    from gateway.flows.identity import shred_hold

    _said(lambda _s, store, who: shred_hold.lift(store, who, held, reason), json)


@app.command("allow")
def allow(record: _Record, reason: _Reason, json: Json = False) -> None:
    """Take again what a source sends of a shredded record; what it sent before stays gone.

    Until then it is refused, item by item, and stands in the queue of errors.

    Example: care-gateway keys shred allow ID --reason "the person asked to be shared again"
    """
    from gateway.flows.identity import shred_hold

    _said(lambda _s, store, who: shred_hold.allow(store, who, record, reason), json)


@app.command("list")
def list_open(json: Json = False) -> None:
    """Open requests and holds, and how many records were shredded.

    Example: care-gateway keys shred list
    """
    from gateway.cli import output
    from gateway.cli.opening import operator, with_store
    from gateway.flows.identity import shred_hold

    found = with_store(lambda _settings, store: shred_hold.listed(store, operator()))
    if json:
        output.as_json(found)
        return
    for heads, rows in (
        (("request", "state", "records", "basis", "asked_by", "asked"), found["requests"]),
        (("hold", "record", "set_by", "review", "due"), found["holds"]),
    ):
        output.table(heads, [[row[head] for head in heads] for row in rows])
    output.say(f"{found['shredded']} records were shredded")


def _said(
    do: "Callable[[Settings, Store, Operator], Awaitable[dict[str, Any]]]", json: bool
) -> None:
    from gateway.cli import output
    from gateway.cli.opening import operator, with_store

    found = with_store(lambda settings, store: do(settings, store, operator()))
    if json:
        output.as_json(found)
        return
    output.table(("what", "is"), [(name, value) for name, value in found.items()])
