"""The composition root: settings in, a service out. Nothing else wires parts together.

Errors  ConfigurationError at start-up: an unreadable key file, a database that is not at the
        newest revision, an incomplete policy, a policy that does not refuse what it must.
"""

import gc
import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from typing import Final

from fastapi import FastAPI
from starlette.types import Lifespan
from uuid_utils import uuid7

from consent.policy import AccessSettings, Policy
from consent.terms import CallerKind
from gateway import logs
from gateway.api.answers.copies import Copies
from gateway.api.answers.middleware import Envelope, OneAddress
from gateway.api.answers.shaping import Shaping
from gateway.api.around import errors, health
from gateway.api.around.openapi import Gateway
from gateway.api.around.recording import Recorded
from gateway.api.around.sessions import SessionCallers
from gateway.api.desks import (
    access,
    feed_reports,
    governance,
    identity,
    log_desk,
    reports,
    safeguarding,
    shredding,
    transparency,
    who_looked,
)
from gateway.api.fhir import (
    audit_events,
    bundles,
    exporting,
    feeds,
    matching,
    metadata,
    records,
    searching,
    site_data,
    subscriptions,
    terms,
    validating,
    writes,
)
from gateway.api.signing import oauth, sign_in
from gateway.auth.clients import Clients
from gateway.auth.development import DevelopmentIssuer
from gateway.auth.issuing import Signer
from gateway.auth.jose import TrustedKeys
from gateway.auth.rates import Rates
from gateway.auth.tokens import Issuer, TokenVerifier
from gateway.clock import Clock, now
from gateway.custody import keys_of, wrapping_of
from gateway.denial import check_denials_in
from gateway.flows.asking.record_answer import Refusals
from gateway.flows.export.export_jobs import Exports
from gateway.flows.export.export_transfers import Transfers
from gateway.flows.identity.shred_again import shred_again
from gateway.flows.intake.connect_senders import connect_senders
from gateway.flows.sign_in import sign_in_system
from gateway.flows.sign_in.sign_in_person_desk import people_desk_of
from gateway.flows.sign_in.sign_in_system import SignIn, clients_of
from gateway.flows.site.site import Site
from gateway.flows.subscriptions.subscription_terms import terms_of
from gateway.flows.upkeep.serving import HTTP, Serving, process_id
from gateway.setting_parts import StaffFile
from gateway.settings import Settings, TrustedIssuer, access_settings
from gateway.sign_offs import check_signed
from gateway.sources import read_sources
from gateway.store.commit.units import Store
from gateway.store.database.revision import check_revision
from gateway.store.keyring.keys import KEY_BYTES, FileKeyProvider, random_bytes
from mappings.registry import FEEDS

_FHIR: Final = (
    *exporting.FIRST,
    *records.ROUTES,
    *searching.ROUTES,
    *writes.ROUTES,
    *bundles.ROUTES,
    *metadata.ROUTES,
    *validating.ROUTES,
    *oauth.ROUTES,
    *terms.ROUTES,
    *site_data.ROUTES,
    *audit_events.ROUTES,
    *matching.ROUTES,
    *subscriptions.ROUTES,
    *exporting.ROUTES,
)
"""Routes are tried one after the other: the busiest first."""
_MOST_YOUNG: Final = 10_000
"""Values made, less those that went, before garbage is looked for."""
_OWN: Final = (
    feed_reports, governance, identity, writes, oauth, sign_in, transparency, health, access,
    who_looked, exporting, reports, log_desk, safeguarding, shredding,
)  # fmt: skip
"""The service's own JSON API; what OpenAPI says of FHIR is from the CapabilityStatement."""


def create_app(
    settings: Settings | None = None, clock: Clock = now, process_id: str = ""
) -> FastAPI:
    """The service of these settings (of the environment's, without); opened by its lifespan. A
    process that does nothing else is named, and says in the log that it serves."""
    chosen = settings or Settings()
    logs.configure()
    app = Gateway(
        title="Integrated care record gateway",
        version=version("care-gateway"),
        lifespan=_life(chosen, clock, process_id),
        redirect_slashes=False,
        docs_url=None,
        redoc_url=None,
        telemetry={"tracing": False, "metrics": False, "logs": False},  # a path names a person
    )
    _state(app, chosen, clock)
    app.state.standing = health.Standing(app)
    errors.register(app)
    app.router.routes += [*feeds.router.routes, *_FHIR]
    app.router.routes += [one for part in _OWN for one in part.router.routes]
    app.add_middleware(Shaping)
    app.add_middleware(SessionCallers)
    app.add_middleware(Envelope, unexpected=errors.unexpected)
    app.add_middleware(Recorded)
    app.add_middleware(OneAddress)
    return app


def _life(chosen: Settings, clock: Clock, process_id: str) -> Lifespan[FastAPI]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        store = await _open(app, chosen, clock)
        try:
            async with Serving(store, clock, process_id, app.state.under_way):
                try:
                    yield
                finally:
                    await app.state.refusals.close()
        finally:
            await store.close()

    return lifespan


def _state(app: FastAPI, chosen: Settings, clock: Clock) -> None:
    """What routes are told of the settings."""
    app.state.clock = clock
    app.state.under_way = {}
    app.state.on_call = chosen.on_call_number
    app.state.tick = chosen.tick_ms / 1_000
    app.state.copies = Copies(random_bytes(KEY_BYTES))
    app.state.limits = chosen.limits
    app.state.client_certificates = chosen.client_certificates
    app.state.rates = Rates(chosen.rates.model_dump(), random_bytes(KEY_BYTES))
    app.state.witnesses = chosen.witnesses
    app.state.label_review_days = chosen.label_review_days


async def _open(app: FastAPI, settings: Settings, clock: Clock) -> Store:
    """Everything that routes are given, over an opened store."""
    keys, policy = keys_of(settings), policy_of(settings)
    staff = StaffFile.read(settings.staff_file)
    connect_senders(read_sources(settings.sources_file, production=settings.production))
    check_signed(settings, policy)
    store = await Store.open(settings.database_url, keys, clock, wrapping_of(settings, keys))
    await check_revision(store.engine)
    async with store.engine.reading() as conn:
        await check_denials_in(conn, policy, clock())
    await shred_again(store, settings.shredded_file)
    store.vault.staff.know(staff.numbers)
    app.state.site = Site(
        store,
        policy,
        FEEDS,
        settings.base_url,
        settings.on_call_number,
        register=settings.shredded_file,
        rates=app.state.rates,
    )
    app.state.refusals = Refusals(store)
    clients = clients_of(settings, policy)
    app.state.sign_in = sign_in_of(settings, keys, clients, app.state.rates)
    app.state.people_desk = people_desk_of(settings, keys, policy)
    app.state.verifier = verifier_of(settings, keys)
    app.state.subscriptions = terms_of(settings, clients)
    app.state.transfers = Transfers(settings.export_files_at_once)
    app.state.exports = Exports(timedelta(hours=settings.export_hours), settings.exports_at_once)
    return store


def serving_app(settings: Settings | None = None) -> FastAPI:
    """The same for a process that does nothing else: garbage is looked for less.

    A read makes over a thousand small values that go when it ends. Looking through them, and at
    times through all the code that is loaded, is a tenth of its cost and the longest of its waits.
    """
    app = create_app(settings, process_id=process_id(HTTP))
    gc.collect()
    gc.freeze()
    gc.set_threshold(_MOST_YOUNG, 20, 20)
    return app


def policy_of(settings: Settings) -> Policy:
    """The access policy that ships with this version, with the deployment's choices."""
    return shipped_policy(access_settings(settings))


@cache
def shipped_policy(choices: AccessSettings) -> Policy:
    """The access policy that ships with this version, with these choices."""
    text = files("consent").joinpath("policy.toml").read_text(encoding="utf-8")
    return Policy.parse(tomllib.loads(text), choices)


def verifier_of(settings: Settings, keys: FileKeyProvider) -> TokenVerifier:
    """Who is believed: ourselves for systems, the trusted issuers, and outside production the
    development issuer."""
    own = _signer(settings, keys).issuer(kinds=frozenset({CallerKind.SYSTEM}))
    issuers = [own, *(_issuer(trusted) for trusted in settings.trusted_issuers)]
    if not settings.production:
        issuers.append(development_issuer(settings, keys).issuer())
    return TokenVerifier(issuers, settings.audience)


def development_issuer(settings: Settings, keys: FileKeyProvider) -> DevelopmentIssuer:
    """Signs development tokens. Errors: ConfigurationError in production."""
    return DevelopmentIssuer(
        keys.token_signing_key,
        settings.audience,
        lambda: str(uuid7()),
        production=settings.production,
    )


def sign_in_of(settings: Settings, keys: FileKeyProvider, clients: Clients, rates: Rates) -> SignIn:
    """The token endpoint for systems."""
    token_url = f"{settings.base_url}/oauth/token"
    signer = _signer(settings, keys)
    return SignIn(clients, signer, settings.audience, token_url, lambda: str(uuid7()), rates)


def _signer(settings: Settings, keys: FileKeyProvider) -> Signer:
    return Signer(settings.base_url, keys.token_signing_keys, sign_in_system.LIFETIME)


def _issuer(trusted: TrustedIssuer) -> Issuer:
    return Issuer(
        trusted.issuer,
        TrustedKeys.of(trusted.read_jwks(), trusted.algorithms),
        kinds=frozenset(CallerKind(kind) for kind in trusted.kinds),
        longest=timedelta(minutes=trusted.longest_minutes),
        assurances={
            CallerKind(kind): frozenset(values) for kind, values in trusted.assurances.items()
        },
    )
