"""audit search | verify | export | prove | checkpoint."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.cli.log_search import CallerId, EventName, Limit, Org, Person, Since, Until
from gateway.cli.output import Json

if TYPE_CHECKING:
    from gateway.audit.verify import Verdict
    from gateway.settings import Settings
    from gateway.store.commit.units import Store

app = typer.Typer(help="The audit log.", no_args_is_help=True, rich_markup_mode=None)


@app.command()
def search(
    person: Person = "",
    caller: CallerId = "",
    org: Org = "",
    event: EventName = "",
    since: Since = None,
    until: Until = None,
    limit: Limit = 100,
    json: Json = False,
) -> None:
    """Entries, newest first: ids, codes and counts. The search itself is recorded.

    Example: care-gateway audit search --event break-glass-open --since 2026-01-31
    """
    from gateway.cli.log_search import pairs_of, show, wanted_of
    from gateway.cli.opening import operator, with_store
    from gateway.flows.asking import search_log

    wanted = wanted_of(pairs_of(person, caller, org, event, since, until))
    found = with_store(lambda _settings, store: search_log.search(store, operator(), wanted, limit))
    show(found, as_json=json)


@app.command()
def verify(
    file: Annotated[
        Path | None, typer.Option(help="An exported log, instead of the database's.")
    ] = None,
    checkpoint: Annotated[
        list[Path] | None,
        typer.Option(
            help="A signed checkpoint somebody kept, or a folder of them (*.txt); repeatable."
        ),
    ] = None,
    key: Annotated[
        list[str] | None,
        typer.Option(help="A verifier key of checkpoints; repeatable; else the key file's own."),
    ] = None,
    json: Json = False,
) -> None:
    """Prove that the log is as it was written; exit 1 with the first bad entry when not.

    Example: care-gateway audit verify --checkpoint kept/monday.txt --json
    """
    from gateway.cli import output
    from gateway.cli.checkpoints import witnessed
    from gateway.cli.opening import with_store
    from gateway.flows.audit.verify_log import verify_file

    signed = witnessed(checkpoint or (), key or ())
    if file is not None:
        verdict = verify_file(file, signed)
    else:
        verdict = with_store(lambda _settings, store: _verified(store, signed))
    if json:
        output.as_json(verdict.to_json())
    elif verdict.ok:
        output.data(f"ok: {verdict.size} entries, root {verdict.root.hex()}")
    else:
        output.data(f"entry {verdict.first_bad}: {verdict.reason}")
    raise typer.Exit(0 if verdict.ok else 1)


async def _verified(store: "Store", signed: dict[int, bytes]) -> "Verdict":
    from gateway.flows.audit.verify_log import verify_log

    return await verify_log(store.engine, store.vault.provider.log_public_keys, signed)


@app.command()
def export(
    to: Annotated[
        Path | None,
        typer.Option(
            help="Into this file, which its owner alone may read; one that is there goes"
            " on after its last whole line."
        ),
    ] = None,
) -> None:
    """Every entry up to the export's own, one JSON object a line; the export itself is recorded.

    Example: care-gateway audit export --to log.jsonl
    """
    from gateway.cli.opening import operator, with_store
    from gateway.cli.progress import progress
    from gateway.cli.taking import opened
    from gateway.flows.asking import search_log

    async def run(_settings: "Settings", store: "Store") -> None:
        with opened(to) as (first, write):
            who = operator()
            last = await search_log.begin_export(store, who, first)
            with progress(entries=last + 1 - first) as advance:

                def taken(lines: bytes, number: int) -> None:
                    write(lines)
                    advance("entries", number)

                await search_log.export(store, who, first, last, taken)

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
    from gateway.flows.asking.search_log import origin
    from gateway.flows.audit.prove_entry import prove as proved

    async def run(settings: "Settings", store: "Store") -> dict[str, Any]:
        return await proved(store, operator(), number, origin(settings.base_url))

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
