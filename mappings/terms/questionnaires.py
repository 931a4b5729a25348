"""Assessment scales and instruments as FHIR R4 Questionnaires: one for each version of each.

Out     `questionnaires`: resources with ids, fit to be served.
Rule    What is asked belongs to the instrument's owner and is not here: an item is a score, with
        its code, its range, which way is better, and the score that is none. A scale that its
        source gives no name is not served.
Source  scales.py, instruments.py.
Pure    The same tables always give the same resources.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from mappings.core.model import systems
from mappings.core.model.codes import Concept
from mappings.core.model.outcome import Resource
from mappings.terms.instruments import INSTRUMENT, INSTRUMENTS, Instrument
from mappings.terms.scales import SCALES, Scale

_LONGEST: Final = 60
_HL7: Final = "http://hl7.org/fhir/StructureDefinition"
BETTER: Final = f"{systems.OWN}/StructureDefinition/better"
NOT_KNOWN: Final = f"{systems.OWN}/StructureDefinition/score-not-known"
_TEXT: Final = (
    "The scores of this version of the instrument: range, which way is better, and the score that"
    " says that nothing is known, as far as published."
)
_OF_NHS: Final = (
    "Codes, terms and ranges: NHS England, MHSDS assessments (nhsengland/MHSDS, MIT). The"
    " instrument and its wording are its owner's; none of it is here."
)
_OF_OWNER: Final = "The instrument and its wording are its owner's; none of it is here."


def questionnaires() -> Iterator[Resource]:
    """Every one, scales before the instruments that have no scale."""
    tools: dict[tuple[str, str], list[Scale]] = {}
    for scale in SCALES.values():
        if scale.tool:
            tools.setdefault((scale.tool, scale.version), []).append(scale)
    for (tool, version), scales in tools.items():
        items = map(_of_scale, sorted(scales, key=lambda one: one.code))
        yield _made(_slug(tool), version, tool, _OF_NHS, items)
    for one in INSTRUMENTS.values():
        if one.concept.system == INSTRUMENT:
            title = one.concept.display
            yield _made(one.concept.code, one.version, title, _OF_OWNER, [_of_instrument(one)])


def _made(
    name: str, version: str, title: str, copyright_: str, items: Iterable[Resource]
) -> Resource:
    full = f"{name}-{_slug(version)}" if version else name
    return {
        "resourceType": "Questionnaire",
        "id": full,
        "url": f"{systems.OWN}/Questionnaire/{full}",
        **({"version": version} if version else {}),
        "name": "Scale" + "".join(part.capitalize() for part in full.split("-")),
        "title": title,
        "status": "active",
        "subjectType": ["Patient"],
        "description": _TEXT,
        "copyright": copyright_,
        "item": list(items),
    }


def _of_scale(scale: Scale) -> Resource:
    concept = Concept(systems.SNOMED_CT, scale.code, scale.term)
    not_known = float(scale.not_known) if scale.not_known else None
    return _item(concept, scale.low, scale.high, scale.better, not_known)


def _of_instrument(one: Instrument) -> Resource:
    return _item(one.concept, one.low, one.high, one.better, one.not_known)


def _item(
    concept: Concept, low: float, high: float, better: str, not_known: float | None
) -> Resource:
    said: list[dict[str, Any]] = [
        {"url": f"{_HL7}/minValue", "valueDecimal": low},
        {"url": f"{_HL7}/maxValue", "valueDecimal": high},
    ]
    said += [{"url": BETTER, "valueCode": better}] if better else []
    said += [{"url": NOT_KNOWN, "valueDecimal": not_known}] if not_known is not None else []
    return {
        "extension": said,
        "linkId": concept.code,
        "code": [{"system": concept.system, "code": concept.code, "display": concept.display}],
        "text": concept.display,
        "type": "decimal",
    }


def _slug(text: str) -> str:
    """In an id's characters; a long name by the short one in brackets, or before them."""
    before, _, inside = text.removesuffix(")").rpartition(" (")
    several = (re.sub("[^a-z0-9]+", "-", one.lower()).strip("-") for one in (text, inside, before))
    return next(one for one in several if one and len(one) <= _LONGEST)
