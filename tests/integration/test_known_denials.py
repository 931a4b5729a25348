"""What is known beforehand is asked of the policy and of the database before anything is served."""

import asyncio

import pytest

from consent.labels import LEGAL
from consent.policy import NEVER_SHOWN
from gateway import denial
from gateway.clock import now
from gateway.errors import ConfigurationError
from gateway.main import policy_of
from gateway.settings import Settings
from gateway.store.database.engine import closing, open_engine

POLICY = policy_of(Settings(_env_file=None))


def asked(url: str) -> None:
    async def look() -> None:
        async with closing(await open_engine(url)) as engine, engine.reading() as conn:
            await denial.check_denials_in(conn, POLICY, now())

    asyncio.run(look())


def test_the_database_denies_what_it_must_and_permits_what_it_may(database_url):
    asked(database_url)


@pytest.mark.parametrize("condition", ["(1 = 1)", "(1 = 0)"])
def test_a_condition_that_shows_all_or_nothing_is_found_out(database_url, monkeypatch, condition):
    monkeypatch.setattr(denial, "where", lambda *_: (condition, ()))
    with pytest.raises(ConfigurationError, match="known beforehand"):
        asked(database_url)


def test_a_decision_that_shows_a_stranger_something_is_found_out(monkeypatch):
    case = denial.known_cases(POLICY, now())[0]
    monkeypatch.setattr(denial, "known_cases", lambda *_: (case._replace(wanted=True),))
    with pytest.raises(ConfigurationError, match="known beforehand"):
        denial.check_denials(POLICY, now())


@pytest.mark.parametrize("mark", sorted(NEVER_SHOWN))
def test_each_mark_that_the_law_keeps_from_everybody_is_among_the_cases(mark):
    rows = [one.row.legal for one in denial.known_cases(POLICY, now()) if not one.wanted]
    assert LEGAL[mark] in rows
