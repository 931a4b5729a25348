"""Code tables for orders: what sort an order is, its state, resuscitation decisions, questions.

Source  HL7 v2 tables 0038, 0119, 0485; v2-to-FHIR implementation guide; published messages of an
        English acute trust (orders for resuscitation decisions and for consults).
"""

from typing import Final

from mappings.core.model import systems
from mappings.core.model.codes import CodeTable, Concept

DECISION: Final = "decision"
CONSULT: Final = "consult"

ORDER_SORT: Final = CodeTable(
    source="published messages of an English trust: OBR-24, else MSH-4",
    rows={
        "Resus Status": DECISION,
        "DNACPR & CPR": DECISION,
        "Consult": CONSULT,
        "Consult Orders": CONSULT,
    },
)
"""An order in neither is one for a test or a treatment."""

CANCELS: Final = frozenset({"OC", "CA", "DC", "OD", "CR", "DR", "UA"})
"""ORC-1 that ends an order."""

ENDED: Final = frozenset({"CA", "DC", "RP"})
"""ORC-5 of an order that is no more, whatever ORC-1 tells it by: a change of status, too."""

NEW: Final = frozenset({"NW", "SN", "RO"})
"""ORC-1 of an order that is placed."""

CLOSED_BY_SYSTEM: Final = frozenset({"DISCHAUTO"})
"""MSH-8 where no person ended the order: the system closed it at discharge."""

ORDER_STATE: Final = CodeTable(
    source="ORC-1 (HL7 table 0119), ORC-5 (0038), MSH-8; v2-to-FHIR guide",
    rows={
        "control NW": "active",
        "control SN": "active",
        "control NA": "active",
        "control OK": "active",
        "control XO": "active",
        "control XX": "active",
        "control XR": "active",
        "control SC": "active",
        "control SS": "active",
        "control SR": "active",
        "control RE": "active",
        "control RO": "active",
        "control RP": "active",
        "control RU": "active",
        "control PA": "active",
        "control CH": "active",
        "control AF": "active",
        "control RL": "active",
        "control OE": "active",
        "control OR": "active",
        "control UC": "active",
        "control UD": "active",
        "control HD": "on-hold",
        "control OH": "on-hold",
        "control HR": "on-hold",
        "control OC": "revoked",
        "control CA": "revoked",
        "control DC": "revoked",
        "control OD": "revoked",
        "control CR": "revoked",
        "control DR": "revoked",
        "control UA": "revoked",
        "closed at discharge": "completed",
        "status A": "active",
        "status IP": "active",
        "status SC": "active",
        "status CM": "completed",
        "status HD": "on-hold",
        "status CA": "revoked",
        "status DC": "revoked",
        "status RP": "revoked",
    },
    required=True,
)
"""To the status of a request. An order that somebody ended is revoked; one that the system closed
at discharge is completed."""

PRIORITY: Final = CodeTable(
    source="HL7 table 0485 and 0280; samples",
    rows={"S": "stat", "A": "asap", "R": "routine", "U": "urgent", "T": "urgent", "P": "routine"},
)

RESUSCITATION: Final = CodeTable(
    source="OBR-4 of resuscitation orders in published messages; SNOMED CT; ORC-1",
    rows={
        "DNACPR": "active",
        "DNAR": "active",
        "450476008": "active",
        "FULL ACTIVE TREATMENT": "inactive",
        "450475007": "inactive",
        "control OC": "inactive",
        "control CA": "inactive",
        "control DC": "inactive",
        "control OD": "inactive",
        "control CR": "inactive",
        "control DR": "inactive",
        "control UA": "inactive",
        "status CA": "inactive",
        "status DC": "inactive",
        "status RP": "inactive",
    },
    required=True,
)
"""To the state of the decision not to attempt resuscitation: in force, or not."""

ADVANCE_DECISION: Final = Concept(systems.CONSENT_SCOPE, "adr", "Advanced Care Directive")
DO_NOT_RESUSCITATE: Final = Concept(
    "http://terminology.hl7.org/CodeSystem/consentcategorycodes", "dnr", "Do Not Resuscitate"
)
RESUSCITATING: Final = Concept(systems.SNOMED_CT, "89666000", "Cardiopulmonary resuscitation")

TEAM_QUESTIONS: Final = {
    "names of members of multidisciplinary team": "Member of the multidisciplinary team",
    "name of responsible consultant": "Responsible consultant",
    "name of nurse in charge": "Nurse in charge",
}
"""Beginning of a question that is answered with a person's name -> what the person is."""

REVIEW_QUESTION: Final = "review date"
REASON_QUESTION: Final = "reason for consult"
