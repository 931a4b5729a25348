"""Who looks at a record together with the caller: as a header says it, and as the log keeps it.

In      `role;organisation;user` for each, as the caller names them.
Out     The caller with those present, each once; the words for the log, and back again.
Rule    They only narrow: what is shown is what each of them may see alone, so nobody is believed to
        anybody's gain. Only staff look together, and everybody named has a role of staff.
Errors  FaultyRequestError that repeats nothing of what was said.
Source  docs/adr/0057-those-who-look-together.md.
Pure    Values in, values out.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from consent.policy import Policy
from consent.terms import Caller, CallerKind, Present
from gateway.errors import Fault, FaultyRequestError

HEADER: Final = "X-Present"
MOST: Final = 20
_ONE: Final = re.compile(
    r"([a-z0-9-]{1,64});([A-Za-z0-9]{1,16});([A-Za-z0-9._:@|-]{1,128})", re.ASCII
)


def looking_with(caller: Caller, said: Iterable[str], policy: Policy) -> Caller:
    """The caller beside those who are named. Errors: FaultyRequestError."""
    named = [one.strip() for text in said for one in text.split(",")]
    if caller.kind is not CallerKind.STAFF:
        raise _faulty("forbidden", "members of staff look together")
    if len(named) > MOST:
        raise _faulty("too-costly", f"at most {MOST} are named")
    present = {_named(text, policy) for text in named}
    present.discard(Present(caller.role, caller.org, caller.user_id))
    return replace(caller, present=tuple(sorted(present)))


def _named(text: str, policy: Policy) -> Present:
    found = _ONE.fullmatch(text)
    if found is None:
        raise _faulty("value", "each is a role, an organisation and a user, with ; between")
    role = policy.roles.get(found[1])
    if role is None or role.kind is not CallerKind.STAFF:
        raise _faulty("value", "everybody named has a role of staff")
    return Present(*found.groups())


def words_of(one: Present) -> str:
    """Somebody, as the log names them."""
    return f"{one.role};{one.org};{one.user_id}"


def from_words(text: str) -> tuple[Present, ...]:
    """Those whom the log names."""
    return tuple(Present(*one.split(";")) for one in text.split())


def _faulty(code: str, text: str) -> FaultyRequestError:
    return FaultyRequestError([Fault(code, HEADER, text)])
