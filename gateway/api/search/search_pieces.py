"""A token of a search as the pieces of text that stored codes are kept in.

In      The kind of a parameter, its name; a system and a code as parsed.
Out     Pieces, each with whether it is whole, or the beginning of one.
Source  http://hl7.org/fhir/R4/search.html#token; gateway.store.clear.search_index.
Pure    Values in, values out.
"""

from collections.abc import Callable, Mapping
from typing import Final

from gateway.flows.reading.person_tests import is_fixed
from gateway.store.clear.search_index import named_code, named_coding, value_hashes
from gateway.store.keyring.keys import KeyedHasher

Pieces = list[tuple[str, bool]]


def _code(_hasher: KeyedHasher, name: str, system: str | None, code: str) -> Pieces:
    """A plain code has no system of its own: one that is named has to be one of FHIR's."""
    if system is not None and not is_fixed(system):
        return []
    return [(named_code(name, code), bool(code))]


def _coding(_hasher: KeyedHasher, name: str, system: str | None, code: str) -> Pieces:
    if system is None:
        return [(named_code(name, code), True)]
    return [(named_coding(name, system, code), bool(code))]


def _identifier(hasher: KeyedHasher, name: str, system: str | None, code: str) -> Pieces:
    if system is None:
        return [(named_code(name, one), True) for one in value_hashes(hasher, "", code)]
    if not code:
        return [(named_coding(name, system, ""), False)]
    hashes = value_hashes(hasher, system, code)
    return [(named_coding(name, system, one), True) for one in hashes]


PIECES: Final[Mapping[str, Callable[[KeyedHasher, str, str | None, str], Pieces]]] = {
    "code": _code,
    "token": _coding,
    "identifier": _identifier,
    "who": _identifier,
}
