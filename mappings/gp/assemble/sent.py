"""UK Core resources, indexed: keys, references, and each element made fit to be carried.

In      The facts of one R4 bundle (message/resources.py).
Out     SentRecord: the Record that rows look up, with the elements of each sound resource.
Rule    FHIR's logical id is a resource's name at its source, so a reference to what another
        delivery brings is kept; the store knows it by the same key. Practitioners and
        organisations are named by logical reference, never copied. A reference that says
        nothing here leaves with a warning; a resource not whole without it is refused alone.
        A goal, need, request or task that stands inside its plan becomes one of its own, named by
        the plan and by what stands beside it. An allergy or a problem that was entered in error is
        taken back also where it still says a clinical state.
Source  FHIR R4 references.html; UK Core.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from mappings.core.applying.apply import person_key
from mappings.core.model.outcome import Facts, Issue, error, warning
from mappings.core.model.paths import Found, Steps, dotted, presented
from mappings.core.model.rows import local_reference
from mappings.gp.assemble import people
from mappings.gp.assemble.record import (
    DANGLING,
    INSIDE,
    REFUSED,
    TAIL,
    WRONG_TARGET,
    Lost,
    Record,
    identifier_key,
    place,
)
from mappings.gp.assemble.relatives import without_who
from mappings.gp.assemble.times import made_on
from mappings.gp.codes.carried import CARRIED, INSIDE_R4_PLANS, NAMED, elements, whom
from mappings.gp.message.inside import nhs_numbers

Elements = dict[str, list[Found]]
"""Element name -> its values, each with the place it comes from."""

_MODIFIERS: Final = ("modifierExtension", "implicitRules")
_OTHER: Final = Lost("other-person", "is about somebody else; left out")


@dataclass(slots=True)
class SentRecord(Record):
    """The index of one R4 bundle."""

    subject_id: str = ""
    """The logical id of the person at the source."""
    numbers: frozenset[str] = frozenset()
    """The person's NHS numbers: a Patient inside another resource is known by these alone."""
    elements: dict[Steps, Elements] = field(default_factory=dict)
    inside: set[str] = field(default_factory=set)
    """Keys of what is sound and stands inside a plan."""

    def resolve(
        self, reference: Any, allowed: frozenset[str], _within: Steps = ()
    ) -> dict[str, Any] | Lost | None:
        """What an element that takes the `allowed` types says; None where nothing is said."""
        made = self.settled(reference, {}) if isinstance(reference, dict) else None
        if not isinstance(made, dict):
            return made
        literal = str(made.get("reference", "")).removeprefix(local_reference("", "")[:-1])
        kind = made.get("type") or literal.partition(":")[0]
        return made if not kind or kind in allowed else WRONG_TARGET

    def settled(
        self, reference: dict[str, Any], holder: dict[str, Any]
    ) -> dict[str, Any] | Lost | None:
        """The reference as it is kept here, or the reason why it is not."""
        beside = {n: reference[n] for n in ("type", "identifier", "display") if reference.get(n)}
        literal = reference.get("reference")
        if not isinstance(literal, str):
            return beside if _names(beside) else None
        at, tail = self.place_of(reference), TAIL.search(literal)
        kind = str(at[0]) if at else (tail[1] if tail else "")
        if literal.startswith("#"):
            one = _contained(literal, holder)
            if one.get("resourceType") == "Patient":
                is_same = not self.numbers.isdisjoint(nhs_numbers(one))
                return beside | self._person() if is_same else _OTHER
            named = str(one.get("resourceType"))
            if (inner := _inner_key(holder, one)) in self.inside:
                return beside | {"reference": local_reference(named, inner)}
            made = self._logical(named, one) | beside
            return made if _names(made) else (INSIDE if one else DANGLING)
        if kind == "Patient":
            is_same = at == ("Patient",) or (tail is not None and tail[2] == self.subject_id)
            return beside | self._person() if is_same else _OTHER
        if kind in CARRIED:
            key = self.keys.get(at) if at else f"{kind}/{tail[2]}" if tail else None
            return beside | {"reference": local_reference(kind, key)} if key else REFUSED
        made = (self._logical(kind, self.get(at)) if at else {}) | beside
        return made if _names(made) else DANGLING

    def _logical(self, kind: str, resource: dict[str, Any]) -> dict[str, Any]:
        return self._named(kind, resource) if kind in NAMED else {}

    def medicine(self, reference: Any, holder: dict[str, Any]) -> Found | None:
        """The code of the Medication that a statement names, and where it stands."""
        at = self.place_of(reference)
        if at and at[0] == "Medication" and (code := self.get(at).get("code")):
            return Found((*at, "code"), code)
        literal = reference.get("reference") if isinstance(reference, dict) else None
        inside = _contained(literal, holder) if isinstance(literal, str) else {}
        return Found((), inside["code"]) if inside.get("code") else None


def _names(reference: dict[str, Any]) -> bool:
    """Whether a reference says more than of which type it is."""
    return not reference.keys() <= {"type"}


def index(facts: Facts) -> SentRecord:
    """The record with everything in it placed, judged, keyed and made fit."""
    record = SentRecord(facts)
    claim = people.sent_claim(facts)
    record.person = person_key(claim) or ""
    record.practice = people.practice_of(facts)
    record.made_on = made_on(facts)
    record.subject_id = people.subject_id(facts)
    record.numbers = frozenset(claim.nhs_numbers)
    place(record)
    sound = list(_sound(record))
    for steps, resource in sound:
        record.keys[steps] = _key(resource)
    inner = [found for steps, plan in sound for found in _those_inside(record, steps, plan)]
    for steps, one, plan in inner:
        record.keys[steps] = key = _inner_key(plan, one)
        record.inside.add(key)
    for steps, resource, holder in (*((*found, found[1]) for found in sound), *inner):
        names = elements(str(resource["resourceType"]))
        stated = without_who(_without_state(record, steps, resource), steps, record.issues)
        record.elements[steps] = dict(_fit(record, steps, stated, names, holder))
    patient = facts.get("Patient")
    if isinstance(patient, dict):
        extensions = _fit(record, ("Patient",), patient, {"extension": True}, patient)
        record.elements["Patient",] = dict(extensions)
    return record


def _key(resource: dict[str, Any]) -> str | None:
    """The logical id; an identifier where there is none."""
    known = resource.get("id")
    if isinstance(known, str) and known:
        return f"{resource['resourceType']}/{known}"
    return identifier_key(resource) or None


def _sound(record: SentRecord) -> Iterator[tuple[Steps, dict[str, Any]]]:
    for section in CARRIED:
        for position, resource in enumerate(record.facts.get(section) or ()):
            steps: Steps = (section, position)
            found = list(_faults(record, steps, resource))
            record.issues += found
            if not found:
                yield steps, resource


def _those_inside(
    record: SentRecord, steps: Steps, plan: dict[str, Any]
) -> Iterator[tuple[Steps, dict[str, Any], dict[str, Any]]]:
    """What is sound inside a plan: where each stands, and what holds it."""
    for position, one in _held_by(plan):
        place: Steps = (*steps, "contained", position)
        found = list(_faults(record, place, one))
        record.issues += found
        if not found:
            yield place, one, plan


def _held_by(plan: dict[str, Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    """What a plan holds and can name, each with its place there."""
    held = plan.get("contained") if plan["resourceType"] == "CarePlan" else None
    for position, one in enumerate(held if isinstance(held, list) else ()):
        is_kept = isinstance(one, dict) and one.get("resourceType") in INSIDE_R4_PLANS
        if is_kept and _inner_key(plan, one):
            yield position, one


def _inner_key(holder: dict[str, Any], one: dict[str, Any]) -> str:
    """The key of what holds it and its own id there; empty where one of them has none."""
    outer, known = _key(holder), one.get("id")
    return f"{outer}#{known}" if outer and isinstance(known, str) and known else ""


def _faults(record: SentRecord, steps: Steps, resource: dict[str, Any]) -> Iterator[Issue]:
    """Why a resource cannot be carried; what FHIR asks of it is judged when it is made."""
    named = str(resource["resourceType"])
    at = f"{named}/{resource.get('id')}"
    apart = {(*steps, "contained", position) for position, _ in _held_by(resource)}
    for where in _modifiers(resource, steps):
        if where[: len(steps) + 2] not in apart:
            yield error(presented(where), "unknown-modifier", _MODIFIER)
    if record.at.get(at, steps) != steps and len(steps) == 2:
        yield error(dotted((*steps, "id")), "duplicate-id", _SECOND)
    about = resource.get(whom(named))
    if isinstance(about, dict) and isinstance(record.settled(about, resource), Lost):
        yield error(dotted((*steps, whom(named))), "other-person", _NOT_THEM)
    for name, many in elements(named).items():
        if name in resource and isinstance(resource[name], list) is not many:
            yield error(dotted((*steps, name)), "wrong-type", _WRONG)


def _modifiers(node: Any, steps: Steps) -> Iterator[Steps]:
    children = enumerate(node) if isinstance(node, list) else ()
    for step, child in node.items() if isinstance(node, dict) else children:
        if step in _MODIFIERS and child:
            yield (*steps, step)
        elif isinstance(child, dict | list):
            yield from _modifiers(child, (*steps, step))


def _fit(
    record: SentRecord,
    steps: Steps,
    resource: dict[str, Any],
    names: Mapping[str, bool],
    holder: dict[str, Any],
) -> Iterator[tuple[str, list[Found]]]:
    """Each of these elements with its references settled; `holder` has what stands inside."""
    for name, many in names.items():
        value = resource.get(name)
        if name == "medicationReference" and (found := record.medicine(value, holder)):
            yield "medicationCodeableConcept", [found]
        elif many:
            every = (((*steps, name, n), one) for n, one in enumerate(value or ()))
            kept = (Found(at, _kept(record, one, at, holder)) for at, one in every)
            yield name, [found for found in kept if found.value not in _NOTHING]
        elif value not in _NOTHING:
            at = (*steps, name)
            yield name, [Found(at, _kept(record, value, at, holder))]


def _without_state(record: SentRecord, steps: Steps, resource: dict[str, Any]) -> dict[str, Any]:
    """The resource; what was entered in error has no clinical state (ait-2, con-5): as sent it
    would be refused, and what it takes back would stay."""
    said = resource.get("verificationStatus")
    codings = said.get("coding") if isinstance(said, dict) else None
    held = codings if isinstance(codings, list) else ()
    is_wrong = any(isinstance(one, dict) and one.get("code") == _IN_ERROR for one in held)
    if not is_wrong or not resource.get("clinicalStatus"):
        return resource
    record.issues.append(warning(dotted((*steps, "clinicalStatus")), "contradiction", _NO_STATE))
    return {name: value for name, value in resource.items() if name != "clinicalStatus"}


def _kept(record: SentRecord, value: Any, at: Steps, holder: dict[str, Any]) -> Any:
    """A value with its references settled; one that cannot be kept leaves with a warning."""
    if isinstance(value, list):
        return [_kept(record, one, (*at, n), holder) for n, one in enumerate(value)]
    if not isinstance(value, dict):
        return value
    if _ADDRESSES & value.keys() and "url" in value:
        record.issues.append(warning(presented(at), "not-carried", ADDRESS))
        return {}
    if isinstance(value.get("reference"), str):
        made = record.settled(value, holder)
        if isinstance(made, Lost):
            record.issues.append(warning(presented(at), made.code, made.text))
            return {}
        return made or {}
    parts = ((name, child) for name, child in value.items() if name != _COMMENT)
    return {name: _kept(record, child, (*at, name), holder) for name, child in parts}


def _contained(literal: str, holder: dict[str, Any]) -> dict[str, Any]:
    inside = holder.get("contained")
    for one in inside if isinstance(inside, list) else ():
        if isinstance(one, dict) and f"#{one.get('id')}" == literal:
            return one
    return {}


_IN_ERROR: Final = "entered-in-error"
_NO_STATE: Final = "what was entered in error has no clinical status; left out, and the rest taken"
_COMMENT: Final = "fhir_comments"
"""A comment in the file, as some libraries keep it; not in the record."""

_ADDRESSES: Final = frozenset({"valueAddress", "valueContactPoint"})
ADDRESS: Final = (
    "an extension that says where somebody is; left out, because it could not be hidden for a"
    " person whose whereabouts must be"
)
_NOTHING: Final[tuple[Any, ...]] = (None, "", [], {})
_MODIFIER: Final = "changes the meaning of the rest in a way that is not understood"
_SECOND: Final = "another resource of this bundle has the same id; the first one is taken"
_NOT_THEM: Final = "is about somebody who is not the person of this bundle"
_WRONG: Final = "a list where FHIR R4 has one value, or one value where it has a list"
