"""Appointments: SCH, TQ1, AIS, AIP and AIL to Appointment.

In      SIU S12 to S17 and S26.
Out     An Appointment.
Rule    An appointment is named by the person and SCH-2, else SCH-1. The trigger says how it
        stands where it cancels, deletes or tells of a missed one; else SCH-25, by the sender's
        profile or HL7's table; else it is booked, with a word of no table beside it.
        FHIR needs an end: where none is sent it is the start and the duration, and where no
        duration is sent either, the start, with a warning. Times that were sent hold against a
        longer duration.
Source  v2-to-FHIR guide (SIU_S12); HL7 v2 chapter 10.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

from mappings.core.model import dates
from mappings.core.model.codes import folded
from mappings.core.model.outcome import Fold, Issue, UnreadableValueError, error, warning
from mappings.core.model.paths import Found, Scope
from mappings.core.model.rows import Row, Target, joined_key, local_reference
from mappings.hospital.codes import meetings as codes
from mappings.hospital.codes.visit import PARTICIPATION
from mappings.hospital.message.fields import component, entity_id, first, wording, words
from mappings.hospital.message.reader import show
from mappings.hospital.rows import identity, sensitivity, types
from mappings.hospital.rows.embedded import moment
from mappings.hospital.rows.keys import instance
from mappings.hospital.rows.whole import every, person_id, whole
from mappings.terms.access import Category

_STARTS: Final = (
    ("TQ1", "7", 1),
    ("AIS", "4", 1),
    ("SCH", "11", 4),
    ("AIL", "6", 1),
    ("AIP", "6", 1),
)
_ENDS: Final = (("TQ1", "8", 1), ("SCH", "11", 5))
_LASTING: Final = (("AIS", "7", "8"), ("SCH", "9", "10"), ("AIL", "9", "10"), ("AIP", "9", "10"))
_TIMELESS: Final = frozenset({"proposed", "cancelled", "waitlist"})
_CALLED_OFF: Final = frozenset({"cancelled", "noshow"})


def trigger(scope: Scope) -> str:
    """S12 to S26."""
    return component(identity.segment(scope.facts, "MSH").get("9"), 2).upper()


def appointment_key(scope: Scope) -> str:
    """The person and SCH-2, else SCH-1; without both, the reason and the time."""
    own = "2" if entity_id(scope.element.get("2")) else "1"
    number = instance(scope.element, own, "7", "8", "11")
    return joined_key(person_id(scope), "appointment", number)


def state(scope: Scope) -> Iterator[Found]:
    """The trigger, where it is decisive; else SCH-25, where it is known; else the trigger."""
    said = _said(scope)
    if said and trigger(scope) not in codes.DECISIVE and codes.APPOINTMENT_STATE.find(said):
        yield Found((*scope.here.steps, "25"), said)
    else:
        yield Found((), f"trigger {trigger(scope)}")


def _said(scope: Scope) -> str:
    """SCH-25: a code of HL7's table, where the sender's profile says which one a word of theirs
    is."""
    field = scope.element.get("25")
    said = first(field) or component(field, 2)
    return whole(scope).profile.appointment_states.get(folded(said), said) if said else ""


def state_in_words(scope: Scope) -> Iterator[Found]:
    """SCH-25 in the sender's words, where it is of no table; deleted where it is."""
    place = (*scope.here.steps, "25")
    if not _is_of_no_table(scope):
        yield Found(place, sensitivity.CLEARED)
    else:
        said = wording(scope.element.get("25"), 2) or wording(scope.element.get("25"), 1)
        yield Found(place, f"How it stands, in the sender's words: {said}")


def _is_of_no_table(scope: Scope) -> bool:
    said = _said(scope)
    is_decided = trigger(scope) in codes.DECISIVE
    return bool(said) and not is_decided and not codes.APPOINTMENT_STATE.find(said)


def is_called_off(scope: Scope) -> bool:
    """Whether the appointment does not take place."""
    return any(codes.APPOINTMENT_STATE.find(f.value) in _CALLED_OFF for f in state(scope))


def is_without_time(scope: Scope) -> bool:
    """Whether FHIR takes the appointment without a start (app-3)."""
    return any(codes.APPOINTMENT_STATE.find(f.value) in _TIMELESS for f in state(scope))


def cancelled_for(scope: Scope) -> Iterator[Found]:
    """SCH-6, where the appointment does not take place; deleted where it does."""
    said = scope.element.get("6")
    if not is_called_off(scope):
        yield Found((*scope.here.steps, "6"), sensitivity.CLEARED)
    elif said:
        yield Found((*scope.here.steps, "6"), said)


def start(scope: Scope) -> Iterator[Found]:
    """The first time of TQ1-7, AIS-4, SCH-11, AIL-6 and AIP-6."""
    return _first_time(scope, _STARTS)


def end(scope: Scope) -> Iterator[Found]:
    """TQ1-8 or SCH-11 where it is after the start; else the start and the duration."""
    begun = next(start(scope), None)
    if begun is None:
        return
    last = next(_first_time(scope, _ENDS), None)
    if last is not None and dates.instant(last.value) > dates.instant(begun.value):
        yield last
        return
    lasting = next(duration(scope), None)
    if lasting is None:
        yield begun
        return
    at = dates.instant(begun.value) + timedelta(minutes=lasting.value)
    yield Found(lasting.steps, dates.fhir_date_time(at.isoformat()))


def duration(scope: Scope) -> Iterator[Found]:
    """Minutes, of the first of AIS-7, SCH-9, AIL-9 and AIP-9 that is a number in a known unit."""
    for name, amount, unit in _LASTING:
        for found in every(scope, name):
            said = component(found.value.get(amount), 1)
            each = codes.MINUTES.get(component(found.value.get(unit), 1).upper())
            if said.isdigit() and 0 < int(said) < 100_000 and each:
                yield Found((*found.steps, amount), int(said) * each)
                return


def whole_minutes(scope: Scope) -> Iterator[Found]:
    """The duration, where it is of whole minutes and fits between the times sent."""
    for found in duration(scope):
        fits = next(_overlong(scope), None) is None
        if fits and found.value >= 1 and float(found.value).is_integer():
            yield Found(found.steps, int(found.value))


def _overlong(scope: Scope) -> Iterator[Found]:
    """The duration, where it is longer than from the start to the end that were sent."""
    first, last = next(start(scope), None), next(end(scope), None)
    for found in duration(scope):
        if first and last:
            lasts = dates.instant(last.value) - dates.instant(first.value)
            if timedelta(minutes=found.value) > lasts:
                yield found


def can_be_shown(scope: Scope) -> bool:
    """Whether it has a start, or stands so that FHIR asks for none."""
    return any(True for _ in start(scope)) or is_without_time(scope)


def _first_time(scope: Scope, places: tuple[tuple[str, str, int], ...]) -> Iterator[Found]:
    for name, field, part in places:
        for found in every(scope, name):
            text = component(found.value.get(field), part)
            try:
                made = moment(text) if text else None
            except UnreadableValueError:
                continue
            if made:
                yield Found((*found.steps, field), made)
                return


def the_person(scope: Scope) -> Iterator[Found]:
    """The person."""
    actor = {"reference": local_reference("Patient", person_id(scope))}
    yield Found(("PID", 0, "3"), _participant("SBJ", "subject", actor))


def professionals(scope: Scope) -> Iterator[Found]:
    """AIP-3, each who sees the person; with what they are (AIP-4)."""
    for found in every(scope, "AIP"):
        actor = types.practitioner(found.value.get("3") or "")
        if actor:
            made = _participant("PPRF", "primary performer", actor)
            role = types.words_of_code(found.value.get("4") or "")
            yield Found(
                (*found.steps, "3"), made | {"type": [*made["type"], *([role] if role else [])]}
            )


def places(scope: Scope) -> Iterator[Found]:
    """AIL-3, where it takes place."""
    for found in every(scope, "AIL"):
        actor = types.place(found.value.get("3") or "")
        if actor:
            located = {"type": "Location", **actor}
            yield Found((*found.steps, "3"), _participant("LOC", "location", located))


def _participant(code: str, display: str, actor: dict[str, Any]) -> dict[str, Any]:
    coding = {"system": PARTICIPATION, "code": code, "display": display}
    return {"type": [{"coding": [coding]}], "actor": actor, "status": "accepted"}


def services(scope: Scope) -> Iterator[Found]:
    """AIS-3, what is done."""
    for found in every(scope, "AIS"):
        made = types.concept(found.value.get("3") or "")
        if made:
            yield Found((*found.steps, "3"), made)


def comment(scope: Scope) -> Iterator[Found]:
    """The notes of the appointment, then those of what is done, where and by whom."""
    told = []
    for found in every(scope, "NTE"):
        if found.steps[0] in _NOTED and (said := words(found.value.get("3"))):
            told.append(((*found.steps, "3"), said))
    told.sort(key=lambda note: _NOTED.index(note[0][0]))  # kept facts do not keep their order
    if told:
        yield Found(told[0][0], "\n".join(said for _, said in told))


_NOTED: Final = ("SCH", "AIS", "AIL", "AIP")
SCH_READ: Final = ("1", "2", "6", "7", "8", "9", "10", "11", "25")
AIS_READ: Final = ("3", "4", "7", "8", "NTE[].3")
AIP_READ: Final = ("3", "4", "6", "9", "10", "NTE[].3")
AIL_READ: Final = ("3", "6", "9", "10", "NTE[].3")

APPOINTMENT: Final = Target(
    "Appointment",
    name="appointment",
    each="SCH[]",
    when=can_be_shown,
    key=appointment_key,
    category=Category.ENCOUNTERS,
    fold=Fold.MERGE,
    labels=sensitivity.of_visit,
    reads=(
        *(f"SCH[].{field}" for field in (*SCH_READ, "TQ1[].7", "TQ1[].8", "NTE[].3")),
        *(f"AIS[].{field}" for field in AIS_READ),
        *(f"AIP[].{field}" for field in AIP_READ),
        *(f"AIL[].{field}" for field in AIL_READ),
        "MSH[].9",
        "PV1[].16",
    ),
    rows=(
        Row("appointment.placer", "identifier[+]", "1", fn=types.entity),
        Row("appointment.filler", "identifier[+]", "2", fn=types.entity),
        Row("appointment.state", "status", gather=state, table=codes.APPOINTMENT_STATE, must=True),
        Row("appointment.stands", "description", gather=state_in_words),
        Row("appointment.off", "cancelationReason", gather=cancelled_for, fn=types.concept),
        Row("appointment.what", "serviceType[+]", gather=services),
        Row("appointment.kind", "appointmentType", "8", fn=types.words_of_code),
        Row("appointment.reason", "reasonCode[0]", "7", fn=types.concept),
        Row("appointment.start", "start", gather=start),
        Row("appointment.end", "end", gather=end),
        Row("appointment.minutes", "minutesDuration", gather=whole_minutes),
        Row("appointment.comment", "comment", gather=comment),
        Row("appointment.person", "participant[+]", gather=the_person, must=True),
        Row("appointment.with", "participant[+]", gather=professionals),
        Row("appointment.at", "participant[+]", gather=places),
    ),
)


def doubts(scope: Scope) -> Iterator[Issue]:
    """No SCH; an appointment without a time; an end or a duration that is missing or not true."""
    held = next(every(scope, "SCH"), None)
    if held is None:
        yield error("SCH", "missing", "no SCH segment: nothing says which appointment; send it")
        return
    here = scope.inside(held)
    if _is_of_no_table(here):
        yield warning(show((*held.steps, "25")), "unmapped-code", _STANDS)
    begun = next(start(here), None)
    if begun is None and not is_without_time(here):
        text = "nothing says when it is: send its start here, or in TQ1-7 or AIS-4"
        yield error(show((*held.steps, "11")), "missing", text)
    ended = next(end(here), None)
    if ended is not None and ended == begun:
        text = "no end and no duration; shown as ending when it starts"
        yield warning(show((*held.steps, "9")), "no-end", text)
    for found in _overlong(here):
        text = "lasts longer than from its start to its end; the times hold, this is left out"
        yield warning(show(found.steps), "contradiction", text)


_STANDS: Final = (
    "this state is not in the table; taken as booked, as its trigger says, and shown in these"
    " words: what it means can be said in the sender's profile"
)
