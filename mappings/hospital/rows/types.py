"""Fields of HL7 v2 to FHIR data types, by name: what rows call.

In      A field's text (message/fields.py), or several; an absent one is None.
Out     A FHIR element; None leaves it out.
Errors  UnreadableValueError, without the value.
Source  v2-to-FHIR implementation guide, data type maps; UK identifiers.
"""

import re
from typing import Any, Final

from mappings.core.model import systems
from mappings.core.shaping import elements
from mappings.hospital.codes.visit import CODING_SYSTEMS
from mappings.hospital.message.fields import component, entity_id, repetitions, wording, words

_SNOMED_CODE: Final = re.compile(r"[1-9]\d{5,17}")
_GMC: Final = re.compile(r"C\d{7}")
_GMP: Final = re.compile(r"G\d{7}")
_LANGUAGE: Final = re.compile(r"[a-z]{2}")
_ODS: Final = re.compile(r"[A-Z][A-Z0-9]{2,5}|\d[A-Z0-9]{2,4}")
_NAME_USES: Final = {
    "L": "official",
    "D": "usual",
    "N": "nickname",
    "M": "maiden",
    "B": "official",
    "A": "anonymous",
    "CURRENT": "official",
    "PREFERRED": "usual",
}
_ADDRESS_USES: Final = {"H": "home", "HOME": "home", "B": "work", "O": "work", "C": "temp"}
_PHONES: Final = {"CP": "mobile", "PRN": "home", "HOME": "home", "WPN": "work", "ORN": "home"}
_SYSTEMS: Final = {"FX": "fax", "BP": "pager", "INTERNET": "email"}


def concept(field: str) -> dict[str, Any] | None:
    """A CodeableConcept of the first repetition (CWE): its codes, and words always."""
    for text in repetitions(field):
        return _concept(text)
    return None


def language(field: str) -> dict[str, Any] | None:
    """A language: its code where that is one of two letters, and words."""
    for text in repetitions(field):
        code, made = component(text, 1).lower(), words_of_code(text)
        return elements.language(code if _LANGUAGE.fullmatch(code) else "", made) if made else None
    return None


def words_of_code(field: str) -> dict[str, str] | None:
    """A CodeableConcept of words alone: for local codes nobody else could look up."""
    for text in repetitions(field):
        said = wording(text, 2) or wording(text, 1)
        return {"text": said} if said else None
    return None


def code_or_words(field: str) -> str | None:
    """A national code, which is of two characters at most; else the sender's words."""
    for text in repetitions(field):
        code, said = wording(text, 1), wording(text, 2)
        return (code if 0 < len(code) <= 2 and code[0].isdigit() else said or code) or None
    return None


def _concept(text: str) -> dict[str, Any] | None:
    shown = next((said for number in (9, 2, 1, 5) if (said := wording(text, number))), "")
    codings = [_coding(text, 1), _coding(text, 4)]
    made: dict[str, Any] = {"coding": [c for c in codings if c]} if any(codings) else {}
    if shown:
        made["text"] = shown
    return made or None


def _coding(text: str, at: int) -> dict[str, str] | None:
    code, said, named = component(text, at), wording(text, at + 1), component(text, at + 2)
    if not code or not named or " " in code:
        return None
    system = CODING_SYSTEMS.find(named)
    if not isinstance(system, str):
        return {"code": code} | ({"display": said} if said else {})
    if system == systems.SNOMED_CT and not _SNOMED_CODE.fullmatch(code):
        return None
    return {"system": system, "code": code} | ({"display": said} if said else {})


def note(field: str) -> dict[str, str] | None:
    """An Annotation."""
    said = words(field)
    return {"text": said} if said else None


def names(*fields: str | None) -> list[dict[str, Any]] | None:
    """HumanNames (XPN) of some fields, in order."""
    made = [_name(text) for field in fields for text in repetitions(field)]
    return [name for name in made if name] or None


def _name(text: str) -> dict[str, Any]:
    family, given, more = component(text, 1), wording(text, 2), wording(text, 3)
    kind = component(text, 7).upper()
    use = _NAME_USES.get(kind) or ("old" if kind.startswith("PREVIOUS") else "")
    made: dict[str, Any] = {"use": use} if use else {}
    if family:
        made["family"] = family
    if given or more:
        made["given"] = [part for part in (given, more) if part]
    for element, number in (("suffix", 4), ("prefix", 5)):
        if said := wording(text, number):
            made[element] = [said]
    return made if "family" in made or "given" in made else {}


def addresses(field: str) -> list[dict[str, Any]] | None:
    """Addresses (XAD)."""
    return [made for text in repetitions(field) if (made := _address(text))] or None


def _address(text: str) -> dict[str, Any]:
    lines = [component(text, 1) or component(text, 1, 2), wording(text, 2)]
    made: dict[str, Any] = {"line": [line for line in lines if line]} if any(lines) else {}
    for element, number in (("city", 3), ("district", 4), ("postalCode", 5), ("country", 6)):
        if said := wording(text, number):
            made[element] = said
    kind = component(text, 7).upper()
    use = _ADDRESS_USES.get(kind) or ("old" if kind.startswith("PREVIOUS") else "")
    return made | ({"use": use} if made and use else {})


def telecoms(*fields: str | None) -> list[dict[str, str]] | None:
    """ContactPoints (XTN)."""
    made = [_telecom(text) for field in fields for text in repetitions(field)]
    return [point for point in made if point] or None


def _telecom(text: str) -> dict[str, str]:
    use, kind = component(text, 2).upper(), component(text, 3).upper()
    mail = component(text, 4) if "@" in component(text, 4) else ""
    number = component(text, 1) or component(text, 12) or _dialled(text)
    system = "email" if mail and not number else _SYSTEMS.get(kind, "phone")
    value = number or mail
    if not value:
        return {}
    if "@" in value:
        system = "email"
    shown = _PHONES.get(kind) or _PHONES.get(use)
    return {"system": system, "value": value} | ({"use": shown} if shown else {})


def _dialled(text: str) -> str:
    """Country, area and local number, where they were sent apart."""
    return " ".join(part for number in (5, 6, 7) if (part := component(text, number)))


def practitioner(text: str) -> dict[str, Any] | None:
    """A reference to a person at work (XCN) by GMC or GP number, else by name."""
    given, family = component(text, 3), component(text, 2)
    prefix, number = component(text, 6), component(text, 1)
    shown = " ".join(part for part in (prefix, given, family) if part)
    made: dict[str, Any] = {"type": "Practitioner"}
    if number and (identifier := _staff_identifier(number)):
        made["identifier"] = identifier
    if shown:
        made["display"] = shown
    return made if len(made) > 1 else None


def _staff_identifier(number: str) -> dict[str, str]:
    if _GMC.fullmatch(number):
        return {"system": systems.GMC_NUMBER, "value": number}
    if _GMP.fullmatch(number):
        return {"system": systems.GMP_NUMBER, "value": number}
    return {"value": number}


def practice(text: str) -> dict[str, Any] | None:
    """A reference to an organisation (XON) by ODS code, else by name."""
    name = wording(text, 1)
    code = (component(text, 3) or component(text, 10)).upper()
    if not code and _ODS.fullmatch(name):
        name, code = "", name
    made: dict[str, Any] = {"type": "Organization"}
    if _ODS.fullmatch(code):
        made["identifier"] = {"system": systems.ODS, "value": code}
    if name:
        made["display"] = name
    return made if len(made) > 1 else None


def place(field: str) -> dict[str, Any] | None:
    """A reference to a place (PL) in words: ward, room, bed, building, floor, facility."""
    for text in repetitions(field):
        parts = [component(text, number) for number in (1, 2, 3, 7, 8, 4, 9)]
        shown = ", ".join(dict.fromkeys(part for part in parts if part))
        return {"display": shown} if shown else None
    return None


def priority(field: str) -> dict[str, Any] | None:
    """FHIR priority of GOL-6: 1 high, 2 medium, 3 and more low; the number is kept as text."""
    said = component(field, 1)
    if not said.isdigit() or said == "0":
        return {"text": said} if said else None
    level = {"1": "high", "2": "medium"}.get(said, "low")
    coding = {
        "system": systems.GOAL_PRIORITY,
        "code": f"{level}-priority",
        "display": f"{level.title()} Priority",
    }
    return {"coding": [coding], "text": f"Priority {said}"}


def entity(field: str) -> dict[str, Any] | None:
    """The Identifier of a sender's own instance id (EI); its namespace in words."""
    value, space = entity_id(field), component(field, 2)
    if not value:
        return None
    made: dict[str, Any] = {"system": systems.LOCAL_ID, "value": value}
    return made | ({"assigner": {"display": space}} if space else {})


def title(field: str) -> str | None:
    """A title: the words of a code, else the code."""
    return wording(field, 2) or wording(field, 1) or None
