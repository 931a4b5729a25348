"""Whom a message is about: the hospital's own number, and every NHS number sent.

In      The facts of a message: PID-3 (also PID-2 and PID-19), MSH-4, PID-29 to 32, PD1-12, ZU1-27,
        ZU8-4.
Out     PersonClaim; the numbers themselves with their places, for identifiers and lineage.
Rule    The local number is the first of type MR, MRN or PI, or without a type, with its
        assigning authority (CX.4, else the sender's profile, else MSH-4): numbers of two
        authorities never meet. A number counts as an NHS number by authority or type, never by
        place alone; a bare one, or one of a national type, only where its check digit holds.
        A number that the NHS is said to have given and its type says is the hospital's own is an
        NHS number where it has ten digits. Blanks and hyphens are of no meaning in an NHS number,
        and stay in a number of the hospital's own. PID-31 `Y` (identity unknown): nothing to link
        by. A trace status that says the number did not fit the person: it does not link.
        Of ZU8-4 and PD1-12 the stricter says how the person's whereabouts are kept.
Source  HL7 UK A.3; eight shapes seen in published samples.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from mappings.core.applying.finding import CLEARED
from mappings.core.model import systems
from mappings.core.model.outcome import Facts, PersonClaim
from mappings.core.model.paths import Found, Scope, Steps
from mappings.core.shaping import identifiers
from mappings.core.shaping.identifiers import is_usable_nhs_number, normalised
from mappings.hospital.codes import person as codes
from mappings.hospital.message.fields import component, first, repetitions
from mappings.hospital.message.profiles import profile_of
from mappings.hospital.message.times import is_time, whole_day

PLACES: Final = ("PID[].3", "PID[].2", "PID[].19")
READS: Final = (*PLACES, "PID[].7", "PID[].31", "PID[].32", "ZU1[].27", "MSH[].3", "MSH[].4",
         "PID[].29", "PID[].30", "PD1[].12", "ZU8[].4")  # fmt: skip

_TEN_DIGITS: Final = re.compile(r"\d{10}", re.ASCII).fullmatch


@dataclass(frozen=True, slots=True)
class Number:
    """One number of the person, where it stood."""

    steps: Steps
    value: str
    authority: str
    type: str
    check: str
    """CX.2: a check digit, or (PIMS) a trace status."""
    is_nhs: bool


def claim(facts: Facts) -> PersonClaim:
    """Whom the message says it is about."""
    return _claim(facts, numbers(facts))


def _claim(facts: Facts, found: list[Number]) -> PersonClaim:
    local = local_number(found)
    person = segment(facts, "PID")
    local_id = f"{local.authority}:{local.value}" if local and local.authority else None
    if local and not local_id:
        local_id = local.value
    if is_pseudonymous(person):
        return PersonClaim(local_id)
    nhs = dict.fromkeys(number.value for number in found if number.is_nhs)
    return PersonClaim(
        local_id,
        tuple(nhs),
        whole_day(person.get("7")),
        trace=trace_status(facts),
        protection=protection(facts),
        deceased=died(person),
    )


def protection(facts: Facts) -> str:
    """U or R, where the message says whether the person's whereabouts are kept; else empty."""
    hidden = (segment(facts, "ZU8").get("4") or "").strip()
    protected = (segment(facts, "PD1").get("12") or "").strip().upper()
    said = {codes.PROTECTION.get(hidden, ""), codes.PROTECTED.get(protected, "")}
    return next((level for level in ("R", "U") if level in said), "")


def died(person: dict[str, Any]) -> bool | None:
    """Whether the person has died, where PID-30 says it, or PID-29 gives a time."""
    said = codes.DIED.get((first(person.get("30")) or "").strip().upper())
    return True if said is None and is_time(person.get("29")) else said


def person_id(facts: Facts, found: list[Number]) -> str:
    """The key of the source's record of the person; the same rule as the applier's."""
    said = _claim(facts, found)
    if said.local_id:
        return said.local_id
    return f"nhs-number:{said.nhs_numbers[0]}" if said.nhs_numbers else ""


def is_pseudonymous(person: dict[str, Any]) -> bool:
    """Whether the sender says that who this is is not known (PID-31)."""
    return (first(person.get("31")) or "").upper() in ("Y", "YES")


def local_number(found: list[Number]) -> Number | None:
    """The hospital's own number, best type first."""
    return next(iter(local_numbers(found)), None)


def local_numbers(found: list[Number]) -> list[Number]:
    """Every number of the hospital's own, best type first."""
    own = [n for n in found if not n.is_nhs and n.type not in codes.NOT_LOCAL]
    ranks = codes.PREFERRED_LOCAL
    return sorted(own, key=lambda n: ranks.index(n.type) if n.type in ranks else len(ranks))


def numbers(facts: Facts) -> list[Number]:
    """Every number of the person once, in the order of PID-3, PID-2, PID-19."""
    people = facts.get("PID")
    return numbers_of(people[0], facts) if people else []


def numbers_of(person: dict[str, Any], facts: Facts, authority: str = "") -> list[Number]:
    """The same of one PID; `authority` assigned a number that names nobody, if it is given."""
    profile = profile_of(facts)
    sender = authority or profile.authority or first(segment(facts, "MSH").get("4")) or ""
    made: dict[str, Number] = {}
    for field in ("3", "2", "19"):
        for number in _of_field(person.get(field), field, sender, profile.nhs_words):
            if number.value not in made and (field == "3" or number.is_nhs or _fits(number, made)):
                made[number.value] = number
    return list(made.values())


def _fits(number: Number, made: dict[str, Number]) -> bool:
    """A number of PID-2 serves only where PID-3 gives none of the hospital's own."""
    return number.steps[2] == "2" and local_number(list(made.values())) is None


def _of_field(field: str | None, name: str, sender: str, words: frozenset[str]) -> Iterator[Number]:
    for index, text in enumerate(field.split("~") if field else ()):
        said = component(text, 1)
        value = normalised(said)
        if not value:
            continue
        authority = component(text, 4) or component(text, 4, 2)
        kind = component(text, 5).upper()
        steps: Steps = ("PID", 0, name, index) if index else ("PID", 0, name)
        bare = not authority and not kind and (name != "3" or index > 0)
        value = _without_prefix(value, kind)
        of_nhs = authority.upper() in codes.NHS_AUTHORITIES
        if of_nhs and kind in codes.HOSPITALS_OWN and not _TEN_DIGITS(value):
            of_nhs, authority = False, ""
        is_nhs = (
            of_nhs
            or kind in codes.NHS_TYPES
            or not words.isdisjoint((authority.upper(), kind))
            or ((kind in codes.NATIONAL or bare) and is_usable_nhs_number(value))
        )
        shown = authority or ("" if is_nhs else sender)
        yield Number(steps, value if is_nhs else said, shown, kind, component(text, 2), is_nhs)


def _without_prefix(value: str, kind: str) -> str:
    """PIMS writes N3 or N4 before a number of type NI."""
    if kind in codes.NATIONAL and value[:2] in ("N3", "N4") and is_usable_nhs_number(value[2:]):
        return value[2:]
    return value


def segment(facts: Facts, name: str) -> dict[str, Any]:
    """The first segment of a name; empty where there is none."""
    entries = facts.get(name)
    found: dict[str, Any] = entries[0] if entries else {}
    return found


def is_birth_date_estimated(person: dict[str, Any]) -> bool:
    """Whether the sender says that the date of birth was estimated (PID-32 `ED`)."""
    return any(component(text, 1).upper() == "ED" for text in repetitions(person.get("32")))


def estimate_of_birth(scope: Scope) -> Iterator[Found]:
    """That the date of birth was estimated; taken back where PID-32 is sent and says it no more,
    and with the date."""
    said, born = scope.element.get("32"), scope.element.get("7")
    if is_birth_date_estimated(scope.element) and born != CLEARED:
        yield Found((*scope.here.steps, "32"), {"extension": [dict(_ESTIMATED)]})
    elif said or born == CLEARED:
        yield Found((*scope.here.steps, "32" if said else "7"), CLEARED)


_ESTIMATED: Final = {
    "url": f"{systems.OWN}/StructureDefinition/birth-date-estimated",
    "valueBoolean": True,
}


def trace_status(facts: Facts) -> str:
    """Code 01 to 08 of the NHS number: PID-32 `NSTSnn`, else ZU1-27; else empty."""
    for text in repetitions(segment(facts, "PID").get("32")):
        said = component(text, 1).upper()
        if said.startswith("NSTS") and (found := identifiers.trace_status(said[4:])):
            return found
    return identifiers.trace_status(first(segment(facts, "ZU1").get("27")))
