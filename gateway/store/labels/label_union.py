"""The security labels of a resource as items are folded: they only rise.

In      FHIR bodies with `meta.security`.
Out     One canonical list for both, whichever came first.
Rule    The stricter confidentiality, every sensitivity, hold and legal mark of both; the access
        category of the newer. The same codings in any order give the same list.
Pure    Values in, values out; only `set_security` changes the body it is given.
"""

from collections.abc import Mapping
from typing import Any, Final

from mappings.core.model import systems

_LEVELS: Final = "UNRV"

Coding = dict[str, str]


def security(body: Mapping[str, Any]) -> list[Coding]:
    """The labels of a body."""
    found: list[Coding] = body.get("meta", {}).get("security", [])
    return found


def set_security(body: dict[str, Any], labels: list[Coding]) -> None:
    """Put these labels in place of the body's own."""
    body["meta"] = {**body.get("meta", {}), "security": labels}


def raised(older: Mapping[str, Any], newer: Mapping[str, Any]) -> list[Coding]:
    """The labels of both."""
    levels: list[str] = []
    categories: list[Coding] = []
    others: dict[tuple[str, str], Coding] = {}
    for coding in (*security(newer), *security(older)):
        system, code = coding["system"], coding["code"]
        if system == systems.CONFIDENTIALITY:
            levels.append(code)
        elif system == systems.ACCESS_CATEGORY:
            categories.append(coding)
        else:
            held = others.setdefault((system, code), coding)
            if held is not coding:
                others[system, code] = min(held, coding, key=_as_text)
    level = max(levels, key=_LEVELS.find, default="R")
    made = [{"system": systems.CONFIDENTIALITY, "code": level}, *categories[:1]]
    return made + [others[key] for key in sorted(others)]


def _as_text(coding: Coding) -> list[tuple[str, str]]:
    return sorted(coding.items())
