"""MLLP listeners of the command line: open them, wait to be told to end, close them."""

from gateway.cli.output import say
from gateway.cli.recall import site_over
from gateway.cli.working import stop_signal
from gateway.clock import now
from gateway.errors import ConfigurationError
from gateway.flows.intake.connect_senders import answering
from gateway.flows.upkeep.serving import MLLP, Serving, process_id
from gateway.mllp.server import Server
from gateway.mllp.taking import Inbox
from gateway.settings import Settings
from gateway.sources import read_sources
from gateway.store.commit.units import Store


async def listen(settings: Settings, store: Store) -> None:
    """Serve every listener of the settings. Errors: ConfigurationError where there is none."""
    if not settings.mllp.listeners:
        raise ConfigurationError("GATEWAY_MLLP__LISTENERS names nobody who may send")
    stop = stop_signal()
    inbox = Inbox(site_over(settings, store), now, settings.limits.feed_unpacked_bytes)
    sources = read_sources(settings.sources_file, production=settings.production)
    mllp = answering(settings.mllp, sources)
    async with Serving(store, now, process_id(MLLP), inbox.under_way):
        server = await Server.open(mllp, inbox)
        for listener, port in zip(mllp.listeners, server.ports, strict=True):
            how = "TLS" if listener.tls else "plain"
            names = ", ".join(f"{source.system} ({source.org})" for source in listener.sources)
            say(f"listening on {listener.host}:{port}, {how}, to {names}")
        await stop.wait()
        await server.close()
