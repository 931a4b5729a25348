"""Everything about one bundle that its rows look up, and what is wrong or noteworthy in it.

In      The facts of a bundle.
Out     Assembled, made once for each bundle; issues by path.
Rule    A refusal of sharing that cannot be applied, because the practice has no ODS code, no time
        is known or the entry is not sound, stops the whole bundle: data must not be shown against
        a refusal. A Consent in force that is not computed is such a refusal.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from mappings.core.applying.apply import person_key
from mappings.core.model.outcome import Facts, Issue, error, warning
from mappings.core.model.paths import Found, Steps, dotted
from mappings.gp.assemble import consents, consultations, people, plan, sent
from mappings.gp.assemble.record import Record, index
from mappings.gp.assemble.sharing import (
    Sharing,
    choice_of,
    remarks,
    unread_refusal,
    when_stated,
)
from mappings.gp.codes import extensions, plans, warnings

RECORD_SECTIONS: Final = frozenset(
    {
        "717711000000103",  # Problems
        "886921000000105",  # Allergies and adverse reactions
        "1149501000000101",  # List of consultations
        "826501000000100",  # Uncategorised data
        "792931000000107",  # Outbound referral
        "714311000000108",  # Patient recall administration
        "933361000000108",  # Medications and medical devices
    }
)
"""The lists of a GP Connect answer that together are the whole record."""


@dataclass(slots=True)
class Assembled:
    """One bundle, put together."""

    record: Record
    plans: plan.Plans = field(default_factory=plan.Plans)
    sharing: Sharing | None = None
    limits: consents.Limits = field(default_factory=dict)
    incomplete: tuple[Steps, ...] = ()
    """Where the practice says that a list is not complete, once for each reason."""
    problems_of: dict[Steps, list[Found]] = field(default_factory=dict)
    """Place of a consultation's Encounter -> the problems it was about."""
    elements: Mapping[Steps, sent.Elements] = field(default_factory=dict)
    """Where a resource stands that is carried as sent -> its elements."""
    plans_naming: dict[Steps, list[dict[str, Any]]] = field(default_factory=dict)
    """Place of a goal -> the sound plans that name it."""
    issues: list[Issue] = field(default_factory=list)
    stopped: bool = False


def prepare(facts: Facts) -> Assembled:
    """The bundle, put together."""
    made = Assembled(index(facts))
    _judge(made, *consents.check_former(made.record))
    made.plans = plan.assemble(made.record)
    made.problems_of = consultations.problems(made.record)
    _read_list_warnings(made)
    made.issues += _extensions(facts)
    return made


def prepare_sent(facts: Facts) -> Assembled:
    """UK Core resources, put together: what is sent as a plan is one, and none is derived."""
    record = sent.index(facts)
    made = Assembled(record, elements=record.elements)
    _judge(made, *consents.check(record))
    return made


def _judge(made: Assembled, about_consents: list[Issue], limits: consents.Limits) -> None:
    """What may not be taken, and the choice about sharing."""
    record = made.record
    made.limits = limits
    made.issues += about_consents
    made.issues += record.issues
    made.issues += people.conflicts(record.facts)
    is_whole = whole_record(record.facts) is not None and not is_arriving(record.facts)
    made.sharing = choice_of(record, is_whole=is_whole)
    made.issues += remarks(record, is_whole=is_whole)
    made.issues += _not_stored(record)
    if (unusable := _unusable_refusal(made)) is not None:
        made.issues.append(unusable)
        made.stopped = True
        record.keys.clear()
    made.plans_naming = _plans_naming(record)


def _plans_naming(record: Record) -> dict[Steps, list[dict[str, Any]]]:
    found: dict[Steps, list[dict[str, Any]]] = {}
    for _, sent_plan in record.sound("CarePlan"):
        for place in {record.place_of(one) for one in sent_plan.get("goal") or ()}:
            if place:
                found.setdefault(place, []).append(sent_plan)
    return found


def check(made: Assembled) -> list[Issue]:
    """What is wrong or noteworthy in the bundle."""
    return made.issues


def _unusable_refusal(made: Assembled) -> Issue | None:
    """Why a refusal in force cannot be made a Consent."""
    choice, record = made.sharing, made.record
    refused = [(one.steps, "dateTime") for one in made.limits.values() if one.closes]
    if choice is not None and choice.choice == plans.REFUSED:
        refused.append((choice.steps, "effectiveDateTime"))
    elif unread := unread_refusal(record):
        return error(dotted(unread), "refusal-needs-reading", _UNREAD)
    if refused and not record.practice:
        return error("Patient.managingOrganization", "refusal-needs-practice", _NO_PRACTICE)
    for steps, name in refused:
        if not when_stated(record.get(steps), record.made_on):
            return error(dotted((*steps, name)), "refusal-needs-time", _NO_TIME)
    return None


def whole_record(facts: Facts) -> str | None:
    """The name of what the bundle states completely: the record, where it holds every section."""
    found = set()
    for one in facts.get("List") or ():
        found |= set(plan.snomed_codes(one.get("code")))
    if not found >= RECORD_SECTIONS:
        return None
    person = person_key(people.person_claim(facts))
    return f"{person}|record" if person else None


def is_arriving(facts: Facts) -> bool:
    """Whether the record says that it is still arriving from the previous practice."""
    held = facts.get("List") or ()
    return any(word == "data-in-transit" for one in held for _, word in _list_warnings(one))


def _not_stored(record: Record) -> Iterator[Issue]:
    """Entries that are never part of the shared record leave the index."""
    for steps, resource in (*record.sound("Observation"), *record.sound("Condition")):
        for code in plan.snomed_codes(resource.get("code")):
            if code in plans.NOT_STORED:
                about = plans.NOT_STORED[code]
                text = f"about {about}: not stored in the shared record"
                yield warning(dotted((*steps, "code")), "not-stored", text)
                record.keys.pop(steps, None)


def _read_list_warnings(made: Assembled) -> None:
    said: dict[str, Steps] = {}
    for position, one in enumerate(made.record.facts.get("List") or ()):
        for place, word in _list_warnings(one):
            steps: Steps = ("List", position, *place)
            if word not in said:
                said[word] = steps
                text = warnings.MEANING.get(word, warnings.UNNAMED)
                made.issues.append(warning(dotted(steps), "incomplete-at-source", text))
    made.incomplete = tuple(said.values())


def _list_warnings(one: Any) -> Iterator[tuple[Steps, str]]:
    held = one.get("extension") if isinstance(one, dict) else None
    for position, extension in enumerate(held if isinstance(held, list) else ()):
        url = extension.get("url") if isinstance(extension, dict) else None
        if isinstance(url, str) and extensions.names_of(url) == "ListWarningCode":
            yield ("extension", position, "valueCode"), str(extension.get("valueCode"))


def _extensions(facts: Facts) -> Iterator[Issue]:
    """Extensions nobody reads and no reason leaves out, once for each type of resource."""
    for section, held in facts.items():
        said: set[str] = set()
        resources = held if isinstance(held, list) else [held]
        for position, one in enumerate(resources):
            own = one.get("extension") if isinstance(one, dict) else None
            for number, extension in enumerate(own if isinstance(own, list) else ()):
                url = extension.get("url") if isinstance(extension, dict) else None
                if isinstance(url, str) and url not in said and not extensions.is_known(url):
                    said.add(url)
                    place: Steps = (position,) if isinstance(held, list) else ()
                    where = dotted((section, *place, "extension", number))
                    yield warning(where, "unknown-field", _EXTENSION)


_NO_PRACTICE: Final = (
    "the person has refused the sharing of this record, or may have; to apply that, the ODS code"
    " of the practice is needed"
)
_NO_TIME: Final = (
    "the person has refused the sharing of this record, or may have; to apply that, a time is"
    " needed, of the refusal or of the record"
)
_UNREAD: Final = (
    "the person has refused the upload of this record, in an entry that cannot be read; until it"
    " can be, nothing of this delivery is taken"
)
_EXTENSION: Final = "an extension that is not known here; kept with the delivery"
