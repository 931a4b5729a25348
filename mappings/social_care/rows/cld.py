"""Client Level Data to FHIR R4: the rows a social worker signs off.

In      One row of the return: its filled cells under their column headings (message/cld.py).
Out     For the person a Patient, the support reason, how they live. For a request a
        ServiceRequest; for an assessment a Task; for a service a ServiceRequest and an
        EpisodeOfCare; for a review an Encounter with Observations of the plan as a whole.
Errors  a date that cannot be read where a status rests on it quarantines the row.
Source  Client Level Data releases 1 and 2; FHIR R4; Interweave social-care code systems.
Rule    A carer is a person of their own: nothing of a carer's row is put on the person cared
        for. What care costs and who pays stands on a shelf of its own. A review's verdict is on
        the plan, never on a goal.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from mappings.core.model import dates, systems
from mappings.core.model.codes import Concept
from mappings.core.model.outcome import Facts, Issue
from mappings.core.model.rows import Kind, Row, Target
from mappings.core.shaping import elements
from mappings.social_care.codes import cld as codes
from mappings.social_care.message import cld
from mappings.social_care.rows import cld_shaping as shaping
from mappings.terms.access import Category

_NULL_FLAVOR: Final = "http://terminology.hl7.org/CodeSystem/v3-NullFlavor"
_REVIEW: Final = Concept(systems.SNOMED_CT, "425268008", "Review of care plan")
_SOCIAL_HISTORY: Final = Concept(systems.OBSERVATION_CATEGORY, "social-history", "Social History")


_ETHNIC: Final = (
    Row(
        "ethnic.what",
        "url",
        value="https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-EthnicCategory",
        why="the column",
    ),
    Row("ethnic.value", "valueCodeableConcept", ".", fn=codes.plain, table=codes.ETHNICITY),
)

_PATIENT: Final = Target(
    "Patient",
    category=Category.DEMOGRAPHICS,
    rows=(
        Row(
            "person.local",
            "identifier[+]",
            ("LA Person Unique Identifier", "LA Code"),
            fn=shaping.of_council,
        ),
        Row("person.nhs", "identifier[+]", "NHS Number", fn=elements.nhs_number),
        Row(
            "person.born",
            "birthDate",
            ("Date of Birth", "Reporting Period End Date"),
            fn=shaping.born,
        ),
        Row("person.died", "deceasedDateTime", "Date of Death", fn=dates.fhir_date),
        Row("person.gender", "gender", "Gender", table=codes.GENDER),
        Row(
            "person.postcode",
            "address[0].postalCode",
            ("Postcode", "Accommodation Status"),
            fn=shaping.postcode,
        ),
        Row(
            "person.gp",
            "generalPractitioner[0]",
            "GP Practice Code",
            fn=elements.ods_organisation,
        ),
        Row("person.ethnic", "extension[+]", "Ethnicity", rows=_ETHNIC),
    ),
)

_SUPPORT_REASON: Final = Target(
    "Condition",
    name="support reason",
    key=shaping.PersonKey("primary-support-reason"),
    when=shaping.IsSaid("Primary Support Reason"),
    category=Category.SOCIAL_CARE,
    rows=(
        Row(
            "reason.kind",
            "category[0]",
            value=Concept(
                systems.CONDITION_KIND, "support-reason", "Primary support reason"
            ).concept(),
            why="why the council supports the person; no diagnosis",
        ),
        Row(
            "reason.what",
            "code",
            "Primary Support Reason",
            fn=codes.plain,
            table=codes.SUPPORT_REASON,
            must=True,
        ),
        Row("reason.seen", "recordedDate", "Reporting Period End Date", fn=dates.fhir_date),
    ),
)


def _said_of_person(heading: str, what: str, words: str, **how: Any) -> Target:
    return Target(
        "Observation",
        name=what,
        key=shaping.PersonKey(what),
        when=shaping.IsSaid(heading),
        category=Category.SOCIAL_CARE,
        labels=shaping.refuge,
        rows=(
            Row("said.status", "status", value="final", why="a completed return"),
            Row(
                "said.category",
                "category[0]",
                value=_SOCIAL_HISTORY.concept(),
                why="about how the person lives",
            ),
            Row("said.what", "code.text", value=words, why="the column's meaning"),
            Row(
                "said.value",
                "valueCodeableConcept",
                heading,
                **(how or {"fn": elements.text_of}),
                must=True,
            ),
            Row(
                "said.on",
                "effectiveDateTime",
                "Reporting Period End Date",
                fn=dates.fhir_date,
            ),
        ),
    )


_OF_THE_PERSON: Final = (
    _PATIENT,
    _SUPPORT_REASON,
    _said_of_person("Has Unpaid Carer", "has-unpaid-carer", "Has an unpaid carer"),
    _said_of_person(
        "Accommodation Status",
        "accommodation",
        "Accommodation",
        fn=codes.plain,
        table=codes.ACCOMMODATION,
    ),
    _said_of_person(
        "Employment Status",
        "employment",
        "Employment",
        fn=codes.plain,
        table=codes.EMPLOYMENT,
    ),
    _said_of_person("Visual Impairment", "visual-impairment", "Visual impairment"),
    _said_of_person("Hearing Impairment", "hearing-impairment", "Hearing impairment"),
)

_REQUEST: Final = Target(
    "ServiceRequest",
    key=shaping.event_key,
    category=Category.SOCIAL_CARE,
    rows=(
        Row(
            "request.status",
            "status",
            value="completed",
            why="requests are returned only once they are dealt with",
        ),
        Row("request.intent", "intent", value="order", why="a request that was received"),
        Row(
            "request.what",
            "code.text",
            value="Request for adult social care support",
            why="the event type",
        ),
        Row(
            "request.route",
            "reasonCode[0]",
            "Request: Route of Access",
            fn=codes.plain,
            table=codes.ROUTE,
        ),
        Row("request.on", "authoredOn", "Event Start Date", fn=dates.fhir_date, must=True),
        Row("request.outcome", "note[+]", "Event Outcome", fn=shaping.outcome_note),
    ),
)

_ASSESSMENT: Final = Target(
    "Task",
    key=shaping.event_key,
    category=Category.SOCIAL_CARE,
    rows=(
        Row(
            "assessment.status",
            "status",
            value="completed",
            why="assessments are returned only once they are complete",
        ),
        Row("assessment.intent", "intent", value="order", why="an assessment that was made"),
        Row(
            "assessment.what",
            "code",
            "Assessment Type",
            fn=codes.plain,
            table=codes.ASSESSMENT_TYPE,
        ),
        Row(
            "assessment.start",
            "executionPeriod.start",
            "Event Start Date",
            fn=dates.fhir_date,
            must=True,
        ),
        Row("assessment.end", "executionPeriod.end", "Event End Date", fn=dates.fhir_date),
        Row(
            "assessment.outcome",
            "output[+]",
            "Event Outcome",
            rows=(
                Row("outcome.type", "type.text", value="Outcome", why="the column"),
                Row(
                    "outcome.value",
                    "valueCodeableConcept",
                    ".",
                    fn=codes.plain,
                    table=codes.OUTCOME,
                ),
            ),
        ),
        Row(
            "assessment.needs",
            "output[+]",
            "Eligible Needs Identified",
            rows=(
                Row(
                    "needs.type",
                    "type.text",
                    value="Eligible needs identified",
                    why="the column",
                ),
                Row("needs.value", "valueCodeableConcept", ".", fn=elements.text_of),
            ),
        ),
        Row("assessment.method", "note[+]", "Method of Assessment", fn=shaping.method_note),
    ),
)

_STATUS_SOURCES: Final = (
    "Event End Date",
    "Date of Death",
    "Reporting Period End Date",
    "Event Start Date",
)

_SERVICE: Final = Target(
    "ServiceRequest",
    name="service",
    key=shaping.event_key,
    category=Category.SOCIAL_CARE,
    rows=(
        Row("service.status", "status", _STATUS_SOURCES, fn=shaping.service_status, must=True),
        Row("service.intent", "intent", value="order", why="a service that was arranged"),
        Row(
            "service.kind",
            "category[0]",
            "Service Type",
            fn=codes.plain,
            table=codes.SERVICE_TYPE,
        ),
        Row("service.ours", "category[+]", "Service Component", fn=shaping.service_kind),
        Row(
            "service.what",
            "code",
            "Service Component",
            fn=codes.plain,
            table=codes.SERVICE_COMPONENT,
        ),
        Row(
            "service.start",
            "occurrencePeriod.start",
            "Event Start Date",
            fn=dates.fhir_date,
            must=True,
        ),
        Row("service.end", "occurrencePeriod.end", "Event End Date", fn=dates.fhir_date),
        Row(
            "service.who",
            "performer[0]",
            ("Provider CQC Location ID", "Provider CQC Location Name"),
            fn=shaping.provider,
        ),
        Row("service.outcome", "note[+]", "Event Outcome", fn=shaping.outcome_note),
    ),
)

_EPISODE: Final = Target(
    "EpisodeOfCare",
    key=shaping.event_key,
    category=Category.SOCIAL_CARE,
    rows=(
        Row("episode.status", "status", _STATUS_SOURCES, fn=shaping.episode_status, must=True),
        Row("episode.kind", "type[0]", "Service Type", fn=shaping.service_type),
        Row("episode.start", "period.start", "Event Start Date", fn=dates.fhir_date, must=True),
        Row("episode.end", "period.end", "Event End Date", fn=dates.fhir_date),
        Row("episode.service", "referralRequest[+]", refers_to="service"),
    ),
)

_MONEY: Final = Target(
    "Coverage",
    name="money",
    key=shaping.EventKey("money"),
    when=shaping.says_money,
    category=Category.FINANCE,
    rows=(
        Row("money.status", "status", value="active", why="what the return says of the service"),
        Row("money.kind", "type", "Delivery Mechanism", fn=codes.plain, table=codes.FUNDING),
        Row("money.for", "extension[+]", gather=shaping.service_paid, fn=shaping.pays_for),
        Row(
            "money.cost",
            "extension[+]",
            ("Unit Cost", "Cost Frequency (Unit Type)"),
            fn=shaping.cost,
        ),
        Row("money.units", "extension[+]", "Planned units per week", fn=shaping.planned_units),
        Row(
            "money.client",
            "extension[+]",
            "Client Funding Status",
            rows=(
                Row(
                    "client.what",
                    "url",
                    value=f"{systems.OWN}/StructureDefinition/client-funding",
                    why="the column",
                ),
                Row(
                    "client.value",
                    "valueCodeableConcept",
                    ".",
                    fn=codes.plain,
                    table=codes.FUNDING_STATUS,
                ),
            ),
        ),
        Row("money.full", "extension[+]", "Full cost client", fn=shaping.full_cost),
        Row(
            "money.payor",
            "payor[0]",
            ("LA Code", "Delivery Mechanism", "Client Funding Status"),
            fn=shaping.payor,
            must=True,
        ),
        Row("money.start", "period.start", "Event Start Date", fn=dates.fhir_date),
        Row("money.end", "period.end", "Event End Date", fn=dates.fhir_date),
    ),
)


def _of_carer(heading: str, source: str, name: str, words: str) -> Target:
    return Target(
        "Observation",
        name=name,
        key=shaping.EventKey(name),
        when=shaping.IsSaid(source),
        category=Category.SOCIAL_CARE,
        rows=(
            Row("carer.status", "status", value="final", why="a completed assessment"),
            Row(
                "carer.category",
                "category[0]",
                value=_SOCIAL_HISTORY.concept(),
                why="how they live",
            ),
            Row("carer.what", "code.text", value=words, why=f"the column {heading}"),
            Row("carer.value", "valueString", source, must=True),
            Row("carer.on", "effectiveDateTime", "Event End Date", fn=dates.fhir_date),
        ),
    )


_CARING: Final = (
    _of_carer(
        "Total Hrs Caring per week",
        "Total Hrs Caring per week",
        "hours-caring",
        "Hours of care the carer gives each week",
    ),
    _of_carer(
        "No. of adults being cared for",
        "No of adults being cared for",
        "adults-cared-for",
        "How many adults the carer looks after",
    ),
)

_REVIEW_VISIT: Final = Target(
    "Encounter",
    name="review",
    key=shaping.event_key,
    category=Category.SOCIAL_CARE,
    rows=(
        Row(
            "review.status",
            "status",
            value="finished",
            why="reviews are returned only once they are complete",
        ),
        Row(
            "review.class",
            "class",
            value={"system": _NULL_FLAVOR, "code": "UNK", "display": "unknown"},
            why="the return does not say where a review took place",
        ),
        Row("review.what", "type[0]", value=_REVIEW.concept(), why="the event type"),
        Row("review.why", "reasonCode[0]", "Review Reason", fn=elements.text_of),
        Row("review.start", "period.start", "Event Start Date", fn=dates.fhir_date, must=True),
        Row("review.end", "period.end", "Event End Date", fn=dates.fhir_date),
        Row("review.method", "participant[0].type[0]", "Method of Review", fn=shaping.took_part),
    ),
)


def _of_review(heading: str, name: str, words: str, value: Row) -> Target:
    return Target(
        "Observation",
        name=name,
        key=shaping.EventKey(name),
        when=shaping.IsSaid(heading),
        category=Category.SOCIAL_CARE,
        rows=(
            Row("result.status", "status", value="final", why="a completed review"),
            Row(
                "result.category",
                "category[0]",
                value=Concept(systems.OBSERVATION_CATEGORY, "survey", "Survey").concept(),
                why="a judgement made at a review",
            ),
            Row("result.what", "code.text", value=words, why="the column's meaning"),
            value,
            Row("result.on", "effectiveDateTime", "Event End Date", fn=dates.fhir_date),
            Row("result.review", "encounter", refers_to="review"),
        ),
    )


_ACHIEVED: Final = _of_review(
    "Review Outcomes Achieved",
    "outcomes-achieved",
    "Outcomes of the care and support plan as a whole, at its review",
    Row(
        "achieved.value",
        "valueCodeableConcept",
        "Review Outcomes Achieved",
        fn=codes.plain,
        table=codes.REVIEW_OUTCOME,
        must=True,
    ),
)

_FOLLOWED: Final = _of_review(
    "Event Outcome",
    "what-followed",
    "What followed from the review",
    Row(
        "followed.value",
        "valueCodeableConcept",
        "Event Outcome",
        fn=codes.plain,
        table=codes.OUTCOME,
        must=True,
    ),
)

_OF_SERVICES: Final = "what care costs and who pays is said with the service it is for"
_THIRD: Final = "names another person; a link needs that person's own permission"
_TRACING: Final = "sent to trace the NHS number only"
_FLAG: Final = "a flag without its source; diagnoses come from health records"
_UNUSED: Final = "has no meaning for this sort of event; kept with the delivery"

_ALWAYS_IGNORED: Final = {
    "Reporting Period Start Date": "the window of the return; read for absence",
    "First Name": _TRACING,
    "Last Name": _TRACING,
    "GP Practice Name": "the practice code says it",
    "Autism Spectrum Disorder (ASD)": _FLAG,
    "Dementia": _FLAG,
    "Client Funding Status": _OF_SERVICES,
    "Event Type": "says which sort of event the row is",
    "Event Reference": "cannot be used as a key (DHSC); the event is known by what it is",
    "Event Description": "free text for the national return, not written for the team",
    "Informal Carer involved in Assessment": "an older column, now Method of Assessment",
    "Total Hrs Caring per week": _UNUSED,
    "No of adults being cared for": _UNUSED,
    "Adult 1 Linked Person_ID": _THIRD,
    "Adult 2 Linked Person_ID": _THIRD,
    "Adult 3 Linked Person_ID": _THIRD,
    "Delivery Mechanism": _OF_SERVICES,
    "Unit Cost": _OF_SERVICES,
    "Cost Frequency (Unit Type)": _OF_SERVICES,
    "Planned units per week": _OF_SERVICES,
    "Full cost client": _OF_SERVICES,
}
_READ: Final = (
    "LA Code",
    "LA Person Unique Identifier",
    "NHS Number",
    "Date of Birth",
    "Reporting Period End Date",
    "Client Type",
)
"""Read for every row: whom it is about, and when."""

_SAID_ONCE: Final = "said once for the person, as an item of its own (cld-person)"
_PERSON_SAYS: Final = {
    "Gender": _SAID_ONCE,
    "Date of Death": _SAID_ONCE,
    "Primary Support Reason": _SAID_ONCE,
    "Postcode": _SAID_ONCE,
    "GP Practice Code": _SAID_ONCE,
    "Accommodation Status": _SAID_ONCE,
    "Has Unpaid Carer": _SAID_ONCE,
    "Ethnicity": _SAID_ONCE,
    "Employment Status": _SAID_ONCE,
    "Visual Impairment": _SAID_ONCE,
    "Hearing Impairment": _SAID_ONCE,
}

_OF_EVENTS: Final = (
    "Event Start Date",
    "Event End Date",
    "Event Outcome",
    "Request: Route of Access",
    "Assessment Type",
    "Eligible Needs Identified",
    "Method of Assessment",
    "Service Type",
    "Service Component",
    "Provider CQC Location Name",
    "Provider CQC Location ID",
    "Review Reason",
    "Review Outcomes Achieved",
    "Method of Review",
)


def _kind(
    name: str, title: str, *targets: Target, uses: tuple[str, ...] = (),
    check: Callable[[Facts], Iterator[Issue]] | None = None,
) -> Kind:  # fmt: skip
    unused = {heading: _UNUSED for heading in _OF_EVENTS if heading not in uses}
    return Kind(
        name=name,
        title=title,
        targets=targets,
        ignored={
            heading: why
            for heading, why in {**_ALWAYS_IGNORED, **_PERSON_SAYS, **unused}.items()
            if heading not in uses
        },
        person=shaping.person,
        named_at="LA Person Unique Identifier",
        time=shaping.time,
        reads=(*_READ, *uses),
        show=cld.shown,
        check=check,
    )


def _only_person(name: str, title: str, why: str) -> Kind:
    reasons: Mapping[str, str] = dict.fromkeys(_OF_EVENTS, why)
    return Kind(
        name=name,
        title=title,
        targets=(_PATIENT,),
        ignored={**_ALWAYS_IGNORED, **_PERSON_SAYS, **reasons},
        person=shaping.person,
        named_at="LA Person Unique Identifier",
        time=shaping.time,
        reads=_READ,
        show=cld.shown,
    )


_DATED: Final = ("Event Start Date", "Event End Date", "Event Outcome")

KINDS: Final = (
    Kind(
        name=cld.PERSON,
        title="Person (Client Level Data)",
        targets=_OF_THE_PERSON,
        ignored={},
        person=shaping.person,
        named_at="LA Person Unique Identifier",
        time=shaping.time,
        reads=_READ,
        show=cld.shown,
    ),
    _kind(
        cld.REQUEST,
        "Request for support (Client Level Data)",
        _REQUEST,
        uses=(*_DATED, "Request: Route of Access"),
        check=shaping.request_faults,
    ),
    _kind(
        cld.ASSESSMENT,
        "Assessment (Client Level Data)",
        _ASSESSMENT,
        *_CARING,
        uses=(
            *_DATED,
            "Assessment Type",
            "Eligible Needs Identified",
            "Method of Assessment",
            "Total Hrs Caring per week",
            "No of adults being cared for",
        ),
    ),
    _kind(
        cld.SERVICE,
        "Service (Client Level Data)",
        _SERVICE,
        _EPISODE,
        _MONEY,
        uses=(
            *_DATED,
            "Delivery Mechanism",
            "Client Funding Status",
            "Unit Cost",
            "Cost Frequency (Unit Type)",
            "Planned units per week",
            "Full cost client",
            "Service Type",
            "Service Component",
            "Provider CQC Location Name",
            "Provider CQC Location ID",
        ),
    ),
    _kind(
        cld.REVIEW,
        "Review (Client Level Data)",
        _REVIEW_VISIT,
        _ACHIEVED,
        _FOLLOWED,
        uses=(*_DATED, "Review Reason", "Review Outcomes Achieved", "Method of Review"),
    ),
    _only_person(
        cld.FINANCIAL,
        "Financial assessment (Client Level Data)",
        "financial assessments are not shared with the team",
    ),
    _only_person(
        cld.KNOWN_CARER,
        "Carer known by association (Client Level Data)",
        "a carer known by association has no events",
    ),
    _only_person(
        cld.UNKNOWN,
        "Event of unknown type (Client Level Data)",
        "the event type is not known, so nothing of the event can be",
    ),
)
