"""The provider systems that may ask for an access token, as reviewed data.

In      a TOML file: one `[[client]]` for each system, its public keys in a JWKS file beside it.
Out     RegisteredClient by id; `granted` narrows what a request asks to what is registered.
Rule    Organisation, feeds, purpose and the widest scopes are registered, never asked for; the
        role is `provider`. Keys are pinned: nothing is fetched. A scope only narrows; one that
        cannot be read, or is not registered, is left out. Asking for none is asking for all.
        A system that is registered with certificates proves one of them beside its key.
Errors  ConfigurationError, which names the client and the field, never a key.
Source  SMART App Launch 2.2, Backend Services and scopes.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from consent.terms import Purpose
from gateway.auth.assertions import ALGORITHMS
from gateway.auth.certificates import THUMBPRINT
from gateway.auth.jose import TrustedKeys
from gateway.auth.reviewed import Reviewed, check_apart, pinned_keys, read_tables

_LETTERS: Final = "cruds"
_SCOPE: Final = re.compile(r"system/(\*|[A-Z][A-Za-z]{0,63})\.(\*|read|write|[cruds]{1,5})", re.A)
_FORMER: Final = {"*": _LETTERS, "read": "rs", "write": "cud"}
ROLE: Final = "provider"
"""The role of every system that signs in here: it reads back what its organisation sent."""


class RegisteredClient(Reviewed):
    """One provider system: whose it is, and the most that its tokens may say."""

    id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")
    name: str = Field(min_length=1, max_length=200)
    org: str = Field(pattern=r"^[A-Z0-9][A-Z0-9-]{0,19}$")
    exports_as: str = ""
    """The role of direct care as which it may export its organisation's caseload; empty: it may
    not."""
    feeds: tuple[str, ...]
    purpose: Purpose = Purpose.TREATMENT
    scopes: tuple[Annotated[str, Field(pattern=f"^{_SCOPE.pattern}$")], ...] = Field(
        ("system/*.rs",), min_length=1
    )
    jwks_file: Path
    certificates: tuple[Annotated[str, Field(pattern=f"^{THUMBPRINT}$")], ...] = ()
    """SHA-256 of the certificates it may come with, in base64url; its tokens serve the bearer of
    that one alone. Empty: it needs none."""

    @model_validator(mode="after")
    def _has_something_to_do(self) -> Self:
        if not (self.feeds or self.exports_as):
            raise ValueError("at least one feed, of a system that does not export")
        return self


Clients = Mapping[str, tuple[RegisteredClient, TrustedKeys]]
"""By id, each with its pinned keys."""


def read_clients(path: Path) -> Clients:
    """The registered systems with their pinned keys, by id. Errors: ConfigurationError."""
    clients = read_tables(path, "client", RegisteredClient)
    check_apart("client", "id", [client.id for client in clients])
    return {
        client.id: (
            client,
            pinned_keys(path.parent / client.jwks_file, f"client {client.id}", ALGORITHMS),
        )
        for client in clients
    }


def granted(asked: str, registered: Collection[str]) -> str:
    """The scopes of a request that are registered, each no wider; empty when none is.

    A request without any gets all that are registered.
    """
    if not asked.strip():
        return " ".join(registered)
    ours = [_read(scope) for scope in registered]
    found = (_common(_read(scope), ours) for scope in asked.split() if _SCOPE.fullmatch(scope))
    return " ".join(dict.fromkeys(scope for some in found for scope in some))


def _common(asked: tuple[str, str], ours: Iterable[tuple[str, str]]) -> Iterable[str]:
    """The scopes of SMART version 2 that are in both."""
    for resource_type, letters in ours:
        both = "".join(letter for letter in letters if letter in asked[1])
        if both and "*" in (asked[0], resource_type):
            yield f"system/{resource_type if asked[0] == '*' else asked[0]}.{both}"
        elif both and asked[0] == resource_type:
            yield f"system/{resource_type}.{both}"


def _read(scope: str) -> tuple[str, str]:
    """Resource type and letters, in FHIR's order."""
    resource_type, _, letters = scope.removeprefix("system/").partition(".")
    wanted = _FORMER.get(letters, letters)
    return resource_type, "".join(letter for letter in _LETTERS if letter in wanted)
