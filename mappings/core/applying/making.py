"""Make the resources of one item: each target of its kind, for each scope it stands in.

In      A Kind, made once into functions (`_plan`); an item's facts; the key of its person.
Out     Resources without ids (references local), lineage for every element, labels; issues.
Errors  None raised by values; a named function that meets a value of another kind than it was
        written for costs its row, else its resource, and is an issue (`finding.FAULTS`).
Pure    The same item always gives the same resources.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from mappings.core.applying.fill import Fillers, fill, fillers
from mappings.core.applying.finding import FAULTS, UNREADABLE, Filling, Values
from mappings.core.applying.fitting import fit, source_of
from mappings.core.applying.hollow import without_hollow
from mappings.core.applying.refused import without_refused
from mappings.core.checking.primitives import UNFIT_TEXT
from mappings.core.checking.problem import Problem
from mappings.core.checking.validate import validate
from mappings.core.model.outcome import (
    Fold,
    Issue,
    Item,
    Lineage,
    Mapped,
    Resource,
    error,
    fresh,
    has_errors,
    warning,
)
from mappings.core.model.paths import Found, Scope, Steps, shown_by
from mappings.core.model.rows import (
    SUBJECT_ELEMENT,
    Kind,
    Target,
    category_coding,
    confidentiality_coding,
    local_reference,
)
from mappings.core.shaping import labels as content_labels

LONGEST_KEY: Final = 1_000
"""Characters that the identifiers by which a resource is known may come to."""

_Scoped = list[tuple[Scope, str | None]]


@dataclass(frozen=True, slots=True)
class _TargetPlan:
    """A target with everything that is the same for each resource it makes."""

    target: Target
    title: str
    rows: Fillers
    subject: str
    """The element that names the person; empty for none."""
    subject_rule: str
    default_lineage: tuple[Lineage, ...]


@cache
def _plan(kind: Kind) -> tuple[_TargetPlan, ...]:
    return tuple(
        _TargetPlan(
            target,
            target.title,
            fillers(target.rows),
            SUBJECT_ELEMENT.get(target.type, "subject"),
            f"{kind.name}.subject",
            tuple(Lineage(n, "", target.default_rule(n)) for n in target.defaults),
        )
        for target in kind.targets
    )


class Making:
    """One item being mapped: the scopes of every target, then the resources."""

    __slots__ = ("kind", "plan", "scopes", "subject", "types", "within")

    def __init__(self, kind: Kind, item: Item, subject: str, prepared: Any = None) -> None:
        self.kind = kind
        self.plan = _plan(kind)
        self.subject = subject
        root = Scope(item.facts, Found((), item.facts), prepared=prepared)
        self.scopes: dict[str, _Scoped] = {
            plan.title: [
                (scope, plan.target.key_of(scope, subject)) for scope in plan.target.scopes(root)
            ]
            for plan in self.plan
        }
        self.types = {plan.title: plan.target.type for plan in self.plan}
        self.within: dict[tuple[str, int], dict[Steps, list[tuple[Found, str]]]] = {}

    def resources(self, issues: list[Issue]) -> list[Mapped]:
        """Every resource that could be made; problems are added to the issues."""
        made: list[Mapped] = []
        seen: set[tuple[str, str]] = set()
        refused: set[str] = set()
        for plan in self.plan:
            kind_of = plan.target.type
            for scope, key in self.scopes[plan.title]:
                if key is None:
                    issues.append(error(self._shown(scope.here), "no-key", _NO_KEY))
                elif len(key) > LONGEST_KEY:
                    issues.append(error(self._shown(scope.here), "key-too-long", _TOO_LONG))
                    refused.add(local_reference(kind_of, key))
                elif (kind_of, key) in seen:
                    issues.append(error(self._shown(scope.here), "duplicate-key", _TWICE))
                else:
                    seen.add((kind_of, key))
                    found: list[Issue] = []
                    one = self._one(plan, scope, key, found)
                    issues += found
                    if one is not None and not has_errors(found):
                        made.append(one)
                    else:
                        refused.add(local_reference(kind_of, key))
        if not refused or not self.kind.keeps_rest:
            return made
        held = tuple(local_reference(kind, "") for kind in self.kind.holders)
        if any(one.startswith(held) for one in refused):
            return []
        return without_refused(made, refused, issues)

    def _one(self, plan: _TargetPlan, scope: Scope, key: str, issues: list[Issue]) -> Mapped | None:
        """The resource as its rows make it; where that is no FHIR, without what is hollow in it."""
        target = plan.target
        try:
            resource, lineage = self._filled(plan, scope, issues)
        except FAULTS:
            issues.append(error(self._shown(scope.here), "wrong-type", UNREADABLE))
            return None
        if has_errors(issues):
            return None
        if not validate(_said(target, resource)):
            return _mapped(plan, key, resource, lineage)
        made = _mapped(plan, key, *_without_hollow(target, resource, lineage))
        problems = validate(made.alone())
        if problems and target.type == "Patient" and (person := _person(made, issues)):
            return person
        for problem in problems:
            element = problem.path.partition(".")[2]
            where = source_of(element, made.lineage) or self._shown(scope.here)
            issues.append(self._fault(problem, where or problem.path))
        return made

    def _fault(self, problem: Problem, where: str) -> Issue:
        """That it is no FHIR, as the sender's to mend, or else ours (`not-fhir`)."""
        text = f"{problem.path}: {problem.text}"
        if problem.text in UNFIT_TEXT:
            return error(where, "unfit-value", text)
        if problem.text.startswith("per-1:"):
            return error(where, "contradiction", text)
        if not self.kind.is_fhir:
            return error(where, "not-fhir", text)
        return error(where, "unmapped-code" if problem.code == _CODE else "invalid-fhir", text)

    def _filled(
        self, plan: _TargetPlan, scope: Scope, issues: list[Issue]
    ) -> tuple[Resource, list[Lineage]]:
        """The resource as its rows, its subject and its labels make it."""
        resource: Resource = {"resourceType": plan.target.type}
        lineage: list[Lineage] = []
        filling = Filling(self.kind.show, self._references, issues, resource, lineage)
        fill(plan.rows, filling, scope)
        if plan.subject and plan.subject not in resource:
            resource[plan.subject] = {"reference": local_reference("Patient", self.subject)}
            lineage.append(Lineage(plan.subject, "", plan.subject_rule))
        meta = resource.get("meta")
        labels = {"security": _security(plan.target, scope, resource)}
        resource["meta"] = meta | labels if isinstance(meta, dict) else labels
        return resource, lineage

    def _references(self, name: str, scope: Scope) -> Values:
        """To what the named target makes inside this scope (all of it, from the root)."""
        depth = len(scope.here.steps)
        index = self.within.get((name, depth))
        if index is None:
            index = self.within[name, depth] = {}
            for other, key in self.scopes.get(name, ()):
                if key is not None:
                    index.setdefault(other.here.steps[:depth], []).append((other.here, key))
        return [
            (found, {"reference": local_reference(self.types[name], key)})
            for found, key in index.get(scope.here.steps, ())
        ]

    def _shown(self, found: Found) -> str:
        return shown_by(self.kind.show, found.steps)


def _person(made: Mapped, issues: list[Issue]) -> Mapped | None:
    """A Patient without the parts that are no FHIR: nothing of a person is refused for those."""
    gone: list[Issue] = []
    whole = fit(made, lambda path: gone.append(warning(path, "unfit-part", _PART)))
    issues += gone if whole else ()
    return whole


def _said(target: Target, resource: Resource) -> Resource:
    """What is to be valid: with the defaults, and without what a merging item clears."""
    said = resource
    if target.fold is Fold.MERGE:
        said = {name: value for name, value in resource.items() if value is not None}
    missing = {name: value for name, value in target.defaults.items() if name not in resource}
    return missing | said if missing else said


def _mapped(plan: _TargetPlan, key: str, resource: Resource, lineage: list[Lineage]) -> Mapped:
    """The resource with its defaults: in it under REPLACE, beside it under MERGE."""
    target = plan.target
    defaults = {name: fresh(value) for name, value in target.defaults.items()}
    if defaults and target.fold is Fold.REPLACE:
        lineage = lineage + [line for line in plan.default_lineage if line.path not in resource]
        resource = {name: fresh(value) for name, value in defaults.items()} | resource
    return Mapped(
        target.type,
        key,
        resource,
        tuple(lineage),
        target.fold,
        target.adds,
        defaults,
        plan.default_lineage,
    )


def _without_hollow(
    target: Target, resource: Resource, lineage: list[Lineage]
) -> tuple[Resource, list[Lineage]]:
    """What is left when nothing is hollow; a part that the item clears stays, as None."""
    cleared = _cleared_parts(target, resource)
    made, lines = without_hollow(resource, lineage, target.fold)
    for name, parts in cleared.items():
        made[name] = {**(made.get(name) or {}), **parts}
    return made, lines


def _cleared_parts(target: Target, resource: Resource) -> dict[str, dict[str, None]]:
    """What the item deletes inside an element it adds to, such as the end of a period."""
    found: dict[str, dict[str, None]] = {}
    for name in target.adds:
        part = resource.get(name)
        parts = part.items() if isinstance(part, dict) else ()
        gone = dict.fromkeys(key for key, value in parts if value is None)
        if gone:
            found[name] = gone
    return found


def _security(target: Target, scope: Scope, resource: dict[str, Any]) -> list[dict[str, str]]:
    category = target.category(scope) if callable(target.category) else target.category
    category = content_labels.shelf(resource, category)
    extra = list(target.labels(scope)) if target.labels else []
    extra += content_labels.of_content(resource)
    if not extra:
        return [confidentiality_coding(target.confidentiality), category_coding(category)]
    level = content_labels.highest([target.confidentiality, *content_labels.levels(extra)])
    others = [coding for coding in extra if not content_labels.is_level(coding)]
    unique = {(coding["system"], coding["code"]): coding for coding in others}
    return [confidentiality_coding(level), category_coding(category), *unique.values()]


_CODE: Final = "code-invalid"
"""Of a problem: a code that is not of the value set its element needs."""
_PART: Final = "is no FHIR as it was sent; left out, and the rest of the person taken"
_NO_KEY: Final = "has no identifier of its own, and nothing it could be keyed by"
_TOO_LONG: Final = f"its identifier has more than {LONGEST_KEY} characters"
_TWICE: Final = "stands twice in this item under one identifier"
