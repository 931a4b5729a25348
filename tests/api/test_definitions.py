"""The gateway's own definitions: served from the tables that decide, valid, and found."""

import json
import re
from pathlib import Path
from urllib.parse import quote

import pytest

from gateway.api.fhir import definitions
from gateway.api.fhir.definitions import TYPES
from gateway.api.fhir.metadata import claims
from gateway.api.search import site_params
from mappings.core.checking.validate import validate
from mappings.core.model import systems
from mappings.registry import FEEDS
from tests.api.service import is_outcome, resources
from tests.judges.fhirpath import broken_invariants

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
TOKENLESS = {"Accept": "application/fhir+json"}


@pytest.fixture
def gateway(shared):
    return shared


@pytest.fixture
def found(gateway):
    return {kind: resources(gateway.get(f"{kind}?_count=500").json()) for kind in TYPES}


@pytest.mark.parametrize("kind", TYPES)
def test_each_is_valid_and_keeps_the_official_invariants(found, kind):
    assert found[kind]
    for one in found[kind]:
        assert validate(one, local_references=False) == (), one["id"]
        assert broken_invariants(one) == [], one["id"]


def test_what_is_said_of_nobody_leaves_no_entry(gateway, found):
    before = gateway.size()
    for kind, several in found.items():
        assert gateway.get(f"{kind}?_count=1").status_code == 200
        assert gateway.get(f"{kind}/{several[0]['id']}").status_code == 200
    assert gateway.size() == before


@pytest.mark.parametrize("kind", TYPES)
def test_a_search_takes_a_bounded_number_of_values_however_they_are_given(gateway, found, kind):
    url = found[kind][0]["url"]
    assert len(resources(gateway.search(kind, {}, url=f"{'x,' * 99}{url}").json())) == 1
    for many in ("url=" + "x," * 101, "&".join(["url=x"] * 101), "name=" + "a," * 101):
        assert is_outcome(gateway.get(f"{kind}?{many}"), 400, "invalid")
    assert is_outcome(gateway.search(kind, {}, url="x," * 10_000), 400, "invalid")
    assert resources(gateway.get(f"{kind}?name=nosuch,").json()) == []


@pytest.mark.parametrize("kind", TYPES)
def test_each_is_read_and_found_by_what_names_it(gateway, found, kind):
    assert len({one["url"] for one in found[kind]}) == len(found[kind])
    for one in found[kind][::5]:
        assert gateway.get(f"{kind}/{one['id']}", TOKENLESS).json() == one
        for query in (f"url={one['url']}", f"_id={one['id']}", f"name={one['name'].lower()}"):
            listed = resources(gateway.get(f"{kind}?{query}&status=active").json())
            assert one in listed, query
    assert resources(gateway.get(f"{kind}?status=draft").json()) == []
    (url, *_) = [one["url"] for one in found[kind]]
    by_form = gateway.search(kind, {}, url=url)
    assert [one["url"] for one in resources(by_form.json())] == [url]


@pytest.mark.parametrize("kind", TYPES)
def test_what_is_not_there_or_not_taken_is_said(gateway, kind):
    assert is_outcome(gateway.get(f"{kind}/none"), 404)
    for wrong in ("nosuch=x", "url=", "url=,", "_count=x", "url:below=http", "_total=x"):
        assert is_outcome(gateway.get(f"{kind}?{wrong}"), 400, "invalid")
    assert is_outcome(gateway.ask("PUT", f"{kind}/none"), 405)
    assert gateway.get(f"{kind}?_total=accurate").json()["total"] > 0


@pytest.mark.parametrize("kind", TYPES)
def test_pages_hold_each_once(gateway, found, kind):
    pages = gateway.walk(f"{kind}?_count={max(1, len(found[kind]) // 3)}", {})
    ids = [one["id"] for page in pages for one in resources(page)]
    assert ids == [one["id"] for one in found[kind]]


def test_every_search_parameter_that_is_claimed_is_defined(gateway, found):
    defined = {
        (one["url"], one["code"], one["type"]): one["base"] for one in found["SearchParameter"]
    }
    claimed = 0
    for resource in gateway.get("metadata").json()["rest"][0]["resource"]:
        for one in resource.get("searchParam", ()):
            own = f"{systems.OWN}/SearchParameter/{resource['type']}-{one['name']}"
            key = (one.get("definition", own), one["name"], one["type"])
            assert resource["type"] in defined[key]
            claimed += 1
    assert claimed == sum(map(len, defined.values()))


def test_a_parameter_of_the_record_says_how_it_is_asked(found):
    defined = {one["id"]: one for one in found["SearchParameter"]}
    assert defined["clinical-code"]["modifier"] == ["missing", "not"]
    assert "ap" in defined["clinical-date"]["comparator"]
    assert defined["CarePlan-goal"]["target"] == ["Goal"]
    assert defined["conformance-url"]["modifier"] == ["missing"]
    assert defined["Location-partof"]["target"] == ["Location"]
    assert "modifier" not in defined["AuditEvent-subtype"], "the log is found by values alone"


@pytest.mark.parametrize("kind", [*TYPES, *site_params.PARAMETERS])
def test_what_is_held_takes_each_modifier_that_it_names_and_no_other(gateway, world, found, kind):
    defined = {one["url"]: one for one in found["SearchParameter"]}
    (claim,) = [one for one in claims() if one["type"] == kind]
    for one in claim["searchParam"]:
        form = defined[one["definition"]]
        for modifier in ("missing", "not", "exact", "contains", "below", "type"):
            named = form["target"][0] if modifier == "type" and "target" in form else modifier
            value = "true" if modifier == "missing" else "x"
            answer = gateway.get(f"{kind}?{one['name']}:{named}={value}", world.gp)
            taken = answer.status_code == 200
            assert taken == (modifier in form.get("modifier", ())), (one["name"], modifier)
            assert taken or is_outcome(answer, 400, "invalid")


def test_a_code_is_found_by_its_system_and_not_without_one(gateway, found):
    (code,) = {
        (each["system"], each["code"])
        for one in found["Questionnaire"][:1]
        for item in one["item"][:1]
        for each in item["code"][:1]
    }
    system, value = code
    several = len(resources(gateway.get(f"Questionnaire?code={value}").json()))
    assert several
    for asked, expected in ((f"{system}|{value}", several), (f"|{value}", 0), ("urn:other|", 0)):
        answer = gateway.get("Questionnaire", params={"code": asked})
        assert len(resources(answer.json())) == expected, asked
    all_of_system = gateway.get("Questionnaire", params={"code": f"{system}|", "_count": "500"})
    assert len(resources(all_of_system.json())) >= several
    named = found["CodeSystem"][0]["name"]
    assert resources(gateway.get(f"CodeSystem?name:exact={named}").json())
    assert not resources(gateway.get(f"CodeSystem?name:exact={named.lower()}").json())
    assert not resources(gateway.get("CodeSystem?status:not=active").json())
    fixed = {"status": "http://hl7.org/fhir/publication-status|active"}
    assert resources(gateway.get("CodeSystem", params=fixed).json())
    assert not resources(gateway.get("CodeSystem", params={"status": "urn:x|active"}).json())


def test_a_code_system_counts_its_codes_where_it_has_all_of_them(found):
    """`count` is of the whole system: how many codes a fragment has says nothing of that."""
    counted = {(one["content"], "count" in one) for one in found["CodeSystem"]}
    assert counted == {("complete", True), ("fragment", False)}


def test_every_operation_that_is_claimed_is_defined_and_wired(gateway, world, found):
    defined = {one.get("base", one["url"]): one for one in found["OperationDefinition"]}
    for resource in gateway.get("metadata").json()["rest"][0]["resource"]:
        for one in resource["operation"]:
            definition = defined[one["definition"]]
            assert definition["code"] == one["name"]
            places = ["none"] if definition["instance"] else []
            for place in [*places, *([""] if definition["type"] else [])]:
                path = "/".join(filter(None, (resource["type"], place, f"${one['name']}")))
                method = "POST" if one["name"] in ("validate", "match") else "GET"
                answer = gateway.ask(method, path, world.gp)
                assert answer.status_code not in (405, 501), path


def test_every_extension_that_the_feeds_write_is_defined(found):
    defined = {one["url"] for one in found["StructureDefinition"]}
    own = re.compile(rf"{re.escape(systems.OWN)}/StructureDefinition/[a-z-]+")
    written = {
        url
        for path in GOLDEN.glob("*/*/expected.json")
        for url in own.findall(path.read_text("utf-8"))
    }
    assert len(written) > 5
    assert written <= defined


def test_an_extension_holds_what_its_definition_says(found):
    held = {
        one["url"]: {
            f"value{kind['code'][0].upper()}{kind['code'][1:]}"
            for element in one["differential"]["element"]
            for kind in element.get("type", ())
        }
        for one in found["StructureDefinition"]
    }
    seen = set()
    for path in GOLDEN.glob("*/*/expected.json"):
        for extension in _extensions(json.loads(path.read_text("utf-8"))):
            if extension["url"] in held:
                seen.add(extension["url"])
                kinds = {name for name in extension if name.startswith("value")}
                assert kinds <= held[extension["url"]]
                assert kinds or "extension" in extension
    assert len(seen) > 5


def _extensions(value):
    if isinstance(value, dict):
        for name, inner in value.items():
            if name in ("extension", "modifierExtension") and isinstance(inner, list):
                yield from (one for one in inner if isinstance(one, dict) and "url" in one)
            yield from _extensions(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _extensions(inner)


def test_every_code_table_of_every_feed_is_a_concept_map(found):
    maps = {one["id"]: one for one in found["ConceptMap"]}
    names = 0
    for name, table in definitions._tables():
        rows = {row["code"] for group in maps[name]["group"] for row in group["element"]}
        assert rows == {word for word in table.rows if word.strip() == word and word}
        names += 1
    assert names > 50
    assert {name.partition(".")[0] for name in maps} >= {
        re.sub("[^A-Za-z0-9.-]", "-", kind)
        for kind in ("support-plan", "gp-connect-structured")
        if any(kind in feed.kinds for feed in FEEDS.values())
    }


def test_a_definition_is_served_in_every_shape(gateway, found):
    one = found["ValueSet"][0]
    path = f"ValueSet?url={quote(one['url'])}"
    assert "compose" not in resources(gateway.get(f"{path}&_summary=true").json())[0]
    assert gateway.get(f"{path}&_format=xml").text.startswith("<?xml")


def test_a_questionnaire_says_how_a_version_of_an_instrument_is_scored(gateway):
    (found,) = resources(gateway.get("Questionnaire?code=720433000").json())
    assert (found["title"], found["version"]) == ("Patient Health Questionnaire (PHQ-9)", "v2")
    (item,) = [one for one in found["item"] if one["linkId"] == "720433000"]
    assert [next(v for k, v in one.items() if k != "url") for one in item["extension"]] == [
        0.0, 27.0, "lower"
    ]  # fmt: skip
    for query, total in (
        ("title=barthel", 2),
        ("title=patient health&version=v1", 1),
        (f"code={systems.SNOMED_CT}|720433000", 1),
        ("code=urn:other|720433000", 0),
        ("version=v9", 0),
    ):
        assert gateway.get(f"Questionnaire?{query}").json()["total"] == total, query


def test_a_questionnaire_holds_no_question(found):
    assert len(found["Questionnaire"]) > 70
    for one in found["Questionnaire"]:
        assert "wording" in one["copyright"]
        assert {item["type"] for item in one["item"]} == {"decimal"}


def test_a28_answers_to_a_questionnaire_are_recorded_though_the_questionnaire_is_open(gateway):
    before = gateway.size()
    assert gateway.get("Questionnaire/none").status_code == 404
    assert gateway.get("Questionnaire").status_code == 200
    assert gateway.size() == before
    who = gateway.token("gp", "gp-alone", "H85001")
    assert gateway.get("QuestionnaireResponse/none", who).status_code == 404
    assert is_outcome(gateway.get("QuestionnaireResponse?nosuch=1", who), 400)
    assert gateway.size() == before + 2
