"""What every national data set's kinds share: header, person, source time, and left-out columns.

In      Names: what one data set calls the tables and columns that all of them have.
Out     Kinds of its rows, and of rows whose parent was not sent; who a row is about, and when
        the submission was made.
Rule    Every resource says as at which day it holds (`as_at`): a submission states how things
        stood at the end of its reporting period, not how they are now.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from mappings.core.model import dates
from mappings.core.model.outcome import Facts, Issue, PersonClaim
from mappings.core.model.paths import Found, Scope
from mappings.core.model.rows import Kind, Row, Target
from mappings.core.sets import national
from mappings.core.sets.national_rules import Rules
from mappings.core.shaping import elements

LINE: Final = "a line number"
ADMIN: Final = "commissioning and administration, not care; kept with the delivery"
UNPUBLISHED: Final = "a code whose meaning is not published"


@dataclass(frozen=True, slots=True)
class Names:
    """What a data set calls what every data set has. Columns stand without their table."""

    header: str
    version: str
    provider: str
    submitter: str
    system: str
    starts: str
    ends: str
    created: str
    person: str
    claim: tuple[str, str, str, str, str, str]
    """Local id, whose it is, NHS number, birth date, trace status, date of death."""
    registration: str
    practice: tuple[str, str, str]
    """GP practice, registered from, until."""
    contexts: tuple[str, ...]
    """Tables a row hangs on; only the columns needed for that are joined."""
    rules: Rules | None = None
    """The publisher's own rules, where they are published."""

    def own(self, column: str) -> str:
        """The path of a column of the person's own row."""
        return f"{self.person}.{column}"

    def head(self, column: str) -> str:
        """The path of a header's column, from anywhere in the item."""
        return f"/{self.header}.{column}"

    def person_of(self, facts: Facts) -> PersonClaim:
        """Whom a row is about."""
        found = national.open_registrations(facts, self.registration, self.practice)
        rows = [row for _, row in found]
        made = (facts.get(self.header) or {}).get(self.created)
        person = facts.get(self.person) or {}
        return national.claim(person, self.claim, rows, self.practice[0], made)

    def time(self, facts: Facts) -> str:
        """When the submission was made, for ordering."""
        return dates.ordering_time((facts.get(self.header) or {}).get(self.created))

    def registered_practice(self, scope: Scope) -> Iterator[Found]:
        """The newest open GP registration."""
        found = national.open_registrations(scope.facts, self.registration, self.practice)
        for index, row in found[:1]:
            yield Found((self.registration, index, self.practice[0]), row[self.practice[0]])

    def kind(
        self,
        name: str,
        title: str,
        *targets: Target,
        ignored: Mapping[str, str],
        reads: tuple[str, ...] = (),
        check: Callable[[Any], Iterator[Issue]] | None = None,
        whole: Callable[[Facts], str | None] | None = None,
    ) -> Kind:
        """The kind of a table's rows."""
        return Kind(
            name=name,
            title=title,
            targets=tuple(self._dated(target) for target in targets),
            ignored={**self._envelope(), f"{name}.RowNumber": LINE, **ignored},
            person=self.person_of,
            named_at=f"{self.person}.{self.claim[0]}",
            time=self.time,
            reads=(
                f"{self.header}.{self.created}",
                f"{self.header}.{self.provider}",
                *(table for table in self.contexts if table != name),
                *reads,
            ),
            check=partial(_checked, self.rules, name, check),
            whole=whole,
        )

    def orphan(self, name: str, title: str, parent: str) -> Kind:
        """The kind of a child's rows whose parent was not sent."""
        return self._kept(name, title, f"cannot be used without its {parent} row")

    def listing(self, name: str, title: str) -> Kind:
        """The kind of a list's rows that cannot be read: what names them is given the others."""
        return self._kept(name, title, "cannot be read or named")

    def _kept(self, name: str, title: str, why: str) -> Kind:
        return Kind(
            name=name,
            title=title,
            targets=(),
            ignored={
                self.header: "the submission's header",
                name: f"{why}; kept with the delivery",
            },
            person=national.nobody,
            named_at=f"{self.person}.{self.claim[0]}",
            time=self.time,
        )

    def _dated(self, target: Target) -> Target:
        as_at = Row(
            "as_at",
            "meta.extension[+]",
            (self.head(self.ends), self.head(self.created)),
            fn=national.as_at,
        )
        return replace(target, rows=(*target.rows, as_at))

    def _envelope(self) -> dict[str, str]:
        return {
            f"{self.header}.{self.version}": "version of the submission; kept with the delivery",
            f"{self.header}.{self.submitter}": "who sent the file, not who cares for the person",
            f"{self.header}.{self.system}": "the provider's software",
            f"{self.header}.{self.starts}": "the window of the submission; read for absence",
            f"{self.header}.RowNumber": LINE,
        }


def _checked(
    rules: Rules | None, name: str, check: Callable[[Any], Iterator[Issue]] | None, facts: Facts
) -> Iterator[Issue]:
    """What the publisher's rules and the kind's own say of an item."""
    if rules is not None:
        yield from rules.broken(name, facts)
    if check is not None:
        yield from check(facts)


def ignored(table: str, why: str, *columns: str) -> dict[str, str]:
    """Columns of a table that are left out for one reason."""
    return {f"{table}.{column}": why for column in columns}


def provider_row(names: Names, row_id: str, to: str) -> Row:
    """The provider that made the submission."""
    return Row(row_id, to, names.head(names.provider), fn=elements.ods_organisation)
