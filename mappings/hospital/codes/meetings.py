"""Code tables for referrals and appointments: how they stand, how urgent they are, units of time.

Source  HL7 v2 tables 0206, 0278, 0280, 0283, 0286; v2-to-FHIR implementation guide (SIU_S12).
"""

from typing import Final

from mappings.core.model.codes import CodeTable

REFERRAL_STATE: Final = CodeTable(
    source="trigger of the message; RF1-25 (HL7 table 0206); RF1-1 (table 0283)",
    rows={
        "trigger I14": "revoked",
        "action D": "entered-in-error",
        "A": "active",
        "P": "active",
        "R": "revoked",
        "E": "revoked",
    },
    required=True,
)
"""A referral that waits for an answer is active; one that was turned down or ran out, revoked."""

ACTIONS: Final = frozenset({"A", "D", "U", "S", "X"})
"""RF1-25 (HL7 table 0206)."""

REFERRAL_PRIORITY: Final = CodeTable(
    source="HL7 table 0280",
    rows={"S": "stat", "A": "asap", "R": "routine", "U": "urgent"},
)

REFERRING: Final = frozenset({"RP"})
REFERRED_TO: Final = frozenset({"RT"})
"""PRD-1 (HL7 table 0286)."""

APPOINTMENT_STATE: Final = CodeTable(
    source="trigger of the message; SCH-25 (HL7 table 0278)",
    rows={
        "trigger S12": "booked",
        "trigger S13": "booked",
        "trigger S14": "booked",
        "trigger S15": "cancelled",
        "trigger S16": "cancelled",
        "trigger S17": "entered-in-error",
        "trigger S26": "noshow",
        "Booked": "booked",
        "Overbook": "booked",
        "Blocked": "booked",
        "Pending": "pending",
        "Waitlist": "waitlist",
        "Started": "arrived",
        "Complete": "fulfilled",
        "Cancelled": "cancelled",
        "Dc": "cancelled",
        "Deleted": "entered-in-error",
        "Noshow": "noshow",
    },
    required=True,
)

DECISIVE: Final = frozenset({"S15", "S16", "S17", "S26"})
"""Triggers that say how the appointment stands, whatever SCH-25 says."""

MINUTES: Final = {
    "": 1.0,
    "M": 1.0,
    "MIN": 1.0,
    "MINS": 1.0,
    "MINUTE": 1.0,
    "MINUTES": 1.0,
    "S": 1 / 60,
    "SEC": 1 / 60,
    "SECONDS": 1 / 60,
    "H": 60.0,
    "HR": 60.0,
    "HOUR": 60.0,
    "HOURS": 60.0,
}
"""Unit of a duration -> minutes."""
