"""audit search | verify | export | prove | checkpoint."""

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.cli.output import Json

if TYPE_CHECKING:
    from gateway.settings import Settings
    from gateway.store.units import Store

app = typer.Typer(help="The audit log.", no_args_is_help=True, rich_markup_mode=None)

_SHOWN = (
    "seq", "recorded", "event", "outcome", "organisation", "caller", "role", "purpose", "person",
    "resources",
)  # fmt: skip


@app.command()
def search(
    person: Annotated[str, typer.Option(help="Id of a Patient.")] = "",
    caller: Annotated[str, typer.Option(help="Id of a caller.")] = "",
    org: Annotated[
        str, typer.Option(help="An organisation: its callers, or access to its data.")
    ] = "",
    event: Annotated[str, typer.Option(help="Such as `read` or `push`.")] = "",
    since: Annotated[datetime | None, typer.Option(help="From this moment on (UTC).")] = None,
    until: Annotated[datetime | None, typer.Option(help="Before this moment (UTC).")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 100,
    json: Json = False,
) -> None:
    """Entries, newest first: ids, codes and counts. The search itself is recorded.

    Example: care-gateway audit search --event break-glass-open --since 2026-01-31
    """
    from gateway.audit.events import Event
    from gateway.cli import output
    from gateway.cli.opening import operator, with_store
    from gateway.flows import search_log
    from gateway.store.audit_reads import Wanted

    if event and event not in set(Event):
        raise typer.BadParameter(f"the events are {', '.join(sorted(Event))}")
    wanted = Wanted(
        people=_one(person),
        users=_one(caller),
        events=_one(event),
        start=_micros(since),
        end=_micros(until),
        within_org=org or None,
    )
    found = with_store(lambda _settings, store: search_log.search(store, operator(), wanted, limit))
    if json:
        output.as_json({"entries": found})
    else:
        output.table(_SHOWN, [[one[name] for name in _SHOWN] for one in found])


@app.command()
def verify(
    file: Annotated[
        Path | None, typer.Option(help="An exported log, instead of the database's.")
    ] = None,
    checkpoint: Annotated[
        list[Path] | None, typer.Option(help="A signed checkpoint somebody kept; repeatable.")
    ] = None,
    key: Annotated[
        str, typer.Option(help="The verifier key of checkpoints; else the key file's own.")
    ] = "",
    json: Json = False,
) -> None:
    """Prove that the log is as it was written; exit 1 with the first bad entry when not.

    Example: care-gateway audit verify --checkpoint kept/monday.txt --json
    """
    from gateway.cli import output
    from gateway.cli.checkpoints import witnessed
    from gateway.cli.opening import with_store
    from gateway.flows.verify_log import verify_file, verify_log

    signed = witnessed(checkpoint or (), key)
    if file is not None:
        verdict = verify_file(file, signed)
    else:
        verdict = with_store(lambda _settings, store: verify_log(store.engine, signed))
    if json:
        output.as_json(verdict.to_json())
    elif verdict.ok:
        output.data(f"ok: {verdict.size} entries, root {verdict.root.hex()}")
    else:
        output.data(f"entry {verdict.first_bad}: {verdict.reason}")
    raise typer.Exit(0 if verdict.ok else 1)


@app.command()
def export() -> None:
    """Every entry, one JSON object a line; the export itself is recorded.

    Example: care-gateway audit export > log.jsonl
    """
    from gateway.cli import output
    from gateway.cli.opening import operator, with_store
    from gateway.flows import search_log

    async def run(_settings: "Settings", store: "Store") -> None:
        lines: AsyncIterator[bytes] = search_log.export(store, operator())
        async for line in lines:
            output.raw(line)

    with_store(run)


@app.command()
def prove(
    number: Annotated[int, typer.Argument(min=0, help="The entry's number.")],
    json: Json = False,
) -> None:
    """An entry, and the proof that it is in the log: `deploy/verify_log.py record` checks it.

    Example: care-gateway audit prove 17 --json > proof.json
    """
    from gateway.cli import output
    from gateway.cli.opening import operator, with_store
    from gateway.flows import search_log

    async def run(settings: "Settings", store: "Store") -> dict[str, Any]:
        name = search_log.origin(settings.base_url)
        return await search_log.prove(store, operator(), number, name)

    found = with_store(run)
    if json:
        output.as_json(found)
        return
    for name in ("seq", "size", "leaf", "root"):
        output.data(f"{name}\t{found[name]}")
    for step in found["proof"]:
        output.data(f"proof\t{step}")


@app.command()
def checkpoint(json: Json = False) -> None:
    """The log's size and root, signed: send it to somebody outside, often.

    Example: care-gateway audit checkpoint > kept/monday.txt
    """
    from gateway.cli import output
    from gateway.cli.checkpoints import signed_now, verifier_keys
    from gateway.cli.opening import with_store

    note = with_store(signed_now)
    if json:
        output.as_json({"checkpoint": note, "verifier_keys": verifier_keys()})
    else:
        output.raw(note.encode())
        output.say(f"verifier key: {verifier_keys()[-1]}")


def _one(text: str) -> tuple[str, ...]:
    return (text,) if text else ()


def _micros(at: datetime | None) -> int | None:
    from datetime import UTC

    from gateway.clock import to_micros

    return None if at is None else to_micros(at.replace(tzinfo=at.tzinfo or UTC))
