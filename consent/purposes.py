"""Which purposes a consent means by the one that it names.

In      a purpose; whether the rule permits or denies.
Out     that purpose and those that are meant with it.
Rule    A purpose of care, of research or of the person's own request holds for those that HL7 puts
        beneath it. A deny holds for more: of operations for all that serves them, of treatment or
        of operations for care management, which is either, and of treatment for an emergency
        access, which is permitted by its own name alone.
Source  HL7 v3 ActReason, PurposeOfUse.
Pure    No look-ups.
"""

from collections.abc import Mapping
from typing import Final

from consent.terms import Purpose

_BENEATH: Final[Mapping[Purpose, frozenset[Purpose]]] = {
    Purpose.TREATMENT: frozenset({Purpose.COORDINATION, Purpose.EMERGENCY}),
    Purpose.RESEARCH: frozenset({Purpose.CLINICAL_TRIAL, Purpose.DISEASE_RESEARCH}),
    Purpose.PATIENT_REQUEST: frozenset(
        {Purpose.FAMILY_REQUEST, Purpose.POWER_OF_ATTORNEY, Purpose.SUPPORT_NETWORK}
    ),
}
_DENIED_TOO: Final[Mapping[Purpose, frozenset[Purpose]]] = {
    Purpose.TREATMENT: frozenset({Purpose.CARE_MANAGEMENT, Purpose.BREAK_GLASS}),
    Purpose.EMERGENCY: frozenset({Purpose.BREAK_GLASS}),
    Purpose.OPERATIONS: frozenset(
        {
            *(Purpose.CARE_MANAGEMENT, Purpose.RECORD_MANAGEMENT, Purpose.ADMINISTRATION),
            *(Purpose.SAFETY, Purpose.AUDIT, Purpose.COMPLIANCE, Purpose.LEGAL),
            Purpose.COMMISSIONING,
        }
    ),
}


def meant_by(named: Purpose, *, permit: bool) -> frozenset[Purpose]:
    """The purposes of a rule that names this one."""
    meant = _BENEATH.get(named, frozenset()) | {named}
    return meant if permit else meant | _DENIED_TOO.get(named, frozenset())
