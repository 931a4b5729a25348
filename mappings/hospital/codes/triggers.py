"""Data table: what each ADT event says of a visit (HL7 table 0003, A01 to A62).

Out     TRIGGERS: one Trigger for each event that is mapped, by its code.
Rule    `status` is what the event makes of the visit. An event that only happens during one
        states none, and `otherwise` serves where no other event ever said a status. An event
        that cancels another puts back what stood before it.
Source  HL7 v2.8 chapter 3; HL7 UK A.3. Merges, links and moves of identifiers are no events of a
        visit and are not here.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Trigger:
    """One event."""

    code: str
    title: str
    status: str | None = None
    """Encounter.status."""
    why: str = ""
    """Why it is that status."""
    otherwise: str = "unknown"
    """Encounter.status where no event states one."""
    is_of_person: bool = False
    """About the person: PV1 speaks of a visit only where its class says so."""
    is_cancel: bool = False
    """Takes another event back."""


_DURING: Final = "in-progress"

TRIGGERS: Final[dict[str, Trigger]] = {
    trigger.code: trigger
    for trigger in (
        Trigger("A01", "Admission", "in-progress", "the person was admitted"),
        Trigger("A02", "Transfer", otherwise=_DURING),
        Trigger("A03", "Discharge", "finished", "the person was discharged"),
        Trigger("A04", "Start of a visit", "in-progress", "the person has arrived"),
        Trigger("A05", "Admission announced", "planned", "the admission is to come"),
        Trigger("A06", "Outpatient admitted", "in-progress", "the person was admitted"),
        Trigger("A07", "Inpatient made outpatient", "in-progress", "the visit goes on"),
        Trigger("A08", "Update of the person or the visit"),
        Trigger("A09", "Departure from a place", otherwise=_DURING),
        Trigger("A10", "Arrival at a place", otherwise=_DURING),
        Trigger("A11", "Admission cancelled", "cancelled", "never admitted", is_cancel=True),
        Trigger("A12", "Transfer cancelled", otherwise=_DURING, is_cancel=True),
        Trigger("A13", "Discharge cancelled", "in-progress", "not discharged", is_cancel=True),
        Trigger("A14", "Admission pending", "planned", "the admission is to come"),
        Trigger("A15", "Transfer pending", otherwise=_DURING),
        Trigger("A16", "Discharge pending", otherwise=_DURING),
        Trigger("A17", "Two people change beds", otherwise=_DURING),
        Trigger("A21", "Leave of absence", "onleave", "the person is on leave"),
        Trigger("A22", "Return from leave", "in-progress", "the person is back"),
        Trigger("A23", "Visit deleted", "entered-in-error", "the sender takes the visit back"),
        Trigger("A25", "Pending discharge cancelled", otherwise=_DURING, is_cancel=True),
        Trigger("A26", "Pending transfer cancelled", otherwise=_DURING, is_cancel=True),
        Trigger("A27", "Pending admission cancelled", "cancelled", "given up", is_cancel=True),
        Trigger("A28", "Person added", is_of_person=True),
        Trigger("A29", "Person deleted", is_of_person=True),
        Trigger("A31", "Person updated", is_of_person=True),
        Trigger("A32", "Arrival cancelled", otherwise=_DURING, is_cancel=True),
        Trigger("A33", "Departure cancelled", otherwise=_DURING, is_cancel=True),
        Trigger("A38", "Announced admission cancelled", "cancelled", "given up", is_cancel=True),
        Trigger("A52", "Leave cancelled", "in-progress", "the person stayed", is_cancel=True),
        Trigger("A53", "Return cancelled", "onleave", "the person is still away", is_cancel=True),
        Trigger("A54", "Attending doctor changed", otherwise=_DURING),
        Trigger("A55", "Change of doctor cancelled", otherwise=_DURING, is_cancel=True),
        Trigger("A60", "Allergies updated", is_of_person=True),
        Trigger("A61", "Consulting doctor changed", otherwise=_DURING),
        Trigger("A62", "Change of consultant cancelled", otherwise=_DURING, is_cancel=True),
    )
}
"""By code."""

TAKES_BACK: Final = frozenset(
    {trigger.code for trigger in TRIGGERS.values() if trigger.is_cancel}
    | {"A23", "A29"}
    | {"PC3", "PC8", "PCD", "PCJ"}
    | {"I14", "S15", "S16", "S17", "S26", "T11"}
)
"""Events, of whatever message, that take back what another told, and never come before it."""
