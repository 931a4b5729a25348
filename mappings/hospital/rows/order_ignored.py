"""Every field of orders, results, documents, referrals and appointments left out, and why.

Out     Root paths to reasons. Everything below a path is meant.
Rule    As in ignored.py: a field that is neither here nor read is reported with its message.
"""

from typing import Final

from mappings.hospital.rows.appointment import AIL_READ, AIP_READ, AIS_READ, SCH_READ
from mappings.hospital.rows.document import OBX_READ, READ
from mappings.hospital.rows.ignored import CARE
from mappings.hospital.rows.orders import PLACES
from mappings.hospital.rows.referral import FIELDS as RF1_FIELDS
from mappings.hospital.rows.report import FIELDS as RESULT_FIELDS
from mappings.hospital.rows.report import PLACES as RESULT_PLACES

_OF_PERSON: Final = ("order", "MSH", "SFT", "UAC", "EVN", "PID", "PD1", "NK1", "ARV", "ZU1", "ZU8")
_TRANSPORT: Final = "about the message and its transport, not about the person"
_LATER: Final = "not mapped yet; kept with the delivery"
_MONEY: Final = "insurance and payment; not shared, and not of use in England"
_ELSEWHERE: Final = "mapped from ADT messages"
_WORKFLOW: Final = "how the order is handled between systems; not about the person's care"
_MEDICINE: Final = "medicines are not mapped from orders"
_LABORATORY: Final = "how the laboratory handles the specimen; not about the person's care"
_PARTICIPANT: Final = "others who took part; those who asked and answered are mapped"


def fields(place: str, why: str, *numbers: int) -> dict[str, str]:
    """The same reason for several fields of a segment."""
    return {f"{place}.{number}": why for number in numbers}


def _but(*read: int) -> list[int]:
    """Every field up to the last of these, without the others."""
    return [number for number in range(1, read[-1]) if number not in read]


SURROUNDINGS: Final[dict[str, str]] = {
    **{path: why for path, why in CARE.items() if path.partition("[")[0] in _OF_PERSON},
    **fields("PV1[]", f"the visit is {_ELSEWHERE}", *(n for n in range(1, 55) if n != 16)),
    "PV2": f"the visit is {_ELSEWHERE}",
    "ZPV": f"the visit is {_ELSEWHERE}",
    "AL1": f"allergies are {_ELSEWHERE}",
    "DG1": f"diagnoses are {_ELSEWHERE}",
    "GT1": _MONEY,
    "IN1": _MONEY,
    "IN2": _MONEY,
    "IN3": _MONEY,
    "NTE": "notes of the message, not of an order, result or document",
    "PID[].NTE": "notes of the person's entry in the sender, not of their care",
    "PID[].PRT": _PARTICIPANT,
    "PV1[].PRT": _PARTICIPANT,
    "PRT": _PARTICIPANT,
    "CTD": "contacts of the order; " + _LATER,
    "ZPF": _WORKFLOW,
    "ZDS": _WORKFLOW,
}
"""What is left out of all of these messages."""


def of_orders() -> dict[str, str]:
    """The parts of ORC and OBR that no row reads."""
    made = fields("ORC[]", _WORKFLOW, 4, 6, 8, 10, 11, 13, 14, 15, *range(17, 40))
    made |= fields("ORC[]", "why the order was dealt with so; " + _LATER, 16)
    made |= {
        "ORC[].PRT": _PARTICIPANT,
        "ORC[].NTE": "notes of the order's handling; those of what is ordered are mapped",
        "ORC[].TQ1": _WORKFLOW,
        "ORC[].TQ2": _WORKFLOW,
        "ORC[].TXA": "header of a document that stands with the order; " + _LATER,
        "ORC[].RXO": _MEDICINE,
        "ORC[].RXR": _MEDICINE,
        "ORC[].RXC": _MEDICINE,
        "ORC[].BLG": _MONEY,
    }
    for place in PLACES:
        made |= fields(place, _WORKFLOW, 1, 9, 10, 11, 12, 14, 17, 18, 19, 20, 21, 23, 26, 28)
        made |= fields(place, _WORKFLOW, 29, 30, 33, 34, 35, *range(37, 44), *range(45, 54))
        made |= fields(f"{place}.NTE[]", _TRANSPORT, 1, 2, 4, *range(5, 9))
        made |= {
            f"{place}.PRT": _PARTICIPANT,
            f"{place}.TQ1": _WORKFLOW,
            f"{place}.TQ2": _WORKFLOW,
            f"{place}.CTD": "contacts of the order; " + _LATER,
            f"{place}.FT1": _MONEY,
            f"{place}.BLG": _MONEY,
            f"{place}.TCD": _LABORATORY,
            f"{place}.SAC": _LABORATORY,
            f"{place}.SPM[].SAC": _LABORATORY,
            f"{place}.CTI": "clinical trial; " + _LATER,
            f"{place}.DG1": "the diagnosis behind the order; " + _LATER,
        }
    return made


def _orders() -> dict[str, str]:
    made = of_orders()
    for place in PLACES:
        made |= fields(place, _WORKFLOW, 8, 22, 25, 32)
        made |= fields(f"{place}.SPM[]", "the specimen is mapped with its result", *range(1, 35))
        made |= {f"{place}.SPM[].NTE": _WORKFLOW, f"{place}.SPM[].PRT": _PARTICIPANT}
    made["NK1"] = f"contacts are {_ELSEWHERE}"
    made["PD1[].15"] = f"advance directives are {_ELSEWHERE}, and come as orders themselves"
    for place in RESULT_PLACES:
        read = (2, 3, 4, 5, 11, 14)
        made |= fields(place, "what was observed before; results come in ORU", *_but(*read, 35))
        made |= {f"{place}.NTE": _WORKFLOW, f"{place}.PRT": _PARTICIPANT}
    return made


ORDERS: Final[dict[str, str]] = {**SURROUNDINGS, **_orders()}


def _results() -> dict[str, str]:
    made = of_orders()
    made |= fields("ORC[]", _WORKFLOW, 1, 5, 7, 9, 12)
    made["NK1"] = f"contacts are {_ELSEWHERE}"
    for place in PLACES:
        made |= fields(place, _WORKFLOW, 5, 8, 13, 16, 27, 31, 36)
        made |= fields(f"{place}.SPM[]", "the specimen's kind is mapped", *_but(4, 35))
        made[f"{place}.SPM[].NTE"] = "notes of the specimen; " + _LATER
        made[f"{place}.SPM[].PRT"] = _PARTICIPANT
    for place in RESULT_PLACES:
        read = [int(field) for field in RESULT_FIELDS if field.isdigit()]
        made |= fields(place, "how the result was made; " + _LATER, *_but(*read, 35))
        made |= fields(f"{place}.NTE[]", _TRANSPORT, 1, 2, 4, *range(5, 9))
        made[f"{place}.PRT"] = _PARTICIPANT
    return made


def _documents() -> dict[str, str]:
    made = fields(
        "TXA[]", "how the document was made and kept; " + _LATER, *_but(*map(int, READ), 29)
    )
    made |= fields(
        "OBX[]",
        "how the part was made; " + _LATER,
        *_but(*(int(n) for n in OBX_READ if n.isdigit()), 35),
    )
    made |= fields("OBX[].NTE[]", _TRANSPORT, 1, 2, 4, *range(5, 9))
    made |= {
        "OBX[].PRT": _PARTICIPANT,
        "ORC": "the order the document answers; mapped from order messages",
        "OBR": "the order the document answers; mapped from order messages",
        "TQ1": _WORKFLOW,
        "CON": "consent to a treatment or a disclosure; " + _LATER,
        "NK1": f"contacts are {_ELSEWHERE}",
    }
    return made


def _referrals() -> dict[str, str]:
    made = {path: why for path, why in RESULTS.items() if path not in ("NK1", "AL1", "DG1", "NTE")}
    made |= fields(
        "RF1[]", "how the referral is handled; " + _LATER, *_but(*map(int, RF1_FIELDS), 26)
    )
    made |= fields("PRD[]", "where to reach them; " + _LATER, 3, 4, 5, 6, 8, 9, *range(11, 16))
    made |= fields("DG1[]", f"diagnoses are {_ELSEWHERE}; here the reason", *_but(3, 4, 30))
    made |= fields("AL1[]", "not used in England", 7, 8, 9)
    made |= fields("NTE[]", _TRANSPORT, 1, 2, 4, *range(5, 9))
    made |= {
        "PRD[].CTD": "contacts of those who take part; " + _LATER,
        "AUT": _MONEY,
        "DRG": _MONEY,
        "ROL": _PARTICIPANT,
        "ACC": "accident; " + _LATER,
        "PR1": "procedures; " + _LATER,
    }
    return made


def _appointments() -> dict[str, str]:
    made = dict(SURROUNDINGS)
    made |= fields("SCH[]", _WORKFLOW, *_but(*map(int, SCH_READ), 36))
    made |= fields("SCH[].TQ1[]", _WORKFLOW, *range(1, 7), *range(9, 15))
    for name, read in (("AIS", AIS_READ), ("AIP", AIP_READ), ("AIL", AIL_READ)):
        numbers = (int(field) for field in read if field.isdigit())
        made |= fields(f"{name}[]", _WORKFLOW, *_but(*numbers, 15))
        made[f"{name}[].PRT"] = _PARTICIPANT
    for name in ("SCH", "AIS", "AIP", "AIL"):
        made |= fields(f"{name}[].NTE[]", _TRANSPORT, 1, 2, 4, *range(5, 9))
    made |= {
        "AIG": "equipment that is booked; " + _LATER,
        "RGS": _WORKFLOW,
        "OBX": "what was observed before; results come in ORU messages",
        "NK1": f"contacts are {_ELSEWHERE}",
    }
    return made


DOCUMENTS: Final[dict[str, str]] = {**SURROUNDINGS, **_documents()}
RESULTS: Final[dict[str, str]] = {**SURROUNDINGS, **_results()}
REFERRALS: Final[dict[str, str]] = _referrals()
APPOINTMENTS: Final[dict[str, str]] = _appointments()
