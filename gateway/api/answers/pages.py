"""Page tokens: opaque, signed, bound to the caller and to what was searched.

Rule    A token of another caller, or of another search, opens nothing: it is as if it were not
        there. The Filter is applied anew on every page, so a token never carries a right.
"""

import base64
import binascii
import hmac
from dataclasses import dataclass

from consent.terms import Caller
from gateway.errors import NotFoundError
from gateway.store.keyring.keys import KeyedHasher

_MAC = 32


@dataclass(frozen=True, slots=True)
class PageTokens:
    """Makes and opens the tokens of one caller's search."""

    hasher: KeyedHasher
    caller: Caller
    search: str

    def make(self, last: str) -> str:
        """The token of the page that follows this id."""
        return base64.urlsafe_b64encode(f"{self._mac(last)}{last}".encode()).decode().rstrip("=")

    def open(self, token: str) -> str:
        """The id a page begins after. Errors: NotFoundError."""
        try:
            padded = token + "=" * (-len(token) % 4)
            text = base64.urlsafe_b64decode(padded.encode()).decode()
        except (binascii.Error, ValueError):
            raise NotFoundError from None
        mac, last = text[:_MAC], text[_MAC:]
        if not hmac.compare_digest(mac.encode(), self._mac(last).encode()):
            raise NotFoundError
        return last

    def _mac(self, last: str) -> str:
        caller = self.caller
        bound = (
            caller.user_id,
            str(caller.kind),
            caller.role,
            str(caller.purpose),
            caller.client_id,
            caller.org,
            str(caller.patient),
            self.search,
            last,
        )
        return self.hasher.lasting_hash("page", *bound)[:_MAC]
