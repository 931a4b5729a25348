"""Diary entries, referrals, consultations and documents: STU3 to R4."""

from collections.abc import Iterator
from typing import Any, Final

from mappings.core.model import dates
from mappings.core.model.paths import Found, Scope
from mappings.core.model.rows import Row, Target
from mappings.gp.assemble.plan import is_diary_entry
from mappings.gp.codes import states
from mappings.gp.rows import degraded, shaping
from mappings.gp.rows.looking_up import (
    ANYTHING,
    PEOPLE,
    PERFORMERS,
    assembled,
    is_sound,
    key,
    labels,
    linked,
)
from mappings.terms import saying
from mappings.terms.access import Category

_ENCOUNTER: Final = frozenset({"Encounter"})
_REQUESTERS: Final = PEOPLE | {"Organization"}
_REASONS: Final = frozenset({"Condition", "Observation", "DocumentReference"})


def overdue(scope: Scope) -> Iterator[Found]:
    """That a diary entry's day was over when the record was made: kept, and said."""
    made = assembled(scope)
    due = made.plans.overdue.get(scope.here.steps)
    if due:
        name = "occurrenceDateTime" if "occurrenceDateTime" in scope.element else "occurrencePeriod"
        text = f"Overdue: due on {due}, and still open when the record was made on "
        yield Found((*scope.here.steps, name), {"text": text + made.record.made_on})


def _request(root: str) -> tuple[Row, ...]:
    return (
        Row("request.identifier", "identifier[+]", "identifier[]", fn=shaping.identifier),
        Row("request.status", "status", "status", table=states.REQUEST_STATUS, must=True),
        Row("request.intent", "intent", "intent", table=states.REQUEST_INTENT, must=True),
        Row("request.priority", "priority", "priority", table=states.REQUEST_PRIORITY),
        Row("request.encounter", "encounter", gather=linked("context", _ENCOUNTER),
            reads=(f"{root}.context",), fn=shaping.kept),
        Row("request.when", "occurrenceDateTime", "occurrenceDateTime",
            fn=dates.fhir_date_time),
        Row("request.during", "occurrencePeriod", "occurrencePeriod", fn=shaping.period),
        Row("request.written", "authoredOn", "authoredOn", fn=dates.fhir_date_time),
        Row("request.by", "requester", gather=linked("requester.agent", _REQUESTERS),
            reads=(f"{root}.requester.agent",), fn=shaping.kept),
        Row("request.reason", "reasonCode[+]", "reasonCode[]", fn=shaping.concept),
        Row("request.because", "reasonReference[+]",
            gather=linked("reasonReference[]", _REASONS),
            reads=(f"{root}.reasonReference",), fn=shaping.kept),
        Row("request.with", "supportingInfo[+]", gather=linked("supportingInfo[]", ANYTHING),
            reads=(f"{root}.supportingInfo",), fn=shaping.kept),
        Row("request.note", "note[+]", "note[]", fn=shaping.annotation),
    )  # fmt: skip


def request_category(scope: Scope) -> Category:
    """A diary entry is part of the plan; an order for a test is not."""
    return Category.CARE_PLAN if is_diary_entry(scope.element) else Category.REFERRALS


DIARY: Final = Target(
    "ServiceRequest",
    name="diary entry",
    each="ProcedureRequest[]",
    when=is_sound,
    key=key,
    category=request_category,
    labels=labels,
    reads=("ProcedureRequest[].meta.security", "ProcedureRequest[].extension"),
    rows=(
        *_request("ProcedureRequest[]"),
        degraded.row("diary", "ProcedureRequest[]"),
        Row("diary.not", "doNotPerform", "doNotPerform"),
        Row("diary.category", "category[+]", "category[]", fn=shaping.concept),
        Row("diary.what", "code", "code", fn=shaping.concept),
        Row("diary.who", "performer[+]", gather=linked("performer", PERFORMERS),
            reads=("ProcedureRequest[].performer",), fn=shaping.kept),
        Row("diary.role", "performerType", "performerType", fn=shaping.concept),
        Row("diary.site", "bodySite[+]", "bodySite[]", fn=shaping.concept),
        Row("diary.overdue", "note[+]", gather=overdue, why="an overdue entry is never dropped",
            reads=("ProcedureRequest[].occurrenceDateTime",)),
    ),
)  # fmt: skip


def referral_code(asked: Any, description: Any) -> dict[str, Any] | None:
    """What is asked for: the first service, else the description in words."""
    made = shaping.concept(asked) if asked else None
    return made or ({"text": description} if description else None)


def description_beside(asked: Any, description: Any) -> dict[str, str] | None:
    """The description as a note, where a service is coded."""
    return shaping.words(description) if asked and description else None


REFERRALS: Final = Target(
    "ServiceRequest",
    name="referral",
    each="ReferralRequest[]",
    when=is_sound,
    key=key,
    category=Category.REFERRALS,
    labels=labels,
    reads=("ReferralRequest[].meta.security", "ReferralRequest[].extension"),
    rows=(
        *_request("ReferralRequest[]"),
        degraded.row("referral", "ReferralRequest[]", "reasonCode[]"),
        Row("referral.type", "category[+]", "type", fn=shaping.concept),
        Row("referral.specialty", "category[+]", "specialty", fn=shaping.concept),
        Row("referral.service", "category[+]",
            ("serviceRequested[0]", "specialty", "type", "reasonCode[0]"), fn=saying.SERVICE,
            why="the kind of service in the words every sector shares, where it is known"),
        Row("referral.what", "code", ("serviceRequested[0]", "description"), fn=referral_code),
        Row("referral.more", "orderDetail[+]", "serviceRequested[1]", fn=shaping.concept),
        Row("referral.words", "note[+]", ("serviceRequested[0]", "description"),
            fn=description_beside),
        Row("referral.to", "performer[+]", gather=linked("recipient[]", PERFORMERS),
            reads=("ReferralRequest[].recipient",), fn=shaping.kept),
    ),
)  # fmt: skip

_AMBULATORY: Final = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode",
    "code": "AMB",
    "display": "ambulatory",
}

_ACT_CODE: Final = {"http://hl7.org/fhir/v3/ActCode": _AMBULATORY["system"]}

_PARTICIPATION: Final = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"


def participation(value: Any) -> dict[str, Any] | None:
    """How somebody took part; HL7's codes in R4's system."""
    made = shaping.concept(value)
    for coding in (made or {}).get("coding", ()):
        if coding.get("system") == "http://hl7.org/fhir/v3/ParticipationType":
            coding["system"] = _PARTICIPATION
    return made


def taken_part(scope: Scope) -> Iterator[Found]:
    """Those who took part, each once for each role."""
    record = assembled(scope).record
    allowed = frozenset({"Practitioner", "PractitionerRole", "RelatedPerson"})
    for position, one in enumerate(scope.element.get("participant") or ()):
        steps = (*scope.here.steps, "participant", position)
        made = record.resolve(one.get("individual"), allowed)
        if isinstance(made, dict):
            roles = [participation(role) for role in one.get("type") or ()]
            types = {"type": [role for role in roles if role]} if any(roles) else {}
            yield Found(steps, {**types, "individual": made})
        elif made is not None:
            yield Found((*steps, "individual"), made)


def places(scope: Scope) -> Iterator[Found]:
    """Where it was; places are named, not copied."""
    record = assembled(scope).record
    for position, one in enumerate(scope.element.get("location") or ()):
        steps = (*scope.here.steps, "location", position, "location")
        made = record.resolve(one.get("location"), frozenset({"Location"}))
        yield Found(steps, {"location": made} if isinstance(made, dict) else made)


def discussed(scope: Scope) -> Iterator[Found]:
    """The problems that the topics of a consultation are about, each once."""
    made = assembled(scope)
    said: list[Any] = []
    for found in made.problems_of.get(scope.here.steps, ()):
        value = made.record.resolve(found.value, frozenset({"Condition"}))
        if isinstance(value, dict) and value in said:
            continue
        said.append(value)
        yield Found(found.steps, {"condition": value} if isinstance(value, dict) else value)


def encounter_class(scope: Scope) -> Iterator[Found]:
    """The class sent, in R4's system; ambulatory where none is."""
    own = scope.element.get("class")
    if own:
        system = _ACT_CODE.get(own.get("system"), own.get("system"))
        yield Found((*scope.here.steps, "class"), {**own, "system": system})
    else:
        yield Found((), dict(_AMBULATORY))


ENCOUNTERS: Final = Target(
    "Encounter",
    each="Encounter[]",
    when=is_sound,
    key=key,
    category=Category.ENCOUNTERS,
    labels=labels,
    reads=("Encounter[].meta.security", "Encounter[].extension"),
    rows=(
        Row("encounter.identifier", "identifier[+]", "identifier[]", fn=shaping.identifier),
        Row("encounter.status", "status", "status", table=states.ENCOUNTER_STATUS, must=True),
        Row("encounter.class", "class", gather=encounter_class, reads=("Encounter[].class",),
            fn=shaping.coding, why="R4 needs one; GP Connect sends none, the type says the rest"),
        Row("encounter.type", "type[+]", "type[]", fn=shaping.concept),
        Row("encounter.who", "participant[+]", gather=taken_part,
            reads=("Encounter[].participant",), fn=shaping.kept),
        Row("encounter.period", "period", "period", fn=shaping.period),
        Row("encounter.length", "length", "length", fn=shaping.quantity),
        Row("encounter.reason", "reasonCode[+]", "reason[]", fn=shaping.concept),
        Row("encounter.about", "diagnosis[+]", gather=discussed, reads=("List[].extension",),
            fn=shaping.kept, why="a topic of a consultation names the problem it is about"),
        Row("encounter.where", "location[+]", gather=places, reads=("Encounter[].location",),
            fn=shaping.kept),
        Row("encounter.provider", "serviceProvider",
            gather=linked("serviceProvider", frozenset({"Organization"})),
            reads=("Encounter[].serviceProvider",), fn=shaping.kept),
    ),
)  # fmt: skip


DOCUMENTS: Final = Target(
    "DocumentReference",
    each="DocumentReference[]",
    when=is_sound,
    key=key,
    category=Category.DOCUMENTS,
    labels=labels,
    reads=("DocumentReference[].meta.security", "DocumentReference[].extension"),
    rows=(
        Row("document.identifier", "identifier[+]", "identifier[]", fn=shaping.identifier),
        Row("document.master", "masterIdentifier", "masterIdentifier", fn=shaping.identifier),
        Row("document.status", "status", "status", table=states.DOCUMENT_STATUS, must=True),
        Row("document.type", "type", "type", fn=shaping.concept),
        Row("document.date", "date", "indexed", fn=shaping.precise_instant),
        Row("document.author", "author[+]", gather=linked("author[]", _REQUESTERS),
            reads=("DocumentReference[].author",), fn=shaping.kept),
        Row("document.custodian", "custodian",
            gather=linked("custodian", frozenset({"Organization"})),
            reads=("DocumentReference[].custodian",), fn=shaping.kept),
        Row("document.description", "description", "description"),
        Row(
            "document.content",
            "content[+]",
            "content[]",
            must=True,
            rows=(
                Row("content.type", "attachment.contentType", "attachment.contentType"),
                Row("content.url", "attachment.url", "attachment.url"),
                Row("content.size", "attachment.size", "attachment.size"),
                Row("content.title", "attachment.title", "attachment.title"),
                Row("content.created", "attachment.creation", "../created",
                    fn=dates.fhir_date_time),
            ),
        ),
        Row("document.encounter", "context.encounter[+]",
            gather=linked("context.encounter", _ENCOUNTER),
            reads=("DocumentReference[].context.encounter",), fn=shaping.kept),
        Row("document.period", "context.period", "context.period", fn=shaping.period),
        Row("document.setting", "context.practiceSetting", "context.practiceSetting",
            fn=shaping.concept),
    ),
)  # fmt: skip
