"""Code tables: one for each FHIR element that takes a source's code, as data with its source.

Rule    A code that is not in the table is never guessed. In a modifier element (`required`) it
        quarantines the item; elsewhere the source's word is kept as text and an issue recorded.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

_Function = TypeVar("_Function", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Concept:
    """A code in a system, with its display; becomes a CodeableConcept or a Coding."""

    system: str
    code: str
    display: str = ""

    def coding(self) -> dict[str, str]:
        """FHIR Coding."""
        if not self.display:
            return {"system": self.system, "code": self.code}
        return {"system": self.system, "code": self.code, "display": self.display}

    def concept(self, text: str = "") -> dict[str, Any]:
        """FHIR CodeableConcept; `text` is the source's own word."""
        return {"coding": [self.coding()], "text": text} if text else {"coding": [self.coding()]}


@dataclass(frozen=True, slots=True)
class CodeTable:
    """The source's codes and what each becomes. Keys match without regard to case or ends."""

    source: str
    """The document the codes come from."""
    rows: Mapping[str, str | Concept]
    """To a FHIR code (str) or to a Concept."""
    required: bool = False
    """A modifier element: an unmapped code must quarantine the item."""
    ours: bool = False
    """The words of a document of our own: whoever sends another is told which there are."""
    bare: bool = False
    """Its words say nothing to a reader: one that is the concept's own code is no text beside it,
    which would be shown in place of what it means."""
    _folded: dict[str, str | Concept] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        keys = {folded(key): value for key, value in self.rows.items()}
        if len(keys) != len(self.rows):
            raise ValueError("two keys of a code table differ only by case, blanks or signs")
        object.__setattr__(self, "_folded", keys)

    @property
    def gives_codes(self) -> bool:
        """Whether its element takes a bare code, where no text can be kept."""
        return any(isinstance(meaning, str) for meaning in self.rows.values())

    def find(self, word: str) -> str | Concept | None:
        """What the source's word becomes, or None."""
        return self.rows.get(word) or self._folded.get(folded(word))


def decides_by(rules: Mapping[str, str]) -> Callable[[_Function], _Function]:
    """What a named function looks up is part of the mapping: it is printed with it and hashed."""

    def mark(function: _Function) -> _Function:
        vars(function)["rules"] = rules
        return function

    return mark


def rules_of(*functions: Any) -> dict[str, str]:
    """Everything that these functions look up."""
    return {word: said for one in functions for word, said in getattr(one, "rules", {}).items()}


_SIGNS: Final = str.maketrans(
    dict.fromkeys("\u2018\u2019\u02bc", "'") | dict.fromkeys("\u2010\u2011\u2013\u2014", "-")
)


def folded(word: str) -> str:
    """A word as it is looked up: in small letters, with one sort of blank, apostrophe and dash."""
    return " ".join(word.translate(_SIGNS).split()).casefold()
