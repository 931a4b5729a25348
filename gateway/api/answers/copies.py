"""Which answers a caller was given here lately: a condition counts for who holds the very bytes.

In      A caller, and a resource as they are shown it.
Out     Whether this process gave them exactly that.
Rule    `W/"1"` is the same tag for everybody, and what a version shows is not: of a plan one sees
        all the goals and another two. So 304 is for the same user, role, organisation and purpose
        who was given the same bytes; anybody else, and anybody whose sight has changed since, is
        given the resource. What is kept is a keyed hash, of the latest so many; who is not
        remembered is given the resource as well.
Source  docs/adr/0056-what-shows-nothing-leaves-on-a-tick.md.
"""

from collections import OrderedDict
from functools import lru_cache
from hashlib import blake2b
from typing import Final

from consent.terms import Caller
from gateway.flows.asking.views import View

MOST: Final = 50_000


class Copies:
    """The latest answers, each by caller and bytes, under a key of this process."""

    def __init__(self, key: bytes, most: int = MOST) -> None:
        self._key, self._most = key, most
        self._given: OrderedDict[bytes, None] = OrderedDict()

    def give(self, caller: Caller, view: View) -> None:
        """Remember that the caller is given this."""
        name = self._name(caller, view)
        self._given[name] = None
        self._given.move_to_end(name)
        while len(self._given) > self._most:
            self._given.popitem(last=False)

    def has(self, caller: Caller, view: View) -> bool:
        """Whether the caller was given exactly this."""
        return self._name(caller, view) in self._given

    def _name(self, caller: Caller, view: View) -> bytes:
        said = f"{view.resource_type}/{view.resource_id}/{view.version}\n"
        name = blake2b(_who(caller), digest_size=16, key=self._key)
        name.update(said.encode() + view.body)
        return name.digest()


@lru_cache(maxsize=4096)
def _who(caller: Caller) -> bytes:
    """What tells this caller from every other, whichever token they come with."""
    who = (
        *(caller.user_id, caller.kind, caller.role, caller.org, caller.purpose),
        *(caller.client_id, caller.patient, sorted(caller.scopes)),
    )
    return repr(who).encode()
