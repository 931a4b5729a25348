"""One privacy consent, read and understood: what it permits or denies, to whom, of which data.

Out     frozen values that consent.from_fhir makes and consent.residual compiles.
Rule    An empty set or None says nothing about that side: it narrows nothing.
Source  FHIR R4 Consent in the strict profile of consent.from_fhir.
Pure    No clock, no look-ups.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from consent.periods import BEGINNING, FOREVER, MAX_MICROS, MIN_MICROS
from consent.users import one_form


class ActorKind(StrEnum):
    """What sort of actor a consent names."""

    ORGANISATION = "organisation"
    PERSON = "person"
    ROLE = "role"


class Meaning(StrEnum):
    """How far a consent rule reaches from a resource it names; FHIR consent-data-meaning."""

    INSTANCE = "instance"
    RELATED = "related"
    DEPENDENTS = "dependents"
    AUTHORED_BY = "authoredby"


class Actor(NamedTuple):
    """An organisation by ODS code, a person by the token's subject, or a role by its id."""

    kind: ActorKind
    value: str


@dataclass(frozen=True, slots=True)
class DataReference:
    """One resource a rule names by its logical id, and how far the rule reaches from it."""

    resource_id: str
    meaning: Meaning


@dataclass(frozen=True, slots=True)
class Provision:
    """One permit or deny. Askers, actions and purposes are who asks; the rest is which data.

    `confidentiality` is the highest code a permit names and the lowest a deny names.
    `data_start` and `data_end` are microseconds UTC, half-open.
    """

    permit: bool
    start: datetime = BEGINNING
    end: datetime = FOREVER
    askers: frozenset[Actor] = frozenset()
    actions: frozenset[str] = frozenset()
    purposes: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    confidentiality: int | None = None
    sensitivities: int = 0
    source_orgs: frozenset[str] = frozenset()
    authors: frozenset[str] = frozenset()
    resource_types: frozenset[str] = frozenset()
    references: frozenset[DataReference] = frozenset()
    data_start: int = MIN_MICROS
    data_end: int = MAX_MICROS


@dataclass(frozen=True, slots=True)
class ConsentRule:
    """A root provision and its exceptions.

    Only an `active` one counts. `binds_break_glass` holds in an emergency too. `conversation`
    says that a dated, verified conversation with the person stands behind it.
    """

    root: Provision
    nested: tuple[Provision, ...] = ()
    active: bool = True
    binds_break_glass: bool = False
    conversation: bool = False
    narrows_only: bool = False
    """It may be another person's: it takes away as it says, and adds to no permit."""
    by_team: bool = False
    """An organisation recorded it here, as its staff were told by telephone or on paper."""

    @property
    def takes_away(self) -> bool:
        """Whether it may hide something from somebody: it denies, or permits less than all."""
        anything = replace(
            self.root, start=BEGINNING, end=FOREVER, askers=frozenset(), actions=frozenset(),
            purposes=frozenset(),
        )  # fmt: skip
        denies = any(not part.permit for part in self.nested)
        return denies or anything != Provision(permit=True)

    def keeps(self, before: "ConsentRule") -> bool:
        """Whether it shows nobody what the rule before it would hide: the same, with nothing but
        fewer exceptions that permit and more that deny."""
        were, now = (
            {kind: {part for part in rule.nested if part.permit is kind} for kind in (True, False)}
            for rule in (before, self)
        )
        return (
            self.active >= before.active
            and self.root == before.root
            and now[True] <= were[True]
            and now[False] >= were[False]
            and self.binds_break_glass >= before.binds_break_glass
            and self.conversation >= before.conversation
        )

    def names(self, user_id: str) -> bool:
        """Whether it shuts out this user in person, in whatever form of their id."""
        denied = (part.askers for part in (self.root, *self.nested) if not part.permit)
        people = (one.value for askers in denied for one in askers if one.kind is ActorKind.PERSON)
        whom = one_form(user_id)
        return any(one_form(one) == whom for one in people)
