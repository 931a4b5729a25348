"""Who is sending: over MLLP a listener's address, or with TLS a certificate, stands for the token.

In      The listeners of the settings; the certificate that a peer proved it has.
Out     Source: the Caller, its feed, how it is answered; None for a certificate nobody knows.
Rule    A source speaks for the organisation its setting names, whatever its messages say. An
        unknown certificate is refused, however well it is signed.
Errors  ConfigurationError, which names settings and files.
"""

import hashlib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509

from consent.terms import Caller, CallerKind, Purpose
from gateway.errors import ConfigurationError
from gateway.flows.intake import acknowledge
from gateway.setting_parts import MllpListener, MllpSource, says
from mappings.core.model.rows import Feed
from mappings.hospital.ack import Mode


@dataclass(frozen=True, slots=True)
class Source:
    """One provider system on a connection."""

    caller: Caller
    feed: Feed
    mode: Mode


def check_feeds(listeners: tuple[MllpListener, ...], feeds: Mapping[str, Feed]) -> None:
    """Errors: ConfigurationError for a source whose feed takes no HL7 v2."""
    fit = sorted(name for name, feed in feeds.items() if acknowledge.is_hl7(feed))
    for listener in listeners:
        for source in listener.sources:
            if source.feed not in fit:
                wanted = f"given sources of a feed that takes HL7 v2: {', '.join(fit)}"
                raise ConfigurationError(says("mllp__listeners", wanted))


def source_of(
    listener: MllpListener, feeds: Mapping[str, Feed], certificate: bytes | None
) -> Source | None:
    """The source that a new connection is from; the certificate is DER, and verified."""
    if not listener.tls:
        return _source(listener.sources[0], feeds, "", "")
    if certificate is None:
        return None
    try:
        subject = x509.load_der_x509_certificate(certificate).subject.rfc4514_string()
    except ValueError:
        return None
    shown = hashlib.sha256(certificate).hexdigest()
    known = (one for one in listener.sources if one.subject == subject)
    return next((_source(one, feeds, "client-certificate", shown) for one in known), None)


def _source(one: MllpSource, feeds: Mapping[str, Feed], assurance: str, shown: str) -> Source:
    caller = Caller(
        user_id=one.system,
        kind=CallerKind.SYSTEM,
        role="provider",
        org=one.org,
        purpose=Purpose.TREATMENT,
        client_id=one.system,
        scopes=frozenset(),
        feeds=frozenset({one.feed}),
        patient=None,
        assurance=assurance,
        token_hash=shown,
    )
    return Source(caller, feeds[one.feed], Mode(one.answers))


def tls_of(listener: MllpListener) -> ssl.SSLContext | None:
    """TLS of 1.2 or later that asks every peer for a certificate; None for a plain listener."""
    files = (
        listener.certificate_file,
        listener.private_key_file,
        listener.client_authority_file,
    )
    certificate, key, authority = files
    if certificate is None or key is None or authority is None:
        return None
    for file in (certificate, key, authority):
        _check_readable(file)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.verify_mode = ssl.CERT_REQUIRED
    try:
        context.load_cert_chain(certificate, key)
        context.load_verify_locations(authority)
    except (ssl.SSLError, ValueError):
        wanted = f"given a certificate, its key and an authority (PEM); see {certificate}"
        raise ConfigurationError(says("mllp__listeners", wanted)) from None
    return context


def _check_readable(file: Path) -> None:
    try:
        file.open("rb").close()
    except OSError:
        wanted = f"given files that can be read; not {file}"
        raise ConfigurationError(says("mllp__listeners", wanted)) from None
