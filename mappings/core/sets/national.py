"""Named functions that the rows of national data sets (CSDS, MHSDS) share.

In      Values of the submission's columns, as sent (absent ones as None).
Out     FHIR elements; None leaves the element out.
Errors  UnreadableValueError, without the value.
Source  NHS Data Dictionary element names; HL7 UK Core (NHS number verification status).
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from mappings.core.model import dates, systems
from mappings.core.model.codes import CodeTable, Concept
from mappings.core.model.outcome import Facts, PersonClaim, UnreadableValueError
from mappings.core.sets import national_days
from mappings.core.sets.national_codes import BLANK_CANCELLED, BLANK_PAST, BLANK_TO_COME, LocalCode
from mappings.core.shaping import elements
from mappings.core.shaping.elements import nhs_number
from mappings.core.shaping.identifiers import normalised, organisation, trace_status
from mappings.core.shaping.snomed import is_snomed_code

UK_CORE: Final = "https://fhir.hl7.org.uk/StructureDefinition"
VERIFICATION: Final = "https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatusEngland"
DATA_OPERATION: Final = "http://terminology.hl7.org/CodeSystem/v3-DataOperation"
NULL_FLAVOR: Final = "http://terminology.hl7.org/CodeSystem/v3-NullFlavor"
OBSERVATION_SURVEY: Final = Concept(systems.OBSERVATION_CATEGORY, "survey", "Survey").concept()
AS_AT: Final = f"{systems.OWN}/StructureDefinition/as-at"
"""Extension of `meta`: the day the resource holds as at."""
SOCIAL_HISTORY: Final = Concept(
    systems.OBSERVATION_CATEGORY, "social-history", "Social History"
).concept()
DERIVED_STATUS: Final = {
    "system": f"{systems.OWN}/CodeSystem/derived",
    "code": "status",
    "display": "Status derived by a rule",
}

_NO_PRACTICE: Final = frozenset({"V81997", "V81998", "V81999"})
"""Codes for "no practice", "not applicable" and "not known"."""
_ICD_10: Final = re.compile(r"[A-Z]\d{2}(\.?[0-9A-Z]{1,4})?")
_NUMBER: Final = re.compile(r"-?\d{1,9}(\.\d{1,6})?", re.ASCII)


def claim(
    person: Mapping[str, str],
    names: tuple[str, str, str, str, str, str],
    registrations: Iterable[Mapping[str, str]] = (),
    practice: str = "",
    made: str | None = None,
) -> PersonClaim:
    """Whom a row is about: columns for local id, its organisation, NHS number, birth date, trace
    status and date of death."""
    local, owner, number, born, trace, died = (person.get(name) for name in names)
    return PersonClaim(
        local_id=":".join(part for part in (owner, local) if part) if local else None,
        nhs_numbers=(normalised(number),) if number else (),
        birth_date=_birth_date(born, made),
        registered_practice=next((row[practice] for row in registrations), None),
        trace=trace_status(trace),
        deceased=True if dates.day_said(died) else None,
    )


def _birth_date(text: str | None, made: str | None) -> str | None:
    try:
        return national_days.born(text or None, made)
    except UnreadableValueError:
        return None


def open_registrations(
    facts: Facts, table: str, names: tuple[str, str, str]
) -> list[tuple[int, dict[str, str]]]:
    """The open GP registration of a person, newest first: columns practice, start, end."""
    practice, start, end = names
    rows = [
        (index, row)
        for index, row in enumerate(facts.get(table) or ())
        if end not in row and row.get(practice, "").upper() not in ("", *_NO_PRACTICE)
    ]
    return sorted(rows, key=lambda found: found[1].get(start, ""), reverse=True)


def local_identifier(value: Any, owner: Any) -> dict[str, Any]:
    """The provider's own number for the person, and whose number it is."""
    made: dict[str, Any] = {"system": systems.LOCAL_ID, "value": str(value)}
    return made | {"assigner": organisation(str(owner))} if owner else made


def traced_nhs_number(number: Any, status: Any) -> dict[str, Any] | None:
    """The NHS number with its verification status."""
    if number is None:
        return None
    made = nhs_number(number)
    if status:
        url = f"{UK_CORE}/Extension-UKCore-NHSNumberVerificationStatus"
        value = {"coding": [{"system": VERIFICATION, "code": str(status).zfill(2)}]}
        made["extension"] = [{"url": url, "valueCodeableConcept": value}]
    return made


def postcode(text: Any) -> str | None:
    """A postcode; ZZ99 pseudo-postcodes say only that none is known."""
    code = " ".join(str(text).upper().split())
    return None if code.startswith("ZZ99") else code


def language(code: Any) -> dict[str, Any]:
    """A language; two letters are ISO 639-1, the dictionary's q1 to q5 are no language tags."""
    text = str(code)
    if re.fullmatch(r"[a-z]{2}", text):
        return elements.language(text, {"text": text})
    return elements.language("", {"text": f"Code {text} of the preferred language list"})


def day_and_time(day: Any, time: Any) -> str | None:
    """A date joined with a time of day, in London; the time may be a whole timestamp."""
    if day is None:
        return None
    on = dates.fhir_date(str(day))
    if time is None:
        return on
    return dates.fhir_date_time(f"{on}T{dates.clock(str(time))}")


def minutes(text: Any) -> dict[str, Any]:
    """A duration in minutes."""
    if not re.fullmatch(r"\d{1,6}", str(text)):
        raise UnreadableValueError("invalid-number", "not a whole number of minutes")
    return {"value": int(text), "unit": "minutes", "system": systems.UCUM, "code": "min"}


def plan_rule(implemented: Any, agreed: Any, died: Any, referrals: Any, made: Any) -> str:
    """Which rule gives a plan header its status, which the data sets do not send."""
    if dates.day_said(died):
        return "died"
    if referrals and all(_is_over(one, dates.day_said(made)) for one in referrals):
        return "discharged"
    return "active" if implemented or agreed else "draft"


def _is_over(referral: Mapping[str, Any], made: str | None) -> bool:
    """Whether a referral had ended by the day a submission was made: no word and no day to come
    ends one."""
    ends = filter(None, map(dates.day_said, referral.values()))
    return made is not None and any(end <= made for end in ends)


def local_plan_status(
    implemented: Any, agreed: Any, died: Any, referrals: Any, made: Any, _plan: Any
) -> str:
    """The status of a plan header (`PLAN_RULES`)."""
    rule = plan_rule(implemented, agreed, died, referrals, made)
    return "completed" if rule in ("died", "discharged") else rule


def plan_status_note(
    implemented: Any, agreed: Any, died: Any, referrals: Any, made: Any, _plan: Any
) -> dict[str, str]:
    """Which rule gave the status, in words for staff."""
    return {"text": PLAN_RULES[plan_rule(implemented, agreed, died, referrals, made)]}


_WORKED_OUT: Final = "Status worked out here, not sent"
PLAN_RULES: Final = {
    "died": f"{_WORKED_OUT}: the person has died.",
    "discharged": f"{_WORKED_OUT}: every referral of the person to this provider is closed.",
    "active": f"{_WORKED_OUT}: the plan was implemented or agreed.",
    "draft": f"{_WORKED_OUT}: neither implemented nor agreed.",
}


def attendance(code: Any, cancelled: Any, day: Any, created: Any, _contact: Any) -> str:
    """The attendance code; where it is blank, what the cancellation and the day say instead."""
    if code is not None:
        return str(code)
    if cancelled is not None:
        return BLANK_CANCELLED
    if day is not None and created is not None:
        to_come = dates.fhir_date(str(day)) > dates.fhir_date(str(created))
        return BLANK_TO_COME if to_come else BLANK_PAST
    return BLANK_PAST


def not_seen(attendances: CodeTable, words: CodeTable, code: Any) -> dict[str, str] | None:
    """Why a contact did not happen, in words."""
    said = words.find(str(code))
    happened = attendances.find(str(code)) == "finished"
    return {"text": said} if isinstance(said, str) and not happened else None


def encounter_class(table: CodeTable, lists: LocalCode, code: Any, _contact: Any) -> dict[str, str]:
    """How a contact took place; a code that is in no table stands in the source's own list."""
    if code is None:
        return {"system": NULL_FLAVOR, "code": "UNK", "display": "unknown"}
    meaning = table.find(str(code))
    if isinstance(meaning, Concept):
        return meaning.coding()
    return {"system": lists.system, "code": str(code)}


def diagnosis(schemes: Mapping[str, str], scheme: Any, code: Any) -> dict[str, Any] | None:
    """A diagnosis code in its scheme; a text where it cannot be a code of that scheme."""
    if code is None:
        return None
    text = str(code)
    system = schemes.get(str(scheme).zfill(2)) if scheme is not None else None
    fits = system is not None and (
        is_snomed_code(text) if system == systems.SNOMED_CT else bool(_fits(system, text))
    )
    if not fits:
        return {"text": text}
    code = icd_10(text) if system == systems.ICD_10 else text
    return {"coding": [{"system": system, "code": code}]}


def icd_10(code: str) -> str:
    """A code of ICD-10 as it is published: with its point, and without the X that fills it up."""
    plain = code.replace(".", "")
    plain = plain[:3] if plain[3:] == "X" else plain
    return f"{plain[:3]}.{plain[3:]}" if plain[3:] else plain


def _fits(system: str, code: str) -> bool:
    return system != systems.ICD_10 or bool(_ICD_10.fullmatch(code))


def activity_status(attendances: CodeTable, attended: Any, _activity: Any) -> str:
    """Whether what was to be done in a contact was done."""
    happened = attendances.find(str(attended)) if attended is not None else None
    return {"finished": "completed", "cancelled": "not-done"}.get(str(happened), "unknown")


def measured(value: Any, unit: Any) -> dict[str, Any] | None:
    """A number with its unit; None where it is no number."""
    if value is None or not _NUMBER.fullmatch(str(value)):
        return None
    made: dict[str, Any] = {"value": float(value) if "." in str(value) else int(value)}
    return made | ({"unit": str(unit), "system": systems.UCUM, "code": str(unit)} if unit else {})


class Unit:
    """A named function: a number in the unit its column is in."""

    def __init__(self, unit: str) -> None:
        self.unit = unit
        self.__name__ = f"in_{unit}"

    def __call__(self, value: Any) -> dict[str, Any]:
        """The quantity."""
        made = measured(value, self.unit)
        if made is None:
            raise UnreadableValueError("invalid-number", "not a number")
        return made


def not_measured(value: Any) -> str | None:
    """A value that is no number, in its own words."""
    return None if _NUMBER.fullmatch(str(value)) else str(value)


def snomed(code: Any) -> dict[str, Any]:
    """A SNOMED CT code, or an expression that begins with one; else the words that were sent."""
    text = str(code)
    first = text.partition(":")[0].partition("|")[0].strip()
    if not is_snomed_code(first):
        return {"text": text}
    return {"coding": [{"system": systems.SNOMED_CT, "code": text}]}


def team(team_id: Any, ends: Iterable[tuple[str, Any]] = ()) -> dict[str, Any]:
    """A team by its provider's own number, with what ended."""
    closed = [f"{word} on {dates.fhir_date(str(day))}" for word, day in ends if day]
    shown = f"Team {team_id}" + (f" ({', '.join(closed)})" if closed else "")
    identifier = {"system": systems.LOCAL_ID, "value": str(team_id)}
    return {"type": "HealthcareService", "identifier": identifier, "display": shown}


def staff(staff_id: Any) -> dict[str, Any]:
    """A member of staff by the provider's own number."""
    identifier = {"system": systems.LOCAL_ID, "value": str(staff_id)}
    return {"type": "Practitioner", "identifier": identifier}


def running_status(end: Any, created: Any) -> str:
    """Whether something with an end still ran when the submission was made."""
    ended = end is not None and dates.fhir_date(str(end)) <= dates.fhir_date(str(created))
    return "inactive" if ended else "active"


def as_at(ends: Any, created: Any) -> dict[str, str] | None:
    """The day a submission describes: the end of its period, or its making if that was earlier."""
    days = [day for day in map(dates.day_said, (ends, created)) if day]
    return {"url": AS_AT, "valueDate": min(days)} if days else None


def nobody(_facts: Facts) -> PersonClaim:
    """A row whose parent was not sent names nobody."""
    return PersonClaim(None)
