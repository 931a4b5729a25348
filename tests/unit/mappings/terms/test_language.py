"""The one language: complete, unambiguous, valid, and spoken by every feed."""

from collections import Counter

import pytest

from mappings.core.checking.fhir import to_r4
from mappings.core.checking.validate import validate
from mappings.core.model import systems
from mappings.core.model.codes import Concept
from mappings.plan_document import codes as plan_codes
from mappings.registry import FEEDS
from mappings.social_care.codes import cld
from mappings.terms import language, plans, support, synonyms
from tests.contract.deliveries import deliveries, mapped, objects, resources

RESOURCES = (*language.code_systems(), *language.concept_maps())


@pytest.mark.parametrize(
    "resource", RESOURCES, ids=lambda one: f"{one['resourceType']}/{one['id']}"
)
def test_what_is_served_is_r4(resource):
    assert validate(resource, local_references=False) == ()
    to_r4(resource)


def test_ids_and_urls_name_one_resource_each():
    for field in ("url", "id"):
        counts = Counter((one["resourceType"], one[field]) for one in RESOURCES)
        assert set(counts.values()) == {1}


@pytest.mark.parametrize("system", synonyms.SYNONYMS)
def test_a_word_of_a_sector_means_one_thing(system):
    known = language.LANGUAGE[system][1]
    words: Counter[tuple[str, str]] = Counter()
    for code, said in synonyms.SYNONYMS[system].items():
        assert code in known
        assert set(said) <= set(synonyms.SECTORS)
        words.update((sector, word.casefold()) for sector in said for word in said[sector])
    assert [word for word, count in words.items() if count > 1] == []


def test_a_sectors_word_is_found():
    found = language.meaning_of(support.SERVICE_KIND, synonyms.HOSPITAL, " package  of CARE ")
    assert found == support.service_kind("home-care")
    assert language.meaning_of(support.SERVICE_KIND, synonyms.HOSPITAL, "Night Owls") is None


@pytest.mark.parametrize("sign", ["'", "\u2019", "\u2018"])
def test_the_regulations_own_words_are_an_outcome_with_any_apostrophe(sign):
    words = f"being able to make use of the adult{sign}s home safely"
    assert plan_codes.CARE_ACT_OUTCOME.find(words) == plans.care_act_outcome("home-safety")


def test_a_dash_of_any_length_is_a_dash():
    assert cld.OUTCOME.find("NFA \u2013 Support declined") == cld.OUTCOME.find(
        "NFA - support declined"
    )
    assert cld.OUTCOME.find("NFA \u2013 Support declined") is not None


def test_every_service_of_the_councils_return_is_a_kind_of_service():
    theirs = {
        one.code
        for one in cld.SERVICE_COMPONENT.rows.values()
        if isinstance(one, Concept) and one.system == synonyms.SERVICE_TYPE
    }
    assert theirs == set(synonyms.SERVICE_TYPES)


def test_maps_lead_to_concepts_that_there_are():
    for one in language.concept_maps():
        for group in one["group"]:
            known = language.LANGUAGE[group["target"]][1]
            for element in group["element"]:
                assert {target["code"] for target in element["target"]} <= set(known)


def _codings(feed):
    for delivery in (one for one in deliveries() if one.feed_name == feed):
        for _, one in resources(delivery):
            for _, found in objects(one.resource):
                if isinstance(found.get("system"), str) and isinstance(found.get("code"), str):
                    yield one.type, found["system"], found["code"]


@pytest.mark.parametrize("feed", FEEDS)
def test_every_feed_speaks_it_and_uses_no_code_that_it_has_not(feed):
    found = {(system, code) for _, system, code in _codings(feed) if system in language.LANGUAGE}
    unknown = {one for one in found if one[1] not in language.LANGUAGE[one[0]][1]}
    assert unknown == set()
    assert found


@pytest.mark.parametrize("feed", FEEDS)
def test_every_plan_of_every_feed_has_a_type_of_the_language(feed):
    """Our own types, or SNOMED CT's where it has one, or the type's plain words; a local code may
    stand beside it."""
    known = {systems.PLAN_TYPE, systems.SNOMED_CT}
    words = set(language.LANGUAGE[systems.PLAN_TYPE][1].values())
    bare = set()
    for delivery in (one for one in deliveries() if one.feed_name == feed):
        for kind, _, outcome in mapped(delivery):
            unmapped = any(issue.code == "unmapped-code" for issue in outcome.issues)
            for one in () if unmapped else outcome.resources:
                types = one.resource.get("category") if one.type == "CarePlan" else None
                said = {c.get("system") for t in types or () for c in t.get("coding", ())}
                said |= {t.get("text") for t in types or ()}
                if types and not said & (known | words):
                    bare.add((delivery.case, kind.name, one.key))
    assert bare == set()


@pytest.mark.parametrize(
    ("table", "system"),
    [
        (plan_codes.SERVICE, support.SERVICE_KIND),
        (plan_codes.FUNDING, support.FUNDING),
        (plan_codes.AIM, systems.GOAL_AIM),
        (plan_codes.TIER, support.TIER),
        (plan_codes.WELLBEING_DOMAIN, systems.WELLBEING_DOMAIN),
        (plan_codes.BAND, support.BAND),
        (plan_codes.ADJUSTMENT, support.ADJUSTMENT),
    ],
)
def test_a_plan_can_say_every_concept(table, system):
    assert {one.code for one in table.rows.values()} == set(language.LANGUAGE[system][1])
