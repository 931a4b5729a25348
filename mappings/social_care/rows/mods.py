"""A digital social care record's plan (MODS-shaped FHIR R4): the rows a care provider signs off.

In      The resources of one bundle, by type (message/mods.py).
Out     Patient, CarePlan, Goal, Condition, Flag and Task with the elements listed here; an
        extension, and a reference to what is not in the bundle, is left out and reported.
Rule    A bundle states its plans whole: what an older one named and it does not is withdrawn,
        unless it refers to something that is not in it.
Errors  a resource with a status or intent that is not FHIR R4's is refused alone, a plan with the
        whole bundle; `planned` is read as plan.
Source  MODS (DAPB4102), draft FHIR R4 implementation guide; FHIR R4.
"""

from typing import Final

from mappings.core.model.rows import Kind, Row, Target
from mappings.core.shaping import elements
from mappings.social_care.codes import mods as codes
from mappings.social_care.message import mods
from mappings.social_care.rows import mods_references as references
from mappings.social_care.rows import mods_shaping as shaping
from mappings.social_care.rows import mods_soundness as soundness
from mappings.terms.access import Category


def _as_sent(*names: str) -> tuple[Row, ...]:
    """Single elements that are taken as they are."""
    return tuple(Row(f"mods.{name}", name, name, fn=shaping.plain) for name in names)


def _lists(*names: str) -> tuple[Row, ...]:
    """Repeating elements that are taken as they are."""
    return tuple(Row(f"mods.{name}", f"{name}[+]", f"{name}[]", fn=shaping.plain) for name in names)


def _refers(owner: str, element: str, kind: str) -> Row:
    return Row(
        f"mods.{element}",
        f"{element}[+]" if "." not in element else f"{element.replace('.', '[+].')}",
        gather=references.RefersTo(element, kind),
        reads=(f"{owner}[].{element.replace('.', '[].')}",),
        fn=references.reference(kind),
    )


_ID: Final = Row("mods.id", "identifier[0]", "id", fn=elements.local_id)

_PATIENT: Final = Target(
    "Patient",
    each="Patient[]",
    when=references.is_sound,
    category=Category.DEMOGRAPHICS,
    labels=shaping.own_labels,
    rows=(
        Row("mods.person", "identifier[+]", "identifier[]", fn=shaping.identifier),
        Row("mods.gender", "gender", "gender", table=codes.GENDER),
        *_lists("name", "telecom", "address", "communication"),
        *_as_sent("birthDate"),
    ),
)

_PLAN: Final = Target(
    "CarePlan",
    each="CarePlan[]",
    when=references.is_sound,
    key=("id",),
    category=Category.SUPPORT_PLAN,
    labels=shaping.labels,
    rows=(
        _ID,
        Row("mods.status", "status", "status", table=codes.PLAN_STATUS, must=True),
        Row("mods.intent", "intent", "intent", table=codes.PLAN_INTENT, must=True),
        *_lists("category", "note"),
        *_as_sent("title", "description", "period", "created"),
        Row("mods.author", "author", "author", fn=shaping.named),
        _refers("CarePlan", "addresses", "Condition"),
        _refers("CarePlan", "goal", "Goal"),
        _refers("CarePlan", "partOf", "CarePlan"),
        _refers("CarePlan", "activity.reference", "Task"),
        Row("mods.activity", "activity[+].detail", "activity[].detail", fn=shaping.plain),
    ),
)

_GOAL: Final = Target(
    "Goal",
    each="Goal[]",
    when=references.is_sound,
    key=("id",),
    category=Category.SUPPORT_PLAN,
    labels=shaping.labels,
    rows=(
        _ID,
        Row(
            "mods.status", "lifecycleStatus", "lifecycleStatus", table=codes.GOAL_STATUS, must=True
        ),
        *_as_sent("description", "achievementStatus", "priority", "startDate", "statusDate"),
        *_lists("category", "target", "note"),
        _refers("Goal", "addresses", "Condition"),
    ),
)

_NEED: Final = Target(
    "Condition",
    each="Condition[]",
    when=references.is_sound,
    key=("id",),
    category=Category.SUPPORT_PLAN,
    labels=shaping.labels,
    rows=(
        _ID,
        *_as_sent("clinicalStatus", "verificationStatus", "code", "onsetDateTime", "recordedDate"),
        *_lists("category", "note"),
    ),
)

_ALERT: Final = Target(
    "Flag",
    each="Flag[]",
    when=references.is_sound,
    key=("id",),
    category=Category.SAFETY,
    labels=shaping.labels,
    rows=(
        _ID,
        Row("mods.status", "status", "status", table=codes.FLAG_STATUS, must=True),
        *_lists("category"),
        *_as_sent("code", "period"),
    ),
)

_TASK: Final = Target(
    "Task",
    each="Task[]",
    when=references.is_sound,
    key=("id",),
    category=Category.SUPPORT_PLAN,
    labels=shaping.labels,
    rows=(
        _ID,
        Row("mods.status", "status", "status", table=codes.TASK_STATUS, must=True),
        Row("mods.intent", "intent", "intent", table=codes.TASK_INTENT, must=True),
        *_as_sent("code", "description", "executionPeriod", "authoredOn"),
        *_lists("note"),
        Row("mods.owner", "owner", "owner", fn=shaping.named),
    ),
)

_TARGETS: Final = (_PATIENT, _PLAN, _GOAL, _NEED, _ALERT, _TASK)

_ASIDE: Final = {
    "resourceType": "says which type it is; read to sort the bundle",
    "meta": "versions and profiles of the sender's system; its security labels are taken up",
    "text": "the narrative repeats the elements",
    "contained": "taken as resources of their own",
    "modifierExtension": "refuses the resource; of a plan or its person, the bundle",
}
_OF_PLAN: Final = {
    "careTeam": "who is in a team is decided here, and never by a message",
    "supportingInfo": "refers to what is not mapped, which is reported where it stands",
    "identifier": "the id of the resource is its name here",
}

MODS: Final = Kind(
    name=mods.KIND,
    title="Plan of a digital social care record (MODS-shaped FHIR R4)",
    targets=_TARGETS,
    person=shaping.person,
    named_at="Patient[0].identifier",
    time=shaping.time,
    prepare=soundness.prepare,
    check=shaping.rules,
    is_fhir=True,
    keeps_rest=True,
    holders=soundness.HOLDERS,
    whole=references.plans,
    in_part=references.lacks_a_part,
    reads=("written", "same", "security", "Patient[].id"),
    ignored={
        **{f"{kind}[].{name}": why for kind in mods.TYPES for name, why in _ASIDE.items()},
        **{f"CarePlan[].{name}": why for name, why in _OF_PLAN.items()},
        **{
            f"{kind}[].{name}": "the bundle is about one person, who is in its Patient"
            for kind, name in (
                ("CarePlan", "subject"),
                ("Goal", "subject"),
                ("Condition", "subject"),
                ("Flag", "subject"),
                ("Task", "for"),
            )
        },
    },
)
