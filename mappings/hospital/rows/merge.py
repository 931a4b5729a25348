"""Messages that say of two of the hospital's records that they are about one person.

In      Merges and changed numbers: PID (who stays) and MRG (what goes). Links: two PIDs. Moved
        numbers (A43): PID (whose it is), MRG-1 (the number) and MRG-4 (whose it was).
Out     What an update of the person (A31) becomes; and which records are one person's.
Rule    Nothing is moved from one record to the other: what follows is in the links, which the
        gateway makes of everything that was said, in any order. MRG-1 is read as PID-3 is; a
        number without an authority is of the authority of PID-3. Every pair of a message counts,
        but the first PID is its person: of others only the identifiers are read, and what stands
        after them is of none that the message is about (`people`). A message that
        names one record twice is not taken. A number that was moved joins whose it is, and what
        was said of it and whose it was is taken back.
Source  HL7 v2 chapter 3 (A18 to A47, MRG); messages of Welsh and English systems.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from mappings.core.model.outcome import Facts, Issue, Merge, error, warning
from mappings.core.model.paths import Scope
from mappings.core.model.rows import Kind
from mappings.hospital.rows import identity, kinds
from mappings.hospital.rows.people import OTHERS, of_the_first
from mappings.hospital.rows.person import PATIENT
from mappings.hospital.rows.whole import Whole

MERGED: Final = {
    "A18": "Patients merged (before HL7 2.3.1)",
    "A30": "Persons merged",
    "A34": "Patients merged by their number",
    "A36": "Patients merged by number and account",
    "A39": "Persons merged by their number",
    "A40": "Patients merged by their list of numbers",
    "A46": "Number changed",
    "A47": "List of numbers changed",
}
LINKED: Final = {"A24": "Records linked", "A37": "Link of records taken back"}
_PRIOR: Final = ("MRG[].1", "MRG[].4")


def merged(facts: Facts) -> Iterator[Merge]:
    """The record of MRG-1 and that of the PID before it are one person's."""
    for person, entry in zip(facts["PID"], facts.get("MRG", ()), strict=False):
        stays = identity.numbers_of(person, facts)
        own = identity.local_number(stays)
        prior = {"3": entry.get("1"), "2": entry.get("4")}
        gone = identity.numbers_of(prior, facts, own.authority if own else "")
        yield from _pairs(facts, gone, stays)


def moved(facts: Facts) -> Iterator[Merge]:
    """The record of MRG-1 is of the person of the PID before it, and no more of that of MRG-4."""
    yield from merged(_without(facts, "4"))
    for person, entry in zip(facts["PID"], facts.get("MRG", ()), strict=False):
        stays = identity.numbers_of(person, facts)
        own = identity.local_number(stays)
        authority = own.authority if own else ""
        was = identity.numbers_of({"3": entry.get("4")}, facts, authority)
        number = identity.numbers_of({"3": entry.get("1")}, facts, authority)
        for one in _pairs(facts, number, was) if was else ():
            if one.stays not in (one.gone, identity.person_id(facts, stays)):
                yield replace(one, holds=False)


def _without(facts: Facts, field: str) -> Facts:
    """The message without a field of MRG."""
    entries = [{k: v for k, v in entry.items() if k != field} for entry in facts.get("MRG", ())]
    return {**facts, "MRG": entries}


def linked(facts: Facts) -> Iterator[Merge]:
    """The records of the two PIDs are one person's."""
    stays, gone = (identity.numbers_of(person, facts) for person in facts["PID"][:2])
    yield from _pairs(facts, gone, stays)


def unlinked(facts: Facts) -> Iterator[Merge]:
    """The records of the two PIDs are no longer said to be one person's."""
    for one in linked(facts):
        yield replace(one, holds=False)


def _pairs(
    facts: Facts, gone: list[identity.Number], stays: list[identity.Number]
) -> Iterator[Merge]:
    """Every local number that goes, with the one that stays; else the NHS number there is."""
    into = identity.person_id(facts, stays)
    numbers = identity.local_numbers(gone) or [one for one in gone if one.is_nhs][:1]
    for key in [identity.person_id(facts, [number]) for number in numbers] or [""]:
        yield Merge(key, into)


def check_merge(message: Whole) -> Iterator[Issue]:
    """What is doubtful of the person, and whether the message names pairs of records."""
    facts = message.facts
    yield from kinds.check_admission(message)
    named = [name for name in facts["order"].split() if name in ("PID", "MRG")]
    if named != ["PID", "MRG"] * len(facts["PID"]):
        text = "says which record goes after the PID of each that stays: send one MRG there"
        yield error("MRG", "not-two-records", text)
        return
    yield from _unread(facts)
    yield from _two_records(list(merged(facts)), "MRG-1")


def check_move(message: Whole) -> Iterator[Issue]:
    """The same of a number that was moved: MRG-4 names no record that goes."""
    yield from check_merge(replace(message, facts=_without(message.facts, "4")))


def check_link(message: Whole) -> Iterator[Issue]:
    """What is doubtful of the person, and whether the message names two records."""
    facts = message.facts
    yield from kinds.check_admission(message)
    if len(facts["PID"]) != 2:
        text = "links two records: send the PID of each, and no third"
        yield error("PID[2]", "not-two-records", text)
        return
    yield from _unread(facts)
    yield from _two_records(list(linked(facts)), "PID[2]-3")


def _unread(facts: Facts) -> Iterator[Issue]:
    """What further PIDs say beside who is meant."""
    for place, entry in enumerate(facts["PID"][1:], start=2):
        if not entry.keys() <= {"1", "2", "3", "19"}:
            yield warning(f"PID[{place}]", "second-person", OTHERS)


def _two_records(pairs: list[Merge], path: str) -> Iterator[Issue]:
    if not all(one.gone and one.stays for one in pairs):
        yield error(path, "names-nobody", "names no record: send the hospital's own number here")
    elif any(one.gone == one.stays for one in pairs):
        text = "names the record that stays: a record cannot be merged with itself"
        yield error(path, "merged-with-itself", text)


def is_first(scope: Scope) -> bool:
    """Whether it is the PID that the message is about."""
    return scope.here.steps[-1] == 0


_IGNORED: Final = {
    **kinds.KINDS["ADT^A31"].ignored,
    "MRG[].2": "alternate number without a rule to tell whose it is",
    "MRG[].3": "account; insurance and payment are not shared",
    "MRG[].5": "visit; no visit is moved by a merge of records",
    "MRG[].6": "alternate visit; no visit is moved by a merge of records",
    "MRG[].7": "name before the merge; the record that goes keeps what was sent of it",
}


def _kind(
    code: str,
    title: str,
    says: Callable[[Facts], Iterator[Merge]],
    check: Callable[[Any], Iterator[Issue]],
) -> Kind:
    """An update of the person that says something of two records."""
    update = kinds.KINDS["ADT^A31"]
    one = replace(PATIENT, when=is_first)
    return replace(
        update,
        name=f"ADT^{code}",
        title=title,
        targets=tuple(one if target is PATIENT else target for target in update.targets),
        ignored=update.ignored if check is check_link else _IGNORED,
        reads=(*update.reads, *(() if check is check_link else _PRIOR)),
        check=check,
        parts=of_the_first,
        merges=says,
    )


KINDS: Final[Mapping[str, Kind]] = {
    kind.name: kind
    for kind in (
        *(_kind(code, title, merged, check_merge) for code, title in MERGED.items()),
        _kind("A43", "Number moved to another person", moved, check_move),
        _kind("A24", LINKED["A24"], linked, check_link),
        _kind("A37", LINKED["A37"], unlinked, check_link),
    )
}
