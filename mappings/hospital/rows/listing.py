"""The lists an admission message states whole: allergies (AL1) and next of kin (NK1).

In      ADT messages: AL1, NK1 (0..n).
Out     A List of the allergies, and one of the contacts, where the message has the segments.
Rule    HL7 v2 sends such segments as snapshots: what an older message named, and this one does not,
        is withdrawn. A message without the segments says nothing of the list. An allergy that
        names no substance makes the list incomplete, and nothing is withdrawn by it; one that is
        `""` empties it.
Source  HL7 UK A.3; HL7 v2 chapter 2, snapshot mode.
"""

from typing import Any, Final

from mappings.core.model.paths import Scope
from mappings.core.model.rows import Row, Target, joined_key
from mappings.hospital.rows import sensitivity
from mappings.hospital.rows.allergy import is_allergy
from mappings.hospital.rows.contacts import may_be_named
from mappings.hospital.rows.sensitivity import CLEARED
from mappings.hospital.rows.whole import every, person_id
from mappings.terms.access import Category

LISTS: Final = {"AllergyIntolerance": "allergies", "RelatedPerson": "contacts"}
"""Resource type -> the list of it (`Kind.lists`)."""


def allergies_key(scope: Scope) -> str:
    """The person's list of allergies."""
    return joined_key(person_id(scope), LISTS["AllergyIntolerance"])


def contacts_key(scope: Scope) -> str:
    """The person's list of contacts."""
    return joined_key(person_id(scope), LISTS["RelatedPerson"])


def names_allergies(scope: Scope) -> bool:
    """Whether AL1 stands, and each names a substance or empties the list."""
    found = list(every(scope, "AL1"))
    return bool(found) and all(
        is_allergy(scope.inside(one)) or one.value.get("3") == CLEARED for one in found
    )


def names_contacts(scope: Scope) -> bool:
    """Whether NK1 stands, and the message may speak of who is near the person."""
    return any(True for _ in every(scope, "NK1")) and may_be_named(scope)


def _common(name: str, title: str, why: str) -> tuple[Row, ...]:
    shown: dict[str, Any] = {"text": title}
    return (
        Row(f"{name}.status", "status", value="current", why=why),
        Row(f"{name}.mode", "mode", value="working", why="kept up to date by the hospital"),
        Row(f"{name}.title", "title", value=title, why="the source names no list"),
        Row(f"{name}.code", "code", value=shown, why="what the list is of"),
    )


ALLERGIES: Final = Target(
    "List",
    name="allergies",
    when=names_allergies,
    key=allergies_key,
    category=Category.SAFETY,
    reads=("AL1[].3",),
    rows=(
        *_common("allergies", "Allergies", "AL1 is the list of present allergies"),
        Row("allergies.each", "entry[+].item", refers_to="allergy"),
    ),
)

CONTACTS: Final = Target(
    "List",
    name="contacts",
    when=names_contacts,
    key=contacts_key,
    category=Category.CONTACTS,
    labels=sensitivity.of_hidden_person,
    reads=("ZU8[].4",),
    rows=(
        *_common("contacts", "Next of kin and contacts", "NK1 is the list of present contacts"),
        Row("contacts.each", "entry[+].item", refers_to="RelatedPerson"),
    ),
)
