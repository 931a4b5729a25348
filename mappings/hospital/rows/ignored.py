"""Every field of the mapped hospital messages that is left out, and why.

Out     Root paths to reasons, by group of messages. Everything below a path is meant.
Rule    A field that is neither here nor read by a row is reported with each message that has
        it.
"""

from collections.abc import Iterable
from typing import Final

from mappings.hospital.rows import goal, observation, plan, problem

_MONEY: Final = "insurance and payment; not shared, and not of use in England"
_NOT_ENGLAND: Final = "not used in England"
_TRANSPORT: Final = "about the message and its transport, not about the person"
_LATER: Final = "not mapped yet; kept with the delivery"
_NOT_SHARED: Final = "special category data that care planning does not need"


def _fields(place: str, why: str, *numbers: int | range) -> dict[str, str]:
    flat: Iterable[int] = (
        number for one in numbers for number in (one if isinstance(one, range) else (one,))
    )
    return {f"{place}.{number}": why for number in flat}


_MESSAGE: Final[dict[str, str]] = {
    "order": "order of the segments, as read; kept so that nothing of the message is lost",
    "MSH[].1": _TRANSPORT,
    "MSH[].2": _TRANSPORT,
    **_fields("MSH[]", _TRANSPORT, 5, 6, range(8, 30)),
    **_fields("MSH[]", "puts messages of one second, or minute, in order", 10, 13),
    "SFT": _TRANSPORT,
    "UAC": _TRANSPORT,
    "EVN[].1": "the trigger is read from MSH-9; real senders leave an old one here",
    **_fields("EVN[]", _TRANSPORT, 3, 4, 5, 7),
}

_PERSON: Final[dict[str, str]] = {
    "PID[].1": _TRANSPORT,
    "PID[].4": "alternate number without a rule to tell whose it is",
    "PID[].6": "mother's maiden name: a security answer, not shared",
    "PID[].10": _NOT_ENGLAND,
    "PID[].12": "part of the address",
    "PID[].17": _NOT_SHARED,
    "PID[].18": _MONEY,
    **_fields("PID[]", _NOT_ENGLAND, 20, 26, 27, 28, range(35, 41)),
    "PID[].21": "another person's number",
    "PID[].23": "place of birth; UK Core extension not mapped yet",
    "PID[].24": "whether one of several born together; order is not mapped yet",
    "PID[].25": "order among several born together",
    "PID[].33": "time of the last change in the sender; EVN-2 and MSH-7 order messages",
    "PID[].34": "who changed it last in the sender",
    "PD1[].1": _NOT_ENGLAND,
    "PD1[].2": "living arrangement; " + _LATER,
    **_fields("PD1[]", _NOT_ENGLAND, range(5, 11), range(13, 15), range(16, 23)),
    "PD1[].11": "publicity wish; consent is taken from a Consent, not from here",
    "NK1[].1": "read as part of the key",
    **_fields("NK1[]", _LATER, 8, 9, 10, 11, 12, 13, 14, 20, 26, 29),
    **_fields("NK1[]", _NOT_ENGLAND, range(17, 20), range(21, 26), 27, 28, range(30, 42)),
    "ARV": "access restrictions of HL7 2.8; no English sender uses it yet",
    **_fields("ZU1[]", _LATER, range(1, 24), 25, 26),
    "ZU8[].1": _NOT_SHARED,
    "ZU8[].3": "consent for the Summary Care Record; decides nothing here",
}


def _roles(within: str) -> dict[str, str]:
    return {
        **_fields(f"{within}ROL[]", _TRANSPORT, 1),
        **_fields(f"{within}ROL[]", _LATER, range(7, 16)),
        **_fields(f"{within}PRT[]", _TRANSPORT, 1),
        **_fields(f"{within}PRT[]", _LATER, 3, 6, 7, 9, 10, range(13, 25)),
    }


_VISIT: Final[dict[str, str]] = {
    "PV1[].1": _TRANSPORT,
    **_fields("PV1[]", _LATER, 12, 15, 39, 40, 41, 43, 52, 54),
    **_fields("PV1[]", _MONEY, range(20, 36), range(46, 50)),
    "PV1[].51": _NOT_ENGLAND,
    "PV1[].53": _NOT_ENGLAND,
    **_fields("PV2[]", _LATER, 1, 2, *range(4, 8), *range(10, 51)),
    "PV2[].8": "when the person is expected; read where the admission is to come",
    "PV2[].9": "when discharge is expected; read where the message is about a visit",
    "ZU1[].24": "since when ready for discharge; read where the message is about a visit",
    **_roles(""),
    **_fields("IAM[]", _LATER, range(19, 31)),
    **_fields("AL1[]", _NOT_ENGLAND, range(7, 10)),
    **_fields("DG1[]", _MONEY, range(7, 15)),
    "DG1[].2": "coding method; the code itself names its system",
    **_fields("DG1[]", _LATER, 15, 17, 18, range(22, 27)),
}

_ADT_ONLY: Final[dict[str, str]] = {
    "DB1": _LATER,
    "OBX": "observations of an admission; results come in ORU messages",
    "PR1": _LATER,
    "GT1": _MONEY,
    "IN1": _MONEY,
    "IN2": _MONEY,
    "IN3": _MONEY,
    "RF1": "referral; " + _LATER,
    "ACC": "accident; " + _LATER,
    "DRG": _MONEY,
    "UB1": _MONEY,
    "UB2": _MONEY,
    "PDA": "death and autopsy; PID-29 and PID-30 are mapped",
    "NTE": _LATER,
    "ZU3": _LATER,
    "ZU4": _LATER,
    "ZU5": "psychiatric census; not shared",
    "ZU6": _LATER,
    "ZU7": _LATER,
    "ZIF": _LATER,
}


_ORDER: Final = "how the order is handled; " + _LATER
_OBR: Final = (
    *(1, 8, 9, 10, 11, 12, 14),
    *(number for number in range(17, 51) if number not in (24, 27, 31, 36, 44)),
)


def _of_care() -> dict[str, str]:
    made: dict[str, str] = {}
    for place in problem.PLACES:
        made |= _fields(place, _LATER, 5, 6, 18, 27)
        made[f"{place}.8"] = "expected end of the problem; FHIR R4 Condition has no element"
    for place in goal.PLACES:
        made |= _fields(place, _LATER, 5, 15)
        made[f"{place}.2"] = "when the action was taken; the message's own time orders messages"
    for place in plan.PLACES:
        made[f"{place}.6"] = "when the status last changed; read where it ended the plan"
    holders = (*problem.PLACES, *goal.PLACES, *plan.PLACES)
    for place in holders:
        made |= _fields(f"{place}.ORC[]", _ORDER, 4, 6, 8, 10, 11, *range(13, 35))
        made[f"{place}.ORC[].RXO"] = "a medicine that is ordered; " + _LATER
        made[f"{place}.ORC[].NTE"] = _ORDER
        made |= _fields(f"{place}.ORC[].OBR[]", _ORDER, *_OBR)
        made |= _fields(f"{place}.ORC[].OBR[].NTE[]", _TRANSPORT, 1, 2, 4)
        made[f"{place}.ORC[].OBR[].OBX"] = "results come in ORU messages"
        made |= _roles(f"{place}.")
    for place in (*problem.PLACES, *goal.PLACES):
        seen = {int(field) for field in observation.FIELDS if field.isdigit()}
        rest = [number for number in range(1, 31) if number not in seen]
        made |= _fields(f"{place}.OBX[]", _LATER, *rest)
        made |= _fields(f"{place}.OBX[].NTE[]", _TRANSPORT, 1, 2, 4)
    return made


_CARE_ONLY: Final[dict[str, str]] = {
    "VAR": "a variance of nothing named",
    "NTE": "notes of the message, not of a problem, goal or pathway",
    "PTH": "read where a plan is made",
}

ADT: Final[dict[str, str]] = {**_MESSAGE, **_PERSON, **_VISIT, **_ADT_ONLY, **_of_care()}
CARE: Final[dict[str, str]] = {
    **_MESSAGE,
    **_PERSON,
    **_fields(
        "PV1[]", "the visit is mapped from ADT messages", *(n for n in range(1, 53) if n != 16)
    ),
    "PV2": "the visit is mapped from ADT messages",
    "AL1": "allergies are mapped from ADT messages",
    "DG1": "diagnoses are mapped from ADT messages",
    "OBX": "an observation of no problem or goal",
    "ORC": "an order for no problem or goal",
    **_roles(""),
    **_CARE_ONLY,
    **_of_care(),
}
"""Problem, goal and pathway messages."""
