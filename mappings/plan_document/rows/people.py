"""The person of a plan document, what others must do differently for them, what they said.

Out     Patient; a Flag for each adjustment, on the shelf that whoever meets the person sees; a
        Task to review each thing the person said about sharing.
Rule    What was heard about sharing is no Consent: it names nobody by a number that access could
        be decided by. It is held from the person's proxies, who may be whom it is about.
"""

from typing import Final

from mappings.core.model import dates, systems
from mappings.core.model.codes import Concept
from mappings.core.model.paths import Scope
from mappings.core.model.rows import Row, Target
from mappings.core.shaping import elements
from mappings.plan_document import codes
from mappings.plan_document.rows import shaping, ways_in
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
            fn=shaping.language,
        ),
    ),
)

ADJUSTMENTS: Final = Target(
    "Flag",
    name="adjustment",
    each="person.adjustments[]",
    key=("/plan.id", "=adjustment", "kind", "words"),
    category=Category.DEMOGRAPHICS,
    labels=ways_in.of_person,
    reads=("person.adjustments[].sharing",),
    rows=(
        Row("adjustment.status", "status", value="active", why="part of the current plan"),
        Row("adjustment.kind", "category[0]", "kind", table=codes.ADJUSTMENT),
        Row("adjustment.words", "code.text", "words", must=True),
    ),
)

_REVIEW: Final = Concept(
    f"{systems.OWN}/CodeSystem/task-kind",
    "review-sharing",
    "Review what the person said about sharing",
)


def wish_labels(scope: Scope) -> list[dict[str, str]]:
    """As the plan, and not for proxies: the words may be about them."""
    return [*sharing(scope), {"system": systems.HOLD, "code": "NOPAT"}]


WISHES: Final = Target(
    "Task",
    name="sharing wish",
    each="person.sharing[]",
    key=("/plan.id", "=sharing", "on", "words"),
    category=Category.CONSENT,
    labels=wish_labels,
    rows=(
        Row("wish.status", "status", value="requested", why="nobody has reviewed it here"),
        Row("wish.intent", "intent", value="proposal", why="a request to look, not an order"),
        Row("wish.kind", "code", value=_REVIEW.concept(), why="the field's meaning"),
        Row("wish.words", "description", "words", must=True),
        Row("wish.wish", "businessStatus", "wish", table=codes.SHARING_WISH),
        Row("wish.about", "reasonCode", "about", fn=elements.text_of),
        Row("wish.on", "authoredOn", "on", fn=dates.fhir_date, must=True),
        Row("wish.told", "requester", "told_to", fn=elements.display),
    ),
)
