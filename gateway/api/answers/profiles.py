"""The profiles that are claimed: published, in force, and held by what the feeds make.

Rule    A claim names the version that was held against what is made (tests/judges/test_profiles).
        What UK Core publishes as a draft is not to be implemented, and is not claimed. No
        resource names a profile in its meta but the view that is made for one.
"""

from typing import Final

from gateway.api.answers import interweave
from mappings.core.r4.profiles import PROFILES

UK_CORE: Final = "https://fhir.hl7.org.uk/StructureDefinition/UKCore-"
NOT_HELD: Final = {
    "MedicationRequest": "it must say whether another medicine may be given instead, which no"
    " source tells",
}
"""Type -> why its profile of UK Core is not claimed."""


def claimed(resource_type: str) -> list[str]:
    """The profiles of a type that the CapabilityStatement names, each with its version."""
    found = [
        f"{url}|{version}"
        for url, (kind, version, status, _) in PROFILES.items()
        if kind == resource_type and status == "active" and kind not in NOT_HELD
    ]
    return found + ([interweave.PROFILE] if resource_type == "CarePlan" else [])
