"""Which resources of a MODS bundle can be read at all, judged before anything refers to them.

In      The facts of the item.
Out     The index of the bundle without what is unsound, and why: a modifier that is not
        understood, no id, somebody else's.
Rule    An unsound resource is refused alone. Where it is a plan, or a second person came, nothing
        of the bundle is read: the plan is what holds the rest.
Errors  None; faults are issues.
Pure    Facts in, values out.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from mappings.core.model.outcome import Facts, Issue, error
from mappings.social_care.message.mods import TYPES, bare, has_modifier
from mappings.social_care.rows.mods_references import (
    Index,
    first_of,
    id_of,
    identifier_of,
    index,
    named_by,
)

HOLDERS: Final = frozenset({"Patient", "CarePlan"})
"""What the rest of a bundle hangs on."""

_Place = tuple[str, int]


def prepare(facts: Facts) -> Index:
    """The bundle, without what is unsound."""
    whole = index(facts)
    told = [*_second_person(facts), *_unnamed(facts), *_about_others(whole)]
    unsound = {place for place, _ in told} | set(_changed(facts))
    if any(kind in HOLDERS for kind, _ in unsound):
        unsound = {(kind, n) for kind in TYPES for n, _ in enumerate(facts.get(kind) or ())}
    ids = {
        kind: frozenset(
            id_of(one)
            for number, one in enumerate(facts.get(kind) or ())
            if id_of(one) and (kind, number) not in unsound
        )
        for kind in TYPES
    }
    return replace(whole, ids=ids, unsound=frozenset(unsound), faults=tuple(i for _, i in told))


def _second_person(facts: Facts) -> Iterator[tuple[_Place, Issue]]:
    if len(facts.get("Patient") or ()) > 1:
        yield ("Patient", 1), error("Patient[1]", "other-person", "one plan is about one person")


def _unnamed(facts: Facts) -> Iterator[tuple[_Place, Issue]]:
    for kind in TYPES[1:]:
        for number, one in enumerate(facts.get(kind) or ()):
            if isinstance(one, dict) and not one.get("id"):
                yield (
                    (kind, number),
                    error(f"{kind}[{number}].id", "missing", "needed and not sent"),
                )


def _changed(facts: Facts) -> Iterator[_Place]:
    """What bears a modifier; the reader told of it where it stood."""
    for kind in TYPES:
        for number, one in enumerate(facts.get(kind) or ()):
            if has_modifier(one):
                yield kind, number


def _about_others(bundle: Index) -> Iterator[tuple[_Place, Issue]]:
    """Resources that say they are about somebody else than the bundle is."""
    plan = (first_of(bundle.facts, "CarePlan") or {}).get("subject")
    patient = first_of(bundle.facts, "Patient")
    listed = patient.get("identifier") if patient else [identifier_of(plan)]
    known = set(map(named_by, listed or ()))
    systems_known = {system for system, _ in known}
    for kind in TYPES[1:]:
        element = "for" if kind == "Task" else "subject"
        for number, one in enumerate(bundle.facts.get(kind) or ()):
            subject = one.get(element) if isinstance(one, dict) else None
            named = named_by(identifier_of(subject))
            differs = named[1] and named[0] in systems_known and named not in known
            if differs or not _leads_to_same(bundle, patient, plan, subject):
                path = f"{kind}[{number}].{element}"
                yield (kind, number), error(path, "other-person", _ONE_PERSON)


def _leads_to_same(bundle: Index, patient: dict[str, Any] | None, plan: Any, subject: Any) -> bool:
    """Whether a reference, if there is one, leads to the Patient, else where the plan's leads."""
    text = subject.get("reference") if isinstance(subject, dict) else None
    if not isinstance(text, str):
        return True
    if patient is None:
        other = plan.get("reference") if isinstance(plan, dict) else None
        return not isinstance(other, str) or bare(other) == bare(text)
    return not id_of(patient) or bundle.key_of("Patient", subject) is not None


_ONE_PERSON: Final = "about somebody else than the plan: one plan is about one person"
