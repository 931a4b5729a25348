"""Who takes part: ROL and PRT, to the team and to the people of a visit.

In      ROL (role) and PRT (participation, HL7 2.7 and later), wherever they stand; PRB-11, GOL-10.
Out     CareTeam, one for each person and source; participants of an Encounter.
Rule    A role is one of the visit where it stands after PV1, else of the person. ROL-2 or PRT-2
        DE ends a role when it is told. The person whose record it is takes part in nothing here.
Source  HL7 v2 chapters 7 (PRT), 12 and 15 (ROL); v2-to-FHIR guide (ROL, PRT).
"""

from collections.abc import Iterator
from typing import Any, Final

from mappings.core.model.outcome import Fold
from mappings.core.model.paths import Found, Scope
from mappings.core.model.rows import Row, Target
from mappings.hospital.codes import care as codes
from mappings.hospital.message import times
from mappings.hospital.message.fields import first, repetitions
from mappings.hospital.rows import identity, sensitivity, types
from mappings.hospital.rows.keys import operation, team_key
from mappings.hospital.rows.whole import every
from mappings.terms.access import Category

_FIELDS: Final = {
    "ROL": {"action": "2", "role": "3", "who": "4", "start": "5", "end": "6"},
    "PRT": {"action": "2", "role": "4", "who": "5", "org": "8", "start": "11", "end": "12"},
}
READS: Final = tuple(
    f"{name}[].{field}" for name, fields in _FIELDS.items() for field in fields.values()
)


def roles(scope: Scope) -> Iterator[Found]:
    """Every role of the message, one for each person or organisation it names."""
    told = identity.segment(scope.facts, "MSH").get("7")
    for name, fields in _FIELDS.items():
        for found in every(scope, name):
            said = {part: found.value.get(field) for part, field in fields.items()}
            if (first(said["role"]) or "").upper() in codes.PERSON_ROLES:
                continue
            for who in _members(said):
                yield Found(found.steps, {"told": told, **said, "member": who})


def _members(said: dict[str, Any]) -> Iterator[dict[str, Any]]:
    people = [types.practitioner(text) for text in repetitions(said["who"])]
    if not any(people):
        people = [types.practice(text) for text in repetitions(said.get("org"))]
    return (who for who in people if who)


def member(said: dict[str, Any]) -> dict[str, Any]:
    """One who takes part: role, who, from when to when."""
    role = types.concept(said["role"] or "")
    made: dict[str, Any] = {"role": [role]} if role else {}
    made["member"] = said["member"]
    period = _period(said)
    return made | ({"period": period} if period else {})


def _period(said: dict[str, Any]) -> dict[str, str]:
    ended = operation({"1": said["action"]}) == "delete" and not said["end"]
    fields = {"start": said["start"], "end": said["told"] if ended else said["end"]}
    return {name: at for name, field in fields.items() if field and (at := times.when(field))}


def of_visit(scope: Scope) -> Iterator[Found]:
    """Participants of the visit: the people of roles that stand after PV1."""
    names = str(scope.facts.get("order", "")).split()
    before = names[: names.index("PV1")] if "PV1" in names else names
    for found in roles(scope):
        is_person = found.value["member"]["type"] == "Practitioner"
        at_root = len(found.steps) == 2
        if is_person and at_root and int(found.steps[1]) >= before.count(str(found.steps[0])):
            yield found


def participant(said: dict[str, Any]) -> dict[str, Any]:
    """One who takes part in a visit."""
    made = member(said)
    names = {"role": "type", "period": "period", "member": "individual"}
    return {names[name]: value for name, value in made.items()}


def disciplines(scope: Scope) -> Iterator[Found]:
    """PRB-11 and GOL-10: which discipline is responsible, whoever it is."""
    for name, field in (("PRB", "11"), ("GOL", "10")):
        for found in every(scope, name):
            roles_of = (types.concept(text) for text in repetitions(found.value.get(field)))
            yield from (Found((*found.steps, field), {"role": [role]}) for role in roles_of if role)


def has_team(scope: Scope) -> bool:
    """Whether anyone, or any discipline, is named as taking part."""
    return any(True for _ in (*roles(scope), *disciplines(scope)))


def team_labels(scope: Scope) -> list[dict[str, str]]:
    """Who cares for a problem tells of it: no less restricted than those problems."""
    told = [*every(scope, "ROL"), *every(scope, "PRT")]
    told += [one for one in every(scope, "PRB") if one.value.get("11")]
    told += [one for one in every(scope, "GOL") if one.value.get("10")]
    return sensitivity.of_groups(scope, told)


def team(problems: tuple[str, ...], goals: tuple[str, ...], pathways: tuple[str, ...]) -> Target:
    """The CareTeam of messages in which roles stand at the root and at some places more."""
    inside = tuple(f"{place}.{read}" for place in (*problems, *goals, *pathways) for read in READS)
    named = (*(f"{place}.11" for place in problems), *(f"{place}.10" for place in goals))
    return Target(
        "CareTeam",
        name="team",
        when=has_team,
        key=team_key,
        category=Category.TEAM,
        fold=Fold.MERGE,
        labels=team_labels,
        reads=(*READS, *inside, *named, *(f"{place}.25" for place in problems)),
        adds=("participant",),
        rows=(
            Row("team.name", "name", value="Hospital team", why="the source names no team"),
            Row("team.member", "participant[+]", gather=roles, fn=member),
            Row("team.discipline", "participant[+]", gather=disciplines),
        ),
    )
