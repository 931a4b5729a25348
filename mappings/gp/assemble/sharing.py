"""What the record says of sharing it locally: the latest choice, and what only looks like one.

In      The indexed record.
Out     Sharing: whether the person has refused the upload of this record, or has since agreed;
        None where the record does not speak of it. Warnings for what a person must read.
Rule    The latest by effective time decides; then by issued time; then a refusal. A refusal
        with no time counts as the latest, a consent with none as the earliest. Where all that a
        whole record says of it was an error, nothing is refused: what was refused before ends so,
        and never by being left out. A part of a record cannot tell that: a person must read it.
        The choice is about the data of this practice, here. Choices about the national summary
        or the quality framework decide nothing here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from mappings.core.model import dates
from mappings.core.model.outcome import Issue, warning
from mappings.core.model.paths import Steps, dotted
from mappings.gp.assemble.plan import snomed_codes
from mappings.gp.assemble.record import Record
from mappings.gp.assemble.times import issued_of, moment_of
from mappings.gp.codes import plans as codes
from mappings.gp.codes.degraded import DEGRADED

_ALWAYS: Final = "9"
_NOT_SAID: Final = frozenset({"entered-in-error", "cancelled"})


@dataclass(frozen=True, slots=True)
class Sharing:
    """The choice in force, and the observation that states it."""

    choice: str
    steps: Steps


def choice_of(record: Record, *, is_whole: bool) -> Sharing | None:
    """The choice in force; `is_whole`: the record holds whatever else was said of it."""
    found = []
    for steps, resource, code in _coded(record, codes.LOCAL_SHARING):
        choice = codes.LOCAL_SHARING[code]
        refused = choice == codes.REFUSED
        at = moment_of(resource) or issued_of(resource) or (_ALWAYS if refused else "")
        found.append((at, issued_of(resource), refused, int(steps[1]), Sharing(choice, steps)))
    if found:
        return max(found, key=lambda entry: entry[:4])[4]
    return _taken_back(record) if is_whole else None


def _taken_back(record: Record) -> Sharing | None:
    """The latest refusal that was an error."""
    found = []
    for steps, resource, code in _coded(record, codes.LOCAL_SHARING, said=False):
        at = when_stated(resource, record.made_on)
        if at and codes.LOCAL_SHARING[code] == codes.REFUSED:
            found.append((dates.ordering_time(at), steps))
    return Sharing(codes.GIVEN, max(found)[1]) if found else None


def unread_refusal(record: Record) -> Steps | None:
    """Where a refusal stands that is not taken: it cannot be read whole, or has the id of another
    entry. One of another person is none, nor is one that is sent again as it was."""
    others = {one.path for one in record.issues if one.code == "other-person"}
    for position, resource in enumerate(record.facts.get("Observation") or ()):
        steps: Steps = ("Observation", position)
        if record.is_sound(steps) or not isinstance(resource, dict):
            continue
        if str(resource.get("status")) in _NOT_SAID or others & {*_places(steps)}:
            continue
        if _is_repeat(record, steps, resource):
            continue
        said = snomed_codes(resource.get("code"))
        if any(codes.LOCAL_SHARING.get(code) == codes.REFUSED for code in said):
            return steps
    return None


def _is_repeat(record: Record, steps: Steps, resource: dict[str, Any]) -> bool:
    first = record.at.get(f"Observation/{resource.get('id')}", steps)
    return first != steps and record.get(first) == resource


def _places(steps: Steps) -> Iterator[str]:
    return (dotted((*steps, name)) for name in ("subject", "patient"))


def when_stated(resource: dict[str, Any], made_on: str) -> str:
    """The first readable time of: when it took effect, when recorded, when the record was made."""
    period = resource.get("effectivePeriod") or {}
    named = (resource.get("effectiveDateTime"), period.get("start"), resource.get("issued"))
    stated = (text for text in (*named, resource.get("dateTime")) if isinstance(text, str))
    return next((text for text in stated if text and dates.ordering_time(text)), made_on)


def remarks(record: Record, *, is_whole: bool) -> Iterator[Issue]:
    """What a person must read, and what decides nothing here."""
    if not is_whole and not choice_of(record, is_whole=False) and (wrong := _taken_back(record)):
        yield warning(dotted((*wrong.steps, "status")), "needs-reading", _IN_PART)
    for table in (codes.LOCAL_SHARING, codes.OTHER_SHARING):
        for steps, resource, code in _coded(record, table):
            if resource.get("comment"):
                yield warning(dotted((*steps, "comment")), "needs-reading", _FREE_TEXT)
            if code in codes.OTHER_SHARING:
                text = f"a choice that decides nothing here: {codes.OTHER_SHARING[code]}"
                yield warning(dotted((*steps, "code")), "other-scope", text)
    for steps, resource in record.sound("Observation"):
        if resource.get("status") not in _NOT_SAID and _is_choice_in_words(resource):
            yield warning(dotted((*steps, "code")), "needs-reading", _NO_CODE)


def _is_choice_in_words(resource: dict[str, Any]) -> bool:
    """An entry that lost its code in a transfer, or never had one of SNOMED CT, and speaks of
    sharing."""
    concept = resource.get("code") or {}
    held = [one for one in concept.get("coding") or () if one.get("code")]
    known = set(snomed_codes(concept))
    if known and not DEGRADED & known:
        return False
    words = (concept.get("text"), *(one.get("display") for one in held), resource.get("comment"))
    return any(word and _ABOUT_SHARING.search(word) for word in words)


def _coded(
    record: Record, table: Any, *, said: bool = True
) -> Iterator[tuple[Steps, dict[str, Any], str]]:
    for steps, resource in record.sound("Observation"):
        for code in snomed_codes(resource.get("code")):
            if code in table and (resource.get("status") not in _NOT_SAID) == said:
                yield steps, resource, code
                break


_ABOUT_SHARING: Final = re.compile(r"\b(dissent|shar(e|ed|ing)|upload|opt(ed)?[ -]out)\b", re.I)
_NO_CODE: Final = (
    "words that may be a choice about sharing, without a code: they decide nothing here until a"
    " person has read them and recorded the choice"
)
_IN_PART: Final = (
    "a refusal that was an error, in a part of the record: another may stand; send the whole"
    " record, or the agreement"
)
_FREE_TEXT: Final = "words beside a choice about sharing: a person must read them"
