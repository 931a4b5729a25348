"""What this client proves itself with to an OpenID provider: the deployment's own ES256 key, or an
RSA key that a provider asks for, read from a file.

In      An RSA private key as PEM, readable by its owner alone; or a key of the key file.
Out     OwnKey: its id, its algorithm, the key.
Rule    A key of less than 2048 bits is refused. Its id is its thumbprint, unless the provider knows
        it by another.
Errors  ConfigurationError, which names the provider, never a value.
Source  RFC 7523; RFC 7638 (thumbprint); RFC 7518.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, Self

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from joserfc.jwk import ECKey, RSAKey

from gateway.errors import ConfigurationError

RsaAlgorithm = Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"]
_LEAST_BITS: Final = 2048


@dataclass(frozen=True, slots=True)
class OwnKey:
    """One key of this client; `/oauth/jwks` tells its public half."""

    kid: str
    algorithm: str
    key: ECKey | RSAKey = field(repr=False)

    @classmethod
    def of(cls, kid: str, private: ec.EllipticCurvePrivateKey) -> Self:
        """The deployment's own."""
        return cls(kid, "ES256", ECKey.import_key(private))

    @property
    def public(self) -> dict[str, Any]:
        """As others verify with it (RFC 7517)."""
        told = {"kid": self.kid, "alg": self.algorithm, "use": "sig"}
        return self.key.as_dict(private=False) | told


def read_client_key(path: Path, whose: str, algorithm: RsaAlgorithm, kid: str = "") -> OwnKey:
    """The RSA key of a file."""
    try:
        content, mode = path.read_bytes(), path.stat().st_mode
    except OSError:
        raise ConfigurationError(f"{whose}: its client_key_file cannot be read") from None
    if mode & 0o077:
        raise ConfigurationError(f"{whose}: its client_key_file is for its owner only (0600)")
    try:
        private = load_pem_private_key(content, None)
    except (ValueError, TypeError):
        raise ConfigurationError(f"{whose}: its client_key_file is no private key (PEM)") from None
    if not isinstance(private, rsa.RSAPrivateKey) or private.key_size < _LEAST_BITS:
        text = f"{whose}: its client_key_file is no RSA key of {_LEAST_BITS} bits or more"
        raise ConfigurationError(text)
    key = RSAKey.import_key(content)
    return OwnKey(kid or key.thumbprint(), algorithm, key)
