"""Named functions of the MODS rows: who it is about, references within the bundle, elements as
they are.

In      Elements of FHIR R4 resources as sent; scopes of the item.
Out     FHIR elements without references to what is not here; issues.
Errors  UnreadableValueError, without the value.
"""

from collections.abc import Iterator
from typing import Any, Final

from mappings.core.model import dates, systems
from mappings.core.model.outcome import Facts, Issue, PersonClaim, warning
from mappings.core.model.paths import Scope, Steps, presented
from mappings.core.model.rows import confidentiality_coding
from mappings.core.shaping import elements
from mappings.core.shaping.identifiers import normalised
from mappings.core.shaping.person_said import deceased_of, protection_of, trace_of
from mappings.social_care.message.mods import TYPES, security
from mappings.social_care.rows.mods_references import Index, dangling, first_of, is_nhs


def person(facts: Facts) -> PersonClaim:
    """Whom the bundle is about: its Patient, else whom its plan's subject names."""
    patient = first_of(facts, "Patient")
    identifiers = patient.get("identifier") if patient else None
    if patient is None:
        subject = (first_of(facts, "CarePlan") or {}).get("subject")
        identifiers = [subject.get("identifier")] if isinstance(subject, dict) else []
    listed = [one for one in identifiers or () if isinstance(one, dict)]
    numbers = [normalised(str(one["value"])) for one in listed if is_nhs(one)]
    others = [str(one["value"]) for one in listed if not is_nhs(one) and one.get("value")]
    own = patient.get("id") if patient else None
    born = patient.get("birthDate") if patient else None
    return PersonClaim(
        local_id=next(iter(others), own if isinstance(own, str) else None),
        nhs_numbers=tuple(dict.fromkeys(numbers)),
        birth_date=born if isinstance(born, str) and len(born) == 10 else None,
        trace=trace_of(patient or {}),
        protection=protection_of(patient or {}),
        deceased=deceased_of(patient or {}),
    )


def time(facts: Facts) -> str:
    """When the bundle was written."""
    written = facts.get("written")
    return dates.ordering_time(written) if isinstance(written, str) else ""


def identifier(sent: Any) -> dict[str, Any] | None:
    """An identifier of the person; an NHS number only where it can be one."""
    if not isinstance(sent, dict) or not sent.get("value"):
        return None
    if sent.get("system") != systems.NHS_NUMBER:
        return {"system": systems.LOCAL_ID, "value": str(sent["value"])}
    return elements.nhs_number(sent["value"])


_REFERS: Final = frozenset({"reference", "id", "extension"})


def plain(element: Any) -> Any:
    """An element as it was sent, without references, ids and extensions inside it."""
    if isinstance(element, dict):
        made = {name: plain(child) for name, child in element.items() if name not in _REFERS}
        return {name: child for name, child in made.items() if child not in (None, {}, [])}
    if isinstance(element, list):
        return [child for child in map(plain, element) if child not in (None, {}, [])]
    return element


def named(reference: Any) -> dict[str, Any] | None:
    """Somebody, or an organisation, by the words beside the reference."""
    words = reference.get("display") if isinstance(reference, dict) else None
    return {"display": str(words)} if words else None


def labels(scope: Scope) -> list[dict[str, str]]:
    """The sender's own labels of the resource, and those of the bundle and of every plan in it."""
    plans = scope.facts.get("CarePlan")
    sent = [one for plan in (plans if isinstance(plans, list) else ()) for one in security(plan)]
    return own_labels(scope) + [made for one in sent for made in _label(one)]


def own_labels(scope: Scope) -> list[dict[str, str]]:
    """The sender's own labels of the resource, and those of the bundle."""
    sent = [*security(scope.element), *(scope.facts.get("security") or ())]
    return [made for one in sent for made in _label(one)]


def _label(sent: Any) -> list[dict[str, str]]:
    """A level or a sensitivity as it is; what nobody knows restricts, and is held."""
    coding = sent if isinstance(sent, dict) else {}
    system, code = coding.get("system"), coding.get("code")
    if system == systems.CONFIDENTIALITY and code in ("U", "L", "M", "N"):
        return []
    if system == systems.CONFIDENTIALITY:
        return [confidentiality_coding("R" if code == "R" else "V")]
    if system == systems.ACT_CODE and isinstance(code, str):
        return [confidentiality_coding("R"), {"system": systems.ACT_CODE, "code": code}]
    return [confidentiality_coding("R"), {"system": systems.HOLD, "code": "PENDING"}]


def rules(bundle: Index) -> Iterator[Issue]:
    """What was found unsound; references that lead somewhere; the intent that R4 does not have."""
    facts = bundle.facts
    if not time(facts):
        yield warning("", "no-time", "neither the bundle nor a resource says when it was written")
    yield from bundle.faults
    for steps, target in dangling(bundle):
        if steps[:2] in bundle.unsound:
            continue
        yield warning(
            presented(steps),
            "not-stored",
            f"no {target} of this bundle that can be taken; left out",
        )
    for kind in TYPES:
        yield from _left_out(facts.get(kind), (kind,))
    for number, one in enumerate(facts.get("CarePlan") or ()):
        if isinstance(one, dict) and one.get("intent") == "planned":
            yield warning(f"CarePlan[{number}].intent", "repaired", "no R4 code; read as `plan`")


_FOLLOWED: Final = frozenset(
    {"subject", "for", "addresses", "goal", "partOf", "careTeam", "supportingInfo", "meta"}
    | {"author", "owner", "contained"}
)
"""Elements whose references are followed, or whose being left out is said elsewhere."""


def _left_out(node: Any, steps: Steps) -> Iterator[Issue]:
    """Extensions and references within an element that is otherwise taken as it is."""
    if isinstance(node, list):
        for number, one in enumerate(node):
            yield from _left_out(one, (*steps, number))
    if not isinstance(node, dict):
        return
    if "extension" in node and len(steps) > _TOP:
        yield warning(_place(steps, "extension"), "not-stored", _AN_EXTENSION)
    if isinstance(node.get("reference"), str) and steps[-1] != "reference":
        yield warning(_place(steps, "reference"), "not-stored", _A_REFERENCE)
    for name, child in node.items():
        if len(steps) > _TOP or name not in _FOLLOWED:
            yield from _left_out(child, (*steps, name))


def _place(steps: Steps, name: str) -> str:
    return presented((*steps, name))


_TOP: Final = 2
"""Steps to a resource: its type, its number."""
_AN_EXTENSION: Final = "extensions are not mapped; kept with the delivery"
_A_REFERENCE: Final = "leads to what is not taken from here; the words beside it are kept"
