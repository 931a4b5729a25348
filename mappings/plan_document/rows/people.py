"""The person of a plan document, and what others must do differently for them.

Out     Patient; a Flag for each adjustment, on the shelf that whoever meets the person sees.
"""

from typing import Final

from mappings.core import dates, elements
from mappings.core.rows import Row, Target
from mappings.plan_document import codes
from mappings.plan_document.rows import shaping
from mappings.plan_document.rows.sharing import sharing
from mappings.terms.access import Category

PATIENT: Final = Target(
    "Patient",
    category=Category.DEMOGRAPHICS,
    rows=(
        Row("person.local", "identifier[+]", "person.local_id", fn=elements.local_id),
        Row("person.nhs", "identifier[+]", "person.nhs_number", fn=elements.nhs_number),
        Row("person.family", "name[0].family", "person.family_name"),
        Row("person.given", "name[0].given[+]", "person.given_names[]"),
        Row("person.called", "name[1].text", "person.likes_to_be_called"),
        Row(
            "person.interpreter",
            "extension[+]",
            "person.interpreter_needed",
            fn=shaping.interpreter,
        ),
        Row("person.religion", "extension[+]", "person.religion", fn=shaping.religion),
        Row("person.gender", "gender", "person.gender", table=codes.GENDER),
        Row("person.born", "birthDate", "person.birth_date", fn=dates.fhir_date),
        Row("person.address", "address[0].line[+]", "person.address.lines[]"),
        Row("person.postcode", "address[0].postalCode", "person.address.postcode"),
        Row("person.phone", "telecom[0]", "person.phone", fn=shaping.telephone),
        Row(
            "person.language",
            "communication[0].language",
            "person.language",
            fn=elements.text_of,
        ),
    ),
)

ADJUSTMENTS: Final = Target(
    "Flag",
    name="adjustment",
    each="person.adjustments[]",
    key=("/plan.id", "=adjustment", "kind", "words"),
    category=Category.DEMOGRAPHICS,
    labels=sharing,
    reads=("person.adjustments[].sharing",),
    rows=(
        Row("adjustment.status", "status", value="active", why="part of the current plan"),
        Row("adjustment.kind", "category[0]", "kind", table=codes.ADJUSTMENT),
        Row("adjustment.words", "code.text", "words", must=True),
    ),
)
