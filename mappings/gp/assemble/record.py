"""One GP record, indexed: which resources are sound, how each is keyed, what references mean.

In      The facts of a bundle.
Out     Record, made once for each bundle and handed to the rows' functions.
Rule    A resource that cannot be read is refused alone, with an error at its path, and what
        refers to it loses the reference with a warning. No reference is left dangling.
Source  GP Connect Access Record: Structured; FHIR STU3 references.
"""

import re
from dataclasses import dataclass, field
from typing import Any, Final

from mappings.core.applying.apply import person_key
from mappings.core.model.outcome import Facts, Issue, warning
from mappings.core.model.paths import Steps
from mappings.core.model.rows import local_reference
from mappings.gp.assemble import people
from mappings.gp.assemble.soundness import ANY_PATIENT, faults
from mappings.gp.assemble.times import made_on

R4_TYPES: Final = {
    "Condition": "Condition",
    "Observation": "Observation",
    "AllergyIntolerance": "AllergyIntolerance",
    "ProcedureRequest": "ServiceRequest",
    "ReferralRequest": "ServiceRequest",
    "Encounter": "Encounter",
    "MedicationStatement": "MedicationStatement",
    "MedicationRequest": "MedicationRequest",
    "Immunization": "Immunization",
    "DocumentReference": "DocumentReference",
    "FamilyMemberHistory": "FamilyMemberHistory",
    "Flag": "Flag",
    "CarePlan": "CarePlan",
    "Goal": "Goal",
    "CareTeam": "CareTeam",
    "DiagnosticReport": "DiagnosticReport",
    "Procedure": "Procedure",
    "QuestionnaireResponse": "QuestionnaireResponse",
}
"""STU3 type -> the R4 type it becomes."""

KEPT: Final = frozenset(R4_TYPES.values())
"""R4 types that something of a record may become."""

REQUESTS: Final = {"ProcedureRequest": "procedure|", "ReferralRequest": "referral|"}
"""Two STU3 types become one: the key says which it was."""

INSIDE_STU3_PLANS: Final = ("Goal", "Condition")
"""STU3 types that become resources of their own where they stand inside a plan."""

NAMED: Final = {
    "Organization": "Organization",
    "Practitioner": "Practitioner",
    "PractitionerRole": "Practitioner",
    "HealthcareService": "HealthcareService",
    "Location": "Location",
}
"""STU3 types that are named by logical reference or display, and what they are named as."""

TAIL: Final = re.compile(r"(?:^|/)([A-Z][A-Za-z]+)/([A-Za-z0-9.-]+)(?:/_history/.*)?$", re.ASCII)


@dataclass(frozen=True, slots=True)
class Lost:
    """A reference that cannot be kept, and why."""

    code: str
    text: str


INSIDE: Final = Lost(
    "inside-resource",
    "names what is inside a resource and is not taken from there; send it as an entry",
)
DANGLING: Final = Lost("dangling-reference", "names nothing in this bundle; left out")
WRONG_TARGET: Final = Lost("wrong-target", "names a thing that may not stand here; left out")
REFUSED: Final = Lost("refused-target", "names a resource that was refused; left out")


@dataclass(slots=True)
class Record:
    """The index of one bundle."""

    facts: Facts
    person: str = ""
    practice: str | None = None
    made_on: str = ""
    at: dict[str, Steps] = field(default_factory=dict)
    """`Type/id`, and every full URL, to where it stands."""
    keys: dict[Steps, str | None] = field(default_factory=dict)
    """Where each sound resource stands that becomes one here -> its key."""
    issues: list[Issue] = field(default_factory=list)

    def is_sound(self, steps: Steps) -> bool:
        """Whether rows may read what stands there."""
        return steps in self.keys

    def get(self, steps: Steps) -> dict[str, Any]:
        """The resource that stands there."""
        node: Any = self.facts
        for step in steps:
            node = node[step]
        return node if isinstance(node, dict) else {}

    def sound(self, section: str) -> list[tuple[Steps, dict[str, Any]]]:
        """The sound resources of one STU3 type, in the order sent."""
        every = enumerate(self.facts.get(section) or ())
        return [((section, n), one) for n, one in every if (section, n) in self.keys]

    def place_of(self, reference: Any, within: Steps = ()) -> Steps | None:
        """Where what a reference names stands in this bundle; `#id` is inside what holds it."""
        text = reference.get("reference") if isinstance(reference, dict) else None
        if not isinstance(text, str):
            return None
        if text.startswith("#"):
            return self._inside(text[1:], within[:2])
        tail = TAIL.search(text)
        found = self.at.get(text)
        return found or (self.at.get(f"{tail[1]}/{tail[2]}") if tail else None)

    def _inside(self, known: str, holder: Steps) -> Steps | None:
        held = self.get(holder).get("contained") if len(holder) == 2 else None
        for position, one in enumerate(held if isinstance(held, list) else ()):
            if isinstance(one, dict) and one.get("id") == known:
                return (*holder, "contained", position)
        return None

    def reference_to(self, steps: Steps) -> dict[str, str] | None:
        """The local reference to a resource of this bundle that is mapped."""
        key = self.keys.get(steps)
        if key is None:
            return None
        return {"reference": local_reference(_r4_type(steps, self.get(steps)), key)}

    def resolve(
        self, reference: Any, allowed: frozenset[str], within: Steps = ()
    ) -> dict[str, Any] | Lost | None:
        """What an R4 element that takes the `allowed` types says; None where nothing is said.
        `within` is where the reference stands.

        A resource that is here and of a type that is not mapped gives None: the reason stands
        beside that type among what is left out.
        """
        if not isinstance(reference, dict):
            return None
        place = self.place_of(reference, within)
        if place is None:
            return self._by_name(reference)
        is_inside = len(place) > 2
        section = str(self.get(place).get("resourceType") if is_inside else place[0])
        if section == "Patient":
            return self._typed("Patient", allowed, self._person())
        if section in NAMED:
            made = self._named(section, self.get(place))
            if is_inside and reference.get("display"):
                made |= {"display": reference["display"]}
            return self._typed(NAMED[section], allowed, made)
        if section not in R4_TYPES:
            return None
        if place not in self.keys:
            is_kept = place[0] == "CarePlan" and section in INSIDE_STU3_PLANS
            return INSIDE if is_inside and not is_kept else REFUSED
        return self._typed(R4_TYPES[section], allowed, self.reference_to(place))

    def _typed(
        self, kind: str, allowed: frozenset[str], made: dict[str, Any] | None
    ) -> dict[str, Any] | Lost | None:
        return (made or None) if kind in allowed else WRONG_TARGET

    def _person(self) -> dict[str, str]:
        return {"reference": local_reference("Patient", self.person)}

    def _by_name(self, reference: dict[str, Any]) -> dict[str, Any] | Lost | None:
        shown = reference.get("display")
        if isinstance(shown, str) and shown:
            return {"display": shown}
        return DANGLING if reference.get("reference") else None

    def _named(self, section: str, resource: dict[str, Any]) -> dict[str, Any]:
        if any(True for _ in faults(section, resource)):
            return {}
        if section == "Organization":
            return people.organisation_reference(resource)
        if section == "Practitioner":
            return people.practitioner_reference(resource)
        if section == "PractitionerRole":
            return self._of_role(resource.get("practitioner"))
        name = resource.get("name")
        return {"type": section, "display": name} if isinstance(name, str) and name else {}

    def _of_role(self, practitioner: Any) -> dict[str, Any]:
        """Who holds a role: a Practitioner of this bundle, else as the role itself names them."""
        place = self.place_of(practitioner)
        if place is not None and place[0] == "Practitioner":
            return self._named("Practitioner", self.get(place))
        return people.named_practitioner(practitioner)


def index(facts: Facts) -> Record:
    """The record with everything in it placed, judged and keyed."""
    record = Record(facts)
    claim = people.person_claim(facts)
    record.person = person_key(claim) or ""
    record.practice = people.practice_of(facts)
    record.made_on = made_on(facts)
    place(record)
    _judge(record)
    return record


def place(record: Record) -> None:
    """First come, first served: a second resource under one id is refused later."""
    for section, held in record.facts.items():
        for position, one in enumerate(held if isinstance(held, list) else ()):
            known = one.get("id") if isinstance(one, dict) else None
            if isinstance(known, str):
                record.at.setdefault(f"{section}/{known}", (section, position))
    patient = record.facts.get("Patient") or {}
    own = patient.get("id")
    record.at[f"Patient/{own}" if own else ANY_PATIENT] = ("Patient",)
    for url, *steps in record.facts["Bundle"].get("fullUrl") or ():
        record.at.setdefault(url, tuple(steps))


def _judge(record: Record) -> None:
    sound: list[tuple[Steps, dict[str, Any]]] = []
    for steps, resource in _mapped(record.facts):
        found = list(faults(str(steps[0]), resource, steps, record.at))
        record.issues += found
        if not found:
            sound.append((steps, resource))
    identified: dict[tuple[str, str], int] = {}
    named = [(_r4_type(steps, resource), identifier_key(resource)) for steps, resource in sound]
    for name in named:
        identified[name] = identified.get(name, 0) + 1
    for kind in sorted({kind for (kind, own), n in identified.items() if own and n > 1}):
        record.issues.append(warning(kind, "shared-identifier", _SHARED))
    for (steps, resource), name in zip(sound, named, strict=True):
        alone = name[1] and identified[name] == 1
        own = name[1] if alone else _id_key(steps, resource)
        kind = REQUESTS.get(str(steps[0]), "")
        record.keys[steps] = f"{kind}{own}" if own else None
    for steps, plan in record.sound("CarePlan"):
        _judge_inside(record, steps, plan)


def _judge_inside(record: Record, steps: Steps, plan: dict[str, Any]) -> None:
    """Goals and needs inside a plan, each keyed under it; the plan names them by id alone."""
    outer, held = record.keys[steps], plan.get("contained")
    for position, one in enumerate(held if isinstance(held, list) else ()):
        known = one.get("id") if isinstance(one, dict) else None
        kind = one.get("resourceType") if known else None
        if not outer or kind not in INSIDE_STU3_PLANS:
            continue
        place: Steps = (*steps, "contained", position)
        found = list(faults(kind, one, place, record.at))
        record.issues += found
        if not found:
            record.keys[place] = f"{outer}#{known}"


def _mapped(facts: Facts) -> list[tuple[Steps, dict[str, Any]]]:
    """Every resource that becomes one here, ended allergies inside lists too."""
    found: list[tuple[Steps, dict[str, Any]]] = []
    for section in R4_TYPES:
        held = facts.get(section)
        every = enumerate(held if isinstance(held, list) else ())
        found += [((section, n), one) for n, one in every]
    for place, one in enumerate(facts.get("List") or ()):
        inside = one.get("contained") if isinstance(one, dict) else None
        for n, held_in in enumerate(inside if isinstance(inside, list) else ()):
            if isinstance(held_in, dict) and held_in.get("resourceType") == "AllergyIntolerance":
                found.append((("List", place, "contained", n), held_in))
    return found


_SHARED: Final = "several have one identifier; each is known by its id instead"


def _r4_type(steps: Steps, resource: dict[str, Any]) -> str:
    is_inside = len(steps) > 2
    own = str(resource.get("resourceType"))
    return own if is_inside else R4_TYPES.get(str(steps[0]), own)


def identifier_key(resource: dict[str, Any]) -> str:
    """`system|value` of the first identifier, where it has both; else empty."""
    held = resource.get("identifier") or ()
    first: dict[str, Any] = held if isinstance(held, dict) else next(iter(held), {})
    system, value = first.get("system"), first.get("value")
    return f"{system}|{value}" if system and value else ""


def _id_key(steps: Steps, resource: dict[str, Any]) -> str | None:
    known = resource.get("id")
    if not isinstance(known, str) or not known:
        return None
    return f"{resource.get('resourceType')}/{known}" + ("#" if len(steps) > 2 else "")
