"""The data types of HL7 v2 fields: repetitions, components, escapes, names, codes.

In      A field's text as facts hold it: usual delimiters, escapes kept.
Out     Plain text without escapes; an empty text where there is nothing, or where `""` stands.
Pure    Nothing here raises: what cannot be read as an escape is kept as it stands.
Source  HL7 v2 chapter 2, sections 2.7 (escapes) and 2.A (data types).
"""

import re
from typing import Final

NULL: Final = '""'
"""The sender deletes the value."""

_ESCAPE: Final = re.compile(
    r"\\([FSTREHN]|\.(?:br|sp|ce|fi|nf|in|ti|sk)[+-]?\d*|X(?:[0-9A-Fa-f]{2})+|[CM][0-9A-Fa-f]{4,6}"
    r"|Z[^\\\r\n]{0,100})\\"
)
"""What chapter 2.7 names an escape; any other backslash, as in a path, is text."""
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_CHARACTER: Final = {"F": "|", "S": "^", "T": "&", "R": "~", "E": "\\"}
_SPECIAL: Final = {char: f"\\{letter}\\" for letter, char in _CHARACTER.items()}


def unescaped(text: str) -> str:
    """The text a reader sees; line breaks as line feeds, highlighting left out."""
    made = _ESCAPE.sub(_meaning, text) if "\\" in text else text
    return made if made.isprintable() else _CONTROL.sub("", made)


def _meaning(found: re.Match[str]) -> str:
    inside = found[1]
    if inside in _CHARACTER:
        return _CHARACTER[inside]
    if inside in ("H", "N") or inside[0] in "ZCM":
        return ""
    if inside[0] == "X":
        return _from_hex(inside[1:])
    if inside[1:3] in ("br", "sp", "ce"):
        return "\n"
    return " " if inside[1:3] == "sk" else ""


def _from_hex(digits: str) -> str:
    raw = bytes.fromhex(digits)
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def escaped(text: str) -> str:
    """Plain text as it stands in a field: nothing in it divides the field."""
    return "".join(_SPECIAL.get(char, char) for char in text)


def repetitions(field: str | None) -> list[str]:
    """The repetitions that hold something."""
    if not field:
        return []
    if "~" not in field:
        return [] if field.strip() in ("", NULL) else [field]
    return [text for text in field.split("~") if text.strip() and text.strip() != NULL]


def component(repetition: str | None, number: int, sub: int = 1) -> str:
    """One component's (sub)component, plain; empty where it is not sent or deleted.

    Of a field that repeats, the first repetition that holds something.
    """
    text = _component(repetition, number)
    if not text:
        return ""
    if "&" in text:
        subs = text.split("&")
        text = subs[sub - 1] if len(subs) >= sub else ""
    elif sub > 1:
        return ""
    return _plain(text)


def wording(repetition: str | None, number: int) -> str:
    """One component that is words (ST), plain. Words have no parts: an `&` in them is a
    character that somebody did not escape, and nothing after it is lost."""
    text = _component(repetition, number)
    return _plain(text) if text else ""


def _component(repetition: str | None, number: int) -> str:
    if repetition and "~" in repetition:
        repetition = next(iter(repetitions(repetition)), "")
    if not repetition:
        return ""
    parts = repetition.split("^", number)
    return parts[number - 1] if len(parts) >= number else ""


def _plain(text: str) -> str:
    text = text.strip()
    if text == NULL:
        return ""
    return unescaped(text).strip() if "\\" in text or not text.isprintable() else text


def first(field: str | None) -> str | None:
    """The first component of the first repetition; None where there is nothing."""
    sent = repetitions(field)
    return component(sent[0], 1) or None if sent else None


def entity_id(field: str | None) -> str:
    """The id of an instance (EI): its first component. Where that is empty, the third, which some
    systems fill alone; beside a namespace or a type of id it is no id but names the assigner."""
    own, space, universal, kind = (component(field, number) for number in (1, 2, 3, 4))
    return own or ("" if space or kind else universal)


def words(field: str | None) -> str | None:
    """Free text: every repetition on a line of its own, components with a blank between."""
    lines = [unescaped(text.replace("^", " ")).strip() for text in repetitions(field)]
    return "\n".join(line for line in lines if line) or None
