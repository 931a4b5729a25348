"""Apply a kind's rows to one item: resources, lineage for every element, issues by path.

In      An Item (facts in the provider's own words) and its Kind.
Out     Outcome: resources without ids (references local), lineage, issues; or quarantined.
Errors  None raised: what cannot be mapped is an issue at the source's own path, without values.
Rule    Nothing is dropped in silence: a field no row reads and no reason covers is an issue. A
        named function that meets a value of another kind than it was written for fails alone:
        its row, else its resource, is an issue at that path (`finding.FAULTS`).
Pure    The same item always gives the same outcome.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from mappings.core.applying.coverage import uncovered
from mappings.core.applying.finding import FAULTS
from mappings.core.applying.making import Making
from mappings.core.model.outcome import (
    Issue,
    Item,
    Mapped,
    Outcome,
    PersonClaim,
    Severity,
    UnreadableValueError,
    error,
    has_errors,
    warning,
)
from mappings.core.model.paths import presentable
from mappings.core.model.rows import Kind
from mappings.core.shaping.person_said import called


def parts_of(kinds: Mapping[str, Kind], item: Item) -> Iterable[Item]:
    """The items that one read item really is: itself alone, unless its kind says otherwise."""
    kind = kinds.get(item.kind)
    return kind.parts(item) if kind and kind.parts else (item,)


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
        made = Making(kind, item, key, prepared).resources(found)
    except FAULTS:
        found.append(error("", "wrong-type", _UNREADABLE_ITEM))
    found += [
        warning(
            kind.show(presentable(steps)),
            "unknown-field",
            "not mapped; kept with the delivery",
        )
        for steps in uncovered(kind, item.facts)
    ]
    said = {issue.path for issue in item.issues if issue.severity is Severity.ERROR}
    found = [one for one in found if one.path not in said and not _follows(one, said)]
    issues = (*item.issues, *_told_once(found))
    refused = has_errors(issues) and not (kind.keeps_rest and made)
    resources = () if refused else tuple(made)
    merges = tuple(kind.merges(item.facts)) if kind.merges and not refused else ()
    claim = replace(called(person, key, resources), nameless=kind.is_nameless)
    return Outcome(claim, time, resources, issues, refused, merges)


def _follows(issue: Issue, said: set[str]) -> bool:
    """Whether what came of an item is no FHIR because what was sent could not be read."""
    return bool(said) and issue.code == "not-fhir"


def _told_once(found: Sequence[Issue]) -> Iterator[Issue]:
    """Several rows may read one field: what is wrong with it is told once, and not warned of."""
    wrong = {(one.path, one.code): one for one in reversed(found) if one.severity is Severity.ERROR}
    for one in found:
        first = wrong.get((one.path, one.code), one)
        if first is one or (one.severity is Severity.ERROR and one != first):
            yield one


def _nobody_named(kind: Kind) -> Issue:
    return error(kind.named_at, "names-nobody", _NAMES_NOBODY)


def _nobody(item: Item, issue: Issue) -> Outcome:
    return Outcome(PersonClaim(None), "", (), (*item.issues, issue), quarantined=True)


def person_key(person: PersonClaim) -> str | None:
    """The key of the source's record of the person; None when nobody is named."""
    if person.local_id:
        return person.local_id
    return f"nhs-number:{person.nhs_numbers[0]}" if person.nhs_numbers else None


_NAMES_NOBODY: Final = (
    "names nobody: send the person's local identifier or NHS number here, and push again"
)
_UNREADABLE_ITEM: Final = "the item is not built as its kind is; it cannot be read"
