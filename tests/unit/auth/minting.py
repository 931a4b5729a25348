"""Tokens for the tests: good ones, and any that an attacker could make."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from joserfc import jws
from joserfc.jwk import ECKey, RSAKey

from consent.terms import CallerKind
from gateway.auth.jose import TrustedKeys
from gateway.auth.tokens import Issuer, TokenVerifier

AT = datetime(2026, 1, 31, 9, 0, tzinfo=UTC)
NOW = int(AT.timestamp())
AUDIENCE = "https://care-gateway.example"
ISSUER = "https://sign-in.example"
PATIENTS = "https://login.example"

EC = ECKey.generate_key("P-256", {"kid": "ec-1"})
RSA = RSAKey.generate_key(2048, {"kid": "rsa-1"})
STRANGER = ECKey.generate_key("P-256", {"kid": "ec-1"})


def public(*keys):
    return {"keys": [key.as_dict(private=False) for key in keys]}


def verifier(**changes: Any) -> TokenVerifier:
    """One issuer for staff and systems, one that speaks for patients and proxies only."""
    staff = Issuer(
        ISSUER,
        TrustedKeys.of(public(EC, RSA), ["ES256", "RS256"]),
        kinds=frozenset({CallerKind.STAFF, CallerKind.SYSTEM}),
    )
    patients = Issuer(
        PATIENTS,
        TrustedKeys.of(public(EC), ["ES256"]),
        kinds=frozenset({CallerKind.PATIENT, CallerKind.PROXY}),
        assurances={CallerKind.PATIENT: frozenset({"P9"})},
    )
    return TokenVerifier((staff, patients), AUDIENCE, **changes)


STAFF = {
    "iss": ISSUER,
    "aud": AUDIENCE,
    "sub": "555000111",
    "client_id": "portal",
    "iat": NOW,
    "exp": NOW + 600,
    "jti": "t-1",
    "kind": "staff",
    "role": "gp",
    "org": "A81001",
    "purpose": "TREAT",
    "scope": "user/CarePlan.rs user/Goal.rs",
    "acr": "AAL3",
}
SYSTEM = {
    **{name: value for name, value in STAFF.items() if name != "purpose"},
    "sub": "feed-mh",
    "kind": "system",
    "role": "provider",
    "org": "RAX",
    "feeds": ["mental-health"],
}
PATIENT = {
    **{name: value for name, value in STAFF.items() if name != "org"},
    "iss": PATIENTS,
    "kind": "patient",
    "role": "patient",
    "patient": "11111111-1111-8111-8111-111111111111",
    "purpose": "PATRQT",
    "acr": "P9",
}
HEADER = {"alg": "ES256", "kid": "ec-1", "typ": "at+jwt"}


def without(claims, *names):
    return {name: value for name, value in claims.items() if name not in names}


def mint(claims=None, header=None, key=EC):
    """A token signed by the library, for headers that it agrees to."""
    chosen = HEADER if header is None else header
    payload = json.dumps(STAFF if claims is None else claims)
    return jws.serialize_compact(chosen, payload, key, [chosen["alg"]])


def part(content):
    """One part of a compact token, from an object, text or bytes."""
    text = content if isinstance(content, (str, bytes)) else json.dumps(content)
    raw = text.encode() if isinstance(text, str) else text
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def forge(header, claims=None, sign=lambda signed: b""):
    """A token put together by hand: any header at all, any signature."""
    signed = f"{part(header)}.{part(STAFF if claims is None else claims)}"
    return f"{signed}.{part(sign(signed.encode()))}"


def sign_as_ec(signed, key=EC):
    """An honest ES256 signature, whatever the header says."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, utils

    r, s = utils.decode_dss_signature(key.private_key.sign(signed, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def later(seconds):
    return AT + timedelta(seconds=seconds)
