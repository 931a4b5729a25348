"""Decisions whose outcome is known beforehand, put to the policy in use and to the database.

In      The policy; a connection.
Errors  ConfigurationError where one does not come out as it must, by the predicate or by its twin
        in SQL, in the database's own hands: nothing is served under such a policy.
Rule    One of them permits: else a policy that shows nothing to anybody would pass.
"""

from dataclasses import replace
from datetime import datetime
from typing import Final, NamedTuple

from consent.decision import compile_filter
from consent.filter import Filter
from consent.labels import LEGAL
from consent.policy import NEVER_SHOWN, AccessSettings, Policy
from consent.terms import (
    BEGINNING,
    FOREVER,
    MAX_MICROS,
    MIN_MICROS,
    Action,
    Caller,
    CallerKind,
    Confidentiality,
    Labels,
    PersonFacts,
    Purpose,
    Relationship,
    RelationshipKind,
    Request,
)
from gateway.errors import ConfigurationError
from gateway.store.clear.filter_sql import COLUMNS, where
from gateway.store.database.engine import Connection
from gateway.store.upkeep.operations import is_true_of

_PRACTICE: Final = "PROOF1"
_HOSPITAL: Final = "PROOF2"
_PERSON: Final = "proof"


class Case(NamedTuple):
    """A filter, a row, and whether the filter must show it."""

    shown: Filter
    row: Labels
    wanted: bool


def known_cases(policy: Policy, at: datetime) -> tuple[Case, ...]:
    """A stranger, what the law keeps from everybody, and a registered practice that may look."""
    plain = replace(policy, settings=AccessSettings())
    registered = Relationship(
        RelationshipKind.REGISTERED_PRACTICE, _PRACTICE, None, BEGINNING, FOREVER, "proof"
    )
    request = Request(Action.READ, Purpose.TREATMENT, at)
    stranger = compile_filter(_caller(), PersonFacts(_PERSON), request, plain)
    practice = compile_filter(_caller(), PersonFacts(_PERSON, (registered,)), request, plain)
    return (
        Case(stranger, _row(legal=0), wanted=False),
        *(Case(practice, _row(legal=LEGAL[one]), wanted=False) for one in sorted(NEVER_SHOWN)),
        Case(practice, _row(legal=0), wanted=True),
    )


def check_denials(policy: Policy, at: datetime) -> None:
    """Each comes out here."""
    for case in known_cases(policy, at):
        _check(case, case.shown.allows(case.row))


async def check_denials_in(conn: Connection, policy: Policy, at: datetime) -> None:
    """Each comes out here, and in the database."""
    for case in known_cases(policy, at):
        _check(case, case.shown.allows(case.row))
        condition, parameters = where(case.shown, "r", 1)
        row = dict(zip(COLUMNS, _values(case.row), strict=True))
        _check(case, await is_true_of(conn, condition, parameters, row))


def _check(case: Case, shown: bool) -> None:
    if shown is not case.wanted:
        raise ConfigurationError("a decision that is known beforehand came out otherwise")


def _caller() -> Caller:
    return Caller(
        user_id="proof",
        kind=CallerKind.STAFF,
        role="gp",
        org=_PRACTICE,
        purpose=Purpose.TREATMENT,
        client_id="check",
        scopes=frozenset(),
        feeds=frozenset(),
        patient=None,
        assurance="",
        token_hash="",
    )


def _row(*, legal: int) -> Labels:
    return Labels(
        category="problems",
        confidentiality=int(Confidentiality.NORMAL),
        sensitivities=0,
        holds=0,
        legal=legal,
        source_org=_HOSPITAL,
        author="",
        start=MIN_MICROS,
        end=MAX_MICROS,
        resource_type="Condition",
        resource_id="proof",
    )


def _values(row: Labels) -> tuple[str | int, ...]:
    return (
        row.category, row.confidentiality, row.sensitivities, row.holds, row.legal,
        row.source_org, row.author, row.start, row.end, row.resource_type, row.resource_id,
        row.feed,
    )  # fmt: skip
