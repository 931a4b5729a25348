"""Reading a policy document strictly: every entry present, of its type, and known.

In      the parsed document, one table at a time, with the path it stands at.
Out     typed entries.
Errors  PolicyError(path, text). Path and words are about the policy, never about a person.
Pure    No file is opened here.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime


class PolicyError(Exception):
    """The policy cannot be used: what is missing or wrong, and where."""

    def __init__(self, path: str, text: str) -> None:
        super().__init__(f"{path}: {text}")
        self.path = path
        self.text = text


class Table:
    """One table of the document; every read names the entry it needs."""

    def __init__(self, value: object, path: str) -> None:
        if not isinstance(value, Mapping):
            raise PolicyError(path or "policy", "a table is needed here")
        self._entries = value
        self.path = path

    def at(self, name: str) -> str:
        """The path of one entry."""
        return f"{self.path}.{name}" if self.path else name

    def names(self) -> list[str]:
        """The names of all entries, in the document's order."""
        return [str(name) for name in self._entries]

    def only(self, known: Collection[str]) -> None:
        """Refuse an entry that has no meaning here."""
        for name in self.names():
            if name not in known:
                raise PolicyError(self.at(name), "this entry has no meaning here")

    def table(self, name: str) -> "Table":
        """A table within this one."""
        return Table(self._need(name), self.at(name))

    def text(self, name: str) -> str:
        """A string that is not empty."""
        value = self._need(name)
        if not isinstance(value, str) or not value.strip():
            raise PolicyError(self.at(name), "a text is needed")
        return value

    def flag(self, name: str) -> bool:
        """True or false."""
        value = self._need(name)
        if not isinstance(value, bool):
            raise PolicyError(self.at(name), "true or false is needed")
        return value

    def number(self, name: str) -> int:
        """A whole number above zero."""
        value = self._need(name)
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise PolicyError(self.at(name), "a whole number above zero is needed")
        return value

    def day(self, name: str) -> date:
        """A date without a time."""
        value = self._need(name)
        if not isinstance(value, date) or isinstance(value, datetime):
            raise PolicyError(self.at(name), "a date is needed")
        return value

    def choice(self, name: str, known: Iterable[str]) -> str:
        """One of these words."""
        value, allowed = self._need(name), list(known)
        if value not in allowed:
            raise PolicyError(self.at(name), f"one of {', '.join(allowed)} is needed")
        return str(value)

    def words(self, name: str, known: Collection[str] | None = None) -> tuple[str, ...]:
        """A list of words, each once and, when `known` is given, one of those."""
        value = self._need(name)
        if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
            raise PolicyError(self.at(name), "a list of words is needed")
        if len(set(value)) != len(value):
            raise PolicyError(self.at(name), "a word stands here twice")
        if known is not None and not set(value) <= set(known):
            raise PolicyError(self.at(name), "a word here is not known")
        return tuple(value)

    def _need(self, name: str) -> object:
        if name not in self._entries:
            raise PolicyError(self.at(name), "missing")
        return self._entries[name]
