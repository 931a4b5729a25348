"""The one language of every sector, as FHIR R4 CodeSystem and ConceptMap resources.

Out     `code_systems`, `concept_maps`: resources with ids, fit to be served. A concept has one
        plain display and the words of each sector as designations; a map says which concept a
        sector's word, or a code of another system, stands for. `meaning_of`: the concept a
        sector's word stands for; `meaning_in_any`: whichever sector's.
Source  plans.py, support.py, access.py, instruments.py; synonyms.py.
Pure    The same tables always give the same resources.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from mappings.core.model import systems
from mappings.core.model.codes import Concept, folded
from mappings.core.model.outcome import Resource
from mappings.terms import plans, support
from mappings.terms.access import Category
from mappings.terms.instruments import INSTRUMENT, INSTRUMENTS
from mappings.terms.synonyms import ELSEWHERE, SECTORS, SYNONYMS

VERSION: Final = "1"

_OF_OURS: Final = (one.concept for one in INSTRUMENTS.values() if one.concept.system == INSTRUMENT)
LANGUAGE: Final[Mapping[str, tuple[str, Mapping[str, str]]]] = {
    systems.CARE_ACT_OUTCOME: ("Care Act outcomes", plans.CARE_ACT_OUTCOMES),
    support.CARER_OUTCOME: ("Carers' Care Act outcomes", support.CARER_OUTCOMES),
    systems.WELLBEING_DOMAIN: ("Wellbeing domains", plans.WELLBEING_DOMAINS),
    systems.GOAL_AIM: ("Aims of goals", plans.GOAL_AIMS),
    systems.PLAN_TYPE: ("Types of plan", plans.PLAN_TYPES),
    support.SERVICE_KIND: ("Kinds of service", support.SERVICE_KINDS),
    support.FUNDING: ("Kinds of funding", support.FUNDING_KINDS),
    support.TIER: ("Support tiers", support.TIERS),
    support.BAND: ("Children's bands", support.BANDS),
    support.ADJUSTMENT: ("Adjustments", support.ADJUSTMENTS),
    support.ORGANISATION_KIND: ("Kinds of organisation", support.ORGANISATION_KINDS),
    support.SHARING_WISH: ("Wishes about sharing", support.SHARING_WISHES),
    INSTRUMENT: ("Instruments", {one.code: one.display for one in _OF_OURS}),
    systems.ACCESS_CATEGORY: (
        "Access categories",
        {str(one): str(one).replace("-", " ").capitalize() for one in Category},
    ),
}
"""System -> its title, and code -> plain words."""

_DESIGNATION: Final = f"{systems.OWN}/CodeSystem/sector-word"


def code_systems() -> tuple[Resource, ...]:
    """Every code system of the language."""
    return tuple(_code_system(system, *LANGUAGE[system]) for system in LANGUAGE)


def concept_maps() -> tuple[Resource, ...]:
    """From each sector's words, and from the codes of others, to the language."""
    return (*_of_sectors(), *_of_others())


def meaning_of(system: str, sector: str, word: str) -> Concept | None:
    """The concept a sector's word stands for, without regard to case."""
    code = _CODES.get((system, sector, folded(word)))
    return None if code is None else Concept(system, code, LANGUAGE[system][1][code])


def meaning_in_any(system: str, word: str) -> Concept | None:
    """The concept that a word stands for whoever says it: a sector's word, or the plain one."""
    code = _PLAIN.get((system, folded(word)))
    return None if code is None else Concept(system, code, LANGUAGE[system][1][code])


def known_words(system: str) -> dict[str, str]:
    """Every word that stands for a concept of a system, whoever says it, and the concept's code."""
    return {word: code for (one, word), code in _PLAIN.items() if one == system}


def said(system: str) -> Iterator[tuple[str, str]]:
    """Every word of a sector, and the code of its concept."""
    return ((word, code) for _, word, code in _words(system))


def _words(system: str) -> Iterator[tuple[str, str, str]]:
    """Sector, word, code."""
    for code, words in SYNONYMS.get(system, {}).items():
        for sector, said in words.items():
            yield from ((sector, word, code) for word in said)


_CODES: Final = {
    (system, sector, folded(word)): code
    for system in SYNONYMS
    for sector, word, code in _words(system)
}
_PLAIN: Final = {
    **{(system, word): code for (system, _, word), code in _CODES.items()},
    **{
        (system, folded(display)): code
        for system, (_, concepts) in LANGUAGE.items()
        for code, display in concepts.items()
    },
}


def _name(system: str) -> str:
    return system.rpartition("/")[2]


def _code_system(system: str, title: str, concepts: Mapping[str, str]) -> Resource:
    said: dict[str, list[dict[str, Any]]] = {}
    for sector, word, code in _words(system):
        use = {"system": _DESIGNATION, "code": _sector_code(sector), "display": sector}
        said.setdefault(code, []).append({"use": use, "value": word})
    made = [
        {"code": code, "display": display} | ({"designation": said[code]} if code in said else {})
        for code, display in concepts.items()
    ]
    return _head("CodeSystem", _name(system), system, title) | {
        "caseSensitive": True,
        "content": "complete",
        "count": len(made),
        "concept": made,
    }


def _of_sectors() -> Iterator[Resource]:
    for sector in SECTORS:
        groups = []
        for system in SYNONYMS:
            rows = {word: code for one, word, code in _words(system) if one == sector}
            if rows:
                words = f"{systems.OWN}/CodeSystem/words-{_sector_code(sector)}"
                groups.append(_group(words, system, rows, "equivalent"))
        name = f"words-{_sector_code(sector)}"
        url = f"{systems.OWN}/ConceptMap/{name}"
        yield _head("ConceptMap", name, url, f"Words of {sector}") | {"group": groups}


def _of_others() -> Iterator[Resource]:
    for name, theirs, ours, how, rows in ELSEWHERE:
        url = f"{systems.OWN}/ConceptMap/{name}"
        title = f"{LANGUAGE[ours][0]} in {_name(theirs)}"
        yield _head("ConceptMap", name, url, title) | {"group": [_group(theirs, ours, rows, how)]}


def _group(theirs: str, ours: str, rows: Mapping[str, str], how: str) -> dict[str, Any]:
    shown = LANGUAGE[ours][1]
    return {
        "source": theirs,
        "target": ours,
        "element": [
            {
                "code": word,
                "target": [{"code": code, "display": shown[code], "equivalence": how}],
            }
            for word, code in rows.items()
        ],
    }


def _head(kind: str, name: str, url: str, title: str) -> Resource:
    return {
        "resourceType": kind,
        "id": name,
        "url": url,
        "version": VERSION,
        "name": "".join(part.capitalize() for part in name.split("-")),
        "title": title,
        "status": "active",
    }


def _sector_code(sector: str) -> str:
    return sector.replace(" ", "-")
