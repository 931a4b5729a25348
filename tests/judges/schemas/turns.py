"""Loaded by Schemathesis: each request is somebody else's, of a list, in turn.

In      SCHEMATHESIS_CALLERS: a file of lines, each a role and its token.
Out     SCHEMATHESIS_ANSWERED: a file of lines, each a role and the status that it was answered.
"""

import itertools
import os
from pathlib import Path
from typing import Any

import schemathesis  # type: ignore[import-not-found]

_CALLERS = [one.split() for one in Path(os.environ["SCHEMATHESIS_CALLERS"]).read_text().split("\n")]
_ANSWERED = Path(os.environ["SCHEMATHESIS_ANSWERED"])
_turns = itertools.cycle(_CALLERS)
_asking = ""


@schemathesis.hook
def before_call(_context: Any, case: Any, _kwargs: Any) -> None:
    """Whose request it is."""
    global _asking
    _asking, token = next(_turns)
    case.headers = {**(case.headers or {}), "Authorization": f"Bearer {token}"}


@schemathesis.hook
def after_call(_context: Any, _case: Any, response: Any) -> None:
    """How it was answered."""
    with _ANSWERED.open("a", encoding="utf-8") as lines:
        lines.write(f"{_asking} {response.status_code}\n")
