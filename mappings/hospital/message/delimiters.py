"""The delimiters of one HL7 v2 message, and how its text is brought to the usual ones.

In      The first line of a message (MSH).
Out     Delimiters; what had to be repaired. Fields kept in facts always use `^~\\&`, whatever
        the sender used, so that rows and functions read one notation.
Errors  None raised: what the header does not say is taken as usual, with a warning.
Source  HL7 v2 chapter 2, sections 2.5 and 2.7; headers of published samples.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

_ROLES: Final = "STRE"
"""Escape letters of the component, subcomponent, repetition and escape characters."""


@dataclass(frozen=True, slots=True)
class Delimiters:
    """The five characters a message says it uses."""

    field: str = "|"
    component: str = "^"
    repetition: str = "~"
    escape: str = "\\"
    subcomponent: str = "&"

    @property
    def usual(self) -> bool:
        """Whether they are the ones facts are kept in."""
        return self == USUAL

    def canonical(self) -> Callable[[str], str]:
        """A function that rewrites text in these delimiters to the usual ones."""
        own = {
            self.component: "^",
            self.subcomponent: "&",
            self.repetition: "~",
            self.escape: "\\",
        }
        literal = {"^": "\\S\\", "&": "\\T\\", "~": "\\R\\", "\\": "\\E\\"}
        meant = dict(
            zip(
                _ROLES + "F",
                (self.component, self.subcomponent, self.repetition, self.escape, self.field),
                strict=True,
            )
        )
        escape = re.escape(self.escape)
        pattern = re.compile(rf"{escape}([FSTRE]){escape}|[\^&~\\]|[{_set(own)}]")

        def rewritten(found: re.Match[str]) -> str:
            if found[1]:
                char = meant[found[1]]
                return literal.get(char, char)
            return own.get(found[0]) or literal[found[0]]

        return lambda text: pattern.sub(rewritten, text)


USUAL: Final = Delimiters()
_USUAL_HEADER: Final = "MSH|^~\\&|"


def of_header(line: str) -> tuple[Delimiters, bool]:
    """What a line beginning with MSH, FHS or BHS says, and whether it had to be repaired."""
    if line.startswith(_USUAL_HEADER):
        return USUAL, False
    field = line[3:4] or "|"
    if field.isalnum() or field.isspace():
        return USUAL, True
    said = line[4:].split(field, 1)[0].rstrip()
    taken, repaired = [field], False
    for position, usual in enumerate("^~\\&"):
        char = said[position : position + 1]
        if not char or char in taken or char.isalnum() or char.isspace():
            char, repaired = usual, True
        taken.append(char)
    if len(set(taken)) < len(taken):
        return Delimiters(field=field), True
    return Delimiters(*taken), repaired


def _set(chars: dict[str, str]) -> str:
    return "".join(re.escape(char) for char in chars)
