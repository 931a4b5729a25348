"""What an item says of whom it is about, taken into what its source's record of them says.

Rule    Each part (number, trace, date, names, sex, practice) is the newest that was sent, in
        source-time order, so arrival order makes no difference. What is left out takes nothing
        back. One item of a kind that bears names is enough for a record to need one. All that was
        ever said together stays (gateway.identity.sayings).
"""

from dataclasses import replace
from functools import partial

from consent.provisions import ODS_CODE
from gateway.identity.names import TOKEN, marks_of
from gateway.identity.sayings import Saying, with_saying
from gateway.store.identity.source_records import CONFLICT, UNUSABLE, Record, is_usable, number_mark
from gateway.store.keyring.keys import KeyedHasher
from mappings.core.model.outcome import PersonClaim
from mappings.core.shaping.identifiers import is_usable_nhs_number, names_nobody, normalised


def number_hash(hasher: KeyedHasher, number: str) -> str:
    """The keyed hash an NHS number is found by."""
    return hasher.keyed_hash("nhs-number", normalised(number))


def with_claim(record: Record, claim: PersonClaim, order: str, hasher: KeyedHasher) -> Record:
    """The record with whatever this claim says that is newer than what it held."""
    number = number_of(claim, hasher)
    born = hasher.keyed_hash("birth-date", claim.birth_date) if claim.birth_date else ""
    own = _marks(claim, hasher, "own-name", record.patient_id)
    known = number if number != UNUSABLE else ""
    saying = Saying(number_mark(known), number_mark(born), own)
    made = replace(
        record,
        nameless=record.nameless & claim.nameless,
        said_hash=with_saying(record.said_hash, saying),
    )
    if number and order >= record.nhs_claim:
        made = replace(made, nhs_hash=number, nhs_claim=order)
    if number and claim.trace and order >= record.trace_claim:
        made = replace(made, trace=f"{number_mark(number)}:{claim.trace}", trace_claim=order)
    if born and order >= record.birth_claim:
        made = replace(made, birth_hash=born, birth_claim=order)
    if own:
        made = _called(made, claim, order, hasher, (number, own))
    if claim.gender and order >= record.sex_claim:
        made = replace(made, sex=claim.gender, sex_claim=order)
    practice = claim.registered_practice.strip().upper() if claim.registered_practice else ""
    if practice and order >= record.practice_claim:
        made = replace(made, practice=practice, practice_claim=order)
    named = record.practices.split()
    if ODS_CODE.fullmatch(practice) and practice not in named:
        made = replace(made, practices=" ".join(sorted([*named, practice])))
    return made


def _called(
    record: Record, claim: PersonClaim, order: str, hasher: KeyedHasher, said: tuple[str, str]
) -> Record:
    """With the names. Marks of names are made for one number alone, so that they tell nothing of
    people who share a name; and for this record alone, to tell whether it calls somebody otherwise
    since."""
    number, own = said
    if not is_usable(number):
        newer = order >= record.since_claim
        return replace(record, since_hash=own, since_claim=order) if newer else record
    if order < record.called_claim:
        return record
    (whose,) = _said(claim)
    called = f"{number_mark(number)}:{_marks(claim, hasher, 'given-name', whose)}"
    return replace(record, called_hash=called, own_hash=own, called_claim=order)


def _marks(claim: PersonClaim, hasher: KeyedHasher, use: str, whose: str) -> str:
    """Marks of the first names, made for that number or record; empty where none says anything."""
    token = partial(hasher.keyed_hash, use, whose, width=TOKEN)
    return marks_of(claim.given, token)


def number_of(claim: PersonClaim, hasher: KeyedHasher) -> str:
    """The keyed hash of the one number that it says, or what stands for none that links."""
    if not claim.nhs_numbers:
        return ""
    said = _said(claim)
    if not any(map(is_usable_nhs_number, said)):
        return UNUSABLE
    return CONFLICT if len(said) > 1 else number_hash(hasher, said.pop())


def _said(claim: PersonClaim) -> set[str]:
    """The numbers that it says, as they are compared."""
    return {normalised(number) for number in claim.nhs_numbers if not names_nobody(number)}


def claim_order(source_time: str, item_hash: str) -> str:
    """A claim's place among claims as one text: without a time it is the oldest."""
    return f"{source_time} {item_hash}"
