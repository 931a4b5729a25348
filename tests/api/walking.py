"""A walk over a CapabilityStatement: what is declared, asked with what the server itself holds.

In      ask(method, path, **more) of somebody who sees some of each type; the statement; the table
        of R4's parameters (type -> code -> FHIRPath).
Out     Questions with what their answer must be; nothing here knows how the server works.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

import httpx
from fhirpathpy import evaluate
from fhirpathpy.models import models

Ask = Callable[..., httpx.Response]
Json = dict[str, Any]
_MOST: Final = 20


@dataclass
class Walk:
    """One type, as it is declared, and what the caller sees of it."""

    ask: Ask
    declared: Json
    paths: Mapping[str, str]

    def __post_init__(self) -> None:
        self.type: str = self.declared["type"]
        self.codes = {one["code"] for one in self.declared["interaction"]}
        self.parameters = {one["name"]: one["type"] for one in self.declared.get("searchParam", ())}
        found = self.found(_count=str(_MOST)) if "search-type" in self.codes else []
        self.held = found or []

    def found(self, **asked: str) -> list[Json] | None:
        """The matches of a search; None where it is refused."""
        answer = self.ask("GET", f"{self.type}?{urlencode(asked)}")
        if answer.status_code != 200:
            return None
        bundle = answer.json()
        assert bundle["type"] == "searchset"
        entries = bundle.get("entry", ())
        return [one["resource"] for one in entries if one["search"]["mode"] == "match"]

    def values(self) -> Iterator[tuple[str, str, str]]:
        """Each declared parameter with a value that a resource has, and the id of that resource."""
        for name, kind in self.parameters.items():
            told = next(self._told(name, kind), None)
            if told is not None:
                yield name, *told

    def _told(self, name: str, kind: str) -> Iterator[tuple[str, str]]:
        for one in self.held:
            for part in self._parts(one, name):
                value = _KINDS[kind](part, name)
                if value:
                    yield value, one["id"]

    def _parts(self, one: Json, name: str) -> list[Any]:
        paths = {"_id": "id", "_lastUpdated": "meta.lastUpdated"} | dict(self.paths)
        own = [
            path.strip()
            for path in paths.get(name, "").split(" | ")
            if (not path[:1].isupper() and not path.startswith("(")) or self.type + "." in path
        ]
        found: list[Any] = []
        for path in own:
            whole, _, to = path.partition(".where(resolve() is ")
            parts = evaluate(one, whole, model=models["r4"]) if whole else []
            found += [one for one in parts if not to or _leads(one, to.rstrip(")"))]
        return found


def _leads(part: Json, to: str) -> bool:
    return str(part.get("reference", "")).startswith(f"{to}/")


def _token(part: Any, name: str) -> str:
    if isinstance(part, dict) and part.get("coding"):
        part = part["coding"][0]
    if isinstance(part, dict):
        system, code = part.get("system"), part.get("code", part.get("value"))
        if name in ("phone", "email"):
            return str(code) if system == name else ""
        return _escaped(f"{system}|{code}" if system else str(code or ""), keep="|")
    return str(part).lower() if isinstance(part, bool) else str(part)


def _escaped(text: str, keep: str = "") -> str:
    for sign in "\\,$|":
        text = text if sign in keep else text.replace(sign, f"\\{sign}")
    return text


def _date(part: Any, _name: str) -> str:
    if isinstance(part, dict):
        return f"ge{part['start'][:10]}" if "start" in part else ""
    return str(part)[:10]


def _string(part: Any, _name: str) -> str:
    if isinstance(part, dict):
        part = part.get("family", part.get("text", ""))
    return _escaped(str(part))


def _reference(part: Any, _name: str) -> str:
    if not isinstance(part, dict):
        return str(part)
    return str(part.get("reference", ""))


_KINDS: Final[Mapping[str, Callable[[Any, str], str]]] = {
    "token": _token,
    "date": _date,
    "string": _string,
    "reference": _reference,
    "uri": lambda part, _name: str(part),
    "quantity": lambda part, _name: str(part.get("value", "")),
}
