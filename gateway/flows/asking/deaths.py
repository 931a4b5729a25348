"""What a person's Patient says of their death, where several records speak of it and an operator.

In      The Patients of the records that are shown; an operator's word on each, where there is one.
Out     The elements `deceased[x]` of the one Patient that is shown.
Rule    Of one record an operator's word stands before its source's. Of several the strictest word
        stands, as with every fact of a person: a death before none, and with its day where one of
        them says it. A record that is not shown says nothing here.
Source  docs/adr/0031-what-stands-on-a-person.md
Pure    Any order gives the same word; of several days, the day of whoever leads.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

ELEMENTS: Final = (
    *("deceasedDateTime", "_deceasedDateTime"),
    *("deceasedBoolean", "_deceasedBoolean"),
)
_NOTHING, _NO, _YES, _DAY = range(4)


def death_told(patients: Iterable[tuple[Mapping[str, Any], bool | None]]) -> dict[str, Any]:
    """The elements, given each Patient with the operator's word on its record."""
    told: dict[str, Any] = {}
    for patient, word in patients:
        said = {name: patient[name] for name in ELEMENTS if name in patient}
        if word is not None and word is not (_strength(said) >= _YES):
            said = {"deceasedBoolean": word}
        told = said if _strength(said) > _strength(told) else told
    return told


def _strength(said: Mapping[str, Any]) -> int:
    if not said:
        return _NOTHING
    if "deceasedDateTime" in said:
        return _DAY
    return _YES if said.get("deceasedBoolean") is True else _NO
