"""A minute's worth at once, then one for each share of a minute; by kind, by who asks, bounded."""

from datetime import UTC, datetime, timedelta

import pytest

from gateway import settings
from gateway.auth.rates import UNLIMITED, Kind, Rates, caller_name, network_name
from tests.unit.consent.world import caller

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
KEY = bytes(range(32))


def taken(rates: Rates, kind: Kind, who: str, at: datetime, times: int) -> list[int]:
    return [rates.wait(kind, who, at) for _ in range(times)]


def test_a_minutes_worth_goes_at_once_and_then_there_is_a_wait():
    rates = Rates({**UNLIMITED, "match": 6}, KEY)
    assert taken(rates, Kind.MATCH, "a", AT, 6) == [0] * 6
    assert rates.wait(Kind.MATCH, "a", AT) == 10
    assert rates.wait(Kind.MATCH, "a", AT + timedelta(seconds=9)) == 1
    assert rates.wait(Kind.MATCH, "a", AT + timedelta(seconds=10)) == 0
    assert rates.wait(Kind.MATCH, "a", AT + timedelta(seconds=10)) == 10


def test_what_was_refused_counts_nothing():
    rates = Rates({**UNLIMITED, "match": 60}, KEY)
    taken(rates, Kind.MATCH, "a", AT, 1_000)
    assert taken(rates, Kind.MATCH, "a", AT + timedelta(minutes=1), 61) == [0] * 60 + [1]


def test_no_more_than_a_minutes_worth_is_saved_up():
    rates = Rates({**UNLIMITED, "match": 6}, KEY)
    assert rates.wait(Kind.MATCH, "a", AT) == 0
    later = AT + timedelta(days=1)
    assert taken(rates, Kind.MATCH, "a", later, 7) == [0] * 6 + [10]


def test_each_who_asks_and_each_kind_is_counted_alone():
    rates = Rates({**UNLIMITED, "match": 1, "token": 1}, KEY)
    assert [rates.wait(Kind.MATCH, one, AT) for one in "abc"] == [0, 0, 0]
    assert rates.wait(Kind.TOKEN, "a", AT) == 0
    assert rates.wait(Kind.MATCH, "a", AT) == 60


def test_what_has_no_limit_is_not_kept():
    rates = Rates({**UNLIMITED, "match": 0, "token": 5}, KEY)
    assert taken(rates, Kind.MATCH, "a", AT, 100) == [0] * 100
    assert taken(rates, Kind.PEOPLE, "a", AT, 100) == [0] * 100
    assert len(rates) == 0


def test_memory_is_bounded_and_who_asked_last_is_kept():
    rates = Rates({**UNLIMITED, "match": 1, "token": 1}, KEY, most_kept=3)
    rates.wait(Kind.TOKEN, "mine", AT)
    for n in range(10):
        rates.wait(Kind.MATCH, f"{n}", AT)
    assert len(rates) == 4
    assert rates.wait(Kind.MATCH, "9", AT) == 60
    assert rates.wait(Kind.MATCH, "0", AT) == 0
    assert rates.wait(Kind.TOKEN, "mine", AT) == 60, "another kind's flood pushes out nothing"


def test_who_asks_is_kept_under_a_keyed_hash():
    rates, other = (
        Rates({**UNLIMITED, "match": 1}, KEY),
        Rates({**UNLIMITED, "match": 1}, bytes(32)),
    )
    for one in (rates, other):
        one.wait(Kind.MATCH, "nurse-1", AT)
    kept = [set(one._over[Kind.MATCH]) for one in (rates, other)]
    assert kept[0].isdisjoint(kept[1])
    assert b"nurse-1" not in b"".join(kept[0])
    with pytest.raises(ValueError, match="32 bytes"):
        Rates(UNLIMITED, b"short")


@pytest.mark.parametrize("wrong", [{"macth": 6}, {"Match": 6}])
def test_a_rate_of_no_kind_and_a_kind_without_a_rate_are_refused_by_name(wrong):
    (name,) = wrong
    with pytest.raises(ValueError, match=name):
        Rates({**UNLIMITED, **wrong}, KEY)
    with pytest.raises(ValueError, match="people"):
        Rates({one: 0 for one in UNLIMITED if one != "people"}, KEY)


def test_the_settings_name_every_rate():
    assert settings.Rates().model_dump().keys() == UNLIMITED.keys()


def test_a_caller_is_one_in_every_role():
    nurse, lead = caller("gp", user_id="a"), caller("social-worker", user_id="a")
    assert caller_name(nurse) == caller_name(lead)
    assert caller_name(caller("gp", user_id="b")) != caller_name(nurse)


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_an_address_of_version_6_counts_with_its_network(address, name):
    assert network_name(address) == name
