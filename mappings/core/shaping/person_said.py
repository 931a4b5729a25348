"""What a FHIR Patient says of the person as a whole: protection, death, how far traced, the names.

In      A Patient of STU3 or R4, as sent. Nothing in it need be what FHIR says it is. For names and
        gender, the Patient that an item was mapped to.
Out     The parts of a PersonClaim; empty or None where it says nothing.
Rule    Of several codes of confidentiality the strictest counts. N is of the resource and says
        nothing of the person: the demographics service writes U for who is not protected.
Source  PDS FHIR (Patient.meta.security), UK Core and CareConnect NHSNumberVerificationStatus.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from mappings.core.model import dates, systems
from mappings.core.model.outcome import Mapped, PersonClaim
from mappings.core.shaping.identifiers import trace_status

PROTECTIONS: Final = ("U", "R", "V", "REDACTED")
"""As the demographics service says it, the mildest first."""
_CONFIDENTIALITY: Final = (systems.CONFIDENTIALITY, "http://hl7.org/fhir/v3/Confidentiality")
"""Not a set: what is sent as a system need not be a text."""
_SEXES: Final = frozenset({"male", "female"})
_VERIFICATION: Final = "NHSNumberVerificationStatus"


def protection_of(patient: Mapping[str, Any]) -> str:
    """U, R, V or REDACTED."""
    meta = patient.get("meta")
    labels = _objects(meta.get("security")) if isinstance(meta, Mapping) else ()
    said = [one.get("code") for one in labels if one.get("system") in _CONFIDENTIALITY]
    return max((code for code in PROTECTIONS if code in said), key=PROTECTIONS.index, default="")


def deceased_of(patient: Mapping[str, Any]) -> bool | None:
    """Whether the person has died: a time that can be read says it, or a plain yes or no."""
    if dates.day_said(patient.get("deceasedDateTime"), dates.fhir_date_time):
        return True
    said = patient.get("deceasedBoolean")
    return said if isinstance(said, bool) else None


def called(person: PersonClaim, key: str, made: Iterable[Mapped]) -> PersonClaim:
    """The claim with the given names and the gender that the item's Patient says."""
    for one in made:
        if one.type == "Patient" and one.key == key:
            said = [name.get("given") for name in _objects(one.resource.get("name"))]
            given = tuple(tuple(words) for words in said if words)
            gender = str(one.resource.get("gender"))
            return replace(person, given=given, gender=gender if gender in _SEXES else "")
    return person


def trace_of(patient: Mapping[str, Any]) -> str:
    """The status of the first NHS number that has one."""
    for identifier in _objects(patient.get("identifier")):
        if identifier.get("system") != systems.NHS_NUMBER:
            continue
        for extension in _objects(identifier.get("extension")):
            said = extension.get("valueCodeableConcept")
            if _VERIFICATION in str(extension.get("url")) and isinstance(said, Mapping):
                found = (trace_status(one.get("code")) for one in _objects(said.get("coding")))
                return next(filter(None, found), "")
    return ""


def _objects(value: Any) -> Iterable[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else ()
