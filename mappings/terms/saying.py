"""What a provider calls a thing, in the one language: a named function for rows.

In      Words: a text, a CodeableConcept, or several of them (absent ones as None).
Out     The CodeableConcept of ours that the first known word stands for; None where none is
        known: the provider's own words are kept elsewhere, and nothing is guessed.
Source  language.py.
"""

from collections.abc import Iterator
from typing import Any, Final

from mappings.terms import support
from mappings.terms.language import known_words, meaning_in_any


class InOneLanguage:
    """A named function: the concept of one of our systems that words stand for."""

    def __init__(self, system: str) -> None:
        self.system = system
        self.__name__ = f"in_one_language_{system.rpartition('/')[2].replace('-', '_')}"
        self.rules = known_words(system)

    def __call__(self, *said: Any) -> dict[str, Any] | None:
        """The concept of the first word that is known."""
        for value in said:
            for word in _texts(value):
                if (found := meaning_in_any(self.system, word)) is not None:
                    return found.concept()
        return None


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, dict):
        yield from _texts(value.get("text"))
        held = value.get("coding")
        for coding in held if isinstance(held, list) else ():
            yield from _texts(coding.get("display") if isinstance(coding, dict) else None)


SERVICE: Final = InOneLanguage(support.SERVICE_KIND)
