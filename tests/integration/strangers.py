"""Messages as vendors send them whose systems were never seen here, and what each comes to.

Out     HOSPITAL and GP: (name, body, answer, codes of the issues). The people are invented.
Source  HL7 v2.1 to 2.8 chapters 2 to 12; HL7 UK A.3; GP Connect Structured 1.6; FHIR R4.
"""

import copy
import json
from pathlib import Path
from typing import Any, Final, NamedTuple

GOLDEN: Final = Path(__file__).resolve().parents[1] / "golden"


class Stranger(NamedTuple):
    """One delivery."""

    name: str
    body: bytes
    status: str = "taken"
    codes: frozenset[str] = frozenset()
    """Codes of every issue of the answer."""


def _hl7(
    name: str, kind: str, *segments: str, status: str = "taken", codes: str = "",
    version: str = "2.4", charset: str = "", codec: str = "utf-8", number: int = 0,
) -> Stranger:  # fmt: skip
    """One message of an own person, so that none of them meets another."""
    local = 70_000 + (number or sum(name.encode()))
    head = f"MSH|^~\\&|LORENZO|RVV|GW|SWL|20261104101500||{kind}|C-{local}|P|{version}"
    head += f"||||||{charset}" if charset else ""
    lines = [head, *(one.replace("{id}", str(local)) for one in segments)]
    said = frozenset(codes.split())
    return Stranger(name, "\r".join((*lines, "")).encode(codec), status, said)


_EVENT: Final = "EVN||20261104101500"
_PID: Final = "PID|1||{id}^^^RVV^MR||NOWAK^Zofia^^^Ms^^L||19510622|2"
_STAY: Final = "PV1|1|I|W1^R2^B3||||||||||||||||V-{id}"
_GIVEN_UP: Final = "MRG|{id}^^^RVV^MR||||V-OLD"
_OBR: Final = f"OBR|1|P{{id}}^ICE|F{{id}}^LAB|FBC^Full blood count^L|||20261104090000{'|' * 18}F"
_PDF: Final = "JVBERi0xLjQK"

HOSPITAL: Final = (
    _hl7("version 2.1, the event in EVN alone", "ADT", "EVN|A08|202611041015",
         "PID|||{id}||NOWAK^ZOFIA||19510622|F", codes="no-trigger no-visit", version="2.1"),
    _hl7("version 2.3, bare numbers", "ADT^A31", _EVENT,
         "PID|||{id}~9990001057||NOWAK^ZOFIA||1951|Female", version="2.3"),
    _hl7("version 2.8 with what came since", "ADT^A01^ADT_A01", "SFT|Vendor|9|Product",
         "UAC|JWT|x", "ARV|1|A|DEM", _EVENT, _PID, "PRT|1|AD||AT|C1234567^OKAFOR^Ada", _STAY,
         "DRG|1", "DB1|1|PT", "ACC|20261104", "PDA|x", codes="", version="2.8"),
    _hl7("letters of Latin 2", "ADT^A31", _EVENT, _PID.replace("NOWAK", "WÓJCIK-ŁĄCKA"),
         charset="8859/2", codec="iso8859-2"),
    _hl7("a further character set", "ADT^A31", _EVENT, _PID.replace("NOWAK", "ŻAK"),
         charset="ASCII~8859/2", codec="iso8859-2"),
    _hl7("Windows letters in what says UTF-8", "ADT^A31", _EVENT, _PID.replace("Zofia", "Zoé"),
         charset="UNICODE UTF-8", codec="cp1252", codes="character-set"),
    _hl7("every escape", "ADT^A31", _EVENT,
         _PID.replace("NOWAK", r"O\X27\BRIEN \T\ A\S\B \H\bold\N\ \.br\ \Zx\ \XZZ\ C:\dir\ ")),
    _hl7("an NHS number by its OID", "ADT^A31", _EVENT,
         "PID|1||{id}^^^RVV^MR~9990001065^^^&2.16.840.1.113883.2.1.4.1&ISO||NOWAK^Zofia||19510622"),
    _hl7("numbers sent again and again", "ADT^A31", _EVENT,
         "PID|1||{id}^^^RVV^MR~~{id}^^^RVV^MR~9990001073^^^NHS^NH~999 000 1073^02^^NHS~"
         "||NOWAK^Zofia||19510622|X"),
    _hl7("Z segments of a vendor's own", "ADT^A08", _EVENT, _PID, "ZXT|1|x", "Z99|a^b~c",
         "ZU3|1", codes="unknown-field no-visit"),
    _hl7("the identifying segment in small letters", "ADT^A08", _EVENT, _PID.lower(),
         status="quarantined", codes="missing names-nobody"),
    _hl7("merged visits", "ADT^A42^ADT_A39", _EVENT, _PID, _GIVEN_UP, _STAY,
         codes="visit-alone-moved"),
    _hl7("a visit with a new number", "ADT^A50^ADT_A50", _EVENT, _PID, "MRG|||||V-OLD", _STAY,
         codes="visit-alone-moved", version="2.5"),
    _hl7("merged accounts", "ADT^A41", _EVENT, _PID, _GIVEN_UP, status="quarantined",
         codes="kind-not-mapped"),
    _hl7("a bill", "BAR^P01", _EVENT, _PID, status="quarantined", codes="kind-not-mapped"),
    _hl7("an order with all that may stand in it", "OML^O21^OML_O21", _PID, "ORC|NW|{id}",
         "OBR|1|{id}||FBC^Full blood count^L", "TCD|x", "OBX|1|ST|q^Fasting^L||yes", "SPM|1",
         "SAC|x", "BLG|x", version="2.5"),
    _hl7("an order of a medicine", "ORM^O01", _PID, "ORC|NW|{id}", "RXO|A^Amoxicillin", "RXR|PO",
         codes="not-mapped"),
    _hl7("results with a diagnosis between", "ORU^R01", _PID, _OBR, "DG1|1||D50^Anaemia^I10",
         "OBX|1|NM|HB^Haemoglobin^L||<98|g/L|115-165|L|||F", "OBX|2|SN|R^Ratio^L||^1^:^128",
         "OBX|3|TM|T^Time^L||0930", codes="value-not-mapped"),
    _hl7("a document whose type is in SNOMED CT", "MDM^T02", _EVENT, _PID,
         "TXA|1|736373009^End of life care plan^SCT|AP|20261104||||||||D-{id}^EPR||||||AU",
         f"OBX|1|ED|D^Plan^L||^application^pdf^Base64^{_PDF}||||||F"),
    _hl7("an appointment timed by TQ1", "SIU^S12^SIU_S12", _PID,
         "SCH||A-{id}^PAS|||||FUP^Follow-up^L|||||||||||||||||||BOOKED",
         "TQ1|1||||||20261110093000|20261110100000", "RGS|1",
         "AIP|1||C1234567^OKAFOR^Ada", version="2.5"),
    _hl7("a referral of HL7 2.8", "REF^I12^REF_I12", _PID, "RF1|P|R|GP^Practice|AMB|O|R-{id}",
         "PRD|RP|OKAFOR^Ada", "PRD|RT|JONES^Bo", "DG1|1||J45^Asthma^I10", "DRG|1", "ROL|1|AD|x",
         version="2.8"),
    _hl7("a goal with all that may stand under it", "PGL^PC6^PGL_PC6", _PID,
         "GOL|AD|20261104|^Walk to the shop|G{id}^RVV||2|20261104|20270131", "NTE|1||With a stick",
         "VAR|V1|20261104|20261104||x|Weather", "ROL|1|AD|AUT^Author|C1234567^OKAFOR",
         "PTH|AD|FALLS^Falls^L|PT{id}|20261104|Active", "OBX|1|NM|S^Steps^L||200|m",
         "PRB|AD|20261104|R29.6^Falls^I10|P{id}", version="2.8"),
    _hl7("a decision about sharing nobody knows", "ADT^A31", _EVENT, _PID, "ZU8||7",
         status="quarantined", codes="unmapped-code"),
)  # fmt: skip


def _record() -> Any:
    return json.loads((GOLDEN / "gp" / "medicus" / "input" / "bundle.json").read_text())


def _of(sent: Any, kind: str) -> Any:
    return next(e["resource"] for e in sent["entry"] if e["resource"]["resourceType"] == kind)


def _gp(
    name: str, change: Any, status: str = "taken", codes: str = "dangling-reference"
) -> Stranger:
    """The same record with one thing otherwise; always of a person of its own."""
    sent = copy.deepcopy(_record())
    person = _of(sent, "Patient")
    known = json.dumps(sent).replace(person["id"], f"stranger-{sum(name.encode())}")
    sent = json.loads(known)
    _of(sent, "Patient")["identifier"].clear()
    changed = change(sent) or sent
    said = frozenset(codes.split())
    return Stranger(name, json.dumps(changed).encode(), status, said)


def _born(sent: Any) -> None:
    _of(sent, "Patient")["birthDate"] = "1951"


def _with_versions(sent: Any) -> None:
    _of(sent, "Observation")["subject"]["reference"] += "/_history/3"


def _without_code(sent: Any) -> None:
    """Its actual problem says what it is."""
    del _of(sent, "Condition")["code"]


def _with_unknown(sent: Any) -> None:
    sent["entry"].append({"resource": {"resourceType": "RiskAssessment", "id": "f"}})
    sent["entry"].append({"resource": {"resourceType": "VendorThing", "id": "v"}})


def _one_wrong(sent: Any) -> None:
    _of(sent, "ReferralRequest")["status"] = "bogus"


def _nobody(sent: Any) -> None:
    sent["entry"] = [e for e in sent["entry"] if e["resource"]["resourceType"] != "Patient"]


def _wrapped(sent: Any) -> Any:
    return {"resourceType": "Parameters", "parameter": [{"name": "x", "resource": sent}]}


GP: Final = (
    _gp("a birth date of a year alone", _born),
    _gp("a reference to a version", _with_versions),
    _gp("a problem without a code", _without_code),
    _gp("types nobody maps", _with_unknown, codes="dangling-reference unknown-field"),
    _gp(
        "one resource that cannot be taken",
        _one_wrong,
        "partly-taken",
        "dangling-reference unmapped-code",
    ),
    _gp("nobody", _nobody, "quarantined", "names-nobody"),
    _gp("in parameters", _wrapped),
)
