"""What a token's SMART scopes leave of a role: resource types, for one action.

In      scopes such as "user/CarePlan.rs" or "system/*.read"; an action.
Out     the resource types the scopes allow, or None when they do not limit types.
Rule    A scope only narrows what the role allows; a token without any resource scope leaves
        the role as it is. A scope with a query, or one we cannot read, allows nothing.
Source  SMART App Launch 2.2, scopes and launch context (version 1 forms too).
Pure    No look-ups.
"""

import re
from collections.abc import Iterable
from typing import Final

from consent.terms import Action

_SCOPE: Final = re.compile(
    r"(?:user|patient|system)/(\*|[A-Z][A-Za-z]+)\.(\*|read|write|[cruds]{1,5})", re.ASCII
)
_RESOURCE_SCOPE: Final = re.compile(r"(?:user|patient|system)/", re.ASCII)
_LETTER: Final = {
    Action.READ: "r",
    Action.HISTORY: "r",
    Action.SEARCH: "s",
    Action.CREATE: "c",
    Action.UPDATE: "u",
    Action.DELETE: "d",
}
_FORMER: Final = {"*": "cruds", "read": "rs", "write": "cud"}


def types_in_scope(scopes: Iterable[str], action: Action) -> frozenset[str] | None:
    """The types this action may touch; None is every type, an empty set is none."""
    stated = [scope for scope in scopes if _RESOURCE_SCOPE.match(scope)]
    if not stated:
        return None
    letter = _LETTER.get(action)
    read = (_SCOPE.fullmatch(scope) for scope in stated)
    types = {m[1] for m in read if m and letter and letter in _FORMER.get(m[2], m[2])}
    return None if "*" in types else frozenset(types)
