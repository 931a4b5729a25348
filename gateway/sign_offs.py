"""The sign-offs of a deployment's policy: read from their file, asked before it is used.

In      The settings; the policy in use.
Out     SignOffs, or None where the deployment names no controllers.
Errors  ConfigurationError, which names the controllers that have not signed.
Rule    Where controllers are named, and production names them, nothing is served under a policy
        that one of them has not signed. That somebody is told of what is withheld needs their
        signatures everywhere.
"""

import tomllib
from typing import Final

from consent.policy import Policy
from consent.policy_reading import PolicyError
from consent.sign_offs import SignOffs
from gateway.errors import ConfigurationError
from gateway.settings import Settings

_NAME: Final = "GATEWAY_POLICY_SIGN_OFFS"


def check_signed(settings: Settings, policy: Policy) -> SignOffs | None:
    """Every controller has signed this policy. Errors: ConfigurationError."""
    found = read_sign_offs(settings)
    if found is None and (settings.production or settings.tell_withheld):
        raise ConfigurationError(f"{_NAME}: no controller's sign-off of the policy is recorded")
    missing = found.missing(policy) if found else ()
    if missing:
        names = ", ".join(missing)
        raise ConfigurationError(
            f"{_NAME}: the policy {policy.version} (hash {policy.hash}) is not signed by {names}"
        )
    return found


def read_sign_offs(settings: Settings) -> SignOffs | None:
    """What was signed. Errors: ConfigurationError."""
    file = settings.policy_sign_offs
    if file is None:
        return None
    try:
        return SignOffs.parse(tomllib.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        raise ConfigurationError(f"{_NAME} must be a file of TOML that can be read") from None
    except PolicyError as fault:
        raise ConfigurationError(f"{_NAME}: {fault.path}: {fault.text}") from None
