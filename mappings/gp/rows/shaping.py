"""Named functions that turn an element of FHIR STU3 into the same element of R4.

In      One STU3 element, or several (absent ones as None).
Out     The R4 element; None leaves it out.
Errors  UnreadableValueError, without the value.
Source  FHIR STU3 and R4 datatypes. Extensions of a coding are dropped; the term a clinician
        chose (CareConnect sctdescid) becomes the text of a concept that has none.
"""

import base64
import re
from typing import Any, Final

from mappings.core.model import dates
from mappings.core.model.outcome import UnreadableValueError
from mappings.gp.assemble.record import Lost
from mappings.gp.codes.states import COMPARATOR

_CODING: Final = ("system", "version", "code", "display", "userSelected")
_ATTACHMENT: Final = (
    *("contentType", "language", "data", "url", "size", "hash", "title", "creation"),
)
_COUNT: Final = re.compile(r"(\d{1,9})(?:\.0+)?", re.ASCII)
_QUANTITY: Final = ("value", "comparator", "unit", "system", "code")


def concept(value: Any) -> dict[str, Any] | None:
    """A CodeableConcept."""
    codings = [one for one in map(coding, value.get("coding") or ()) if one]
    text = value.get("text") or _chosen_term(value)
    made: dict[str, Any] = {"coding": codings, "text": text}
    return {name: part for name, part in made.items() if part} or None


def coding(value: Any) -> dict[str, Any] | None:
    """A Coding, its code and display without double blanks."""
    made = {name: value[name] for name in _CODING if value.get(name) is not None}
    for name in ("code", "display"):
        if name in made:
            made[name] = " ".join(made[name].split())
    return made or None


def _chosen_term(value: Any) -> str:
    for one in value.get("coding") or ():
        for extension in one.get("extension") or ():
            for part in extension.get("extension") or ():
                if str(part.get("url")).lower() == "descriptiondisplay":
                    return str(part.get("valueString") or "")
    return ""


def quantity(value: Any) -> dict[str, Any] | None:
    """A Quantity. A comparator that FHIR does not know would change the number: unreadable."""
    made = {name: value[name] for name in _QUANTITY if value.get(name) is not None}
    if made.get("comparator", "<") not in COMPARATOR:
        raise UnreadableValueError("unmapped-code", "a comparator FHIR does not have")
    if "code" in made and "system" not in made:
        made.setdefault("unit", made["code"])
        del made["code"]
    return made or None


def count(value: Any, least: int = 0) -> int:
    """A whole number, as a number or as text."""
    found = None if isinstance(value, bool) else _COUNT.fullmatch(str(value).strip())
    if found is None or int(found[1]) < least:
        raise UnreadableValueError("invalid-number", f"not a whole number, {least} or more")
    return int(found[1])


def range_of(value: Any) -> dict[str, Any] | None:
    """A Range."""
    made = {name: quantity(value[name]) for name in ("low", "high") if value.get(name)}
    return {name: end for name, end in made.items() if end} or None


def ratio(value: Any) -> dict[str, Any] | None:
    """A Ratio."""
    parts = ("numerator", "denominator")
    made = {name: quantity(value[name]) for name in parts if value.get(name)}
    return {name: part for name, part in made.items() if part} or None


def period(value: Any) -> dict[str, Any] | None:
    """A Period."""
    ends = {name: value[name] for name in ("start", "end") if value.get(name)}
    if len(ends) == 2 and dates.instant(ends["end"]) < dates.instant(ends["start"]):
        raise UnreadableValueError("contradiction", "ends before it starts; left out")
    return {name: dates.fhir_date_time(text) for name, text in ends.items()} or None


def annotation(value: Any) -> dict[str, Any] | None:
    """An Annotation; who wrote it only where that is text."""
    if not value.get("text"):
        return None
    made = {"text": value["text"]}
    if value.get("authorString"):
        made["authorString"] = value["authorString"]
    return made | ({"time": dates.fhir_date_time(value["time"])} if value.get("time") else {})


def words(text: Any) -> dict[str, str] | None:
    """An Annotation of words alone."""
    return {"text": text} if text and str(text).strip() else None


def identifier(value: Any) -> dict[str, Any] | None:
    """An Identifier with a value."""
    if not value.get("value"):
        return None
    return {name: value[name] for name in ("system", "value") if value.get(name)}


def attachment(value: Any) -> dict[str, Any] | None:
    """An Attachment; one whose file was spoilt on the way is left out whole."""
    made = {name: value[name] for name in _ATTACHMENT if value.get(name) not in (None, "")}
    try:
        for name in ("data", "hash"):
            base64.b64decode(made.get(name, ""), validate=True)
    except ValueError:
        raise UnreadableValueError("invalid-encoding", "not base64; the file is left out") from None
    if "data" in made and "contentType" not in made:
        raise UnreadableValueError("missing", "a file of no known type; left out") from None
    if "size" in made:
        made["size"] = count(made["size"])
    if "creation" in made:
        made["creation"] = dates.fhir_date_time(made["creation"])
    return made or None


def reference_range(value: Any) -> dict[str, Any] | None:
    """One range of an Observation."""
    made: dict[str, Any] = range_of(value) or {}
    if value.get("type"):
        made["type"] = concept(value["type"])
    if value.get("appliesTo"):
        made["appliesTo"] = [concept(one) for one in value["appliesTo"]]
    if value.get("age"):
        made["age"] = range_of(value["age"])
    if value.get("text"):
        made["text"] = value["text"]
    return {name: part for name, part in made.items() if part} or None


def precise_instant(text: Any) -> str:
    """An instant; a day alone is not one, and no time of day is invented."""
    if "T" not in text:
        raise UnreadableValueError("imprecise-time", "a day without a time; left out")
    return dates.fhir_instant(text)


def kept(value: Any) -> Any:
    """A reference that could be resolved; one that could not is left out with the reason."""
    if isinstance(value, Lost):
        raise UnreadableValueError(value.code, value.text)
    return value
