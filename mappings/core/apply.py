"""Apply a kind's rows to one item: resources, lineage for every element, issues by path.

In      An Item (facts in the provider's own words) and its Kind.
Out     Outcome: resources without ids (references local), lineage, issues; or quarantined.
Errors  None raised: what cannot be mapped is an issue at the source's own path, without values.
Rule    Nothing is dropped in silence: a field no row reads and no reason covers is an issue. A
        named function that meets a value of another kind than it was written for fails alone:
        its row, else its resource, is an issue at that path (`fill.FAULTS`).
Pure    The same item always gives the same outcome.
"""

import re
from typing import Any, Final

from mappings.core import labels as content_labels
from mappings.core.coverage import uncovered
from mappings.core.fill import FAULTS, UNREADABLE, Filling, Values, fresh
from mappings.core.hollow import without_hollow
from mappings.core.outcome import (
    Fold,
    Issue,
    Item,
    Lineage,
    Mapped,
    Outcome,
    PersonClaim,
    Resource,
    Severity,
    UnreadableValueError,
    error,
    has_errors,
    warning,
)
from mappings.core.paths import Found, Scope, Steps
from mappings.core.refused import without_refused
from mappings.core.rows import (
    SUBJECT_ELEMENT,
    Kind,
    Target,
    category_coding,
    confidentiality_coding,
    local_reference,
)
from mappings.core.validate import validate

_Scoped = list[tuple[Scope, str | None]]


def map_item(kind: Kind, item: Item) -> Outcome:
    """Everything this item becomes."""
    try:
        person = kind.person(item.facts)
        time = kind.time(item.facts)
    except UnreadableValueError as broken:
        return _nobody(item, error("", broken.code, broken.text))
    except FAULTS:
        return _nobody(item, error("", "wrong-type", _UNREADABLE_ITEM))
    key = person_key(person)
    if key is None:
        nobody = () if has_errors(item.issues) else (_nobody_named(kind),)
        return Outcome(person, time, (), (*item.issues, *nobody), quarantined=True)
    found: list[Issue] = []
    made: list[Mapped] = []
    try:
        prepared = kind.prepare(item.facts) if kind.prepare else None
        whole = item.facts if prepared is None else prepared
        found += kind.check(whole) if kind.check else ()
        made = _Making(kind, item, key, prepared).resources(found)
    except FAULTS:
        found.append(error("", "wrong-type", _UNREADABLE_ITEM))
    found += [
        warning(
            kind.show(_presentable(steps)),
            "unknown-field",
            "not mapped; kept with the delivery",
        )
        for steps in uncovered(kind, item.facts)
    ]
    said = {issue.path for issue in item.issues if issue.severity is Severity.ERROR}
    issues = (*item.issues, *(issue for issue in found if issue.path not in said))
    refused = has_errors(issues) and not (kind.keeps_rest and made)
    resources = () if refused else tuple(made)
    return Outcome(person, time, resources, issues, quarantined=refused)


def _presentable(steps: Steps) -> Steps:
    """Steps with the names a sender could have meant as names; one that may hold a value is not
    repeated."""
    return tuple(
        step if isinstance(step, int) or _NAME.fullmatch(step) else "(a field)" for step in steps
    )


def _nobody_named(kind: Kind) -> Issue:
    return error(kind.named_at, "names-nobody", _NAMES_NOBODY)


def _nobody(item: Item, issue: Issue) -> Outcome:
    return Outcome(PersonClaim(None), "", (), (*item.issues, issue), quarantined=True)


def person_key(person: PersonClaim) -> str | None:
    """The key of the source's record of the person; None when nobody is named."""
    if person.local_id:
        return person.local_id
    return f"nhs-number:{person.nhs_numbers[0]}" if person.nhs_numbers else None


class _Making:
    """One item being mapped: the scopes of every target, then the resources."""

    def __init__(self, kind: Kind, item: Item, subject: str, prepared: Any = None) -> None:
        self.kind = kind
        self.show = kind.show
        self.subject = subject
        root = Scope(item.facts, Found((), item.facts), prepared=prepared)
        self.scopes: dict[str, _Scoped] = {
            target.title: [(scope, target.key_of(scope, subject)) for scope in target.scopes(root)]
            for target in kind.targets
        }
        self.types = {target.title: target.type for target in kind.targets}
        self.within: dict[tuple[str, int], dict[Steps, list[tuple[Found, str]]]] = {}

    def resources(self, issues: list[Issue]) -> list[Mapped]:
        """Every resource that could be made; problems are added to the issues."""
        made: list[Mapped] = []
        seen: set[tuple[str, str]] = set()
        refused: set[str] = set()
        for target in self.kind.targets:
            for scope, key in self.scopes[target.title]:
                if key is None:
                    issues.append(error(self._shown(scope.here), "no-key", _NO_KEY))
                elif (target.type, key) in seen:
                    issues.append(error(self._shown(scope.here), "duplicate-key", _TWICE))
                else:
                    seen.add((target.type, key))
                    found: list[Issue] = []
                    one = self._one(target, scope, key, found)
                    issues += found
                    if one is not None and not has_errors(found):
                        made.append(one)
                    else:
                        refused.add(local_reference(target.type, key))
        if not refused or not self.kind.keeps_rest:
            return made
        nobody = local_reference("Patient", self.subject) in refused
        return [] if nobody else without_refused(made, refused, issues)

    def _one(self, target: Target, scope: Scope, key: str, issues: list[Issue]) -> Mapped | None:
        resource: Resource = {"resourceType": target.type}
        lineage: list[Lineage] = []
        filling = Filling(self.show, self._references, issues, resource, lineage)
        try:
            for row in target.rows:
                filling.row(row, scope)
            self._subject(target, resource, lineage)
            cleared = _cleared_parts(target, resource)
            resource, lineage = without_hollow(resource, lineage, target.fold)
            for name, parts in cleared.items():
                resource[name] = {**(resource.get(name) or {}), **parts}
            resource["meta"] = _meta(target, scope, resource)
        except FAULTS:
            issues.append(error(self._shown(scope.here), "wrong-type", UNREADABLE))
        if has_errors(issues):
            return None
        defaulted = tuple(Lineage(n, "", target.default_rule(n)) for n in target.defaults)
        if target.fold is Fold.REPLACE:
            lineage += [line for line in defaulted if line.path not in resource]
            resource = fresh(dict(target.defaults)) | resource
        made = Mapped(
            target.type,
            key,
            resource,
            tuple(lineage),
            target.fold,
            target.adds,
            fresh(dict(target.defaults)),
            defaulted,
        )
        for problem in validate(made.alone()):
            where = _source_of(problem.path.partition(".")[2], lineage) or self._shown(scope.here)
            text = f"{problem.path}: {problem.text}"
            issues.append(error(where or problem.path, "not-fhir", text))
        return made

    def _subject(self, target: Target, resource: dict[str, Any], lineage: list[Lineage]) -> None:
        element = SUBJECT_ELEMENT.get(target.type, "subject")
        if element and element not in resource:
            resource[element] = {"reference": local_reference("Patient", self.subject)}
            lineage.append(Lineage(element, "", f"{self.kind.name}.subject"))

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
        return self.show(found.steps)


def _source_of(element: str, lineage: list[Lineage]) -> str:
    """The source of an element, else of the first within it, else of the nearest round it."""
    sources = {line.path: line.source for line in reversed(lineage) if line.source}
    if element and element not in sources:
        within = (f"{element}.", f"{element}[")
        inner = [line for line in lineage if line.source and line.path.startswith(within)]
        if inner:
            return min(inner, key=lambda line: _depth(line.path)).source
    while element:
        if element in sources:
            return sources[element]
        element = element[: max(element.rfind("."), element.rfind("["), 0)]
    return ""


def _depth(path: str) -> int:
    return path.count(".") + path.count("[")


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


def _meta(target: Target, scope: Scope, resource: dict[str, Any]) -> dict[str, Any]:
    """The labels, after whatever else of `meta` a row has put there (a tag, a profile)."""
    made = resource.get("meta")
    return (made if isinstance(made, dict) else {}) | {
        "security": _security(target, scope, resource)
    }


def _security(target: Target, scope: Scope, resource: dict[str, Any]) -> list[dict[str, str]]:
    category = target.category(scope) if callable(target.category) else target.category
    extra = list(target.labels(scope)) if target.labels else []
    extra += content_labels.of_content(resource)
    level = content_labels.highest([target.confidentiality, *content_labels.levels(extra)])
    others = [coding for coding in extra if not content_labels.is_level(coding)]
    unique = {(coding["system"], coding["code"]): coding for coding in others}
    return [confidentiality_coding(level), category_coding(category), *unique.values()]


_NAME: Final = re.compile(r"(?!.*\d{6})[A-Za-z_][\w .()/:-]{0,59}|\d{1,4}", re.ASCII)
_NO_KEY: Final = "has no identifier of its own, and nothing it could be keyed by"
_TWICE: Final = "stands twice in this item under one identifier"
_NAMES_NOBODY: Final = (
    "names nobody: send the person's local identifier or NHS number here, and push again"
)
_UNREADABLE_ITEM: Final = "the item is not built as its kind is; it cannot be read"
