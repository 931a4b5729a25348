"""Referrals: RF1, PRD and DG1 to ServiceRequest.

In      REF I12 to I14: RF1 (one), PRD (0..n), DG1, with the results sent along.
Out     A ServiceRequest. The results become reports as in report.py.
Rule    A referral is named by the person and RF1-6, else RF1-11. I14 revokes it. RF1 is optional
        in the standard: without it, an I12 that names whom the person is referred to is a referral
        known by that and its day; one that does not is a letter, and is refused whole.
Source  HL7 v2 chapter 11; there is no published map of REF_I12.
"""

from collections.abc import Iterator
from typing import Any, Final

from mappings.core.model.codes import decides_by
from mappings.core.model.outcome import Fold, Issue, error, warning
from mappings.core.model.paths import Found, Scope
from mappings.core.model.rows import Row, Target, joined_key
from mappings.hospital.codes import meetings as codes
from mappings.hospital.message import times
from mappings.hospital.message.fields import component, entity_id, first
from mappings.hospital.message.reader import show
from mappings.hospital.rows import identity, sensitivity, types
from mappings.hospital.rows.diagnosis import described
from mappings.hospital.rows.keys import instance
from mappings.hospital.rows.visit import first_said
from mappings.hospital.rows.whole import every, person_id
from mappings.terms import saying
from mappings.terms.access import Category


def trigger(scope: Scope) -> str:
    """I12 to I14."""
    return component(identity.segment(scope.facts, "MSH").get("9"), 2).upper()


def referral_key(scope: Scope) -> str:
    """The person and RF1-6, else RF1-11; without both, what it is for and when."""
    own = "6" if entity_id(scope.element.get("6")) else "11"
    return joined_key(person_id(scope), "referral", instance(scope.element, own, "3", "7", "9"))


def other_number(external: str | None, own: str | None) -> dict[str, Any] | None:
    """RF1-11, where it says more than RF1-6: many systems send one number in both."""
    first, made = types.entity(own or "") or {}, types.entity(external or "")
    return None if made is None or first | made == first else made


def state(scope: Scope) -> Iterator[Found]:
    """I14 cancels; RF1-25 D deletes; else RF1-1."""
    steps, entry = scope.here.steps, scope.element
    if trigger(scope) == "I14":
        yield Found((), "trigger I14")
    elif (first(entry.get("25")) or "").upper() == "D":
        yield Found((*steps, "25"), "action D")
    elif said := first(entry.get("1")):
        yield Found((*steps, "1"), said)


def reasons(scope: Scope) -> Iterator[Found]:
    """RF1-10, then the diagnoses of the message (DG1)."""
    if made := types.concept(scope.element.get("10") or ""):
        yield Found((*scope.here.steps, "10"), made)
    yield from diagnoses(scope)


def diagnoses(scope: Scope) -> Iterator[Found]:
    """DG1, each as a reason."""
    for found in every(scope, "DG1"):
        if told := described(found.value.get("3"), found.value.get("4")):
            yield Found((*found.steps, "3" if found.value.get("3") else "4"), told)


def notes(scope: Scope) -> Iterator[Found]:
    """RF1-14 (reason in words) and 24 (comment), then the notes of the message."""
    for field in ("14", "24"):
        if made := types.note(scope.element.get(field) or ""):
            yield Found((*scope.here.steps, field), made)
    yield from notes_of_message(scope)


def notes_of_message(scope: Scope) -> Iterator[Found]:
    """The notes of the message."""
    for index, entry in enumerate(scope.facts.get("NTE", ())):
        if made := types.note(entry.get("3") or ""):
            yield Found(("NTE", index, "3"), made)


def referring(scope: Scope) -> Iterator[Found]:
    """Who refers."""
    return _providers(scope, codes.REFERRING)


@decides_by(saying.SERVICE.rules)
def service(category: str | None, kind: str | None) -> dict[str, Any] | None:
    """The kind of service (RF1-5, else RF1-3) in the words every sector shares, where known."""
    words = (component(field, number) for field in (category, kind) if field for number in (2, 1))
    return saying.SERVICE(*words)


def referred_to(scope: Scope) -> Iterator[Found]:
    """Whom the person is referred to."""
    return _providers(scope, codes.REFERRED_TO)


def _role(found: Found) -> str:
    return (first(found.value.get("1")) or "").upper()


def _providers(scope: Scope, roles: frozenset[str]) -> Iterator[Found]:
    for found in every(scope, "PRD"):
        made = provider(found.value)
        if _role(found) in roles and made:
            yield Found((*found.steps, "2" if found.value.get("2") else "10"), made)


def provider(entry: dict[str, Any]) -> dict[str, Any] | None:
    """Who a PRD names: a person by number or name (2, 7), at an organisation (10)."""
    name, number = entry.get("2"), component(entry.get("7"), 1)
    parts = (number, component(name, 1), component(name, 2), "", "", component(name, 5))
    made = types.practitioner("^".join(parts)) if any(parts) else None
    place = types.practice(entry.get("10") or "")
    if made is None:
        return place
    shown = ", ".join(one["display"] for one in (made, place) if one and "display" in one)
    return made | ({"display": shown} if shown else {})


def unnumbered(scope: Scope) -> Iterator[Found]:
    """The message itself, where it is an I12 without RF1 that says to whom the person goes."""
    is_numbered = trigger(scope) != "I12" or any(every(scope, "RF1"))
    if not is_numbered and any(referred_to(scope)):
        yield scope.here


def unnumbered_key(scope: Scope) -> str:
    """The person, whom they are referred to, and the day of the message."""
    day = component(identity.segment(scope.facts, "MSH").get("7"), 1)[:8]
    told = sorted(
        instance(found.value, "7", "2", "10")
        for found in every(scope, "PRD")
        if _role(found) in codes.REFERRED_TO
    )
    return joined_key(person_id(scope), "referral", day, *told)


FIELDS: Final = (*("1", "2", "3", "5", "6", "7", "8", "9", "10", "11", "14", "24", "25"),)

REFERRAL: Final = Target(
    "ServiceRequest",
    name="referral",
    each="RF1[]",
    key=referral_key,
    category=Category.REFERRALS,
    fold=Fold.MERGE,
    labels=sensitivity.of_visit,
    reads=(
        *(f"RF1[].{field}" for field in FIELDS),
        *(f"PRD[].{field}" for field in ("1", "2", "7", "10")),
        *("DG1[].3", "DG1[].4", "NTE[].3", "MSH[].9", "PV1[].16"),
    ),
    defaults={"status": "active"},
    rows=(
        Row("referral.number", "identifier[+]", "6", fn=types.entity),
        Row("referral.external", "identifier[+]", ("11", "6"), fn=other_number),
        Row("referral.state", "status", gather=state, table=codes.REFERRAL_STATE),
        Row("referral.intent", "intent", value="order", why="it is asked for"),
        Row("referral.kind", "category[0]", "5", fn=types.words_of_code),
        Row("referral.service", "category[+]", ("5", "3"), fn=service),
        Row("referral.priority", "priority", "2", fn=first, table=codes.REFERRAL_PRIORITY),
        Row("referral.what", "code", "3", fn=types.concept),
        Row("referral.from", "occurrencePeriod.start", "7", fn=times.when),
        Row("referral.until", "occurrencePeriod.end", "8", fn=times.when),
        Row("referral.authored", "authoredOn", ("9", "7"), fn=first_said),
        Row("referral.by", "requester", gather=referring),
        Row("referral.to", "performer[+]", gather=referred_to),
        Row("referral.reason", "reasonCode[+]", gather=reasons),
        Row("referral.note", "note[+]", gather=notes),
    ),
)


UNNUMBERED: Final = Target(
    "ServiceRequest",
    name="referral without RF1",
    each=unnumbered,
    key=unnumbered_key,
    category=Category.REFERRALS,
    fold=Fold.MERGE,
    labels=sensitivity.of_visit,
    reads=(
        *(f"PRD[].{field}" for field in ("1", "2", "7", "10")),
        *("DG1[].3", "DG1[].4", "NTE[].3", "MSH[].7", "MSH[].9", "PV1[].16"),
    ),
    rows=(
        Row("unnumbered.state", "status", value="active", why="the message asks for it"),
        Row("unnumbered.intent", "intent", value="order", why="it is asked for"),
        Row("unnumbered.authored", "authoredOn", "/MSH[].7", fn=times.when),
        Row("unnumbered.by", "requester", gather=referring),
        Row("unnumbered.to", "performer[+]", gather=referred_to),
        Row("unnumbered.reason", "reasonCode[+]", gather=diagnoses),
        Row("unnumbered.note", "note[+]", gather=notes_of_message),
    ),
)


def doubts(scope: Scope) -> Iterator[Issue]:
    """No RF1; somebody in a role that is not mapped."""
    if next(every(scope, "RF1"), None) is None:
        yield _without_rf1(scope)
    for found in every(scope, "RF1"):
        if (first(found.value.get("25")) or "A").upper() not in codes.ACTIONS:
            text = "this action is not in table 0206; taken as an update"
            yield warning(show((*found.steps, "25")), "unmapped-code", text)
    for found in every(scope, "PRD"):
        if _role(found) not in codes.REFERRING | codes.REFERRED_TO:
            text = "only who refers and who is referred to are mapped; kept with the delivery"
            yield warning(show((*found.steps, "1")), "not-mapped", text)


def _without_rf1(scope: Scope) -> Issue:
    if trigger(scope) != "I12":
        return error("RF1", "missing", "no RF1 segment: nothing says which referral; send it")
    if any(unnumbered(scope)):
        return warning("RF1", "no-key", _UNNUMBERED)
    return error("RF1", "missing", _LETTER)


_LETTER: Final = (
    "neither what is referred (RF1) nor to whom (PRD, RT) is sent; send that, or a letter as MDM "
    "or ORU"
)
_UNNUMBERED: Final = (
    "no RF1 segment: the referral is known by whom it is to and its day, and cannot be changed or "
    "cancelled later; send RF1 with a number"
)
