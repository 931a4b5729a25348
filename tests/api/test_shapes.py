"""Part of an answer, indented, as XML: rows read-08 to -13, result-06 to -09, neg-01, -02, -06."""

import json
import re
from email.utils import format_datetime, parsedate_to_datetime

import orjson
import pytest

from gateway.api.answers.shaping import SUBSETTED, Asked, written
from mappings.core.checking.validate import validate
from tests.api.service import FHIR, is_outcome, resources
from tests.api.world import HIDDEN_WORDS

XML = "application/fhir+xml"
SUMMARIES = ("true", "text", "data")


@pytest.fixture
def gateway(shared):
    return shared


@pytest.fixture
def goal(gateway, world):
    return world.of("Goal", world.norma, world.gp)[0]


def tags(resource):
    return resource["meta"].get("tag", [])


@pytest.mark.parametrize("summary", SUMMARIES)
def test_read_11_result_07_a_summary_is_part_of_the_resource_and_says_so(
    gateway, world, goal, summary
):
    whole = gateway.get(f"Goal/{goal['id']}", world.gp)
    answer = gateway.get(f"Goal/{goal['id']}?_summary={summary}", world.gp)
    part = answer.json()
    assert SUBSETTED in tags(part)
    assert SUBSETTED not in tags(goal)
    assert set(part) <= set(goal)
    assert {"id", "meta", "lifecycleStatus", "description", "subject"} <= set(part)
    assert all(part[name] == goal[name] for name in part if name != "meta")
    assert answer.headers["etag"] == whole.headers["etag"]
    assert validate(part, local_references=False) == ()


def test_a_summary_leaves_out_what_is_in_no_summary(gateway, world, goal):
    texts = gateway.get(f"Goal/{goal['id']}?_summary=text", world.gp).json()
    required = {"resourceType", "id", "meta", "text", "lifecycleStatus", "description", "subject"}
    assert set(texts) <= required
    assert set(goal) - required


def test_read_12_result_09_only_the_elements_that_are_named(gateway, world, goal):
    part = gateway.get(f"Goal/{goal['id']}?_elements=startDate,identifier", world.gp).json()
    required = {"resourceType", "id", "meta", "lifecycleStatus", "description", "subject"}
    assert set(part) == required | ({"startDate", "identifier"} & set(goal))
    assert SUBSETTED in tags(part)


def test_an_element_that_changes_the_meaning_of_others_always_stays(gateway, world):
    (condition, *_) = world.of("Condition", world.norma, world.gp)
    part = gateway.get(f"Condition/{condition['id']}?_elements=onset", world.gp).json()
    modifying = {"clinicalStatus", "verificationStatus"} & set(condition)
    assert modifying
    assert modifying <= set(part)
    assert "code" not in part


def test_a_choice_is_named_without_its_type(gateway, world):
    found = world.of("Condition", world.norma, world.gp)
    (condition,) = [one for one in found if "onsetDateTime" in one][:1]
    part = gateway.get(f"Condition/{condition['id']}?_elements=onset", world.gp).json()
    assert part["onsetDateTime"] == condition["onsetDateTime"]


def test_result_06_result_07_a_search_has_its_resources_in_the_shape(gateway, world):
    plain = gateway.get("Goal?_count=3", world.gp).json()
    short = gateway.get("Goal?_count=3&_elements=startDate", world.gp).json()
    assert [one["id"] for one in resources(short)] == [one["id"] for one in resources(plain)]
    assert short["total"] == plain["total"]
    assert all(SUBSETTED in tags(one) for one in resources(short))
    links = {link["relation"]: link["url"] for link in short["link"]}
    assert "_elements=startDate" in links["self"]
    if "next" in links:
        (first, *_) = resources(gateway.get(links["next"], world.gp).json())
        assert SUBSETTED in tags(first)


def test_a_form_asks_for_a_shape_as_a_query_does(gateway, world):
    by_form = gateway.search("Goal", world.gp, _elements="startDate", _pretty="true")
    assert "\n" in by_form.text
    assert all(SUBSETTED in tags(one) for one in resources(by_form.json()))


@pytest.mark.parametrize("path", ["Goal", "Patient/{norma}/$everything", "Goal/{goal}/_history"])
def test_result_06_a_count_is_the_total_alone(gateway, world, goal, path):
    named = path.format(norma=world.norma, goal=goal["id"])
    whole = gateway.get(named, world.gp).json()
    counted = gateway.get(f"{named}?_summary=count", world.gp).json()
    assert counted["total"] == whole["total"] > 0
    assert "entry" not in counted
    assert {link["relation"] for link in counted["link"]} == {"self"}


@pytest.mark.parametrize(
    "wrong",
    [
        "_summary=nosuch", "_summary=", "_elements=", "_elements=a;b", "_elements=Goal.status",
        "_pretty=maybe",
    ],
)  # fmt: skip
def test_result_08_a_shape_that_is_none_is_refused(gateway, world, goal, wrong):
    for path in ("Goal", f"Goal/{goal['id']}", "metadata", "CodeSystem"):
        assert is_outcome(gateway.get(f"{path}?{wrong}", world.gp), 400, "invalid")


@pytest.mark.parametrize("summary", ["true", "text", "data"])
def test_elements_stand_beside_those_of_a_summary(gateway, world, goal, summary):
    """R4 leaves open what both mean together: nothing that either asks for is left out."""
    path = f"Goal/{goal['id']}"
    whole = gateway.get(path, world.gp).json()
    both = gateway.get(f"{path}?_summary={summary}&_elements=startDate", world.gp).json()
    alone = gateway.get(f"{path}?_elements=startDate", world.gp).json()
    brief = gateway.get(f"{path}?_summary={summary}", world.gp).json()
    wanted = alone.keys() if summary == "data" else alone.keys() | brief.keys()
    assert both == {name: whole[name] for name in wanted if name != "meta"} | {
        "meta": alone["meta"]
    }
    counted = gateway.get(f"Goal?_summary=count&_elements=note&patient={world.norma}", world.gp)
    assert counted.json()["total"] > 0
    assert "entry" not in counted.json()


def test_one_resource_has_no_count(gateway, world, goal):
    assert is_outcome(gateway.get(f"Goal/{goal['id']}?_summary=count", world.gp), 400, "invalid")


def test_neg_06_pretty_is_indented_and_the_same(gateway, world, goal):
    path = f"Goal/{goal['id']}"
    plain, pretty = gateway.get(path, world.gp), gateway.get(f"{path}?_pretty=true", world.gp)
    assert pretty.json() == plain.json()
    assert "\n" in pretty.text
    assert "\n" not in plain.text
    unchanged = gateway.get(f"{path}?_pretty=false&_summary=false", world.gp)
    assert unchanged.content == plain.content


@pytest.mark.parametrize("shape", ["_pretty=true", "_summary=true", "_format=xml", "_elements=id"])
def test_read_13_head_says_what_get_says(gateway, world, goal, shape):
    path = f"Goal/{goal['id']}?{shape}"
    got, asked = gateway.get(path, world.gp), gateway.ask("HEAD", path, world.gp)
    own = ("x-request-id", "traceparent")
    assert {k: v for k, v in asked.headers.items() if k not in own} == {
        k: v for k, v in got.headers.items() if k not in own
    }
    assert int(asked.headers["content-length"]) == len(got.content) > 0
    assert asked.content == b""


def test_read_10_a_date_that_the_caller_holds(gateway, world, goal):
    path = f"Goal/{goal['id']}"
    sent = gateway.get(path, world.gp).headers["last-modified"]
    moment = parsedate_to_datetime(sent)
    for held, status in (
        (sent, 304),
        (format_datetime(moment.replace(year=2000), usegmt=True), 200),
        (format_datetime(moment.replace(year=2040), usegmt=True), 304),
        ("notadate", 200),
    ):
        answer = gateway.get(path, world.gp | {"If-Modified-Since": held})
        assert answer.status_code == status, held
        assert bool(answer.content) == (status == 200)
    both = {"If-Modified-Since": sent, "If-None-Match": 'W/"99"'}
    assert gateway.get(path, world.gp | both).status_code == 200


def test_decimals_keep_the_digits_they_were_written_with():
    body = b'{"resourceType":"Observation","valueQuantity":{"value":1.50},"x":12345678901234567890}'
    shown, _ = written(body, Asked(pretty=True))
    assert b"1.50" in shown
    assert b"12345678901234567890" in shown
    as_xml, kind = written(body, Asked(xml=True))
    assert (b'<value value="1.50"/>' in as_xml, kind) == (True, XML)


def test_contained_stays_with_what_points_to_it():
    plan = {
        "resourceType": "CarePlan",
        "contained": [{"resourceType": "Goal", "id": "g"}],
        "goal": [{"reference": "#g"}],
        "status": "active",
    }
    kept, _ = written(orjson.dumps(plan), Asked(elements=frozenset({"goal"})))
    gone, _ = written(orjson.dumps(plan), Asked(elements=frozenset({"period"})))
    assert "contained" in json.loads(kept)
    assert "contained" not in json.loads(gone)


# --- XML ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accept", "asked"),
    [
        (XML, ""),
        ("text/xml", ""),
        ("application/fhir+json", "_format=xml"),
        ("*/*", f"_format={XML}"),
    ],
)
@pytest.mark.parametrize("path", ["Goal", "Goal/none", "metadata", "CodeSystem", "Patient/{norma}"])
def test_neg_01_neg_02_every_answer_can_be_xml(gateway, world, path, accept, asked):
    named = path.format(norma=world.norma)
    wish = asked.replace("+", "%2B")
    answer = gateway.get(f"{named}?{wish}" if wish else named, world.gp | {"Accept": accept})
    assert answer.headers["content-type"] == f"{XML};charset=utf-8"
    assert answer.text.startswith('<?xml version="1.0" encoding="UTF-8"?><')
    assert int(answer.headers["content-length"]) == len(answer.content)


def test_a_browser_is_given_json(gateway, world):
    accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    answer = gateway.get("Goal", world.gp | {"Accept": accept})
    assert answer.headers["content-type"].startswith(FHIR)


def test_neg_03_a_body_in_xml_is_not_taken(gateway, world):
    answer = gateway.ask(
        "POST", "Consent", world.gp, content="<Consent/>", headers={"Content-Type": XML}
    )
    assert is_outcome(answer, 415)


# --- attacks ------------------------------------------------------------------------------------

SAID = re.compile(r' (?:value|url)="([^"]*)"')
OWN_WORDS = {SUBSETTED["system"], SUBSETTED["code"]}


def said(value):
    """Every text and number inside, as XML writes it."""
    if isinstance(value, dict | list):
        parts = value.values() if isinstance(value, dict) else value
        return {one for part in parts for one in said(part)}
    return {str(value).lower() if isinstance(value, bool) else str(value)}


SHAPES = (
    "_summary=true", "_summary=text", "_summary=data", "_summary=count", "_elements=goal,addresses",
    "_elements=description,note", "_elements=note&_summary=true", "_elements=note&_summary=data",
    "_pretty=true", "_format=xml", "_format=xml&_summary=data",
)  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("path", ["Goal", "CarePlan", "Patient/{alice}/$everything"])
def test_no_shape_shows_what_is_hidden(gateway, world, path, shape):
    named = path.format(alice=world.alice)
    answer = gateway.get(f"{named}?{shape}&_count=500", world.social_worker)
    assert answer.status_code == 200
    assert not any(words in answer.text for words in HIDDEN_WORDS)
    whole = gateway.get(f"{named}?_count=500", world.social_worker).json()
    told = set(SAID.findall(answer.text)) if "xml" in shape else said(answer.json())
    assert {one for one in told if "_count" not in one} <= said(whole) | OWN_WORDS


@pytest.mark.parametrize("shape", SHAPES)
def test_a_hidden_resource_and_a_missing_one_look_alike_in_every_shape(gateway, world, shape):
    hidden = {one["id"] for one in world.of("Goal", world.alice, world.gp)}
    hidden -= {one["id"] for one in world.of("Goal", world.alice, world.stranger)}
    assert hidden
    path = f"Goal/{sorted(hidden)[0]}?{shape}"
    shown, missing = (
        gateway.get(path, world.stranger),
        gateway.get(f"Goal/none?{shape}", world.stranger),
    )
    assert (shown.status_code, shown.content) == (missing.status_code, missing.content)


def test_an_answer_in_a_shape_is_recorded_before_it_leaves(gateway, world, goal, monkeypatch):
    before = gateway.size()
    answer = gateway.get(f"Goal/{goal['id']}?_summary=true&_format=xml", world.gp)
    assert answer.status_code == 200
    (entry,) = gateway.entries(before)
    assert [one[1] for one in entry.resources] == [goal["id"]]

    def broken(*_arguments):
        raise RuntimeError("secret 9990000077 inside")

    monkeypatch.setattr("gateway.api.answers.shaping.written", broken)
    failed = gateway.get(f"Goal/{goal['id']}?_pretty=true", world.gp)
    assert is_outcome(failed, 500, "exception")
    assert "9990000077" not in failed.text
    assert str(gateway.entries(before)[-1].outcome) == "failed"
