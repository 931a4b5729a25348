"""The certificate that a client proved to the proxy in front, and the one a token is bound to.

In      the values of the header `Client-Cert`; the claims of a token that holds.
Out     the certificate's SHA-256 as RFC 8705 writes it; empty for none, and where several came.
Rule    The header is the proxy's word: it is read where the deployment says so, and nowhere else.
Errors  UnauthenticatedError where a token is bound to what cannot be checked here.
Source  RFC 9440 (Client-Cert); RFC 8705, section 3 (`cnf`, `x5t#S256`).
Pure    Values in, values out.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from typing import Final

from gateway.auth.jose import Claims
from gateway.errors import UnauthenticatedError

HEADER: Final = "client-cert"
THUMBPRINT: Final = r"[A-Za-z0-9_-]{43}"
CONFIRMATION: Final = "cnf"
METHOD: Final = "x5t#S256"


def thumbprint(values: Sequence[str]) -> str:
    """Of the one certificate that came."""
    if len(values) != 1 or not (len(values[0]) > 2 and values[0][0] == values[0][-1] == ":"):
        return ""
    try:
        certificate = base64.b64decode(values[0][1:-1], validate=True)
    except (binascii.Error, ValueError):
        return ""
    digest = hashlib.sha256(certificate).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def bound_to(claims: Claims) -> str:
    """Whose bearer alone a token serves; empty for any. Errors: UnauthenticatedError."""
    if CONFIRMATION not in claims:
        return ""
    named = claims[CONFIRMATION]
    if not isinstance(named, dict) or named.keys() != {METHOD}:
        raise UnauthenticatedError
    if not isinstance(named[METHOD], str) or not re.fullmatch(THUMBPRINT, named[METHOD], re.ASCII):
        raise UnauthenticatedError
    return named[METHOD]
