"""Who is near the person: NK1 to RelatedPerson.

In      A message's NK1 (0..n), ZU8.
Out     A RelatedPerson for each next of kin, stated whole.
Rule    Where ZU8-4 hides the location, their details are deleted.
Source  HL7 UK A.3; v2-to-FHIR guide (NK1), without its US fields.
"""

from collections.abc import Iterator
from typing import Final

from mappings.core.model.paths import Found, Scope
from mappings.core.model.rows import Row, Target, joined_key
from mappings.hospital.codes import person as codes
from mappings.hospital.message import times
from mappings.hospital.message.fields import first, words
from mappings.hospital.rows import sensitivity, types
from mappings.hospital.rows.sensitivity import CLEARED
from mappings.hospital.rows.whole import person_id
from mappings.terms.access import Category


def contact_key(scope: Scope) -> str:
    """The person and the set id of the contact; its position where they do not tell each from
    the others: many systems number every NK1 1."""
    numbers = [first(entry.get("1")) for entry in scope.facts.get("NK1", ())]
    position = int(scope.here.steps[-1])
    told = all(numbers) and len(set(numbers)) == len(numbers)
    number = numbers[position] if told else str(position + 1)
    return joined_key(person_id(scope), "contact", str(number))


def may_be_named(scope: Scope) -> bool:
    """Whether the message may speak of who is near the person."""
    return sensitivity.is_location_said(scope.facts)


def is_contact(scope: Scope) -> bool:
    """Whether the segment says anything of anybody: `NK1|1|""` says that there is nobody."""
    said = (value for field, value in scope.element.items() if field != "1")
    return may_be_named(scope) and any(words(value) for value in said)


def contact_address(scope: Scope) -> Iterator[Found]:
    """NK1-4, unless the location is hidden."""
    return sensitivity.unless_hidden(scope, "4")


def contact_name(scope: Scope) -> Iterator[Found]:
    """NK1-2, unless the location is hidden."""
    return sensitivity.unless_hidden(scope, "2")


def contact_telephones(scope: Scope) -> Iterator[Found]:
    """NK1-5 and 6 together, unless the location is hidden."""
    fields = [scope.element.get(field) for field in ("5", "6")]
    if sensitivity.is_hidden(scope.facts):
        yield Found((*scope.here.steps, "5"), CLEARED)
    elif any(fields):
        joined = [text for text in fields if text and text != CLEARED]
        yield Found((*scope.here.steps, "5"), "~".join(joined) if joined else CLEARED)


RELATED_PERSON: Final = Target(
    "RelatedPerson",
    each="NK1[]",
    when=is_contact,
    key=contact_key,
    category=Category.CONTACTS,
    labels=sensitivity.of_hidden_person,
    reads=("NK1[].1",),
    rows=(
        Row("contact.name", "name", gather=contact_name, reads=("NK1[].2",), fn=types.names),
        Row("contact.relation", "relationship[0]", "3", fn=types.concept),
        Row("contact.role", "relationship[1]", "7", fn=types.concept),
        Row("contact.gender", "gender", "15", fn=first, table=codes.GENDER),
        Row("contact.born", "birthDate", "16", fn=times.day),
        Row(
            "contact.address",
            "address",
            gather=contact_address,
            reads=("NK1[].4",),
            fn=types.addresses,
        ),
        Row(
            "contact.phone",
            "telecom",
            gather=contact_telephones,
            reads=("NK1[].5", "NK1[].6"),
            fn=types.telecoms,
        ),
    ),
)
