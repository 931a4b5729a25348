"""Print what was measured of each server, and ours over the peer's."""

from typing import Any, Final

from rich.console import Console
from rich.table import Table

SQLITE: Final = "ours, SQLite"
POSTGRES: Final = "ours, PostgreSQL"
PEER: Final = "HAPI 8.0.0, PostgreSQL"
_NUMBERS: Final = (
    "a second", "a core second", "with its database", "p50 ms", "p99 ms", "failures",
)  # fmt: skip
_RATIOS: Final = {
    "per core": "a core second",
    "per core, database counted": "with its database",
    "by the clock": "a second",
}


def show(results: dict[str, Any]) -> None:
    """Figures, then ratios, then what was left out and why."""
    console = Console(width=120)
    console.print(
        f"Python {results['python']}; {results['fsync_a_second']} durable writes a second"
    )
    console.print(_measured(results["rows"]))
    if all(PEER in row for row in results["rows"].values()):
        console.print(_compared(results["rows"]))
    for reason in results["left out"]:
        console.print(f"left out: {reason}")


def _measured(rows: dict[str, dict[str, dict[str, float]]]) -> Table:
    table = Table("what", "server", *_NUMBERS, title="as measured")
    for what, servers in rows.items():
        for name, row in servers.items():
            table.add_row(what, name, *(str(row[number]) for number in _NUMBERS))
            what = ""
        table.add_section()
    return table


def _compared(rows: dict[str, dict[str, dict[str, float]]]) -> Table:
    table = Table("what", "server", *_RATIOS, title=f"ours over {PEER}")
    for what, servers in rows.items():
        peer = servers[PEER]
        for name in (SQLITE, POSTGRES):
            shares = (servers[name][one] / (peer[one] or 1.0) for one in _RATIOS.values())
            table.add_row(what, name, *(f"{share:.2f}" for share in shares))
            what = ""
        table.add_section()
    return table
