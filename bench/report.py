"""Print what a run measured: each row as it was; counted budgets as written and scaled."""

from typing import Any, Final

from rich.console import Console
from rich.table import Table

from bench import budgets

_NUMBERS: Final = ("a second", "a core second", "p50 ms", "p99 ms")
_SHARES: Final = ("of static", "of static by core")


def show(results: dict[str, Any]) -> None:
    """All of it, one store after the other."""
    console = Console(width=120)
    console.print(
        f"Python {results['python']}; {results['fsync_a_second']} durable writes a second"
    )
    for store in ("sqlite", "postgres"):
        rows = results.get(store)
        if isinstance(rows, str):
            console.print(f"{store}: {rows}")
        elif rows:
            console.print(_measured(store, rows))
            console.print(_held(store, rows))


def _measured(store: str, rows: dict[str, dict[str, Any]]) -> Table:
    table = Table("what", *_NUMBERS, *_SHARES, "failures", title=f"{store}, as measured")
    for what, row in rows.items():
        size = f" ({row['rows']} rows, {row['peak MB']} MB at most)" if "rows" in row else ""
        numbers = [str(row.get(name) or "") for name in _NUMBERS]
        shares = [f"{row[name]:.1%}" if name in row else "" for name in _SHARES]
        table.add_row(what + size, *numbers, *shares, str(row["failures"]))
    return table


def _held(store: str, rows: dict[str, dict[str, Any]]) -> Table:
    title = (
        f"{store}: counted budgets. The factor is what the bare route did beside each row over the"
        f" {budgets.BARE_THERE} a second of a core where they were written"
    )
    heads = ("what", "a core second", "a second", "budget there", "factor", "budget here", "met")
    table = Table(*heads, title=title)
    for one in budgets.held(rows):
        numbers = (f"{one.of_core:.0f}", f"{one.by_clock:.0f}", str(one.must), f"{one.factor:.2f}")
        table.add_row(one.row, *numbers, f"{one.scaled:.0f}", "yes" if one.is_met else "no")
    return table
