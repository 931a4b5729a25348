"""audit report: a month of accesses in figures."""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from gateway.cli.output import Json

if TYPE_CHECKING:
    from gateway.settings import Settings
    from gateway.store.commit.units import Store

_SHOWN: Final = (
    "organisation", "accesses", "break_glass", "self_claims", "refusals", "overdue",
    "median_hours_to_settle",
)  # fmt: skip


def report(
    month: Annotated[str, typer.Argument(help="Such as 2026-11.")],
    org: Annotated[str, typer.Option(help="Of this organisation's staff alone.")] = "",
    json: Json = False,
) -> None:
    """A month for a board: accesses, emergencies, claims, refusals, alerts and what became of them,
    by organisation, once it is over; small numbers are not told. The look is recorded.

    Example: care-gateway audit report 2026-10 --json
    """
    from gateway.cli import output
    from gateway.cli.opening import operator, with_store
    from gateway.errors import FaultyRequestError
    from gateway.flows.asking.governance import Looker
    from gateway.flows.audit.reports_board import board_figures, span_of

    try:
        span_of(month)
    except FaultyRequestError:
        raise typer.BadParameter("a month is written as 2026-11") from None

    async def run(_settings: "Settings", store: "Store") -> dict[str, Any]:
        looker = replace(Looker.of(operator()), within_org=org or None)
        return await board_figures(store, looker, month)

    found = with_store(run)
    if json:
        output.as_json(found)
        return
    rows = found["organisations"]
    heads = (*_SHOWN, "alerts", "outcomes")
    output.table(heads, [[_said(row[name]) for name in heads] for row in rows])
    output.say(
        f"{month} is running: its figures are told when it is over"
        if found["running"]
        else found["small_numbers"]
    )


def _said(value: object) -> object:
    if isinstance(value, dict):
        return ", ".join(f"{name}: {count}" for name, count in value.items()) or "0"
    return "-" if value is None else value
