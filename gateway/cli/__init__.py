"""The command line, `care-gateway`: for operators, and for whoever writes or checks a feed.

Rule    Data goes to standard output, talk to standard error; every reading command has --json.
        0 done; 1 not done, or something is wrong; 2 usage, or not the feed's format.
        Commands import what they need when they run, so that help is quick.
"""

from typing import Annotated

import typer

from gateway.cli import (
    absence,
    alerting,
    database,
    diffing,
    error_queue,
    feed_standing,
    feeds,
    governance,
    identity,
    keys,
    labels,
    log,
    misuse,
    outbound,
    pulling,
    recall,
    reporting,
    saved,
    service,
    site,
    subscribing,
    terminology,
)
from gateway.cli.edge import Edge

app = typer.Typer(
    name="care-gateway",
    cls=Edge,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def main(
    _debug: Annotated[
        bool, typer.Option("--debug", help="Show the traceback of an error.")
    ] = False,
) -> None:
    """The integrated care record gateway.

    Settings come from GATEWAY_* variables, a file .env and secret files: `config show`.
    """


app.command()(service.demo)
app.command()(service.serve)
app.command()(service.worker)
app.command()(service.mllp)
app.command()(service.check)
app.command()(feeds.ingest)
app.command("map")(feeds.map_offline)
app.command()(recall.recall)
feeds.mapping_app.command("diff")(diffing.mapping_diff)
app.add_typer(feeds.mapping_app, name="mapping")
error_queue.feed_app.command("pull")(pulling.feed_pull)
error_queue.feed_app.command("state")(feed_standing.feed_state)
error_queue.feed_app.command("absence")(absence.feed_absence)
error_queue.feed_app.command("guard")(absence.feed_guard)
app.add_typer(error_queue.feed_app, name="feed")
app.add_typer(identity.app, name="identity")
app.add_typer(labels.app, name="labels")
app.add_typer(terminology.app, name="terminology")
app.add_typer(site.app, name="site")
log.app.command()(alerting.alerts)
log.app.command()(misuse.triage)
log.app.command()(reporting.report)
log.app.add_typer(saved.app, name="searches")
app.add_typer(log.app, name="audit")
app.add_typer(outbound.app, name="outbound")
app.add_typer(subscribing.app, name="subscriptions")
app.add_typer(database.app, name="db")
app.add_typer(keys.keys_app, name="keys")
app.add_typer(governance.policy_app, name="policy")
app.add_typer(governance.config_app, name="config")
app.add_typer(keys.dev_app, name="dev")
