"""demo, serve, worker, mllp, check: the service itself."""

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.output import Json


def demo(
    once: Annotated[bool, typer.Option("--once", help="Walk through, then stop.")] = False,
    json: Json = False,
    people: Annotated[int, typer.Option(min=10, help="How many people.")] = 200,
    db: Annotated[
        Path | None, typer.Option(help="Keep the database in this file, not a temporary one.")
    ] = None,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="The port to serve on; 0: any free one.")
    ] = 0,
) -> None:
    """Make a synthetic borough, walk through it, then serve it.

    Example: care-gateway demo --once --people 50
    """
    from gateway.cli.demo import run
    from gateway.settings import Settings

    settings = Settings() if db is None else Settings(database_url=f"sqlite:///{db}")
    raise typer.Exit(run(settings, once=once, as_json=json, people=people, port=port))


def serve() -> None:
    """Run the service, as the settings say.

    Example: GATEWAY_PORT=9000 care-gateway serve
    """
    import uvicorn

    from gateway.cli.opening import check_is_current, read_keys
    from gateway.main import serving_app
    from gateway.settings import Settings

    settings = Settings()
    read_keys(settings)
    check_is_current(settings)
    uvicorn.run(
        serving_app(settings),
        host=settings.host,
        port=settings.port,
        access_log=False,  # it would print addresses with what they name
        server_header=False,
        log_level="warning",
    )


def worker(
    once: Annotated[bool, typer.Option("--once", help="Stop when nothing is left to do.")] = False,
    every: Annotated[
        float, typer.Option(min=0.05, help="Seconds between looks at the inbox.")
    ] = 1.0,
) -> None:
    """Apply deliveries that were accepted to be taken later, or were interrupted; pull from the
    sources of GATEWAY_SOURCES_FILE when their turn comes; make the files of GATEWAY_OUTBOUND_FILE
    when they are due; tell subscribers; give the log's checkpoints to GATEWAY_WITNESSES.

    Once a day the keys of deliveries older than GATEWAY_RAW_DELIVERY_DAYS die, and those of words
    in the log older than GATEWAY_AUDIT_RETENTION_YEARS.

    Example: care-gateway worker --once
    """
    from gateway.cli.opening import check_is_current, with_store
    from gateway.cli.outbound import opened
    from gateway.cli.pulling import puller_of
    from gateway.cli.working import work
    from gateway.settings import Settings

    check_is_current(Settings())
    with_store(
        lambda settings, store: work(
            store,
            puller_of(settings, store),
            opened(settings, store),
            settings=settings,
            once=once,
            every_seconds=every,
        )
    )


def mllp() -> None:
    """Take HL7 v2 over MLLP, at the addresses and from the sources of GATEWAY_MLLP__LISTENERS.

    Told to end, it finishes and answers what is in hand.

    Example: care-gateway mllp
    """
    from gateway.cli.listening import listen
    from gateway.cli.opening import check_is_current, with_store
    from gateway.settings import Settings

    check_is_current(Settings())
    with_store(listen)


def check(json: Json = False) -> None:
    """Say whether the deployment is fit to run; exit 1 on a red line.

    Configuration, keys, issuers, policy, MLLP, database, migrations, clock, the log's head, labels
    of stored rows, and a denial that must hold, proved here and in the database.

    Example: care-gateway check --json
    """
    from gateway.cli import output
    from gateway.cli.checks import run_checks

    lines = run_checks()
    if json:
        rows = [{"name": line.name, "ok": line.ok, "text": line.text} for line in lines]
        output.as_json({"ok": all(line.ok for line in lines), "checks": rows})
    else:
        marks = {True: "ok", False: "RED"}
        output.table(
            ("check", "", "says"), [(line.name, marks[line.ok], line.text) for line in lines]
        )
    raise typer.Exit(0 if all(line.ok for line in lines) else 1)
