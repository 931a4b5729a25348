"""What an item states whole: a plan, a section, a person's List of a type.

In      An item with its kind and what was made of it.
Out     The keyed hash it stands in; keys of Lists by type; what stands in it.
Rule    A limit on who may see the record is ended by a word of its own, never by being left out:
        what leaves it out may have lost it, or never holds such.
Pure    Values in, values out.
"""

from collections.abc import Mapping
from typing import Any, Final

from consent.from_fhir import is_privacy_consent
from gateway.store.keyring.keys import KeyedHasher
from mappings.core.applying.apply import person_key
from mappings.core.model.outcome import Item, Outcome, has_errors
from mappings.core.model.rows import Kind, joined_key

IN_PART: Final = "~"
"""Before a container in an item's row: a part was refused, or lacks; it withdraws nothing."""


def container_id(
    hasher: KeyedHasher, patient_id: str, item: Item, kind: Kind, outcome: Outcome
) -> str:
    """Keyed hash of the thing of one source record that this item states whole; empty where it
    states parts."""
    whole = kind.whole(item.facts) if kind.whole else None
    if not whole:
        return ""
    container = hasher.lasting_hash("container", patient_id, item.kind, whole)
    lacks = kind.in_part is not None and kind.in_part(item.facts)
    return IN_PART + container if lacks or has_errors(outcome.issues) else container


def lists_of(kind: Kind | None, outcome: Outcome) -> dict[str, str]:
    """Resource type -> key of the List that states all of them for this person."""
    person = person_key(outcome.person) or ""
    lists = kind.lists if kind else {}
    return {of: joined_key(person, name) for of, name in lists.items()}


def may_be_left_out(resource: Mapping[str, Any]) -> bool:
    """Whether it is gone where a newer whole statement does not name it: the Patient never is, nor
    a Consent about who may see the record."""
    kind = resource["resourceType"]
    return kind != "Patient" and not (kind == "Consent" and is_privacy_consent(resource))
