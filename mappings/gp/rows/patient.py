"""Patient and the people round them: STU3 to R4."""

from typing import Any, Final

from mappings.core.model import dates, systems
from mappings.core.model.codes import Concept
from mappings.core.model.paths import Scope
from mappings.core.model.rows import Row, Target
from mappings.core.shaping import elements
from mappings.gp.assemble.whole import Assembled
from mappings.gp.codes import extensions, states
from mappings.gp.rows import shaping
from mappings.gp.rows.looking_up import (
    PERFORMERS,
    is_taken,
    labels,
    linked,
    parts_of,
)
from mappings.terms.access import Category


def person_identifier(value: Any) -> dict[str, Any] | None:
    """An Identifier; an NHS number only if usable, with how far it was verified."""
    if value.get("system") != systems.NHS_NUMBER:
        return shaping.identifier(value)
    made = elements.nhs_number(value.get("value"))
    for extension in value.get("extension") or ():
        if extensions.names_of(str(extension.get("url"))) == "NHSNumberVerificationStatus":
            status = shaping.concept(extension.get("valueCodeableConcept") or {}) or {}
            for coding in status.get("coding", ()):
                coding["system"] = extensions.VERIFICATION_SYSTEM
            url = f"{extensions.UK_CORE}NHSNumberVerificationStatus"
            made["extension"] = [{"url": url, "valueCodeableConcept": status}]
    return made


def communication(value: Any) -> dict[str, Any] | None:
    """A language the person uses."""
    language = shaping.concept((value.get("language") or {}).get("valueCodeableConcept") or {})
    if language is None:
        return None
    for coding in language.get("coding", ()):
        if "HumanLanguage" in coding.get("system", ""):
            coding["system"] = systems.BCP_47
    if not language.get("coding"):
        language = elements.language("", language)
    preferred = (value.get("preferred") or {}).get("valueBoolean")
    made: dict[str, Any] = {"language": language}
    return made | ({"preferred": preferred} if isinstance(preferred, bool) else {})


def interpreter(value: Any) -> dict[str, Any] | None:
    """Whether the person needs an interpreter, as the FHIR extension says it."""
    needed = (value.get("interpreterRequired") or {}).get("valueBoolean")
    if not isinstance(needed, bool):
        return None
    return {"url": extensions.INTERPRETER, "valueBoolean": needed}


def contact_key(scope: Scope) -> str | None:
    """Contacts have no identifier of their own; their place in the person's list is it."""
    made = scope.prepared
    if not isinstance(made, Assembled):
        return None
    return f"{made.record.person}|contact|{scope.here.steps[-1]}"


def _name(path: str) -> tuple[Row, ...]:
    return (
        Row(f"{path}.use", "use", "use", table=states.NAME_USE),
        Row(f"{path}.text", "text", "text"),
        Row(f"{path}.family", "family", "family"),
        Row(f"{path}.given", "given[+]", "given[]"),
        Row(f"{path}.prefix", "prefix[+]", "prefix[]"),
        Row(f"{path}.suffix", "suffix[+]", "suffix[]"),
        Row(f"{path}.period", "period", "period", fn=shaping.period),
    )


def _address(path: str) -> tuple[Row, ...]:
    return (
        Row(f"{path}.use", "use", "use", table=states.ADDRESS_USE),
        Row(f"{path}.type", "type", "type", table=states.ADDRESS_TYPE),
        Row(f"{path}.text", "text", "text"),
        Row(f"{path}.line", "line[+]", "line[]"),
        Row(f"{path}.city", "city", "city"),
        Row(f"{path}.district", "district", "district"),
        Row(f"{path}.state", "state", "state"),
        Row(f"{path}.postcode", "postalCode", "postalCode"),
        Row(f"{path}.country", "country", "country"),
        Row(f"{path}.period", "period", "period", fn=shaping.period),
    )


def _telecom(path: str) -> tuple[Row, ...]:
    return (
        Row(f"{path}.system", "system", "system", table=states.TELECOM_SYSTEM),
        Row(f"{path}.value", "value", "value"),
        Row(f"{path}.use", "use", "use", table=states.TELECOM_USE),
        Row(f"{path}.rank", "rank", "rank"),
        Row(f"{path}.period", "period", "period", fn=shaping.period),
    )


PERSON: Final = (
    Row("patient.active", "active", "active"),
    Row("patient.name", "name[+]", "name[]", rows=_name("patient.name")),
    Row("patient.telecom", "telecom[+]", "telecom[]", rows=_telecom("patient.telecom")),
    Row("patient.gender", "gender", "gender", table=states.GENDER),
    Row("patient.born", "birthDate", "birthDate", fn=dates.fhir_date_in_part),
    Row("patient.dead", "deceasedBoolean", "deceasedBoolean"),
    Row("patient.died", "deceasedDateTime", "deceasedDateTime", fn=dates.fhir_date_time),
    Row("patient.address", "address[+]", "address[]", rows=_address("patient.address")),
    Row("patient.marital", "maritalStatus", "maritalStatus", fn=shaping.concept),
)
"""What STU3 and R4 say of a person in the same words."""

PRACTICE: Final = (
    Row(
        "patient.gp",
        "generalPractitioner[+]",
        gather=linked("generalPractitioner[]", PERFORMERS),
        reads=("Patient.generalPractitioner",),
        fn=shaping.kept,
    ),
    Row(
        "patient.practice",
        "managingOrganization",
        gather=linked("managingOrganization", frozenset({"Organization"})),
        reads=("Patient.managingOrganization",),
        fn=shaping.kept,
    ),
)
"""Who looks after them."""

PATIENT: Final = Target(
    "Patient",
    each="Patient",
    when=is_taken,
    category=Category.DEMOGRAPHICS,
    labels=labels,
    reads=("Patient.meta.security", "Patient.extension", "Patient.identifier[].extension"),
    rows=(
        Row("patient.local", "identifier[+]", "id", fn=elements.local_id),
        Row("patient.identifier", "identifier[+]", "identifier[]", fn=person_identifier),
        *PERSON,
        Row(
            "patient.language",
            "communication[+]",
            gather=parts_of("NHSCommunication", "language", "preferred"),
            reads=("Patient.extension",),
            fn=communication,
        ),
        Row(
            "patient.interpreter",
            "extension[+]",
            gather=parts_of("NHSCommunication", "interpreterRequired"),
            reads=("Patient.extension",),
            fn=interpreter,
        ),
        *PRACTICE,
    ),
)

_NEXT_OF_KIN: Final = Concept(
    "http://terminology.hl7.org/CodeSystem/v3-RoleCode", "NOK", "next of kin"
)


def relationship(value: Any) -> dict[str, Any] | None:
    """How a contact stands to the person; next of kin in words gets its code."""
    made = shaping.concept(value)
    if made and made.get("text", "").casefold() == "next of kin" and "coding" not in made:
        return _NEXT_OF_KIN.concept(made["text"])
    return made


CONTACTS: Final = Target(
    "RelatedPerson",
    name="contact",
    each="Patient.contact[]",
    when=is_taken,
    key=contact_key,
    category=Category.CONTACTS,
    rows=(
        Row("contact.relation", "relationship[+]", "relationship[]", fn=relationship),
        Row("contact.name", "name[0]", "name", rows=_name("contact.name")),
        Row("contact.telecom", "telecom[+]", "telecom[]", rows=_telecom("contact.telecom")),
        Row("contact.address", "address[0]", "address", rows=_address("contact.address")),
        Row("contact.gender", "gender", "gender", table=states.GENDER),
        Row("contact.period", "period", "period", fn=shaping.period),
    ),
)
