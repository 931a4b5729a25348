"""Every feed speaks the one language: services, aims and funding in the codes all sectors share.

A feed is judged by what its golden cases and examples become, so that a table nobody uses does
not count. A new feed is in no row of `SAYS`, and fails.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any, Final

import pytest

from mappings.core.model import systems
from mappings.registry import FEEDS
from mappings.terms import saying, support
from mappings.terms.language import LANGUAGE
from mappings.terms.synonyms import SYNONYMS
from tests.contract.deliveries import deliveries, objects, resources

EVERYTHING: Final = {
    systems.PLAN_TYPE,
    support.SERVICE_KIND,
    support.FUNDING,
    systems.GOAL_AIM,
    systems.CARE_ACT_OUTCOME,
    systems.WELLBEING_DOMAIN,
    support.TIER,
    support.ADJUSTMENT,
}
SAYS: Final = {
    "gp": {support.SERVICE_KIND},
    "hospital": {support.SERVICE_KIND, systems.GOAL_AIM},
    "community": {support.SERVICE_KIND, systems.PLAN_TYPE, systems.GOAL_AIM},
    "mental-health": {support.SERVICE_KIND, systems.PLAN_TYPE, systems.GOAL_AIM},
    "social-care": EVERYTHING,
}
"""Feed -> what of the language its messages are able to say."""


def _made(feed: str) -> Iterator[dict[str, Any]]:
    for delivery in deliveries():
        if delivery.feed_name == feed:
            yield from (one.resource for _, one in resources(delivery))


@cache
def _spoken(feed: str) -> frozenset[str]:
    codings = (node for made in _made(feed) for _, node in objects(made) if "code" in node)
    return frozenset(
        system
        for node in codings
        if isinstance(system := node.get("system"), str) and node["code"] in _codes(system)
    )


def _codes(system: str) -> Any:
    return LANGUAGE[system][1] if system in LANGUAGE else ()


@pytest.mark.parametrize("feed", FEEDS)
def test_every_feed_says_what_it_can_in_the_one_language(feed):
    assert SAYS[feed] <= _spoken(feed)


def test_a_word_that_sectors_share_has_one_meaning():
    """Found whoever says it, so that no two sectors may mean different things by one word."""
    meanings: dict[tuple[str, str], set[str]] = {}
    for system, codes in SYNONYMS.items():
        for code, said in codes.items():
            words = [LANGUAGE[system][1][code], *(word for one in said.values() for word in one)]
            for word in words:
                meanings.setdefault((system, word.casefold()), set()).add(code)
    assert {key: codes for key, codes in meanings.items() if len(codes) > 1} == {}


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (("DN visits",), "nursing"),
        ((None, {"text": " dn  VISITS "}), "nursing"),
        (({"coding": [{"display": "Referral to physiotherapist"}, "?"]},), "therapy"),
        (([{"text": "Elsewhere"}, {"text": "Night Owls"}],), "night"),
        (("Home care",), "home-care"),
        (("A word nobody knows", {"coding": None}), None),
    ],
)
def test_whoever_says_it_the_first_known_word_counts_and_no_other_is_guessed(said, code):
    found = saying.SERVICE(*said)
    assert (found["coding"][0]["code"] if found else None) == code


def test_what_only_one_sector_knows_is_told_from_the_language():
    """The check above can fail: a code of one sector's own list is none of the language."""
    assert "11" not in _codes("https://care-gateway.example/fhir/CodeSystem/mhsds-care-plan-type")
    assert "home-care" in _codes(support.SERVICE_KIND)
    assert "domiciliary" not in _codes(support.SERVICE_KIND)
