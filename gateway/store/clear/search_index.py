"""What a resource can be found by, read from it once, when it is written.

In      A FHIR R4 resource as a dict, ids already the store's own; the hasher for identifiers.
Out     Indexed: codes as one text, dates and links as the rows of two small tables.
Rule    Codes and dates stand clear, as they always did; identifiers as keyed hashes; names,
        addresses, words and values not at all. What stands in an element that a view may take out
        is kept with its parameter: a search asks whether this caller is shown it. A code that
        names an organisation is not kept, nor one that goes with a reference. Nothing here can
        raise.
Source  gateway.store.clear.search_table.
Pure    Values in, values out.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from consent.periods import MAX_MICROS, MIN_MICROS, micros_covered
from gateway.store.clear.search_table import PARAMETERS, Parameter
from gateway.store.clear.spoken import unspoken
from gateway.store.keyring.keys import KeyedHasher
from mappings.core.model import systems
from mappings.core.shaping.identifiers import normalised

BETWEEN: Final = "\t"
"""Between a system and its code; no value that is searched for holds it."""
WORDS: Final = ""
"""The target of a reference in words, or by identifier."""
PLACE_IN_WORDS: Final = "#"
"""The same where it names an organisation or a place: a mask may take it out."""
EVERY: Final = "_every"
"""The name under which a Provenance has every link: it is shown where all of them are."""
_LOCAL: Final = ":local-id"
_OWN: Final = "urn:care-gateway:"

Dated = tuple[str, int, int]
"""Name of a parameter, first moment, first moment after."""
Linked = tuple[str, str, str]
"""Name of a parameter, type and id of what is referred to."""


@dataclass(frozen=True, slots=True)
class Indexed:
    """What one version can be found by."""

    codes: str = ""
    dates: tuple[Dated, ...] = ()
    links: tuple[Linked, ...] = ()


def indexed(resource: Mapping[str, Any], hasher: KeyedHasher, references: Iterable[str]) -> Indexed:
    """What this resource, with these literal references in it, can be found by."""
    codes: list[str] = []
    dates: list[Dated] = []
    links: list[Linked] = []
    kind = str(resource.get("resourceType"))
    plan = _PLANS.get(kind, _NO_PLAN)
    for element, found in unspoken(resource).items():
        for path, name, way in plan.get(element, ()):
            several = _under(found, path, 1) if len(path) > 1 else _listed(found)
            for value in several:
                if way == "date":
                    dates += _dated(name, value)
                elif way == "reference":
                    links += _linked(name, value)
                elif way == _STAFF:
                    links += _linked(name, value)
                    codes += _of_staff(name, value, hasher)
                else:
                    codes += _TOKENS[way](name, value, hasher)
                    links += _literal(name, value) if way == "who" else ()
    if kind == "Provenance":
        every = (reference.partition("/") for reference in references)
        links += [(EVERY, to, name) for to, _, name in every if to != "Patient"]
    text = f"|{'|'.join(dict.fromkeys(codes))}|" if codes else ""
    return Indexed(text, tuple(dict.fromkeys(dates)), tuple(dict.fromkeys(links)))


def named_code(name: str, code: str) -> str:
    """A code of any system, as the text holds it between bars."""
    return f"{name}:{_plain(code)}"


def named_coding(name: str, system: str, code: str) -> str:
    """A code of a system, as the text holds it between bars."""
    return f"{name}={_plain(system)}{BETWEEN}{_plain(code)}"


def value_hashes(hasher: KeyedHasher, system: str, value: str) -> tuple[str, ...]:
    """The value of an identifier under every key."""
    several = hasher.keyed_hashes("identifier", _kept(system, value), width=_WIDTH)
    return tuple(_of_generation(len(several) - n, one) for n, one in enumerate(several))


def codes_again(kind: str, codes: str, hasher: KeyedHasher) -> str:
    """The codes of a type's resource with every hash in them of the hasher's own generation."""
    if not codes:
        return codes
    return "|".join(_again(_HASHED.get(kind, _NOTHING), one, hasher) for one in codes.split("|"))


def _again(names: frozenset[str], code: str, hasher: KeyedHasher) -> str:
    found = _A_HASH.fullmatch(code)
    if found is None or found["name"] not in names:
        return code
    before, now = int(found["generation"] or 1), hasher.generation
    if before >= now:
        return code
    return found["before"] + _of_generation(now, hasher.again(found["hash"], before, now))


def _of_generation(generation: int, hashed: str) -> str:
    """A hash as it is kept: its generation stands before it, so that it is made again once."""
    return hashed if generation == 1 else f"{generation}.{hashed}"


def _kept(system: str, value: str) -> str:
    return normalised(value) if system == systems.NHS_NUMBER else value


_WIDTH: Final = 32
_A_HASH: Final = re.compile(
    rf"(?P<before>(?P<name>[\w-]+)(?::|=[^{BETWEEN}]*{BETWEEN}))"
    rf"(?:(?P<generation>\d+)\.)?(?P<hash>[0-9a-f]{{{_WIDTH}}})"
)
_NOTHING: Final[frozenset[str]] = frozenset()


def _plain(text: str) -> str:
    return text.translate(_TAKEN_OUT) if "|" in text or BETWEEN in text else text


_TAKEN_OUT: Final = str.maketrans("", "", f"|{BETWEEN}")


def _under(node: Any, path: tuple[str, ...], depth: int) -> Iterator[Any]:
    """Every value that the path leads to, lists taken apart."""
    if node.__class__ is list:
        for one in node:
            yield from _under(one, path, depth)
    elif depth == len(path):
        yield node
    elif isinstance(node, dict):
        found = node.get(path[depth])
        if found is not None:
            yield from _under(found, path, depth + 1)


def _listed(value: Any) -> list[Any]:
    return value if value.__class__ is list else [value]


def _codes(name: str, value: Any, _hasher: KeyedHasher) -> Iterator[str]:
    if isinstance(value, bool):
        yield named_code(name, "true" if value else "false")
    elif isinstance(value, str):
        yield named_code(name, value)


def _tokens(name: str, value: Any, _hasher: KeyedHasher) -> Iterator[str]:
    if not isinstance(value, dict):
        return
    codings = value.get("coding", [value])
    yield named_code(name, "")
    for coding in codings if isinstance(codings, list) else ():
        if isinstance(coding, dict) and isinstance(coding.get("code"), str):
            system = str(coding.get("system", ""))
            if not is_an_organisations(system):
                yield named_coding(name, system, coding["code"])
                yield named_code(name, coding["code"])


def _identifiers(name: str, value: Any, hasher: KeyedHasher) -> Iterator[str]:
    if isinstance(value, dict) and isinstance(value.get("value"), str):
        system = str(value.get("system", ""))
        kept = hasher.keyed_hash("identifier", _kept(system, value["value"]), width=_WIDTH)
        hashed = _of_generation(hasher.generation, kept)
        yield named_coding(name, system, hashed)
        yield named_code(name, hashed)


def _named(name: str, value: Any, hasher: KeyedHasher) -> Iterator[str]:
    """A literal reference may be to what is hidden, and then goes with all that is in it."""
    if isinstance(value, dict) and "reference" not in value:
        yield from _identifiers(name, value.get("identifier"), hasher)


def _of_staff(name: str, value: Any, hasher: KeyedHasher) -> Iterator[str]:
    """Who of a staff is named by number, as records name them."""
    number = value.get("identifier") if isinstance(value, dict) else None
    if isinstance(number, dict) and number.get("system") in systems.OF_STAFF:
        yield from _named(name, value, hasher)


_TOKENS: Final[Mapping[str, Callable[[str, Any, KeyedHasher], Iterator[str]]]] = {
    "code": _codes,
    "token": _tokens,
    "identifier": _identifiers,
    "who": _named,
    "uri": _codes,
}


def is_an_organisations(system: str) -> bool:
    """Whether codes of this system name an organisation, or are numbers that one gives out."""
    return system == systems.ODS or (system.startswith(_OWN) and system.endswith(_LOCAL))


def _dated(name: str, value: Any) -> Iterator[Dated]:
    """Of a Timing its outer limits, whatever it says between them."""
    several = _times(value) if isinstance(value, dict) else (value,)
    spans = [one for one in map(_span, several) if one is not None]
    if spans:
        yield name, min(low for low, _ in spans), max(high for _, high in spans)


def _times(value: Mapping[str, Any]) -> Iterator[Any]:
    """A Period; the moments that a Timing names, and its bounds."""
    events, repeat = value.get("event"), value.get("repeat")
    if events is None and repeat is None:
        yield value
    yield from events if isinstance(events, list) else ()
    if isinstance(repeat, dict):
        yield repeat.get("boundsPeriod")


def _span(value: Any) -> tuple[int, int] | None:
    period = isinstance(value, dict)
    start = value.get("start") if period else value
    end = value.get("end") if period else value
    if not (isinstance(start, str) or isinstance(end, str)):
        return None
    try:
        low = micros_covered(start)[0] if isinstance(start, str) else MIN_MICROS
        high = micros_covered(end)[1] if isinstance(end, str) else MAX_MICROS
    except (ValueError, OverflowError):
        return None
    return (low, high) if low < high else None


def _linked(name: str, value: Any) -> Iterator[Linked]:
    if isinstance(value, dict):
        literal = str(value.get("reference", "")).partition("/_history/")[0]
        kind, slash, resource_id = literal.partition("/")
        known = slash and kind.isalpha() and resource_id and "/" not in resource_id
        in_words = PLACE_IN_WORDS if _names_place(value) else WORDS
        yield (name, kind, resource_id) if known else (name, "", in_words)


def _literal(name: str, value: Any) -> Iterator[Linked]:
    if isinstance(value, dict) and "reference" in value:
        yield from _linked(name, value)


def _names_place(reference: Mapping[str, Any]) -> bool:
    identifier = reference.get("identifier")
    system = str(identifier.get("system")) if isinstance(identifier, dict) else ""
    named = is_an_organisations(system) or system in systems.OF_STAFF
    return named or reference.get("type") in _PLACES


_PLACES: Final = ("Organization", "Location", "Practitioner", "PractitionerRole")
"""What leads to a place; staff by way of where they work."""


_STAFF: Final = "staff"
"""How a reference is read that may name staff."""
_Plan = dict[str, list[tuple[tuple[str, ...], str, str]]]


def _plan(several: Mapping[str, Parameter]) -> _Plan:
    """By element: each path that begins there, with the name and the kind of what reads it."""
    found: _Plan = {}
    for parameter in several.values():
        if parameter.kind not in ("id", "updated", "patient", "own"):
            for path in parameter.paths:
                way = _STAFF if parameter.names_staff else parameter.kind
                found.setdefault(path[0], []).append((path, parameter.name, way))
    return found


_PLANS: Final = {owner: _plan(several) for owner, several in PARAMETERS.items()}
_NO_PLAN: Final[_Plan] = {}
_HASHED: Final = {
    owner: frozenset(
        name
        for name, one in several.items()
        if one.kind in ("identifier", "who") or one.names_staff
    )
    for owner, several in PARAMETERS.items()
}
"""The parameters of a type whose values are keyed hashes."""
