"""A Patient that stands inside another resource: by which NHS numbers it names the person.

In      A resource of R4 as sent, whatever it is.
Out     The NHS numbers, without blanks; none where it is no Patient.
Source  FHIR R4 references.html (contained resources); NHS England Immunisation FHIR API.
"""

from typing import Any

from mappings.core.model import systems
from mappings.core.shaping.identifiers import normalised


def nhs_numbers(patient: dict[str, Any]) -> frozenset[str]:
    """The only way in which it can be the same person as another: its id is of its holder alone."""
    held = patient.get("identifier") if patient.get("resourceType") == "Patient" else None
    return frozenset(
        normalised(one["value"])
        for one in (held if isinstance(held, list) else ())
        if isinstance(one, dict)
        and one.get("system") == systems.NHS_NUMBER
        and isinstance(one.get("value"), str)
    )
