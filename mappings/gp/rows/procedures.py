"""What was done, where a GP system sends it as such: STU3 Procedure to R4.

Rule    GP Connect codes what was done as an Observation; a Procedure comes from other systems. One
        that was not done says so in its status, whatever status STU3 has beside it.
Source  FHIR STU3 and R4 Procedure.
"""

from collections.abc import Iterator
from typing import Any, Final

from mappings.core.model import dates
from mappings.core.model.paths import Found, Scope
from mappings.core.model.rows import Row, Target
from mappings.gp.codes import states
from mappings.gp.rows import degraded, shaping
from mappings.gp.rows.looking_up import (
    PERFORMERS,
    assembled,
    is_sound,
    key,
    labels,
    linked,
)
from mappings.terms.access import Category

_ROOT: Final = "Procedure[]"
_PLACE: Final = frozenset({"Location"})
_ORGANISATION: Final = frozenset({"Organization"})
_REASONS: Final = frozenset({"Condition", "Observation", "DiagnosticReport", "DocumentReference"})
_DONE_FOR: Final = frozenset({"CarePlan", "ServiceRequest"})
_PART_OF: Final = frozenset({"Procedure", "Observation"})


def status(word: Any, not_done: Any) -> str:
    """STU3's code; R4 says in it that nothing was done."""
    return "not-done" if not_done and word != "entered-in-error" else str(word)


def done_by(scope: Scope) -> Iterator[Found]:
    """Those who did it, each with their part in it."""
    record = assembled(scope).record
    for position, one in enumerate(scope.element.get("performer") or ()):
        steps = (*scope.here.steps, "performer", position)
        made = record.resolve(one.get("actor"), PERFORMERS)
        if not isinstance(made, dict):
            yield Found((*steps, "actor"), made)
            continue
        role = shaping.concept(one["role"]) if one.get("role") else None
        behalf = record.resolve(one.get("onBehalfOf"), _ORGANISATION)
        more = {"onBehalfOf": behalf} if isinstance(behalf, dict) else {}
        yield Found(steps, ({"function": role} if role else {}) | {"actor": made} | more)


def _linked(path: str, to: str, allowed: frozenset[str], name: str) -> Row:
    reads = (f"{_ROOT}.{path.removesuffix('[]')}",)
    return Row(name, to, gather=linked(path, allowed), reads=reads, fn=shaping.kept)


PROCEDURES: Final = Target(
    "Procedure",
    each=_ROOT,
    when=is_sound,
    key=key,
    category=Category.OBSERVATIONS,
    labels=labels,
    reads=(f"{_ROOT}.meta.security", f"{_ROOT}.extension"),
    rows=(
        degraded.row("procedure", _ROOT),
        Row("procedure.identifier", "identifier[+]", "identifier[]", fn=shaping.identifier),
        Row("procedure.status", "status", ("status", "notDone"), fn=status,
            table=states.PROCEDURE_STATUS, must=True),
        Row("procedure.not", "statusReason", "notDoneReason", fn=shaping.concept),
        Row("procedure.kind", "category", "category", fn=shaping.concept),
        Row("procedure.what", "code", "code", fn=shaping.concept),
        _linked("basedOn[]", "basedOn[+]", _DONE_FOR, "procedure.based"),
        _linked("partOf[]", "partOf[+]", _PART_OF, "procedure.part"),
        _linked("context", "encounter", frozenset({"Encounter"}), "procedure.encounter"),
        Row("procedure.on", "performedDateTime", "performedDateTime", fn=dates.fhir_date_time),
        Row("procedure.during", "performedPeriod", "performedPeriod", fn=shaping.period),
        Row("procedure.by", "performer[+]", gather=done_by, reads=(f"{_ROOT}.performer",),
            fn=shaping.kept),
        _linked("location", "location", _PLACE, "procedure.where"),
        Row("procedure.reason", "reasonCode[+]", "reasonCode[]", fn=shaping.concept),
        _linked("reasonReference[]", "reasonReference[+]", _REASONS, "procedure.because"),
        Row("procedure.site", "bodySite[+]", "bodySite[]", fn=shaping.concept),
        Row("procedure.outcome", "outcome", "outcome", fn=shaping.concept),
        _linked("report[]", "report[+]", frozenset({"DiagnosticReport", "DocumentReference"}),
            "procedure.report"),
        Row("procedure.harm", "complication[+]", "complication[]", fn=shaping.concept),
        _linked("complicationDetail[]", "complicationDetail[+]", frozenset({"Condition"}),
            "procedure.harm_told"),
        Row("procedure.after", "followUp[+]", "followUp[]", fn=shaping.concept),
        Row("procedure.used", "usedCode[+]", "usedCode[]", fn=shaping.concept),
        Row("procedure.note", "note[+]", "note[]", fn=shaping.annotation),
    ),
)  # fmt: skip
